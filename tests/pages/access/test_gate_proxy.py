"""A proxy is believed who somebody is by its address and its secret together, and nobody else is."""

import pytest

from services.access import Role
from services.access.actor import Actor
from tests.pages.access.gating import Make

SECRET = "sixteen letters!"
PROXY = {
    "proxy_addresses": "10.0.0.0/24, ::1",
    "proxy_secret": SECRET,
    "public_url": "https://maps.example.org",
    "base": "https://maps.example.org",
    "members": "ada@example.org",
    "viewers": "group:guests",
}
GOOD = {"x_ninepatch_proxy": SECRET, "x_forwarded_email": "Ada@example.org"}


@pytest.mark.parametrize("peer", ["10.0.0.7", "::ffff:10.0.0.7", "::1"])
def test_the_proxy_says_who_somebody_is(gated: Make, peer: str) -> None:
    gate = gated(**PROXY, peer=peer)
    assert gate.ask("/files/x", **GOOD).text == "through"
    assert gate.actor == Actor("ada@example.org", Role.MEMBER)


def test_groups_come_between_commas(gated: Make) -> None:
    gate = gated(**PROXY, peer="10.0.0.7")
    headers = GOOD | {"x_forwarded_email": "vic@elsewhere.org", "x_forwarded_groups": "a, guests"}
    assert gate.ask("/x", **headers).text == "through" and gate.actor.role is Role.VIEWER
    assert gate.ask("/x", **headers | {"x_forwarded_groups": "a"}).status_code == 403


@pytest.mark.parametrize("peer", ["10.0.1.7", "127.0.0.1", "::2", "", "unix:"])
def test_a_client_that_comes_itself_is_not_believed_though_it_knows_the_secret(gated: Make, peer: str) -> None:
    gate = gated(**PROXY, peer=peer)
    for path in ("/", "/files/x", "/static/js/index.js", "/auth/login", "/_stcore/host-config"):
        answer = gate.ask(path, **GOOD, x_forwarded_for="10.0.0.7")
        assert answer.status_code == 403 and "its proxy alone" in answer.text
    assert gate.seen == []


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"x_forwarded_email": "ada@example.org"}, "did not prove itself"),
        (GOOD | {"x_ninepatch_proxy": "sixteen letters?"}, "did not prove itself"),
        (GOOD | {"x_ninepatch_proxy": ""}, "did not prove itself"),
        (GOOD | {"x_ninepatch_proxy": "s\u00e9cret"}, "did not prove itself"),
        ({"x_ninepatch_proxy": SECRET}, "did not say who you are"),
        (GOOD | {"x_forwarded_email": " "}, "did not say who you are"),
        (GOOD | {"x_forwarded_email": "mal@evil.example"}, "mal@evil.example, who is not a member here"),
    ],
)
def test_half_a_proof_is_none(gated: Make, headers: dict[str, str], said: str) -> None:
    gate = gated(**PROXY, peer="10.0.0.7")
    answer = gate.ask("/files/x", **headers)
    assert (answer.status_code, gate.seen) == (403, []) and said in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", ["x-forwarded-email", "x-ninepatch-proxy"])
def test_a_header_that_comes_twice_is_not_believed(gated: Make, name: str) -> None:
    gate = gated(**PROXY, peer="10.0.0.7")
    headers = [("x-ninepatch-proxy", SECRET), ("x-forwarded-email", "ada@example.org"), (name, "root@example.org")]
    assert gate.ask_with("/x", headers).status_code == 403 and gate.seen == []


def test_health_is_told_to_everybody(gated: Make) -> None:
    gate = gated(**PROXY, peer="192.168.1.1")
    assert gate.ask("/health").text == "through" and gate.actor is None
