"""What a picture shows: fixed scales, and the indices against their definitions."""

import hashlib
import warnings
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray

from services.composite import Image, normalized_difference
from services.errors import RecipeError
from services.render import (
    EACH_OBSERVATION,
    GAMMA,
    VIEWS,
    View,
    default_view,
    draw,
    draw_dn,
    legend,
    view_named,
    views_of,
)
from services.render.palettes import LEGEND_STEPS
from services.sentinel2 import BANDS
from tests.services.scenes import recipe, scene

COLOURS = [view for view in VIEWS.values() if view.index is None]
INDICES = [view for view in VIEWS.values() if view.index is not None]
EVERY = ("B02", "B03", "B04", "B08", "B11", "B12")
NAMES = ("true", "false", "swir", "snow", "ndvi", "ndwi", "nbr", "ndsi")
DEFINED = {
    "ndvi": lambda band: (band["B08"] - band["B04"]) / (band["B08"] + band["B04"]),
    "ndwi": lambda band: (band["B03"] - band["B08"]) / (band["B03"] + band["B08"]),
    "nbr": lambda band: (band["B08"] - band["B12"]) / (band["B08"] + band["B12"]),
    "ndsi": lambda band: (band["B03"] - band["B11"]) / (band["B03"] + band["B11"]),
}


def image(seed: int = 1, *, empty: float = 0.1, bands: tuple[str, ...] = EVERY) -> Image:
    """A neighbourhood of random pixels; in its first row of clear pixels all bands are 0."""
    whole = scene(recipe(bands=bands), seed=seed, empty=empty)
    whole.reflectance[0, whole.count[0] > 0] = 0
    for index in whole.indices.values():
        index[0] = np.nan
    return whole


def exact(whole: Image) -> dict[str, NDArray[np.float64]]:
    """Reflectance of each band in double precision."""
    return {band: whole.reflectance[..., place].astype(np.float64) for place, band in enumerate(whole.bands)}


