"""Two pictures subtracted, against numpy in double precision."""

import colorsys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.compare.difference import (
    Difference,
    Side,
    difference,
    difference_legend,
    difference_picture,
    difference_rgba,
)
from services.compare.significance import Sample
from services.compare.student_t import thresholds
from services.composite import Image
from services.recipe import Interval
from services.render import hatched
from tests.services.compare.test_significance import least_squares
from tests.services.quantities import quantity_named
from tests.services.scenes import provenance, recipe

BANDS = ("B04", "B08")
LIGHT, DARK = (0xE8, 0xE8, 0xE8, 255), (0xC4, 0xC4, 0xC4, 255)


def side(seed: int, *, dates: int = 9, shape: tuple[int, int] = (40, 50), cloudy: float = 0.4) -> Side:
    """Random looks, and numpy's median of the clear ones."""
    random = np.random.default_rng(seed)
    cube = random.integers(200, 4000, (dates, 2, *shape)).astype(np.uint16)
    clear = random.random((dates, *shape)) >= cloudy * random.random(shape) * 2
    return of(cube, clear)


def of(cube: NDArray[np.uint16], clear: NDArray[np.bool_], times: Sequence[datetime] = ()) -> Side:
    """The side of observations (time, band, height, width), every twenty days where nothing else is said."""
    observations = (cube / 10_000).astype(np.float32)
    median = np.stack([middle(values(name, observations), clear) for name in BANDS], axis=-1)
    height, width = clear.shape[1:]
    count = clear.sum(axis=0).astype(np.uint16)
    index = {"ndvi": middle(values("ndvi", observations), clear)}
    image = Image((0, 0, 10 * width, 10 * height), 32635, BANDS, median, count, (), indices=index)
    times = times or [datetime(2018, 1, 5, 10, tzinfo=UTC) + timedelta(days=20 * number) for number in range(len(cube))]
    return Side(image, [dict(zip(BANDS, observation, strict=True)) for observation in cube], list(clear), times)


