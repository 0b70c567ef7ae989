"""Whether noise alone is called a change as seldom as is promised, and the sums against a textbook's least squares."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from services.compare.significance import YEAR, Evidence, Sample, evidence, of_median
from services.compare.student_t import MOST_FREEDOM, false_alarms, thresholds

Season = Callable[[NDArray[np.float64]], NDArray[np.float64]]
PIXELS, TIMES = 4_000, 20


def flat(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """No season."""
    return np.zeros_like(days)


def meadow(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """An annual wave six times as high as the noise, and half a year's."""
    angle = 2 * np.pi * days / YEAR
    height: NDArray[np.float64] = 0.3 * np.cos(angle - 3) + 0.05 * np.sin(2 * angle)
    return height


def sample(
    random: np.random.Generator, dates: int, season: Season, cloudy: float = 0.0, pixels: int = PIXELS
) -> Sample:
    """Observations at random days of a year with normal noise, of which clouds hide a part."""
    days = random.uniform(0, YEAR, dates)
    noise = 0.05 * random.standard_normal((dates, pixels))
    values = (0.4 + season(days)[:, np.newaxis] + noise).astype(np.float32)
    return Sample(values, random.random((dates, pixels)) >= cloudy, days)


def coloured(found: Evidence, k: float) -> NDArray[np.bool_]:
    """Where the difference is called a change."""
    limit = thresholds(k)[np.minimum(found.freedom, MOST_FREEDOM)]
    changed: NDArray[np.bool_] = np.abs(found.adjusted) > limit * found.error
    return changed


def rate(sides: tuple[int, int], season: Season, k: float, cloudy: float = 0.0) -> float:
    """Part of the pixels that noise alone colours, of those of which something can be said."""
    random, alarms, known = np.random.default_rng([*sides, int(10 * k)]), 0, 0
    for _ in range(TIMES):
        found = evidence(*(sample(random, dates, season, cloudy) for dates in sides))
        alarms += int(np.count_nonzero(coloured(found, k)))
        known += int(np.count_nonzero(found.freedom))
    return alarms / known


@pytest.mark.parametrize(
    "sides",
    [(3, 3), (4, 4), (5, 5), (6, 6), (10, 10), (20, 20), (60, 60), (3, 4), (3, 60), (7, 12), (15, 40)],
    ids=str,
)
def test_noise_is_coloured_as_often_as_is_stated(sides: tuple[int, int]) -> None:
    assert rate(sides, flat, 2.0) == pytest.approx(false_alarms(2.0), rel=0.2)


@pytest.mark.parametrize("k", [1.0, 1.5, 2.5, 3.0])
@pytest.mark.parametrize("sides", [(3, 3), (8, 8), (40, 40)], ids=str)
def test_so_it_is_at_every_threshold(sides: tuple[int, int], k: float) -> None:
    assert rate(sides, flat, k) == pytest.approx(false_alarms(k), rel=0.2)


@pytest.mark.parametrize("sides", [(8, 8), (9, 16), (30, 30), (20, 60)], ids=str)
def test_a_season_and_clouds_change_nothing_of_that(sides: tuple[int, int]) -> None:
    assert rate(sides, meadow, 2.0) == pytest.approx(false_alarms(2.0), rel=0.2)
    assert rate(sides, meadow, 2.0, cloudy=0.4) == pytest.approx(false_alarms(2.0), rel=0.2)


def test_sides_of_other_months_do_not_differ_for_that() -> None:
    random = np.random.default_rng(5)
    spring, autumn = sample(random, 30, meadow), sample(random, 30, meadow)
    early, late = (np.sort(side.days)[[20, 9]] for side in (spring, autumn))
    one = Sample(spring.values, spring.counts & (spring.days <= early[0])[:, np.newaxis], spring.days)
    other = Sample(autumn.values, autumn.counts & (autumn.days >= late[1])[:, np.newaxis], autumn.days)
    found = evidence(one, other)
    plain = np.median(other.values[other.counts[:, 0]], axis=0) - np.median(one.values[one.counts[:, 0]], axis=0)
    assert np.abs(np.median(plain)) > 0.05
    assert np.abs(np.median(found.adjusted)) < 0.03
    assert np.mean(coloured(found, 2.0)) < 0.12


def test_a_change_of_two_scatters_is_found_at_fifteen_looks() -> None:
    random = np.random.default_rng(6)
    before, after = sample(random, 15, flat), sample(random, 15, flat)
    changed = Sample(after.values - np.float32(0.1), after.counts, after.days)
    assert np.mean(coloured(evidence(before, changed), 2.0)) > 0.9


def least_squares(left: Sample, right: Sample, pixel: int) -> tuple[float, float, int]:
    """Difference, standard error and freedom of one pixel by numpy's own least squares and median."""
    days = np.concatenate([side.days[side.counts[:, pixel]] for side in (left, right)])
    values = np.concatenate([side.values[side.counts[:, pixel], pixel] for side in (left, right)]).astype(np.float64)
    one, other = (int(side.counts[:, pixel].sum()) for side in (left, right))
    after = np.arange(one + other) >= one
    angle, many = 2 * np.pi * days / YEAR, one + other >= 12
    waves = [np.cos(angle), np.sin(angle)] + ([np.cos(2 * angle), np.sin(2 * angle)] if many else [])
    design = np.stack([~after, after, *waves], axis=1).astype(np.float64)
    height = np.linalg.lstsq(design, values, rcond=None)[0]
    rest = values - design[:, 2:] @ height[2:]
    freedom = len(values) - design.shape[1]
    sigma = float(np.sum((values - design @ height) ** 2)) / freedom
    season = np.zeros(design.shape[1])
    season[2:] = design[after, 2:].mean(axis=0) - design[~after, 2:].mean(axis=0)
    centred = design[:, 2:] - np.where(after[:, None], design[after, 2:].mean(axis=0), design[~after, 2:].mean(axis=0))
    doubt = float(season[2:] @ np.linalg.solve(centred.T @ centred, season[2:]))
    medians = float(np.median(rest[after]) - np.median(rest[~after]))
    return medians, np.sqrt(sigma * (float(of_median(np.array(one)) + of_median(np.array(other))) + doubt)), freedom


def test_each_pixel_is_as_a_textbook_has_it() -> None:
    random = np.random.default_rng(8)
    left, right = sample(random, 14, meadow, 0.5, 60), sample(random, 18, meadow, 0.5, 60)
    found = evidence(left, right)
    for pixel in np.flatnonzero(found.freedom > 4).tolist():
        difference, error, freedom = least_squares(left, right, pixel)
        assert found.adjusted[pixel] == pytest.approx(difference, abs=1e-3)
        assert found.error[pixel] == pytest.approx(error, rel=0.01)
        assert found.freedom[pixel] == freedom


@pytest.mark.parametrize("count", [3, 4, 5, 8, 15, 40])
def test_the_variance_of_a_median_is_that_of_many_of_them(count: int) -> None:
    medians = np.median(np.random.default_rng(count).standard_normal((200_000, count)), axis=1)
    assert float(of_median(np.array(count))) == pytest.approx(np.var(medians), rel=0.02)


def test_fewer_than_three_looks_say_nothing() -> None:
    random = np.random.default_rng(9)
    found = evidence(sample(random, 2, flat), sample(random, 9, flat))
    assert np.isnan(found.adjusted).all()
    assert np.isnan(found.error).all()
    assert not coloured(found, 1.0).any()
    nothing = Sample(np.empty((0, 5), np.float32), np.empty((0, 5), np.bool_), np.empty(0))
    assert np.isnan(evidence(nothing, nothing).error).all()
