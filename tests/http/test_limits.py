"""The account's pace beside the demo archive's limits."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from services.providers.sentinelhub import DEMO_TOKEN_PATH, Account, Catalogue
from services.providers.sentinelhub.catalog import search_payload
from services.providers.sentinelhub.check import DAYS, PLACE
from services.settings import load_settings
from tests.services.deployments import deployment

ALLOWED = 120
"""Requests a minute: two a second after the first 120."""
ASKED = 124


@pytest.fixture
def limited(archive: str) -> Iterator[str]:
    """The demo archive with a limit, a full bucket and an empty log."""
    requests.post(f"{archive}/_test/reset", timeout=20)
    requests.post(f"{archive}/_test/limits", json={"requests_per_minute": ALLOWED}, timeout=20)
    yield archive
    requests.post(f"{archive}/_test/reset", timeout=20)


def statuses(archive: str, home: Path, per_minute: float, asked: int = ASKED) -> Counter[int]:
    """How often the catalogue gave which status to many requests at once, all of which were answered in the end."""
    team = {
        "name": "team",
        "base_url": archive,
        "token_url": archive + DEMO_TOKEN_PATH,
        "client_id": "demo",
        "client_secret": "demo",
        "requests_per_minute": per_minute,
    }
    settings = load_settings(home=home, provider="team", providers=[team])
    account = Account(deployment(settings), settings)
    catalogue = Catalogue(account, settings)
    payload = search_payload(account.provider, PLACE, DAYS, limit=1)
    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(lambda _: catalogue.page(payload), range(asked)))
    account.close()
    assert all(len(page["features"]) == 1 for page in pages)
    log = requests.get(f"{archive}/_test/log", timeout=20).json()["requests"]
    return Counter(entry["status"] for entry in log if entry["endpoint"] == "catalog")


def test_an_account_that_knows_its_limit_is_never_refused(limited: str, tmp_path: Path) -> None:
    assert statuses(limited, tmp_path, ALLOWED) == {200: ASKED}


def test_an_account_that_does_not_know_its_limit_is_answered_in_the_end(limited: str, tmp_path: Path) -> None:
    fault = {"endpoint": "catalog", "status": 429, "headers": {"Retry-After": "200"}, "times": 3}
    requests.post(f"{limited}/_test/faults", json=[fault], timeout=20)
    assert statuses(limited, tmp_path, 10 * ALLOWED, asked=16) == {200: 16, 429: 3}