def middle(observations: NDArray[Any], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Numpy's median of the clear ones."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        if not len(observations):
            return np.full(observations.shape[1:], np.float32(np.nan))
        return np.nanmedian(np.where(clear, observations, np.nan), axis=0).astype(np.float32)


def values(name: str, observations: NDArray[Any]) -> NDArray[np.float64]:
    """What is compared, of each observation, by its definition."""
    red, infrared = observations[:, 0].astype(np.float64), observations[:, 1].astype(np.float64)
    with np.errstate(invalid="ignore"):
        index: NDArray[np.float64] = (infrared - red) / (infrared + red)
    return {"B04": red, "B08": infrared, "ndvi": index}[name]


def cube(one: Side) -> NDArray[np.float64]:
    """Reflectance of the observations of a side, (time, band, height, width)."""
    return np.stack([np.stack([observation[band] for band in BANDS]) for observation in one.observations]) / 10_000


def sampled(name: str, one: Side) -> Sample:
    """The observations of a side, (time, pixel)."""
    days = [(time - datetime(time.year, 1, 1, tzinfo=UTC)).total_seconds() / 86_400 for time in one.times]
    observations = values(name, cube(one)).reshape(len(one.observations), -1).astype(np.float32)
    return Sample(observations, np.stack(one.clear).reshape(len(one.observations), -1), np.array(days))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", ["B04", "B08", "ndvi"])
def test_it_is_right_minus_left_and_its_floor_is_of_both_sides_errors(name: str, workers: int) -> None:
    left, right = side(1, dates=16), side(2, dates=18)
    found = difference(quantity_named(name, BANDS), left, right, 1.5, workers=workers)
    before, after = (middle(values(name, cube(each)), np.stack(each.clear)) for each in (left, right))
    np.testing.assert_allclose(found.values, after - before, rtol=0, atol=3e-7)
    assert found.values.dtype == found.floor.dtype == np.float32
    assert found.k == 1.5 and found.false_alarms == pytest.approx(0.1336, abs=1e-4)
    one, other = sampled(name, left), sampled(name, right)
    for pixel in np.flatnonzero(np.isfinite(found.floor))[::40]:
        apart, error, freedom = least_squares(one, other, pixel)
        if freedom > 4:
            y, x = divmod(int(pixel), found.floor.shape[1])
            assert found.adjusted[y, x] == pytest.approx(apart, abs=2e-3)
            assert found.floor[y, x] == pytest.approx(thresholds(1.5)[freedom] * error, rel=0.01)


def test_an_image_of_many_blocks_is_as_one_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, quantity = side(1), side(2), quantity_named("ndvi", BANDS)
    whole = difference(quantity, left, right)
    monkeypatch.setattr("services.compare.difference._AT_ONCE", 123)
    parts = difference(quantity, left, right)
    np.testing.assert_allclose(whole.floor, parts.floor, rtol=1e-5)


def test_the_difference_of_an_index_is_of_each_looks_index() -> None:
    """Two looks of a meadow that the medians of the bands would tear apart."""
    cube = np.array([[400, 4000], [1200, 1500], [3000, 5000]], np.uint16).reshape(3, 2, 1, 1)
    clear = np.ones((3, 1, 1), np.bool_)
    still = of(np.repeat(cube[1:2], 3, axis=0), clear)
    found = difference(quantity_named("ndvi", BANDS), still, of(cube, clear))
    assert found.values[0, 0] == pytest.approx(2000 / 8000 - 300 / 2700, abs=1e-6)


def test_the_numbers_are_those_that_anybody_would_compute() -> None:
    found = difference(quantity_named("B04", BANDS), side(3, dates=5), side(4, dates=5), 0.7)
    known: list[float] = sorted(value for value in found.values.ravel().tolist() if value == value)
    total = len(known)
    assert 0 < total < found.values.size

    def percentile(percent: float) -> float:
        place = (total - 1) * percent / 100
        below = known[int(place)]
        return below + (known[min(int(place) + 1, total - 1)] - below) * (place - int(place))

    assert found.comparable_share == total / found.values.size
    assert found.median == pytest.approx(percentile(50), abs=1e-12)
    assert found.p5 == pytest.approx(percentile(5), abs=1e-12)
    assert found.p95 == pytest.approx(percentile(95), abs=1e-12)
    assert found.mean == pytest.approx(sum(known) / total, abs=1e-12)
    assert found.rms == pytest.approx((sum(value * value for value in known) / total) ** 0.5, abs=1e-12)
    pairs = list(zip(found.adjusted.ravel().tolist(), found.floor.ravel().tolist(), strict=True))
    assert found.changed_share == sum(abs(value) > floor for value, floor in pairs) / total
    assert 0 < found.changed_share < 1
    unknown = int(np.sum(found.comparable & np.isnan(found.floor)))
    assert found.unknown_share == unknown / total
    assert unknown > 0


def test_where_nothing_can_be_compared_there_are_no_numbers() -> None:
    found = difference(quantity_named("B04", BANDS), side(1, dates=0), side(2))
    assert found.comparable_share == 0
    numbers = (found.changed_share, found.unknown_share, found.median, found.mean, found.p5, found.p95, found.rms)
    assert np.isnan(numbers).all()
    assert not difference_rgba(found).any()


def test_a_clearing_is_found_and_the_forest_around_it_is_not() -> None:
    random = np.random.default_rng(7)
    forest = np.rint(random.normal([[[[300]], [[3500]]]], [[[[30]], [[200]]]], (12, 2, 40, 40))).astype(np.uint16)
    cleared = np.rint(random.normal([[[[300]], [[3500]]]], [[[[30]], [[200]]]], (12, 2, 40, 40))).astype(np.uint16)
    cleared[:, 0, 10:20, 10:20] += 700
    clear = np.ones((12, 40, 40), np.bool_)
    found = difference(quantity_named("B04", BANDS), of(forest, clear), of(cleared, clear))
    assert found.changed[10:20, 10:20].all()
    assert found.changed.sum() < 100 + 0.07 * found.changed.size
    assert (found.values[10:20, 10:20] > 0.05).all()


def test_one_or_two_looks_are_never_called_a_change() -> None:
    found = difference(quantity_named("B08", BANDS), side(1, dates=2, cloudy=0), side(2))
    assert np.isnan(found.floor).all()
    assert found.changed_share == 0
    assert found.unknown_share == 1


def test_two_images_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one shape, got \(40, 50\) and \(41, 50\)"):
        difference(quantity_named("B04", BANDS), side(1), side(1, shape=(41, 50)))


def plain(**changes: Any) -> Difference:
    """Differences from −0.2 to 0.2 in five columns, all above their floor."""
    row = np.array([[-0.2, -0.05, 0.001, 0.05, 0.2]], np.float32)
    floor = np.full((1, 5), 1e-6, np.float32)
    made = replace(Difference(quantity_named("B04", BANDS), row, row, floor, 2.0), **changes)
    return replace(made, adjusted=made.values)


def test_lower_is_blue_higher_is_orange_and_as_strong_on_both_sides() -> None:
    colours = difference_rgba(plain())[0]
    hues = [colorsys.rgb_to_hls(*(pixel[:3] / 255)) for pixel in colours]
    assert [0.5 < hue < 0.7 for hue, *_ in hues[:2]] == [True, True]
    assert [0.05 < hue < 0.12 for hue, *_ in hues[3:]] == [True, True]
    luminance = colours[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert abs(luminance[0] - luminance[4]) < 25
    assert abs(luminance[1] - luminance[3]) < 25
    assert luminance[0] < luminance[1] < luminance[2] > luminance[3] > luminance[4]
    assert (colours[2, :3] >= 250).all()


def test_they_are_told_apart_without_red_or_green_cones() -> None:
    # Viénot, Brettel, Mollon 1999: what a dichromat sees, linear RGB of protanopia and deuteranopia.
    protanopia = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]
    deuteranopia = [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]
    linear = (difference_rgba(plain())[0, :, :3] / 255.0) ** 2.2
    for matrix in (protanopia, deuteranopia):
        seen = np.clip(linear @ np.array(matrix).T, 0, 1) ** (1 / 2.2)
        for left, right in ((0, 4), (1, 3)):
            assert np.abs(seen[left] - seen[right]).max() > 0.25


def test_what_is_not_above_the_floor_is_grey_and_what_is_not_known_darker_grey() -> None:
    floor = np.array([[0.3, 0.06, np.nan, 0.04, np.nan]], np.float32)
    values = np.array([[0.2, 0.05, 0.05, 0.05, np.nan]], np.float32)
    colours = [tuple(pixel) for pixel in difference_rgba(plain(values=values, floor=floor))[0].tolist()]
    assert colours[:3] == [LIGHT, LIGHT, DARK]
    assert colours[3][0] > colours[3][2] + 50, "orange"
    assert colours[4] == (0, 0, 0, 0)


def test_an_exact_zero_is_no_change() -> None:
    still = plain(values=np.zeros((1, 5), np.float32), floor=np.zeros((1, 5), np.float32))
    assert still.changed_share == 0
    assert (difference_rgba(still) == LIGHT).all()


def test_the_scale_is_the_same_for_every_pair_and_is_said() -> None:
    for name, reach in (("B08", 0.1), ("ndvi", 0.4)):
        scale = difference_legend(difference(quantity_named(name, BANDS), side(1), side(2)))
        assert (scale.low, scale.high) == (-reach, reach)
        assert list(scale.ticks) == [-reach, -reach / 2, 0, reach / 2, reach]
        assert scale.colours[4] == "#ffffff"
        assert len(scale.colours) == 9
        said = ("right minus left", "2 standard errors of the medians", "1 pixel in 22 where nothing changed")
        for words in (*said, "fewer than 3 observations", "the same scale for every pair"):
            assert words in scale.words
    assert difference_legend(plain()).unit == "reflectance"


def test_the_legend_has_the_colours_of_the_picture() -> None:
    scale = difference_legend(plain())
    values = np.linspace(scale.low, scale.high, 9, dtype=np.float32)[np.newaxis]
    drawn = difference_rgba(plain(values=values, floor=np.full((1, 9), -1, np.float32)))[0]
    legend = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in scale.colours]
    assert np.abs(drawn[:, :3].astype(int) - legend).max() <= 4


