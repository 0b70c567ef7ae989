"""What the tests over HTTP share: the demo archive, and a far end that misbehaves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from services.ninepatch import Ninepatch
from services.providers.http import retry
from services.providers.sentinelhub import Account
from services.providers.stac import EARTH_SEARCH, Client
from services.settings import Settings, load_settings
from tests.demo_archive import recording_archive
from tests.http.farend import CLIENT, SECRET, TOKEN_PATH, FarEnd, far_end
from tests.services.deployments import deployment
from tests.stac_archive import Open, StacArchive, stac_archive


@pytest.fixture(scope="session")
def archive() -> Iterator[str]:
    """The address of a demo archive in test mode, one for all tests.

    oauthlib, with which sentinelhub's and eo-learn's own clients ask it, refuses plain http without the variable.
    """
    with pytest.MonkeyPatch.context() as environment, recording_archive() as url:
        environment.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        yield url


@pytest.fixture
def home(archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty one, and an archive that has forgotten who asked before; a second try follows the first at once."""
    monkeypatch.setattr(retry, "BACKOFF_SECONDS", 0.01)
    requests.post(f"{archive}/_test/reset", timeout=30)
    yield tmp_path / "home"
    requests.post(f"{archive}/_test/reset", timeout=30)


@pytest.fixture
def product(archive: str, tmp_path: Path) -> Iterator[Ninepatch]:
    """A product with an empty cache, and an archive that has forgotten who asked before."""
    requests.post(f"{archive}/_test/reset", timeout=30)
    yield Ninepatch(load_settings(home=tmp_path / "home", provider="demo", demo_url=archive))
    requests.post(f"{archive}/_test/reset", timeout=30)


@pytest.fixture
def end(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarEnd]:
    """A far end that does as it is told; a second try follows the first at once."""
    monkeypatch.setattr(retry, "BACKOFF_SECONDS", 0.01)
    with far_end() as made:
        yield made


@pytest.fixture
def configured(end: FarEnd, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for the account at the far end, with changes."""

    def make(**changes: object) -> Settings:
        return load_settings(
            **{
                "home": tmp_path,
                "provider": "private",
                "base_url": end.url,
                "token_url": end.url + TOKEN_PATH,
                "client_id": CLIENT,
                "client_secret": SECRET,
                "tries": 3,
                "deadline_seconds": 20,
            }
            | changes
        )

    return make


@pytest.fixture
def opened(configured: Callable[..., Settings]) -> Iterator[Callable[..., Account]]:
    """Accounts at the far end, closed after the test; keywords change the settings."""
    accounts = []

    def make(**changes: object) -> Account:
        settings = configured(**changes)
        accounts.append(Account(deployment(settings), settings))
        return accounts[-1]

    yield make
    for account in accounts:
        account.close()


@pytest.fixture
def stac(monkeypatch: pytest.MonkeyPatch) -> Iterator[StacArchive]:
    """A catalogue; a second try follows the first at once."""
    monkeypatch.setattr(retry, "BACKOFF_SECONDS", 0.01)
    with stac_archive() as made:
        yield made


@pytest.fixture
def opening(stac: StacArchive, tmp_path: Path) -> Iterator[Open]:
    """Clients of the catalogue, closed after the test; keywords change the settings."""
    clients = []

    def make(*, signed: bool = False, **changes: object) -> Client:
        stac.signed = signed
        sign_url = f"{stac.url}/token" if signed else ""
        profile = replace(
            EARTH_SEARCH, name="here", title="Archive", base_url=stac.url, hosts=("127.0.0.1",), sign_url=sign_url
        )
        settings = load_settings(**{"home": tmp_path, "tries": 3, "deadline_seconds": 20} | changes)
        clients.append(Client(profile, settings))
        return clients[-1]

    yield make
    for client in clients:
        client.close()
