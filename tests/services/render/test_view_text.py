"""The text of a view: one for each meaning, safe in an address, and told apart from what means nothing."""

from dataclasses import replace
from urllib.parse import parse_qs, quote, unquote, urlencode

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from services.composite import Image, index_by_formula, listed_indices, parse_formula
from services.errors import RecipeError
from services.render import (
    PALETTES,
    VIEWS,
    View,
    draw,
    draw_dn,
    legend,
    parse_view,
    quantities,
    restyle,
    unstyled,
    view_named,
)
from services.sentinel2 import BANDS
from tests.services.scenes import recipe, scene

ALL = tuple(BANDS)
NDRE = "index-(B08-B05):(B08--B05)"


def numbers(low: float, high: float) -> some.SearchStrategy[float]:
    return some.floats(low, high, allow_nan=False)


HEADS = some.one_of(
    some.sampled_from([*VIEWS, NDRE, "si-EVI", "si-CIG"]),
    some.permutations(ALL).map(lambda bands: f"rgb-{'-'.join(bands[:3])}"),
    some.sampled_from(ALL).map("grey-{}".format),
)


@settings(max_examples=100, deadline=None)
@given(HEADS, some.lists(numbers(-0.1, 0.2), min_size=6, max_size=6), numbers(0.2, 5), some.sampled_from([*PALETTES]))
def test_a_view_comes_back_from_its_name_whatever_its_stretch(
    head: str, ends: list[float], gamma: float, palette: str
) -> None:
    first = parse_view(head, ALL)
    limits = tuple((low, low + 0.25 + span) for low, span in zip(ends[:3], ends[3:], strict=True))
    view = restyle(first, limits[: len(first.limits)], gamma, palette)
    assert parse_view(view.name, ALL) == view and unstyled(view) == first
    in_path, in_query = unquote(quote(view.name)), parse_qs(urlencode({"view": view.name}))["view"]
    assert in_path == view.name == in_query[0]
    assert not set(view.name) & set("/%?#&+ _"), "it may stand in an address as it is"
    assert len(view.slug) <= 24 and view.slug.replace("-", "").isalnum()


