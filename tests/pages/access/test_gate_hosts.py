"""By which names the gate answers, and to pages of which origin."""

from typing import Any

import pytest

from services.access import Role
from tests.pages.access.gating import Make

PUBLIC = {"public_url": "https://maps.example.org/team", "base": "https://maps.example.org"}
LOGIN = {"oidc_issuer": "https://id.example.org", "oidc_client_id": "maps", "oidc_client_secret": "s"}


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "localhost", "LOCALHOST:9000"])
def test_this_machine_is_known_by_its_own_names(gated: Make, host: str) -> None:
    gate = gated()
    assert gate.ask("/files/x", host=host).text == "through"
    assert gate.actor.role is Role.ADMINISTRATOR


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8501", "localhost.evil.example:8501", "127.0.0.1.evil.example", ""),
        *("192.168.1.5:8501", "localhost:x", "localhost@evil.example", "0.0.0.0:8501"),
        *("evil.example@localhost:8501", "localhost:8501/x", "localhost:8501?x", "localhost:8501#evil.example"),
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(gated: Make, host: str) -> None:
    gate = gated()
    answer = gate.ask("/files/x", host=host)
    assert (answer.status_code, gate.seen) == (421, [])
    assert "http://localhost:8501" in answer.text and "NINEPATCH_PUBLIC_URL" in answer.text


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "http://localhost:3000", "http://localhost", "https://localhost:8502", "null", ""),
        *("http://127.0.0.1:8501", "http://localhost:8501.evil.example", "localhost:8501", "file://localhost:8501"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_pages_of_other_origins_are_refused_of_this_machine_too(gated: Make, origin: str, method: str) -> None:
    gate = gated()
    answer = gate.ask("/member", method, origin=origin)
    assert (answer.status_code, gate.seen) == (403, [])
    assert "another address" in answer.text


@pytest.mark.parametrize(("settings", "proxied"), [(PUBLIC, True), ({}, False)], ids=["https", "this machine"])
def test_what_a_proxy_brought_is_marked_and_nothing_that_came_before(
    gated: Make, settings: dict[str, Any], proxied: bool
) -> None:
    gate = gated(**settings, trusted_network=True, peer="172.18.0.4")
    path = "/team/files/x" if settings else "/files/x"
    assert gate.ask(path).text == "through" and gate.seen[-1]["state"]["proxied"] is proxied


@pytest.mark.parametrize("origin", ["http://localhost:8501", "https://localhost:8501"])
def test_our_own_pages_are_answered(gated: Make, origin: str) -> None:
    assert gated().ask("/member", "POST", origin=origin).text == "through"


def test_the_public_address_is_the_only_one(gated: Make) -> None:
    gate = gated(**PUBLIC, trusted_network=True)
    assert gate.ask("/team/").text == "through"
    assert gate.ask("/team/", host="maps.example.org:443").text == "through"
    assert gate.ask("/team/member", "POST", origin="https://maps.example.org").text == "through"
    for host in ("localhost:8501", "127.0.0.1", "maps.example.org:8443", "maps.example.org.evil.example"):
        assert gate.ask("/team/", host=host).status_code == 421, host
    for origin in ("http://maps.example.org", "https://evil.example.org", "http://localhost:8501"):
        assert gate.ask("/team/member", "POST", origin=origin).status_code == 403, origin


def test_health_is_told_by_any_name_and_nothing_else_is(gated: Make) -> None:
    gate = gated(**PUBLIC, **LOGIN)
    assert gate.ask("/team/health", host="127.0.0.1:8501").text == "through"
    assert gate.actor is None
    assert gate.ask("/team/health/x", host="127.0.0.1:8501").status_code == 421


def test_a_trusted_network_knows_the_machine_by_number_and_by_its_own_name(
    gated: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Maps.lan.example")
    gate = gated(listen="0.0.0.0", trusted_network=True)
    for host in ("192.168.1.5:8501", "[fe80::1]:8501", "maps:8501", "maps.local:8501", "maps.lan.example"):
        assert gate.ask("/", host=host).text == "through", host
    for host in ("evil.example:8501", "maps.evil.example:8501", "192.168.1.5.evil.example"):
        assert gate.ask("/", host=host).status_code == 421, host


def test_without_login_a_connection_from_outside_is_refused_however_it_was_started(gated: Make) -> None:
    gate = gated(base="http://192.168.1.5:8501")
    answer = gate.ask("/", host="localhost:8501")
    assert (answer.status_code, gate.seen) == (403, [])


def test_who_runs_the_server_is_told_once_why_nobody_gets_through(
    gated: Make, caplog: pytest.LogCaptureFixture
) -> None:
    gate = gated(**PUBLIC, trusted_network=True)
    for _ in range(3):
        gate.ask("/team/", host="10.0.0.7:8501", origin="https://maps.example.org")
    told = [record.getMessage() for record in caplog.records if "Refused" in record.getMessage()]
    assert len(told) == 1
    for words in ("10.0.0.7:8501", "https://maps.example.org", "NINEPATCH_PUBLIC_URL", "proxy_set_header Host"):
        assert words in told[0]


def test_cookies_and_addresses_are_for_https_alone_where_the_public_one_is(gated: Make) -> None:
    gate = gated(**PUBLIC, trusted_network=True)
    gate.sets = b"a=1; Path=/"
    answer = gate.ask("/team/")
    assert answer.headers["set-cookie"] == "a=1; Path=/; Secure"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert gate.seen[-1]["scheme"] == "https"
    gate.sets = b"a=1; secure; Path=/"
    assert gate.ask("/team/").headers["set-cookie"] == "a=1; secure; Path=/"
    plain = gated()
    plain.sets = b"a=1"
    answer = plain.ask("/")
    assert answer.headers["set-cookie"] == "a=1" and "strict-transport-security" not in answer.headers


def test_what_only_the_gate_may_say_is_dropped(gated: Make) -> None:
    gate = gated()
    gate.ask("/", x_ninepatch_visitor='{"name": "root", "groups": [], "login": ""}')
    assert gate.handed_on == []
