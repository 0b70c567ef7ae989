"""The same question to two providers: its cells, their dates, and their pixels against numpy on the cache's frames."""

import csv
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.cache import frame_key
from services.compare import (
    EQUALISED,
    HERE,
    Cell,
    Matrix,
    Pair,
    SourcePair,
    common_dates,
    comparison_matrix,
    draw_difference,
    of_two_sources,
    source_csv,
    source_report,
)
from services.errors import RecipeError
from services.ninepatch import Ninepatch
from services.preview import PreviewCompositor
from services.providers import provider_named
from services.recipe import MASKS, MOST_SOURCES, Recipe, Variant, Veto, variants
from services.sentinel2 import DATA_MASK, SCL
from services.settings import load_settings
from tests.services.compare.two_sources import register_both
from tests.services.quantities import quantity_named
from tests.services.scenes import recipe

RECIPE = recipe(px=20, provider="tiny", maxcc=25, bands=("B02", "B03", "B04"))
YEAR, BOTH = RECIPE.interval.start.year, ("tiny", "other")
Filled = Callable[..., tuple[Ninepatch, Matrix]]


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Filled:
    """All cells of both providers, of which the second differs so."""

    def fill(limits: tuple[int, ...] = (25,), asked: Recipe = RECIPE, **differs: int) -> tuple[Ninepatch, Matrix]:
        register_both(monkeypatch, **differs)
        product = Ninepatch(load_settings(home=tmp_path, provider="tiny"))
        for one in variants(asked, [YEAR], limits, sources(product)).values():
            product.fill(one)
        return product, comparison_matrix(product, asked, [YEAR], limits, "true", sources=sources(product))

    return fill


def sources(product: Ninepatch) -> list[Any]:
    return [provider_named(name, product.settings) for name in BOTH]


def pair_of(product: Ninepatch, made: Matrix) -> SourcePair:
    pair = SourcePair.of(product, *made.cells)
    assert pair is not None
    return pair


def stack(product: Ninepatch, cell: Cell, plane: str) -> NDArray[Any]:
    """(time, height, width), as in `test_difference_preview`, of dates that show every tile."""
    dates = []
    for date in cell.kept:
        tiles = [
            product.frames.read(frame_key(cell.recipe, tile.index, date), (plane,))[plane].astype(np.float64)
            for tile in cell.recipe.neighbourhood.tiles
        ]
        side = cell.recipe.neighbourhood.side
        dates.append(np.block([tiles[row * side : (row + 1) * side] for row in range(side)]))
    return np.array(dates)


def median(product: Ninepatch, cell: Cell, band: str) -> NDArray[Any]:
    """DN; NaN where no observation counts."""
    counts = (stack(product, cell, DATA_MASK) == 1) & ~np.isin(stack(product, cell, SCL), MASKS["clear"].invalid)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        found: NDArray[Any] = np.nanmedian(np.where(counts, stack(product, cell, band), np.nan), axis=0)
    return found


def test_each_source_has_its_cells_with_its_own_collection_and_price(filled: Filled) -> None:
    product, made = filled(limits=(5, 25))
    assert [cell.variant for cell in made.cells] == [Variant(YEAR, limit, name) for name in BOTH for limit in (5, 25)]
    assert {cell.state for cell in made.cells} == {HERE}
    assert [made.at(YEAR, 25, name).recipe.collection for name in BOTH] == ["sentinel-2-l2a", "s2-other"]
    assert made.at(YEAR, 25, "other").name == f"{YEAR}, ≤ 25 %, Other archive"
    other = comparison_matrix(product, RECIPE, [YEAR + 1], [25], "true", sources=sources(product))
    assert {cell.state for cell in other.cells} == {"unknown"}, "each is asked for its own answer"


def test_to_have_all_fills_the_highest_limit_of_each_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register_both(monkeypatch)
    product = Ninepatch(load_settings(home=tmp_path, provider="tiny"))
    for one in variants(RECIPE, [YEAR], [5], sources(product)).values():
        product.search(one)
    made = comparison_matrix(product, RECIPE, [YEAR], [5, 25], "true", sources=sources(product))
    assert [cell.variant for cell in made.lacking] == [Variant(YEAR, 25, name) for name in BOTH]


def test_a_veto_holds_for_every_source(filled: Filled) -> None:
    product, made = filled()
    first = made.cells[0].kept[0].key
    vetoed = RECIPE.with_(vetoes=[Veto(first, "haze")])
    again = comparison_matrix(product, vetoed, [YEAR], [25], "true", sources=sources(product))
    assert [[date.key for date in cell.kept] for cell in again.cells] == [
        [date.key for date in cell.kept[1:]] for cell in made.cells
    ]


def test_more_sources_than_are_read_are_refused() -> None:
    with pytest.raises(RecipeError, match="at most 4 sources, got 5"):
        variants(RECIPE, [YEAR], [10], [Archive()] * (MOST_SOURCES + 1))


class Archive:
    """What a recipe needs of a provider."""

    name, collection = "some", "thing"


def test_two_sources_that_are_alike_are_equal_to_the_last_bit(filled: Filled) -> None:
    report = source_report(*_asked(filled()))
    assert (report.picture.equal, report.picture.one) == (1.0, 0.0)
    assert (report.shared, report.only_left, report.only_right) == (3, 0, 0)
    assert all(date.agreement is not None and date.agreement.equal == 1.0 for date in report.dates)


