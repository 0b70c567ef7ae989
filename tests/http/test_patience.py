"""What the service does wrong, and what becomes of it: the same picture, a few more tries, each in the ledger."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import requests
from numpy.typing import NDArray

from services.errors import CredentialsRefused, ServiceFailed
from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.providers.http import retry
from services.recipe import Interval, Recipe
from services.settings import load_settings
from tests.services.ledger_rows import of_pixels

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
RECIPE = Recipe(LATTICE, TileIndex(1, 1), Interval(date(2018, 7, 1), date(2018, 8, 1)), maxcc=60, bands=("B04", "B08"))
TRIES = 4
FAULTS: dict[str, list[dict[str, Any]]] = {
    "asked to wait": [{"status": 429, "headers": {"Retry-After": "30"}, "body": {"error": {"status": 429}}}] * 3,
    "a failing service": [{"status": 503, "body": "<html>maintenance</html>"}] * 3,
    "a broken connection": [{"reset": True}] * 2,
    "half an answer": [{"cut": 0.5}] * 2,
    "half an answer that looks whole": [{"cut": 0.5, "whole": True}] * 2,
    "a page in place of pixels": [{"status": 200, "body": "<html>be back soon</html>"}] * 2,
    "nothing at all": [{"status": 200, "body": ""}] * 2,
    "a token that was withdrawn": [{"revoke": True}],
}


@pytest.fixture
def product(archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ninepatch]:
    """A product with an empty cache, whose second try follows the first at once."""
    monkeypatch.setattr(retry, "BACKOFF_SECONDS", 0.01)
    requests.post(f"{archive}/_test/reset", timeout=30)
    yield Ninepatch(load_settings(home=tmp_path, provider="demo", demo_url=archive, tries=TRIES))
    requests.post(f"{archive}/_test/reset", timeout=30)


def process_log(archive: str) -> list[dict[str, Any]]:
    """The Process requests since the last reset."""
    log = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    return [entry for entry in log if entry["endpoint"] == "process"]


def pixels(product: Ninepatch) -> NDArray[Any]:
    """Of the mosaic."""
    with rasterio.open(product.results.folder(RECIPE.digest) / "median.tif") as opened:
        read: NDArray[Any] = opened.read()
        return read


@pytest.fixture(scope="module")
def expected(archive: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[NDArray[Any], int]:
    """The mosaic without any fault, and how many requests it takes."""
    product = Ninepatch(load_settings(home=tmp_path_factory.mktemp("calm"), provider="demo", demo_url=archive))
    _, spent = product.fetch(RECIPE)
    return pixels(product), spent.requests


@pytest.mark.parametrize("name", FAULTS)
def test_a_passing_fault_costs_tries_and_no_pixel(
    name: str, product: Ninepatch, archive: str, expected: tuple[NDArray[Any], int]
) -> None:
    product.search(RECIPE)
    requests.post(f"{archive}/_test/reset", timeout=30)
    faults = [fault | {"endpoint": "process"} for fault in FAULTS[name]]
    requests.post(f"{archive}/_test/faults", json=faults, timeout=30).raise_for_status()
    _, spent = product.fetch(RECIPE)
    assert np.array_equal(pixels(product), expected[0])
    log = process_log(archive)
    assert spent.requests == expected[1]
    more = len(log) - expected[1]
    assert more == len(faults) or ("revoke" in faults[0] and 1 <= more <= product.settings.connections)
    assert sum(entry.tries for entry in of_pixels(product.ledger)) == len(log)


def test_a_service_that_goes_on_failing_is_asked_a_bounded_number_of_times(product: Ninepatch, archive: str) -> None:
    product.search(RECIPE)
    faults = [{"endpoint": "process", "status": 500, "body": "<html>no</html>", "times": 1000}]
    requests.post(f"{archive}/_test/faults", json=faults, timeout=30).raise_for_status()
    with pytest.raises(ServiceFailed):
        product.fetch(RECIPE)
    in_flight = product.settings.connections
    assert TRIES <= len(process_log(archive)) <= TRIES * in_flight
    requests.post(f"{archive}/_test/reset", timeout=30)
    product.fetch(RECIPE)


def test_a_token_that_is_refused_for_good_is_renewed_once(product: Ninepatch, archive: str) -> None:
    product.search(RECIPE)
    faults = [{"endpoint": "process", "status": 401, "body": {"error": {"status": 401}}, "times": 1000}]
    requests.post(f"{archive}/_test/faults", json=faults, timeout=30).raise_for_status()
    with pytest.raises(CredentialsRefused):
        product.fetch(RECIPE)
    assert len(process_log(archive)) <= 2 * product.settings.connections
