"""A provider of another kind goes the whole way by its entry alone: search, price, fetch, ledger, cache, export."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from services.errors import RecipeError, SettingsError
from services.grid import Lattice
from services.ninepatch import Ninepatch
from services.providers import all_providers, find_provider
from services.settings import load_settings
from tests.eopatches import loaded
from tests.services.ledger_rows import entries
from tests.services.providers.tiny_provider import HEADER, TinySource, plane, register
from tests.services.scenes import recipe

RECIPE = recipe(px=20, provider="tiny", maxcc=25)
DATES, TILES, PX = 3, 9, 20 * 20


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> TinySource:
    """The far end of the registered provider."""
    return register(monkeypatch)


@pytest.fixture
def product(source: TinySource, tmp_path: Path) -> Ninepatch:
    """An empty home."""
    return Ninepatch(load_settings(home=tmp_path / "home", provider="tiny"))


def test_it_is_listed_and_checked_beside_the_others(source: TinySource, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, provider="tiny")
    assert [one.name for one in all_providers(settings)][-3:] == ["earth-search", "planetary-computer", "tiny"]
    assert [step.ok for step in find_provider(settings).check(settings)] == [True]


def test_its_price_is_its_own_before_anything_is_fetched(product: Ninepatch, source: TinySource) -> None:
    kept, planned = product.estimate(RECIPE)
    assert [one.cloud_cover for one in kept] == [3.0, 9.0, 20.0]
    assert (planned.requests, planned.units) == (DATES * 5, 0.0), "a question a plane: three bands, SCL and dataMask"
    assert planned.bytes == DATES * (TILES * PX * (3 * 2 + 2) + 5 * HEADER)
    quote = product.quote(RECIPE, planned)
    assert (quote.share, quote.spent_share, quote.seconds, quote.confirm, quote.refusal) == (0.0, 0.0, 0.0, False, None)
    product.estimate(RECIPE.with_(maxcc=100))
    assert source.searches == 1, "the answer is kept, without a limit"
    assert source.blocks == []


def test_a_fetch_stands_in_the_ledger_and_the_second_asks_for_nothing(product: Ninepatch, source: TinySource) -> None:
    result, spent = product.fetch(RECIPE, member="anna", watched=True)
    assert (spent.requests, spent.units, spent.planes_fetched) == (DATES * 5, 0.0, DATES * TILES * 5)
    assert (result.attribution, result.simulated) == ("Arithmetic of 2017, by nobody", False)
    rows = entries(product.ledger)
    assert {(row.provider, row.member, row.units, row.status, row.tries) for row in rows} == {
        ("tiny", "anna", 0.0, 200, 5)
    }
    assert sum(row.bytes for row in rows) == DATES * (TILES * PX * (3 * 2 + 2) + 5 * HEADER)
    asked = len(source.blocks)
    _, again = product.fetch(RECIPE.with_(maxcc=10), member="bert")
    assert (again.requests, again.planes_cached, len(source.blocks)) == (0, 2 * TILES * 5, asked)


def test_its_files_are_the_median_of_its_pixels_and_name_it(product: Ninepatch) -> None:
    product.fetch(RECIPE)
    folder = product.results.folder(RECIPE.digest)
    item = json.loads((folder / "item.json").read_text())
    sources = [link["href"] for link in item["links"] if link["rel"] == "derived_from"]
    assert len(sources) == DATES
    assert all(href.startswith("https://tiny.example.org/S2A_MSIL2A_") for href in sources)
    assert "Tiny archive" in {one["name"] for one in item["properties"]["providers"]}
    kept, _ = product.estimate(RECIPE)
    for tile in RECIPE.neighbourhood.tiles:
        patch = loaded(f"zip://{folder / 'patches' / tile.name}.zip")
        pixels = np.stack([[plane(band, tile.bounds, 20, 20, one) for band in RECIPE.bands] for one in kept]) / 10_000
        cloudy = np.stack([plane("SCL", tile.bounds, 20, 20, one) == 9 for one in kept])
        pixels[np.broadcast_to(cloudy[:, np.newaxis], pixels.shape)] = np.nan
        wanted = np.moveaxis(np.nanmedian(pixels, axis=0), 0, -1)
        np.testing.assert_allclose(patch.data_timeless["MEDIAN"], wanted, atol=1e-6)


def test_its_exported_program_makes_the_same_pixels(product: Ninepatch, tmp_path: Path) -> None:
    product.fetch(RECIPE)
    program = product.results.folder(RECIPE.digest) / "reproduce.py"
    text = program.read_text()
    assert "It asks Tiny archive for 27 pictures: about 87 kB, 135 requests, free." in text
    assert 'ARCHIVE = "tiny"' in text
    assert not any(word in text for word in ("sentinelhub", "SH_CLIENT", "processing units"))
    done = subprocess.run([sys.executable, str(program)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "the same pixels as the result" in done.stdout


def test_a_tile_is_as_large_as_this_provider_gives_it(product: Ninepatch, source: TinySource) -> None:
    large = RECIPE.with_(lattice=Lattice(32635, 0.0, 0.0, 4100.0, 2000.0))
    for ask in (product.estimate, product.known, product.fetch):
        with pytest.raises(RecipeError, match="410 × 200 px; the service gives 1 to 400 px a side"):
            ask(large)
    assert source.searches == 0
    assert product.estimate(large.with_(resolution=20))[1].requests > 0


def test_a_kind_that_is_unknown_is_refused_with_the_known_ones() -> None:
    given = {"name": "ours", "kind": "wms", "base_url": "https://ours.example.org"}
    with pytest.raises(SettingsError, match="kind 'wms'; kinds are demo, sentinel-hub"):
        all_providers(load_settings(providers=[given]))