def _asked(made: tuple[Ninepatch, Matrix]) -> tuple[Ninepatch, SourcePair]:
    return made[0], pair_of(*made)


def test_the_numbers_are_those_of_numpy(filled: Filled) -> None:
    product, made = filled(raised=13)
    report = source_report(product, pair_of(product, made))
    left, right = made.cells
    assert [band.band for band in report.picture.bands] == ["B04", "B03", "B02"], "those that are shown"
    for band in report.picture.bands:
        apart = median(product, right, band.band) - median(product, left, band.band)
        size = np.abs(apart[np.isfinite(apart)])
        assert (band.median, band.p95) == pytest.approx((np.median(size), np.percentile(size, 95)))
        assert band.equal == pytest.approx(np.mean(size == 0))
        assert band.bias == np.nanmedian(apart)
        assert band.beyond == pytest.approx([np.mean(size > step) for step in (1, 10, 100)])
    for number, date in enumerate(report.dates):
        assert date.agreement is not None
        clear = ~np.isin(stack(product, left, SCL)[number], MASKS["clear"].invalid)
        same = [stack(product, left, band)[number] == stack(product, right, band)[number] for band in RECIPE.bands]
        assert date.agreement.equal == pytest.approx(np.all(same, axis=0)[clear].mean())
        assert date.agreement.both == pytest.approx(clear.mean())


def test_a_date_that_one_source_lacks_is_said_and_left_out_by_a_press(filled: Filled) -> None:
    product, made = filled(dropped=1)
    left, right = made.cells
    report = source_report(product, pair_of(product, made))
    assert (report.shared, report.only_left, report.only_right) == (2, 1, 0)
    assert (report.dates[0].right, report.dates[0].left, report.dates[0].agreement) == (
        "not in its catalogue",
        "",
        None,
    )
    one, other = common_dates(left.recipe, left.kept, right.recipe, right.kept)
    assert one.vetoes == (Veto(left.kept[0].key, EQUALISED),) and other == right.recipe
    again = filled(asked=one, dropped=1)
    assert source_report(*_asked(again)).picture.equal == 1.0


def test_sources_without_a_common_date_are_not_evened_out(filled: Filled) -> None:
    _, made = filled()
    left, right = made.cells
    with pytest.raises(RecipeError, match="share no overpass: the left one has 1 date, the right one 2 dates"):
        common_dates(left.recipe, left.kept[:1], right.recipe, right.kept[1:])


def test_only_the_same_question_to_two_providers_compares_sources(filled: Filled) -> None:
    product, made = filled(limits=(5, 25))
    low, high = made.at(YEAR, 5, "tiny"), made.at(YEAR, 25, "other")
    assert not of_two_sources(low, high) and SourcePair.of(product, low, high) is None
    assert not of_two_sources(low, low) and of_two_sources(made.at(YEAR, 25, "tiny"), high)


def test_it_is_computed_once_and_anew_for_other_answers(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    product, made = filled(raised=13)
    pair = pair_of(product, made)
    report = source_report(product, pair)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("it is on the disk")

    with monkeypatch.context() as patched:
        patched.setattr(PreviewCompositor, "image", never)
        assert source_report(product, pair) == report
    fewer = SourcePair(pair.left, pair.right, pair.left_found, pair.right_found[1:])
    assert fewer.digest != pair.digest


def test_the_file_has_a_row_for_each_band_of_the_picture_and_of_each_date(filled: Filled) -> None:
    product, made = filled(raised=13, dropped=1)
    report = source_report(product, pair_of(product, made))
    rows = list(csv.DictReader(io.StringIO(source_csv(report))))
    assert len(rows) == 3 + 1 + 2 * 3, "a date in one source only has a row without numbers"
    assert [row["band"] for row in rows[:3]] == ["B04", "B03", "B02"] and rows[0]["acquisition"] == "picture"
    assert float(rows[0]["median_abs_dn"]) == report.picture.bands[0].median
    assert (rows[3]["left_out_right"], rows[3]["equal"]) == ("not in its catalogue", "")
    assert float(rows[4]["beyond_10_dn"]) == pytest.approx(report.dates[1].agreement.bands[0].beyond[1], abs=1e-4)  # type: ignore[union-attr]


def test_the_picture_of_the_difference_colours_what_is_not_exactly_equal(filled: Filled) -> None:
    product, made = filled(raised=13)
    left, right = made.cells
    drawn = draw_difference(product, Pair(left, right, quantity_named("B04", RECIPE.bands), k=0.0))
    apart = median(product, right, "B04") - median(product, left, "B04")
    assert drawn.changed == pytest.approx(np.mean(apart[np.isfinite(apart)] != 0))
    assert drawn.legend.high == 0.002, "20 DN: the round number that 95 % of the 13 DN do not pass"
    path = product.previews.file(drawn.digest, drawn.picture)
    assert path is not None
    with Pillow.open(path) as opened:
        pixels = np.asarray(opened.convert("RGBA"))
    grey = (pixels[..., :3] == 0xE8).all(axis=-1)
    assert np.array_equal(grey, apart == 0)
    assert "exactly equal" in drawn.legend.words and "standard errors" not in drawn.legend.words
