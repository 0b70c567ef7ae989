"""The picture where nobody has chosen a view, and the hatching."""

import numpy as np
import pytest

from services.render import VIEWS, default_view, draw, hatched
from services.render.hatching import hatch_few
from tests.services.scenes import recipe, scene


@pytest.mark.parametrize(
    ("bands", "name"),
    [(("B02", "B03", "B04", "B08"), "true"), (("B08", "B04", "B03"), "false"), (("B04", "B08"), "ndvi")],
)
def test_the_first_view_that_the_bands_allow_is_shown(bands: tuple[str, ...], name: str) -> None:
    whole = scene(recipe(bands=bands))
    np.testing.assert_array_equal(draw(default_view(whole.bands), whole), draw(VIEWS[name], whole))


def test_no_data_is_transparent_and_becomes_hatched_not_black() -> None:
    whole = scene(empty=0.5)
    pixels = draw(default_view(whole.bands), whole)
    np.testing.assert_array_equal(pixels[..., 3] == 0, whole.count == 0)
    drawn = hatched(pixels)
    assert drawn.shape == (*whole.count.shape, 3)
    blank = drawn[whole.count == 0]
    assert blank.min() > 150
    assert len(np.unique(blank)) == 2
    np.testing.assert_array_equal(drawn[whole.count > 0], pixels[whole.count > 0][:, :3])


def test_lines_over_a_colour_are_seen_on_any_colour_and_leave_most_of_it() -> None:
    where = np.zeros((60, 60), np.bool_)
    where[:, 30:] = True
    for shade in (0, 90, 255):
        pixels = np.full((60, 60, 4), (shade, shade, shade, 255), np.uint8)
        drawn = hatch_few(pixels.copy(), where)
        np.testing.assert_array_equal(drawn[~where], pixels[~where])
        assert (drawn[..., 3] == 255).all()
        lines = (drawn[where] != pixels[where]).any(axis=-1)
        assert 0.1 < lines.mean() < 0.4
        assert np.abs(drawn[where].astype(int) - pixels[where]).max() > 120


def test_the_two_kinds_of_lines_cross() -> None:
    nothing = hatched(np.zeros((40, 40, 4), np.uint8))[..., 0]
    few = hatch_few(np.full((40, 40, 4), 90, np.uint8), np.ones((40, 40), np.bool_))[..., 0]
    np.testing.assert_array_equal(nothing[1:, :-1], nothing[:-1, 1:])
    np.testing.assert_array_equal(few[1:, 1:], few[:-1, :-1])


@pytest.mark.parametrize(("side", "thick"), [(150, 1), (600, 2), (1000, 3)])
def test_the_lines_of_a_large_picture_are_thicker_so_that_they_stay_lines_when_it_is_shown_small(
    side: int, thick: int
) -> None:
    drawn = hatch_few(np.full((4, side, 4), 90, np.uint8), np.ones((4, side), np.bool_))[0, :, 0]
    black = np.flatnonzero(np.diff(np.concatenate([[0], (drawn == 0).astype(int), [0]])))
    widths = set((black[1::2] - black[::2])[1:-1].tolist())
    assert widths == {thick}
