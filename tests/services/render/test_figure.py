"""The figure, read back by Pillow."""

from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from matplotlib import _pylab_helpers
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.catalogue import SourceProduct
from services.recipe import Interval, Veto
from services.render import default_view, draw, draw_figure, hatched, parse_view
from services.render.figure import FigureText, observations_words, resized, short_dates
from tests.services.scenes import provenance, recipe, scene


def drawn(path: Path) -> NDArray[np.uint8]:
    """The pixels of a PNG."""
    with Pillow.open(path) as read:
        return np.asarray(read)


def place(draw_figure: NDArray[np.uint8], part: NDArray[np.uint8]) -> tuple[int, int]:
    """Where `part` is in the figure, pixel for pixel."""
    height, width = part.shape[:2]
    rows, columns = np.nonzero((draw_figure == part[0, 0]).all(axis=-1))
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if np.array_equal(draw_figure[row : row + height, column : column + width], part):
            return row, column
    raise AssertionError("the part is not in the figure")


@pytest.mark.parametrize("radius", [0, 1, 2])
def test_the_mosaic_is_in_it_pixel_for_pixel_and_without_gaps(radius: int, tmp_path: Path) -> None:
    question = recipe(px=330, radius=radius)
    whole = scene(question, empty=0.01)
    draw_figure(whole, tmp_path / "median.png", provenance(question))
    expected, found = hatched(resized(draw(default_view(whole.bands), whole))), drawn(tmp_path / "median.png")
    row, column = place(found, expected[200:212, 200:212])
    seen = found[row - 200 :, column - 200 :][: len(expected), : len(expected)]
    changed = (seen != expected).any(axis=-1)
    side = len(expected) // (2 * radius + 1)
    labels = changed.reshape(2 * radius + 1, side, 2 * radius + 1, side).any(axis=(0, 2))
    assert labels.any()
    labels[:36, :80] = False
    assert not labels.any()


def test_a_figure_of_an_index_has_its_colours_with_their_ends(tmp_path: Path) -> None:
    question = recipe(px=330, radius=0, bands=("B04", "B08"))
    whole = scene(question)
    view = parse_view("ndvi~0..0.75~magma", whole.bands)
    with mock.patch.object(FigureText, "put", autospec=True, side_effect=FigureText.put) as put:
        draw_figure(whole, tmp_path / "ndvi.png", provenance(question), view)
    said = [call.args[3] for call in put.call_args_list]
    assert {"0", "0.75"} <= set(said) and any("0 to 0.75, magma" in words for words in said)
    place(drawn(tmp_path / "ndvi.png"), hatched(resized(draw(view, whole)))[200:212, 200:212])
    with Pillow.open(tmp_path / "ndvi.png") as read:
        assert "0 to 0.75, magma" in read.text["Description"]  # type: ignore[attr-defined] # of a PNG


def test_no_state_of_pyplot_is_touched(tmp_path: Path) -> None:
    draw_figure(scene(STRIP), tmp_path / "median.png", provenance(STRIP))
    assert not _pylab_helpers.Gcf.figs


STRIP = recipe(px=300, height_px=4)
"""Drawn fast: as wide as any, and low."""

NAMES = [
    "$\\frac{1}{0}$ $ {",
    "<b>bold</b> & _under_ %s {0}",
    "北京 😀 \N{ZERO WIDTH SPACE} العربية",
    "two\nlines\ttab\x07bell",
    "very long " * 40,
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_neither_a_formula_nor_too_long_nor_a_warning(name: str, tmp_path: Path) -> None:
    for area, file in ((name, "named.png"), ("Somewhere", "plain.png")):
        draw_figure(scene(STRIP), tmp_path / file, provenance(STRIP.with_(area=area), simulated=True))
    named, plain = drawn(tmp_path / "named.png"), drawn(tmp_path / "plain.png")
    assert named.shape == plain.shape
    changed = (named != plain).any(axis=-1)
    assert not changed[70:-40].any(), "only the title, and the recipe's number at the foot"
    assert not changed[:70, -210:].any(), "what says that the data are simulated stays"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Median of 3 acquisitions  ·"),
        ({"method": "least-cloudy"}, "Least cloudy observation of 3 acquisitions  ·"),
        ({"vetoes": [Veto("S2A_R079_20170607T095031", "haze")]}, "Median of 3 acquisitions, 1 excluded by hand  ·"),
        ({"grow": 2}, "(SCL 0, 1, 3, 8, 9, 10), buffer 2 px  ·"),
    ],
)
def test_it_says_how_looks_became_one_and_what_was_left_out(more: dict[str, Any], said: str, tmp_path: Path) -> None:
    words: list[str] = []
    put = FigureText.put

    def heard(self: FigureText, x: float, y: float, line: str, **how: Any) -> Any:
        words.append(line)
        return put(self, x, y, line, **how)

    with mock.patch.object(FigureText, "put", heard):
        draw_figure(scene(STRIP), tmp_path / "median.png", provenance(STRIP.with_(**more)))
    assert sum(said in line for line in words) == 1, words


