"""Behind a proxy that knows who people are: it is believed by its socket's other end and its secret."""

from collections.abc import Iterator

import httpx
import pytest

from tests.served import Served, served

SECRET = "of the proxy, sixteen letters"
PROXY, OTHER = "127.0.0.2", "127.0.0.1"
"""Both are this machine; connections can come from either."""
GOOD = {"x-ninepatch-proxy": SECRET, "x-forwarded-email": "ada@example.org", "host": "maps.example.org"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """It runs under a sub-path of an address of https."""
    with served(
        tmp_path_factory.mktemp("proxied"),
        NINEPATCH_PUBLIC_URL="https://maps.example.org/team",
        NINEPATCH_PROXY_ADDRESSES=PROXY,
        NINEPATCH_PROXY_SECRET=SECRET,
        NINEPATCH_MEMBERS="ada@example.org",
    ) as running:
        yield running


def ask(app: Served, headers: dict[str, str], *, peer: str = PROXY, path: str = "/ledger/member.csv") -> int:
    """The status of one answer to a client at `peer`."""
    url = app.url.replace("localhost", "127.0.0.1") + path
    with httpx.Client(transport=httpx.HTTPTransport(local_address=peer), timeout=60) as client:
        return client.get(url, headers=headers).status_code


def without(name: str) -> dict[str, str]:
    """All headers but one."""
    return {key: value for key, value in GOOD.items() if key != name}


def test_the_proxy_is_believed_and_nobody_else(app: Served) -> None:
    assert ask(app, GOOD) == 200
    assert ask(app, GOOD, path="/") == 200
    assert ask(app, GOOD, peer=OTHER) == 403
    assert ask(app, GOOD | {"x-forwarded-for": PROXY}, peer=OTHER) == 403, "the socket's other end counts"
    assert ask(app, GOOD | {"x-forwarded-for": "203.0.113.9"}) == 200, "and what it forwards for does not"
    assert ask(app, without("x-ninepatch-proxy")) == 403
    assert ask(app, GOOD | {"x-ninepatch-proxy": SECRET + "x"}) == 403
    assert ask(app, without("x-forwarded-email")) == 403
    assert ask(app, GOOD | {"x-forwarded-email": "mal@evil.example"}) == 403
    assert ask(app, GOOD | {"host": "evil.example"}) == 421
    assert ask(app, {}, peer=OTHER, path="/health") == 200


def test_cookies_are_for_https_alone(app: Served) -> None:
    url = app.url.replace("localhost", "127.0.0.1")
    with httpx.Client(transport=httpx.HTTPTransport(local_address=PROXY), timeout=60) as client:
        answer = client.post(f"{url}/member?name=x", headers=GOOD | {"origin": "https://maps.example.org"})
    assert answer.status_code == 204 and "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]
