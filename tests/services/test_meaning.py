"""A name whose meaning has changed never shows what it meant before: pictures, numbers, differences and results.

Definitions are changed in the tables themselves, as somebody who edits the code does; what comes after is compared
with what another name means, or with numpy.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.cache import frame_key
from services.compare import Cell, Pair, comparison_matrix, draw_difference
from services.composite import INDICES, normalized_difference
from services.export import MOSAIC, PICTURE, Result
from services.export.meaning import meaning_of
from services.ninepatch import Ninepatch
from services.recipe import MASKS, METHODS, Recipe
from services.render import BRIGHTEST, VIEWS, View
from tests.services.compare.test_matrix import RECIPE, looks_of, product
from tests.services.overpasses import random_planes
from tests.services.quantities import quantity_named

__all__ = ["product"]  # the fixture: an empty cache, an answer of the catalogue, and nobody to ask

QUESTION = RECIPE.with_(maxcc=40)
Change = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture
def stocked(product: Ninepatch) -> Ninepatch:
    """All planes of all dates are in the cache."""
    for year in (2018, 2019):
        for observation in looks_of(product, year):
            for tile in RECIPE.neighbourhood.tiles:
                seed = int(observation.time.timestamp()) % 10**6 + 31 * tile.index.x + tile.index.y
                planes = random_planes(RECIPE, seed, cloudy=0.5)
                product.frames.write(frame_key(RECIPE, tile.index, observation), planes)
    return product


def another_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """`clear` lets all pass."""
    monkeypatch.setitem(MASKS, "clear", replace(MASKS["clear"], invalid=()))


def another_method(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of `median` was corrected."""
    monkeypatch.setitem(METHODS, "median", replace(METHODS["median"], version=2))


def another_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """`true` is darker."""
    monkeypatch.setitem(VIEWS, "true", replace(VIEWS["true"], white=(0.6, 0.6, 0.6)))


def another_gamma(monkeypatch: pytest.MonkeyPatch) -> None:
    """`true` has deeper shadows."""
    monkeypatch.setitem(VIEWS, "true", replace(VIEWS["true"], gamma=1.0))


