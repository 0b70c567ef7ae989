"""The entrance is closed unless somebody has said who may come in, and a refusal says what to set."""

from pathlib import Path
from typing import Any

import pytest

from services.access import Entrance, Login, cookie_secret, host_of, loopback
from services.errors import SettingsError
from services.settings import load_settings

OIDC = {"oidc_issuer": "https://id.example.org", "oidc_client_id": "maps", "oidc_client_secret": "s3cret"}
PROXY = {"proxy_addresses": "10.0.0.0/8", "proxy_secret": "0123456789abcdef"}
PUBLIC = {"public_url": "https://Maps.example.org:443/team/"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    return tmp_path


def entrance(**changes: Any) -> Entrance:
    """Of settings with changes."""
    return Entrance.of(load_settings(**changes))


def test_without_settings_this_machine_alone_is_served() -> None:
    made = entrance()
    assert (made.login, made.listen, made.url, made.path) == (Login.NONE, "127.0.0.1", "http://localhost:8501", "")


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "maps.example.org"])
def test_another_address_without_login_is_refused_and_told_the_three_ways(listen: str) -> None:
    with pytest.raises(SettingsError) as refused:
        entrance(listen=listen)
    said = str(refused.value)
    assert listen in said and refused.value.exit_status == 2
    for way in ("NINEPATCH_OIDC_ISSUER", "NINEPATCH_PROXY_ADDRESSES", "NINEPATCH_TRUSTED_NETWORK=true"):
        assert way in said


def test_where_it_listens_in_truth_counts() -> None:
    with pytest.raises(SettingsError, match=r"listen on 0\.0\.0\.0"):
        Entrance.of(load_settings(), listen="0.0.0.0")


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_needs_nothing(listen: str) -> None:
    assert entrance(listen=listen).listen == listen


def test_the_three_ways_open_it() -> None:
    everywhere = {"listen": "0.0.0.0"}
    assert entrance(**everywhere, trusted_network=True).trusted
    assert entrance(**everywhere, **OIDC, **PUBLIC).login is Login.OIDC
    assert entrance(**everywhere, **PROXY, **PUBLIC).login is Login.PROXY


def test_a_login_on_another_address_needs_the_address_that_people_type() -> None:
    with pytest.raises(SettingsError, match="NINEPATCH_PUBLIC_URL"):
        entrance(listen="0.0.0.0", **OIDC)


def test_one_address_fills_the_others() -> None:
    public = entrance(**PUBLIC).public
    assert public is not None and public.secure
    assert (public.origin, public.host, public.path) == ("https://maps.example.org", "maps.example.org", "/team")
    assert str(public) == "https://maps.example.org/team"


@pytest.mark.parametrize(
    "url",
    [
        *("maps.example.org", "ftp://maps.example.org", "https://", "https://maps.example.org/?a=1", "https://a b.org"),
        *("https://user@maps.example.org", "https://maps.example.org:x", "https://maps.example.org/a b", "//x.org"),
    ],
)
def test_what_is_no_address_is_refused_by_its_name(url: str) -> None:
    with pytest.raises(SettingsError, match="public_url"):
        entrance(public_url=url)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (OIDC | PROXY, "only one of them"),
        ({"oidc_issuer": "https://id.example.org"}, "NINEPATCH_OIDC_CLIENT_ID"),
        ({"proxy_secret": "0123456789abcdef"}, "NINEPATCH_PROXY_ADDRESSES"),
        ({"proxy_addresses": "127.0.0.1"}, "16 characters"),
        (PROXY | {"proxy_secret": "0123456789abcde"}, "16 characters"),
        (PROXY | {"proxy_addresses": "10.0.0.0/8, nginx"}, "nginx"),
        (PROXY | {"proxy_addresses": "10.0.0.1/8"}, "10.0.0.1/8"),
    ],
)
def test_a_login_by_halves_or_twice_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        entrance(**changes)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://localhost:8501/x", "localhost:8501"),
        ("HTTPS://MAPS.example.org:443", "maps.example.org"),
        ("http://maps.example.org:443", "maps.example.org:443"),
        ("http://[::1]:8501", "[::1]:8501"),
        ("null", ""),
        ("http://a:b", ""),
    ],
)
def test_the_host_of_an_address_is_written_as_browsers_do(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_name_is_not_taken_for_this_machine() -> None:
    assert not loopback("localhost.example.org") and not loopback("127.0.0.1.example.org")


def test_the_secret_of_cookies_is_made_once_and_for_the_server_s_user_alone(home: Path) -> None:
    first = cookie_secret(load_settings())
    assert len(first) >= 32 and cookie_secret(load_settings()) == first
    assert (home / "cookie_secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["cookie_secret"]
    assert cookie_secret(load_settings(cookie_secret="given")) == "given"