@pytest.mark.parametrize("simulated", [(False, False), (True, False), (False, True)])
def test_the_picture_shows_it_with_its_numbers_and_says_where_it_comes_from(
    simulated: tuple[bool, bool], tmp_path: Path
) -> None:
    found = difference(quantity_named("ndvi", BANDS), side(1, shape=(500, 600)), side(2, shape=(500, 600)))
    left, right = (
        provenance(recipe(interval=Interval.of_year(year)), simulated=made)
        for year, made in zip((2017, 2019), simulated, strict=True)
    )
    difference_picture(found, tmp_path / "difference.png", left, right)
    with Pillow.open(tmp_path / "difference.png") as read:
        drawn, info = np.asarray(read), read.info
    assert drawn.shape[1:] == (600, 3)
    expected = hatched(difference_rgba(found))
    np.testing.assert_array_equal(drawn[:450], expected[:450])
    assert bool((drawn[450:500] != expected[450:]).any()) is any(simulated), "the stamp"
    assert info["Description"].startswith("Simulated data: ") is any(simulated)
    assert "left: 2017, max. cloud cover 10 %; right: 2019, max. cloud cover 10 %" in info["Description"]
    assert info["Recipe"] == f"{left.recipe.digest}; {right.recipe.digest}"


def test_a_small_picture_is_enlarged_by_a_whole_factor(tmp_path: Path) -> None:
    found = difference(quantity_named("B04", BANDS), side(1), side(2))
    difference_picture(found, tmp_path / "difference.png", provenance(recipe()), provenance(recipe()))
    with Pillow.open(tmp_path / "difference.png") as read:
        assert read.width == 400