def another_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ndvi` is what NDWI was."""
    index = replace(INDICES["ndwi"], name="ndvi")
    monkeypatch.setitem(INDICES, "ndvi", index)
    monkeypatch.setitem(VIEWS, "ndvi", View.of(index))


CHANGES = (another_mask, another_method, another_stretch, another_gamma, another_formula)


def shown(product: Ninepatch, recipe: Recipe = QUESTION, view: str = "true") -> NDArray[np.uint8]:
    """The pixels of the preview."""
    preview = product.preview_service.preview(recipe, view, 1000)
    path = product.previews.file(preview.digest, preview.picture)
    assert path is not None
    with Pillow.open(path) as picture:
        return np.asarray(picture).copy()


def counted(product: Ninepatch, recipe: Recipe = QUESTION) -> tuple[float, float]:
    """Two of the preview's numbers."""
    numbers = product.preview_service.preview(recipe, "true", 1000).numbers
    return numbers.no_data, numbers.median_observations


def test_a_changed_mask_changes_pictures_numbers_and_planes_in_memory(
    stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, numbers = shown(stocked), counted(stocked)
    dates = [date.clear for date in stocked.preview_service.dates(QUESTION)]
    unmasked = QUESTION.with_(mask="none")
    expected, its_numbers = shown(stocked, unmasked), counted(stocked, unmasked)
    assert (before != expected).any() and numbers != its_numbers
    another_mask(monkeypatch)
    assert (shown(stocked) == expected).all() and counted(stocked) == its_numbers
    assert [date.clear for date in stocked.preview_service.dates(QUESTION.with_(mask="clear"))] != dates


@pytest.mark.parametrize(("change", "white", "gamma"), [(another_stretch, 0.6, 1.4), (another_gamma, BRIGHTEST, 1.0)])
def test_a_changed_stretch_changes_the_picture(
    change: Change, white: float, gamma: float, stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the numbers of the GeoTIFF, by numpy."""
    before = shown(stocked)
    result, _ = stocked.fetch(QUESTION)
    with rasterio.open(stocked.results.folder(QUESTION.digest) / MOSAIC) as opened:
        dn = [opened.read(opened.descriptions.index(band) + 1) for band in ("B04", "B03", "B02")]
    change(monkeypatch)
    after = shown(stocked)
    there = after[..., 3] == 255
    for place, plane in enumerate(dn):
        expected = np.rint(255 * np.clip(plane / 10_000 / white, 0, 1) ** (1 / gamma))
        np.testing.assert_array_equal(after[there][:, place], expected[there])
    assert (before != after).any() and (before[..., 3] == after[..., 3]).all()
    assert result.files


def test_a_changed_formula_changes_the_picture_and_the_small_ones(
    stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(view: str) -> bytes:
        path = stocked.preview_service.thumbnail(QUESTION, looks_of(stocked, 2018)[0].key, view)
        assert path is not None
        with Pillow.open(path) as picture:
            return picture.tobytes()

    (before, little), (expected, other) = ((shown(stocked, view=view), small(view)) for view in ("ndvi", "ndwi"))
    another_formula(monkeypatch)
    np.testing.assert_array_equal(shown(stocked, view="ndvi"), expected)
    assert small("ndvi") == other != little
    assert (before != expected).any()


def test_a_formula_under_the_same_words_is_another_one(stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shown(stocked, view="ndvi")

    def halved(planes: Any) -> Any:
        return normalized_difference(planes) / np.float32(2)

    index = replace(INDICES["ndvi"], of=halved)
    monkeypatch.setitem(INDICES, "ndvi", index)
    monkeypatch.setitem(VIEWS, "ndvi", View.of(index))
    assert (shown(stocked, view="ndvi") != before).any()


def test_a_changed_method_makes_the_picture_anew(stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stocked.preview_service.preview(QUESTION, "true", 1000)
    another_method(monkeypatch)
    assert stocked.preview_service.preview(QUESTION, "true", 1000).digest != before.digest


@pytest.mark.parametrize("change", [another_mask, another_method, another_formula])
def test_a_changed_definition_makes_the_difference_anew(
    change: Change, stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cell(year: int) -> Cell:
        return comparison_matrix(stocked, QUESTION, (2018, 2019), (40,), "true", drawn=False).at(year, 40)

    def drawn() -> Any:
        pair = Pair(cell(2018), cell(2019), quantity_named("ndvi", RECIPE.bands))
        return draw_difference(stocked, pair)

    before = drawn()
    change(monkeypatch)
    after = drawn()
    assert after.digest != before.digest
    assert (after.median != before.median) == (change is not another_method), "its pixels are others, but for a version"


def test_a_definition_of_no_part_in_it_changes_nothing(stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    before, (result, _) = stocked.preview_service.preview(QUESTION, "true", 1000), stocked.fetch(QUESTION)
    monkeypatch.setitem(MASKS, "strict", replace(MASKS["strict"], invalid=()))
    monkeypatch.setitem(VIEWS, "swir", replace(VIEWS["swir"], gamma=3.0))
    monkeypatch.setitem(METHODS, "least-cloudy", replace(METHODS["least-cloudy"], version=7))
    assert stocked.preview_service.preview(QUESTION, "true", 1000) == before
    assert stocked.results.open(QUESTION.digest) == result


@pytest.mark.parametrize("change", CHANGES)
def test_a_result_of_before_is_not_shown_and_made_again_for_nothing(
    change: Change, stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, _ = stocked.fetch(QUESTION)
    digest, folder = QUESTION.digest, stocked.results.folder(QUESTION.digest)
    before = {name: (folder / name).read_bytes() for name in (PICTURE, MOSAIC, "statistics.csv")}
    change(monkeypatch)
    assert QUESTION.digest == digest, "links and folders stay"
    assert stocked.results.open(digest) is None is stocked.results.find(digest)
    assert all(stocked.results.file(digest, file.path) is None for file in result.files)
    outdated = stocked.results.outdated(digest)
    assert outdated == result and len(outdated.changed) == 1
    again, spent = stocked.fetch(QUESTION)
    assert (spent.requests, spent.units) == (0, 0.0)
    assert stocked.results.open(digest) == again and again.meaning != result.meaning
    same = {name for name, content in before.items() if (folder / name).read_bytes() == content}
    assert ("statistics.csv" in same) == (change in (another_method, another_stretch, another_gamma))


def test_no_picture_of_before_is_seen_while_the_result_is_made_again(
    stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked.fetch(QUESTION)
    another_gamma(monkeypatch)
    stocked.results.reopen(QUESTION.digest)
    assert stocked.results.file(QUESTION.digest, PICTURE) is None


@pytest.mark.parametrize("change", CHANGES)
def test_a_result_that_noted_nothing_counts_as_of_the_first_meaning(
    change: Change, stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked.fetch(QUESTION)
    monkeypatch.setattr("services.export.meaning.FIRST", meaning_of(QUESTION))
    described(stocked).write_text(json.dumps({**json.loads(described(stocked).read_text()), "meaning": {}}))
    assert stocked.results.open(QUESTION.digest) is not None
    change(monkeypatch)
    assert stocked.results.open(QUESTION.digest) is None


def test_an_index_that_came_later_leaves_results_as_they_are(
    stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, _ = stocked.fetch(QUESTION)
    index = replace(INDICES["ndvi"], name="gndvi", bands=("B08", "B03"))
    monkeypatch.setitem(INDICES, "gndvi", index)
    monkeypatch.setitem(VIEWS, "gndvi", View.of(index))
    assert stocked.results.open(QUESTION.digest) == result


def test_a_result_of_a_mask_that_is_no_more_is_outdated(stocked: Ninepatch, monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = stocked.fetch(QUESTION)
    monkeypatch.delitem(MASKS, "clear")
    assert stocked.results.open(QUESTION.digest) is None
    assert isinstance(result, Result)


def described(product: Ninepatch) -> Path:
    """What the result says of itself."""
    return product.results.folder(QUESTION.digest) / "result.json"
