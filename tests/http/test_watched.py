"""A fetch that somebody watches: what one wants to see comes first, and the picture grows in the result's folder."""

import threading
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import requests
from PIL import Image

from services.export import ResultWriter
from services.grid import Lattice, TileIndex
from services.jobs import Progress, progressive
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from services.settings import load_settings
from tests.http.archive_log import asked

RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 1), date(2018, 8, 1)),
    maxcc=60,
)


@pytest.fixture
def product(archive: str, tmp_path: Path) -> Ninepatch:
    requests.post(f"{archive}/_test/reset", timeout=30)
    return Ninepatch(load_settings(home=tmp_path / "home", provider="demo", demo_url=archive, connections=1))


def charged(archive: str) -> list[float]:
    """Units of each Process request since the last look, in the order in which they were asked."""
    return [entry["units"] for entry in asked(archive)]


def test_the_picture_and_its_count_grow_before_the_other_bands_come(
    product: Ninepatch, archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progressive, "EVERY_SECONDS", 0.0)
    folder = product.results.folder(RECIPE.digest)
    shown: list[int] = []
    show = ResultWriter.show

    def noted(writer: ResultWriter, whole: Any) -> None:
        show(writer, whole)
        with Image.open(folder / "picture.png") as picture, Image.open(folder / "looks.png") as counts:
            picture.load()
            counts.load()
        assert not (folder / "result.json").exists()
        shown.append(len(whole.dates))
        first.set()

    def wait_for_the_first() -> bool:
        """Asked before each request: the fifth one waits for a picture of the first three dates or four."""
        assert not heard or heard[-1].done < 4 or first.wait(30)
        return False

    monkeypatch.setattr(ResultWriter, "show", noted)
    heard: list[Progress] = []
    first = threading.Event()
    result, spent = product.fetch(RECIPE, heard.append, wait_for_the_first, watched=True)
    count = len(result.observations)
    units = charged(archive)
    assert len(units) == spent.requests == 2 * count
    assert {round(one / units[0], 6) for one in units[:count]} == {1.0}, "three bands and the classes"
    assert {round(one / units[0], 6) for one in units[count:]} == {0.75}, "the three others"
    assert shown[0] in (3, 4, 5)
    assert shown == sorted(shown)
    assert shown[-1] == count > 5
    fetching = [step for step in heard if step.phase == "fetching"]
    assert [step.dates for step in fetching] == sorted(step.dates for step in fetching)
    assert fetching[-1].dates == count
    assert {path.name for path in folder.iterdir() if path.name.startswith(".")} == set()


def test_the_result_and_its_price_are_the_same_whether_watched_or_not(
    product: Ninepatch, archive: str, tmp_path: Path
) -> None:
    other = Ninepatch(product.settings.model_copy(update={"home": tmp_path / "other"}))
    product.fetch(RECIPE, watched=True)
    paid = sum(charged(archive))
    _, spent = other.fetch(RECIPE)
    assert sum(charged(archive)) == pytest.approx(paid)
    assert spent.units == pytest.approx(paid)
    images = []
    for one in (product, other):
        with rasterio.open(one.results.folder(RECIPE.digest) / "median.tif") as opened:
            images.append(opened.read())
    assert np.array_equal(*images)
