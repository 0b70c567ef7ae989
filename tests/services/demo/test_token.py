"""Tokens."""

import base64
import json

import pytest

from services.demo.token import Issuer

ACCOUNT = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}


def bearer(issuer: Issuer) -> str:
    status, body = issuer.answer(ACCOUNT)
    assert status == 200
    return f"Bearer {body['access_token']}"


def test_the_account_gets_a_token_that_is_accepted() -> None:
    issuer = Issuer()
    assert issuer.accepts(bearer(issuer))


def test_the_account_may_be_in_the_header() -> None:
    basic = base64.b64encode(b"demo:demo").decode()
    status, _ = Issuer().answer({"grant_type": "client_credentials"}, f"Basic {basic}")
    assert status == 200


def test_the_token_says_when_it_ends_and_whose_it_is() -> None:
    _, body = Issuer(life=600).answer(ACCOUNT)
    middle = body["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert body["expires_in"] == 600
    assert body["token_type"] == "Bearer"
    assert claims["azp"] == "demo"
    assert claims["exp"] - claims["iat"] == pytest.approx(600, abs=2)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        (ACCOUNT | {"client_secret": "wrong"}, 401, "invalid_client"),
        (ACCOUNT | {"client_id": "somebody"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (ACCOUNT | {"client_secret": "dëmo"}, 401, "invalid_client"),
    ],
)
def test_others_are_refused_as_keycloak_refuses(form: dict[str, str], status: int, error: str) -> None:
    answered, body = Issuer().answer(form)
    assert (answered, body["error"]) == (status, error)


def test_a_broken_header_is_not_an_account() -> None:
    status, _ = Issuer().answer(ACCOUNT, "Basic %%%")
    assert status == 401


@pytest.mark.parametrize("change", ["", "Bearer ", "Bearer a.b.c", "Basic x", "Bearer é"])
def test_anything_that_we_did_not_sign_is_refused(change: str) -> None:
    assert not Issuer().accepts(change)


def test_a_token_is_refused_when_altered_expired_revoked_or_of_another_archive() -> None:
    issuer = Issuer()
    good = bearer(issuer)
    assert not issuer.accepts(good[:-2])
    assert not issuer.accepts(good.replace("Bearer e", "Bearer f"))
    assert not Issuer().accepts(good)
    expired = Issuer(life=-1)
    assert not expired.accepts(bearer(expired))
    issuer.revoke_all()
    assert not issuer.accepts(good)
    assert issuer.accepts(bearer(issuer))