def test_simulated_data_are_conspicuous_in_it(tmp_path: Path) -> None:
    for simulated in (False, True):
        draw_figure(scene(STRIP), tmp_path / f"{simulated}.png", provenance(STRIP, simulated=simulated))
    amber = (254, 243, 199)
    shares = [(drawn(tmp_path / f"{name}.png")[:70] == amber).all(axis=-1).sum() for name in (False, True)]
    assert shares[0] == 0
    assert shares[1] > 2000


@pytest.mark.parametrize(
    ("px", "height_px"), [(1, 1), (2, 300), (300, 2), (700, 700)], ids=["dots", "tall", "wide", "large"]
)
def test_tiles_of_every_shape_have_a_figure_of_a_reasonable_size(px: int, height_px: int, tmp_path: Path) -> None:
    question = recipe(px=px, height_px=height_px)
    draw_figure(scene(question), tmp_path / "median.png", provenance(question))
    height, width, _ = drawn(tmp_path / "median.png").shape
    assert 700 < width < 2300
    assert 200 < height < 2800


def test_a_picture_without_any_clear_look_is_hatched(tmp_path: Path) -> None:
    whole = scene(empty=1)
    draw_figure(whole, tmp_path / "median.png", provenance(recipe()))
    assert observations_words(whole) == "no clear observation anywhere"
    assert drawn(tmp_path / "median.png")[520:760, 400:600].min() > 150


def test_a_large_picture_is_averaged_and_its_transparent_pixels_have_no_say() -> None:
    pixels = np.zeros((2, 4000, 4), np.uint8)
    pixels[:, ::2] = (200, 100, 50, 255)
    reduced = resized(pixels)
    assert reduced.shape == (1, 2000, 4)
    assert np.abs(reduced[0, :, :3].astype(int) - (200, 100, 50)).max() <= 2


def test_dates_name_the_year_where_it_changes() -> None:
    days = ("2017-12-20", "2017-12-30", "2018-01-04", "2018-01-09")
    assert short_dates(days) == ["2017-12-20", "12-30", "2018-01-04", "01-09"]


def test_a_day_with_two_overpasses_says_so() -> None:
    assert short_dates(("2017-07-01", "2017-07-01", "2017-07-02")) == ["2017-07-01 (2)", "07-02"]


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (Interval.of_year(2017), "2017"),
        (Interval(date(2017, 5, 1), date(2017, 9, 1)), "2017-05-01 to 2017-08-31"),
        (Interval(date(2017, 5, 1), date(2017, 5, 2)), "2017-05-01"),
    ],
)
def test_an_interval_is_said_with_its_last_day(interval: Interval, words: str) -> None:
    assert interval.words == words


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([[0, 1]], "1 clear observation a pixel where there are any"),
        ([[3, 3]], "3 clear observations a pixel where there are any"),
        ([[2, 4, 9]], "2 to 9 clear observations a pixel, median 4"),
    ],
)
def test_looks_are_said_as_they_are(counts: Any, words: str) -> None:
    whole = scene()
    object.__setattr__(whole, "count", np.array(counts, np.uint16))
    assert observations_words(whole) == words


def test_the_products_have_a_line_of_their_own_under_the_dates(tmp_path: Path) -> None:
    draw_figure(scene(STRIP), tmp_path / "before.png", provenance(STRIP))
    draw_figure(scene(STRIP), tmp_path / "after.png", provenance(STRIP, products=(SourceProduct("S2A", 0),)))
    before, after = (drawn(tmp_path / f"{name}.png") for name in ("before", "after"))
    assert len(after) > len(before)
    assert np.count_nonzero(after[200:] < 128) > np.count_nonzero(before[200:] < 128), "words stand in it"
