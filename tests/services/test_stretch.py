"""One stretch for all pictures."""

import numpy as np
import pytest

from services.stretch import BRIGHTEST, GAMMA, TABLE, channels, hatched, rgba
from tests.services.scenes import recipe, scene


@pytest.mark.parametrize(
    ("bands", "shown", "words"),
    [
        (("B02", "B03", "B04", "B08"), ("B04", "B03", "B02"), "True colour (B04, B03, B02)"),
        (("B08", "B04", "B03"), ("B08", "B04", "B03"), "False colour (B08, B04, B03)"),
        (("B11", "B12"), ("B11", "B11", "B11"), "Grey (B11)"),
    ],
)
def test_what_is_shown_is_said(bands: tuple[str, ...], shown: tuple[str, ...], words: str) -> None:
    assert channels(bands).bands == shown
    assert channels(bands).words == words


def test_colours_follow_the_documented_curve() -> None:
    whole = scene(recipe(bands=("B02", "B03", "B04")), empty=0)
    reflectance = whole.median[..., ::-1].astype(np.float64)  # B04, B03, B02
    expected = 255 * np.clip(reflectance / BRIGHTEST, 0, 1) ** (1 / GAMMA)
    shades = np.abs(rgba(whole)[..., :3] - expected)
    assert shades[reflectance > 0.001].max() <= 1.0  # half a shade, and half a DN on the steep beginning
    assert shades.mean() < 0.3


def test_the_curve_never_falls_and_spans_black_to_white() -> None:
    assert TABLE[0] == 0
    assert (TABLE[int(BRIGHTEST * 10_000) :] == 255).all()
    assert (np.diff(TABLE.astype(int)) >= 0).all()


def test_the_same_reflectance_has_the_same_colour_in_every_picture() -> None:
    dark, bright = scene(seed=1, empty=0), scene(seed=2, empty=0)
    dark.median[0, 0] = bright.median[0, 0] = np.float32(0.1234)
    dark.median[5:] = 0.001
    bright.median[5:] = 0.9
    assert rgba(dark)[0, 0].tolist() == rgba(bright)[0, 0].tolist()


def test_no_data_is_transparent_and_becomes_hatched_not_black() -> None:
    whole = scene(empty=0.5)
    pixels = rgba(whole)
    np.testing.assert_array_equal(pixels[..., 3] == 0, whole.count == 0)
    drawn = hatched(pixels)
    assert drawn.shape == (*whole.count.shape, 3)
    blank = drawn[whole.count == 0]
    assert blank.min() > 150
    assert len(np.unique(blank)) == 2
    np.testing.assert_array_equal(drawn[whole.count > 0], pixels[whole.count > 0][:, :3])
