"""Tokens, limits and what a request costs."""

import base64
import json
from datetime import timedelta

import pytest
from shapely import box

from services.demo.protocol.account import TokenIssuer, process_units, search_units
from services.demo.protocol.payload import ApiError
from tests.demo_archive import limits as module
from tests.demo_archive.limits import Limits, Policy

ACCOUNT = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}


def bearer(issuer: TokenIssuer) -> str:
    status, body = issuer.answer(ACCOUNT)
    assert status == 200
    return f"Bearer {body['access_token']}"


def test_the_account_gets_a_token_that_is_accepted() -> None:
    issuer = TokenIssuer()
    assert issuer.accepts(bearer(issuer))


def test_the_token_says_when_it_ends_and_whose_it_is() -> None:
    _, body = TokenIssuer(life=600).answer(ACCOUNT)
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
    answered, body = TokenIssuer().answer(form)
    assert (answered, body["error"]) == (status, error)


@pytest.mark.parametrize("change", ["", "Bearer ", "Bearer a.b.c", "Basic x", "Bearer é"])
def test_anything_that_we_did_not_issue_is_refused(change: str) -> None:
    assert not TokenIssuer().accepts(change)


def test_a_token_is_refused_when_altered_expired_revoked_or_of_another_archive() -> None:
    issuer = TokenIssuer()
    good = bearer(issuer)
    assert not issuer.accepts(good[:-2])
    assert not issuer.accepts(good.replace("Bearer e", "Bearer f"))
    assert not TokenIssuer().accepts(good)
    expired = TokenIssuer(life=-1)
    assert not expired.accepts(bearer(expired))
    issuer.revoke_all()
    assert not issuer.accepts(good)
    assert issuer.accepts(bearer(issuer))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def refusal(limits: Limits, units: float) -> ApiError:
    with pytest.raises(ApiError) as caught:
        limits.admit(units)
    return caught.value


def test_without_limits_anything_goes(clock: Clock) -> None:
    limits = Limits(Policy())
    for _ in range(1000):
        limits.admit(1000)


def test_too_many_requests_wait_as_many_milliseconds_as_the_header_says(clock: Clock) -> None:
    limits = Limits(Policy(requests_per_minute=2))
    limits.admit(1)
    limits.admit(1)
    error = refusal(limits, 1)
    wait = int(error.headers["Retry-After"])
    assert error.status == 429
    assert 29_999 <= wait <= 30_001
    clock.now += wait / 1000 - 1
    assert refusal(limits, 1).status == 429
    clock.now += 1.001
    limits.admit(1)


def test_units_a_minute_are_limited_too(clock: Clock) -> None:
    limits = Limits(Policy(units_per_minute=60))
    limits.admit(60)
    assert refusal(limits, 6).headers["Retry-After"] in {"6000", "6001"}
    clock.now += 6.001
    limits.admit(6)


def test_a_request_larger_than_a_minutes_units_goes_when_the_bucket_is_full(clock: Clock) -> None:
    limits = Limits(Policy(units_per_minute=10))
    limits.admit(25)
    assert refusal(limits, 1).status == 429


def test_unused_amounts_do_not_accumulate(clock: Clock) -> None:
    limits = Limits(Policy(requests_per_minute=2))
    clock.now += 3600
    limits.admit(1)
    limits.admit(1)
    assert refusal(limits, 1).status == 429


def test_a_spent_month_is_forbidden_in_the_words_of_the_service(clock: Clock) -> None:
    limits = Limits(Policy(units_per_month=10))
    limits.admit(8)
    error = refusal(limits, 3)
    assert (error.status, error.code) == (403, "ACCESS_INSUFFICIENT_PROCESSING_UNITS")
    assert error.message.startswith("Insufficient processing units or requests available in your account.")
    limits.admit(2)
    limits.reset()
    limits.admit(10)


def test_a_published_request_costs_what_its_header_said() -> None:
    assert process_units(631, 1047, ["B02", "B03", "B04"], float32=False) == 2.5202064514160156


@pytest.mark.parametrize(
    ("size", "bands", "float32", "units"),
    [
        ((512, 512), ["B02", "B03", "B04"], False, 1.0),
        ((512, 512), ["B02", "B03", "B04", "dataMask"], False, 1.0),
        ((512, 512), ["dataMask"], False, 1 / 3),
        ((512, 512), ["B02", "B03", "B04"], True, 2.0),
        ((512, 512), ["B02", "B03", "B04", "SCL", "CLM", "dataMask"], False, 5 / 3),
        ((330, 330), ["B02", "B03", "B04", "B08", "B11", "B12"], False, 330 * 330 / 512**2 * 2),
        ((1, 1), ["B02"], False, 0.005),
        ((10, 10), ["B02", "B03", "B04"], False, 0.01),
    ],
)
def test_a_request_costs_size_times_bands_times_format(
    size: tuple[int, int], bands: list[str], float32: bool, units: float
) -> None:
    assert process_units(*size, bands, float32=float32) == pytest.approx(units)


def test_a_search_costs_area_times_months_within_bounds() -> None:
    assert search_units(box(25, 60, 25.1, 60.1), timedelta(days=365)) == pytest.approx(0.12)
    assert search_units(None, timedelta(days=1)) == pytest.approx(0.01)
    assert search_units(box(0, 0, 40, 40), timedelta(days=3000)) == 1.0