@pytest.mark.parametrize("name", VIEWS)
def test_the_views_of_before_mean_what_they_meant(name: str) -> None:
    assert view_named(name, ALL) is VIEWS[name]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("rgb-B04-B03-B02", "true"),
        ("rgb-B08-B04-B03~0..0.5,0..0.3,0..0.3", "false"),
        ("true~0..0.3", "true"),
        ("true~0..0.3~g1.4", "true"),
        ("true~g2.0~0.020..0.30001", "true~0.02..0.3~g2"),
        ("true~0..0.2,0..0.2,0..0.2", "true~0..0.2"),
        ("ndvi~magma~-0.2..0.9", "ndvi~magma"),
        ("ndvi~-1..1~viridis", "ndvi~-1..1"),
        ("index-( B8 - b05 )/(B08+B05)", NDRE),
        ("si-evi", "si-EVI"),
        ("grey-B08~0..0.6", "grey-B08~0..0.6"),
    ],
)
def test_one_meaning_has_one_text(written: str, canonical: str) -> None:
    assert parse_view(written, ALL).name == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "There is no view 'nothing'"),
        ("true~", "cannot be shown with ''"),
        ("true~magma", "cannot be shown with 'magma'"),
        ("ndvi~g2", "cannot be shown with 'g2'"),
        ("ndvi~jet", "cannot be shown with 'jet'"),
        ("true~0.3..0", "0.3 to 0"),
        ("true~0..0.3,0..0.3", "2 pairs"),
        ("true~0..nan", "cannot be shown with"),
        ("true~0..1e9", "cannot be shown with"),
        ("true~0..9999999", "no stretch"),
        ("true~g99", "gamma of 99"),
        ("rgb-B04-B03", "2 bands"),
        ("rgb-B04-B03-B99", "'B99'"),
        ("index-", "At the start of the formula"),
        ("index-B08)", "an operator or the end was expected"),
        ("si-NDVIT", "no 'NDVIT'"),
        ("x" * 5000, "too long"),
        ("true" + "~g2" * 400, "too long"),
    ],
)
def test_what_means_nothing_is_told_with_a_remedy(text: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        parse_view(text, ALL)
    assert said in caught.value.cause and caught.value.remedy and len(caught.value.sentences) < 600


def test_a_view_whose_bands_are_not_fetched_says_which() -> None:
    with pytest.raises(RecipeError, match="needs B05, and the bands are B04, B08"):
        view_named(NDRE, ("B04", "B08"))
    assert view_named(NDRE, ("B05", "B08")).bands == ("B05", "B08")


def test_a_stretch_maps_its_ends_to_black_and_white() -> None:
    view = parse_view("rgb-B11-B08-B02~0.1..0.5,0..0.4,0.05..0.25~g2", ALL)
    dn = np.array([[0, 1000, 2000, 5000, 60_000]], np.uint16)
    colours = draw_dn(view, dict.fromkeys(view.bands, dn), np.zeros(dn.shape, np.bool_))
    for channel, (low, high) in enumerate(((0.1, 0.5), (0.0, 0.4), (0.05, 0.25))):
        expected = 255 * np.clip((dn / 10_000 - low) / (high - low), 0, 1) ** 0.5
        assert np.abs(colours[..., channel] - expected).max() <= 0.5001
    assert (colours[..., 3] == 255).all()


def _image(view: View) -> Image:
    """Of random numbers, with its index set beside; NaN at a corner."""
    whole = scene(recipe(bands=ALL), empty=0.1)
    assert view.index is not None
    planes = [whole.dn(band) for band in view.bands]
    index: NDArray[np.float32] = view.index.of(planes)
    index[whole.count == 0] = np.nan
    return replace(whole, indices={view.index.name: index})


@pytest.mark.parametrize("text", ["si-CIG~0..8~inferno", f"{NDRE}~cividis", "si-TriVI", "index-1:B04"])
def test_an_index_of_any_size_is_drawn_in_matplotlibs_colours(text: str) -> None:
    view = parse_view(text, ALL)
    image = _image(view)
    assert view.index is not None
    values, (low, high) = image.indices[view.index.name], view.limits[0]
    colours = draw(view, image)
    assert (colours[..., 3] == 0).tolist() == np.isnan(values).tolist()
    palette = matplotlib.colormaps[view.index.palette].resampled(255)
    expected = palette(np.clip((values - low) / (high - low), 0, 1), bytes=True)
    there = ~np.isnan(values)
    assert np.abs(colours[there].astype(int) - expected[there].astype(int)).max() <= 8  # a step of the palette
    shown = legend(view)
    assert shown is not None and (shown.low, shown.high) == (low, high) and len(shown.colours) == 9


def test_every_palette_is_one_of_matplotlib_and_none_sets_red_against_green() -> None:
    assert set(PALETTES) <= set(matplotlib.colormaps)
    assert not {"jet", "hsv", "RdYlGn", "rainbow", "gist_rainbow", "Spectral"} & set(PALETTES)


@pytest.mark.parametrize("name", ["viridis", "cividis", "magma", "inferno", "plasma", "gray", "Blues", "YlGnBu"])
def test_a_palette_of_one_course_only_grows_lighter_or_darker(name: str) -> None:
    red, green, blue, _ = matplotlib.colormaps[name](np.linspace(0, 1, 64)).T
    lightness = np.diff(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)
    assert (lightness > -1e-3).all() or (lightness < 1e-3).all()


def test_a_key_has_the_stretch_and_not_the_name() -> None:
    one, other = parse_view("true~0..0.2", ALL), parse_view("rgb-B04-B03-B02~0..0.2", ALL)
    assert one.meaning == other.meaning != VIEWS["true"].meaning
    named = View.of(index_by_formula(parse_formula("(B08-B05)/(B08+B05)"), "another", "Another"))
    assert named.meaning == parse_view(NDRE, ALL).meaning


def test_the_index_of_a_view_can_be_compared_in_its_own_reach() -> None:
    view = parse_view("si-CIG~0..4~magma", ALL)
    own = quantities(ALL, view)[-1]
    low, high = listed_indices()["CIG"].index.ticks[0], listed_indices()["CIG"].index.ticks[-1]
    assert own.name == own.slug == "si-CIG" and own.reach == (high - low) / 4
    assert quantities(ALL, VIEWS["ndvi"]) == quantities(ALL)