def oracle(view: View, planes: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """The index of a look by its definition."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        index: NDArray[np.float64] = DEFINED[view.name](planes)
    return index


def ramp() -> tuple[dict[str, NDArray[np.uint16]], NDArray[np.bool_]]:
    """Every DN there is, in each of the three bands of true colour."""
    rising = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    return {"B04": rising, "B03": rising[::-1], "B02": rising.T}, (rising == 65_535) | (rising % 97 == 0)


def test_true_colour_stays_as_it_has_always_been_to_the_last_byte() -> None:
    colours = draw_dn(VIEWS["true"], *ramp())
    assert (
        hashlib.sha256(colours.tobytes()).hexdigest()
        == "0b2592b80b4fa487aeb8e6d67fa76274ee50a8d10a1f74003ed78591b2474f97"
    )


def test_the_views_stand_in_the_order_of_the_page() -> None:
    assert tuple(VIEWS) == NAMES
    assert all(name == view.name and set(view.bands) <= set(BANDS) for name, view in VIEWS.items())


@pytest.mark.parametrize(
    ("bands", "names"),
    [
        (EVERY, NAMES),
        (("B02", "B03", "B04"), ("true", "snow")),
        (("B08", "B04", "B03"), ("false", "ndvi", "ndwi")),
        (("B04", "B08"), ("ndvi",)),
        (("B11", "B12"), ("bands",)),
        (("B01", "B05", "B06", "B07"), ("bands",)),
        (("B09",), ("bands",)),
    ],
)
def test_the_bands_decide_what_can_be_shown(bands: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert tuple(view.name for view in views_of(bands)) == names
    assert default_view(bands) == views_of(bands)[0]
    for view in views_of(bands):
        assert view_named(view.name, bands) == view
        assert set(view.bands) <= set(bands)


def test_bands_without_a_view_are_shown_as_they_come_or_in_grey() -> None:
    assert default_view(("B05", "B01", "B06", "B07")).label == "False colour (B05, B01, B06)"
    grey = default_view(("B11", "B12"))
    assert grey.label == "Grey (B11)"
    colours = draw(grey, image(bands=("B11", "B12")))
    assert (colours[..., 0] == colours[..., 1]).all()
    assert (colours[..., 0] == colours[..., 2]).all()


def test_a_view_that_cannot_be_is_refused_with_what_is_missing() -> None:
    with pytest.raises(RecipeError, match=r"Burnt land \(NBR\) needs B12, and the bands are B04, B08") as refused:
        view_named("nbr", ("B04", "B08"))
    assert refused.value.remedy == "Add B12 to the bands, or choose one of ndvi."
    with pytest.raises(RecipeError, match=r"There is no view 'evi'. Choose one of ndvi\."):
        view_named("evi", ("B04", "B08"))


@pytest.mark.parametrize("view", COLOURS, ids=lambda view: view.name)
def test_colours_follow_the_documented_curve_of_each_band(view: View) -> None:
    whole = image(empty=0)
    for place, (band, white) in enumerate(zip(view.bands, view.white, strict=True)):
        reflectance = exact(whole)[band]
        expected = 255 * np.clip(reflectance / white, 0, 1) ** (1 / GAMMA)
        shades = np.abs(draw(view, whole)[..., place] - expected)
        assert shades[reflectance > 0.001].max() <= 1.0  # half a shade, and half a DN on the steep beginning
        assert f"{white:g}" in view.words


@pytest.mark.parametrize("view", INDICES, ids=lambda view: view.name)
def test_an_index_is_what_its_author_defined(view: View) -> None:
    random = np.random.default_rng(2)
    look = {band: random.integers(0, 10_000, (40, 50)).astype(np.uint16) for band in EVERY}
    for plane in look.values():
        plane[0] = 0
    assert view.index is not None
    found = view.index.of([look[band] for band in view.bands])
    expected = oracle(view, {band: plane / 10_000 for band, plane in look.items()})
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[1:], expected[1:], rtol=0, atol=1e-7)
    if view.index.of is normalized_difference:
        assert np.isnan(found[0]).all(), "both bands 0: no index"
        assert not draw_dn(view, look, np.zeros((40, 50), np.bool_))[0].any()
    for said in (view.index.source, view.formula, EACH_OBSERVATION):
        assert said in view.words


@pytest.mark.parametrize("view", INDICES, ids=lambda view: view.name)
def test_an_index_has_the_colours_of_its_map_over_its_fixed_range(view: View) -> None:
    whole = image()
    index, colours = whole.indices[view.name], draw(view, whole)
    nowhere = np.isnan(index)
    assert not colours[nowhere].any(), "transparent, and no colour beneath"
    assert (colours[~nowhere, 3] == 255).all()
    assert legend(view) is not None
    assert view.index is not None
    low, high = view.index.ticks[0], view.index.ticks[-1]
    expected = matplotlib.colormaps[view.index.palette]((index[~nowhere] - low) / (high - low), bytes=True)
    far = np.abs(colours[~nowhere].astype(int) - np.asarray(expected, int)).max(axis=-1)
    assert far.max() <= 6, "half a step of the lookup, and half a DN"
    assert far.mean() < 1


@pytest.mark.parametrize("view", INDICES, ids=lambda view: view.name)
def test_the_colours_of_an_index_are_those_of_the_whole_numbers_in_its_file(view: View) -> None:
    whole = image()
    rounded = {name: (np.rint(index * 10_000) / 10_000).astype(np.float32) for name, index in whole.indices.items()}
    np.testing.assert_array_equal(draw(view, whole), draw(view, replace(whole, indices=rounded)))


@pytest.mark.parametrize("view", COLOURS, ids=lambda view: view.name)
def test_a_picture_has_the_colours_of_the_whole_numbers_in_its_files(view: View) -> None:
    whole = image()
    empty = whole.count == 0
    planes = {band: np.rint(plane * 10_000) for band, plane in exact(whole).items()}
    for noise in (0, 65_535):
        files = {band: np.where(empty, noise, plane).astype(np.uint16) for band, plane in planes.items()}
        agree = (draw(view, whole) == draw_dn(view, files, empty)).all(axis=-1)
        twice = np.stack([np.rint(plane * 20_000) % 2 for plane in exact(whole).values()])
        assert agree[(twice == 0).all(axis=0) | empty].all()
        np.testing.assert_array_equal(draw_dn(view, {b: whole.dn(b) for b in EVERY}, empty), draw(view, whole))


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_the_same_reflectance_has_the_same_colour_in_every_picture(view: View) -> None:
    dark, bright = image(1, empty=0), image(2, empty=0)
    dark.reflectance[5, 5] = bright.reflectance[5, 5]
    dark.reflectance[7:], bright.reflectance[7:] = 0.001, 0.9
    for name, index in dark.indices.items():
        index[5, 5] = bright.indices[name][5, 5] = 0.25
        index[7:], bright.indices[name][7:] = -0.9, 0.9
    assert draw(view, dark)[5, 5].tolist() == draw(view, bright)[5, 5].tolist()


@pytest.mark.parametrize("view", INDICES, ids=lambda view: view.name)
def test_a_legend_has_the_colours_of_the_picture_and_ever_lighter_ones(view: View) -> None:
    scale = legend(view)
    assert scale is not None
    assert (scale.low, scale.high) == (scale.ticks[0], scale.ticks[-1])
    assert list(scale.ticks) == sorted(scale.ticks)
    assert len(scale.colours) == LEGEND_STEPS
    rgb = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in scale.colours])
    assert (np.diff(rgb @ [0.2126, 0.7152, 0.0722]) > 0).all(), "read in grey too"
    if view.index is None or view.index.of is not normalized_difference:
        return
    for value, colour in zip(np.linspace(scale.low, scale.high, LEGEND_STEPS), rgb, strict=True):
        plane = {view.bands[0]: (1 + value) * 10_000, view.bands[1]: (1 - value) * 10_000}
        whole = {band: np.full((1, 1), round(dn), np.uint16) for band, dn in plane.items()}
        drawn = draw_dn(view, whole, np.zeros((1, 1), np.bool_))[0, 0, :3].astype(int)
        assert np.abs(drawn - colour).max() <= 3


def test_what_lies_beyond_the_range_has_its_end_colours() -> None:
    planes = {"B08": np.array([[0, 5000]], np.uint16), "B04": np.array([[5000, 0]], np.uint16)}
    colours = draw_dn(VIEWS["ndvi"], planes, np.zeros((1, 2), np.bool_))
    scale = legend(VIEWS["ndvi"])
    assert scale is not None
    assert ["#" + bytes(pixel[:3]).hex() for pixel in colours[0]] == [scale.colours[0], scale.colours[-1]]


def test_a_colour_view_says_its_stretch_and_has_no_legend() -> None:
    assert legend(VIEWS["swir"]) is None
    assert VIEWS["true"].words == "True colour (B04, B03, B02); reflectance 0 to 0.3, gamma 1.4"
    assert VIEWS["false"].words == (
        "False colour (B08, B04, B03); reflectance from 0: B08 to 0.5, B04 to 0.3, B03 to 0.3, gamma 1.4"
    )
    assert (
        VIEWS["ndvi"].words
        == f"Vegetation (NDVI): (B08 − B04) / (B08 + B04); {EACH_OBSERVATION}; -0.2 to 0.9, viridis; Rouse et al. 1974"
    )


def test_snow_has_shades_in_its_own_stretch_and_none_in_true_colour() -> None:
    snow = {band: np.array([[6000, 7500, 9000]], np.uint16) for band in ("B04", "B03", "B02")}
    nowhere = np.zeros((1, 3), np.bool_)
    assert (draw_dn(VIEWS["true"], snow, nowhere) == 255).all()
    shades = draw_dn(VIEWS["snow"], snow, nowhere)[0, :, 0].astype(int)
    assert (np.diff(shades) > 15).all() and shades[-1] < 255


def test_the_white_points_suit_real_land(shared_data: Path) -> None:
    dry = np.load(shared_data / "real_s2" / "xrspatial_patagonia" / "data.npz")["bands"]
    planes = {band: dry[..., place] for place, band in enumerate(EVERY)}
    forest = np.load(shared_data / "real_s2" / "romania_10m" / "data.npz")
    clear = np.isin(forest["scl"], (4, 5)).mean(axis=(1, 2)) == 1
    assert clear.sum() > 10
    woods = {band: forest["bands"][clear, ..., place].reshape(-1, 100) for place, band in enumerate(EVERY[:4])}
    for real, names in ((planes, ("true", "false", "swir")), (woods, ("true", "false"))):
        for name in names:
            view = VIEWS[name]
            shades = draw_dn(view, real, np.zeros(real["B04"].shape, np.bool_))[..., :3]
            assert (shades == 255).mean() < 0.02, f"{name}: hardly anything is burnt out"
            assert np.percentile(shades[..., 0], 99) > 60, f"{name}: and it is not all dark"