def real_side(real: Mapping[str, NDArray[Any]], year: int, months: frozenset[int] | None = None) -> Side:
    """A year of the real forest; looks of which clouds leave less than two fifths are left out, as by a cloud limit."""
    days = real["dates"].astype("datetime64[D]").astype(datetime)
    clear = ~np.isin(real["scl"], (0, 1, 3, 8, 9, 10))
    chosen = [
        place
        for place, day in enumerate(days)
        if day.year == year and (months is None or day.month in months) and clear[place].mean() > 0.4
    ]
    cube = np.moveaxis(real["bands"][chosen][..., 2:], -1, 1)
    return of(cube, clear[chosen], [datetime.combine(days[place], time(10), UTC) for place in chosen])


@pytest.mark.parametrize(("before", "after"), [(2017, 2018), (2017, 2019), (2018, 2019)])
def test_clear_cuts_are_found_between_calendar_years(before: int, after: int, shared_data: Path) -> None:
    """Years that were seen in the same months: what differs by more than 0.2 is clear-cut or grown over."""
    real = np.load(shared_data / "real_s2" / "romania_10m" / "data.npz")
    found = difference(quantity_named("ndvi", BANDS), real_side(real, before), real_side(real, after))
    strong = np.abs(found.values) > 0.2
    assert strong.sum() > 100
    assert found.changed[strong].mean() > 0.75
    assert found.changed_share < 0.25, "most of it stayed forest"


@pytest.mark.parametrize("before", [2017, 2018, 2019])
def test_a_year_that_was_seen_in_winter_has_not_changed_for_that(before: int, shared_data: Path) -> None:
    """2020 has more clear dates in winter: its median is 0.1 to 0.2 lower everywhere, and few pixels have changed."""
    real = np.load(shared_data / "real_s2" / "romania_10m" / "data.npz")
    found = difference(quantity_named("ndvi", BANDS), real_side(real, before), real_side(real, 2020))
    assert found.median < -0.08
    assert abs(float(np.nanmedian(found.adjusted))) < 0.04
    assert found.changed_share < 0.15
    real_change = np.abs(found.adjusted) > 0.2
    assert real_change.sum() > 50
    assert found.changed[real_change].mean() > 0.95


def test_so_they_are_between_summers(shared_data: Path) -> None:
    real = np.load(shared_data / "real_s2" / "romania_10m" / "data.npz")
    summer = frozenset({6, 7, 8, 9})
    found = difference(quantity_named("ndvi", BANDS), real_side(real, 2017, summer), real_side(real, 2020, summer))
    strong = np.abs(found.values) > 0.2
    assert found.changed[strong].mean() > 0.8
    assert found.comparable_share == 1
    assert found.changed_share < 0.2, "clear-cuts and a road in a forest"
