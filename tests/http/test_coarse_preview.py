"""The coarse preview of a year, fetched from the demo archive: its price by the ledger, and what it tells of dates."""

from collections.abc import Iterator

import numpy as np
import pytest
import requests

from services.cache import frame_keys
from services.grid import Lattice, TileIndex
from services.jobs import missing
from services.ninepatch import Ninepatch
from services.preview import COARSE, coarse_recipe
from services.recipe import Interval, Recipe, Veto
from services.sentinel2 import DATA_MASK, SCL
from services.settings import load_settings
from tests.services.ledger_rows import of_pixels

RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2018), maxcc=20
)
"""Six bands of nine tiles, as a picture usually is."""


@pytest.fixture(scope="module")
def product(archive: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ninepatch]:
    """All of a year previewed, and nothing else."""
    requests.post(f"{archive}/_test/reset", timeout=30)
    made = Ninepatch(load_settings(home=tmp_path_factory.mktemp("home"), provider="demo", demo_url=archive))
    made.fill(coarse_recipe(RECIPE), member="anna", run="coarse")
    yield made
    requests.post(f"{archive}/_test/reset", timeout=30)


def test_a_year_at_60_m_costs_two_percent_of_its_bands(product: Ninepatch) -> None:
    """A thirty-sixth of the pixels and four of seven planes are 1.6 %; the ledger has what the service charged."""
    found = product.known(RECIPE)
    assert found is not None and len(found) > 60
    paid = sum(row.units or 0.0 for row in of_pixels(product.ledger))
    whole = missing(RECIPE.with_(maxcc=100), found, product.frames, product.provider(RECIPE).terms).cost
    assert 0.014 < paid / whole.units < 0.02, f"{paid:.1f} of {whole.units:.1f} units"
    rows = of_pixels(product.ledger)
    assert sum(row.bytes for row in rows) < 0.03 * whole.bytes
    assert len(rows) == len(found), "one request a date"


def test_it_tells_of_every_date_how_clear_it_is_here(product: Ninepatch) -> None:
    """Of one of them against its classification as it was stored, and as fine pixels have it."""
    dates = product.preview_service.dates(RECIPE)
    assert {(one.metres, one.thumbnail, one.thumbnail_metres) for one in dates} == {(COARSE, True, COARSE)}
    half = min(dates, key=lambda one: abs((one.clear or 0.0) - 0.5))
    coarse = coarse_recipe(RECIPE)
    keys = frame_keys(coarse, [half.acquisition])
    frames = [product.frames.read(key, (SCL, DATA_MASK)) for key in keys]
    clear = [(one[DATA_MASK] == 1) & ~np.isin(one[SCL], (0, 1, 3, 8, 9, 10)) for one in frames]
    assert half.clear == pytest.approx(np.mean(clear))
    others = [Veto(one.acquisition.key, "another date") for one in dates if one is not half]
    product.fill(RECIPE.with_(maxcc=100, vetoes=others), member="anna")
    (fine,) = [one for one in product.preview_service.dates(RECIPE) if one.acquisition.key == half.acquisition.key]
    assert (fine.metres, fine.thumbnail_metres) == (10, 10)
    assert fine.clear == pytest.approx(half.clear, abs=0.02), "a sample of a thirty-sixth"
