"""How much cloud got through: the medians against a loop over pixels, and the share against what was put in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as some
from numpy.typing import NDArray

from services.mask_comparison import FLOOR, LEAST_OTHERS, SCATTERS, Residual, brighter


@bounded(deadline=None, max_examples=60)
@given(dates=some.integers(1, 11), seed=some.integers(0, 2**32), clear_share=some.sampled_from([0.3, 0.8, 1.0]))
def test_each_observation_is_held_against_the_median_of_the_others(dates: int, seed: int, clear_share: float) -> None:
    random = np.random.default_rng(seed)
    values = random.choice(np.array([0.02, 0.03, 0.05, 0.09, 0.4, 0.41], np.float32), (dates, 12))
    clear = random.random(values.shape) < clear_share
    found, judged = brighter(values, clear)
    for pixel in range(12):
        known = values[clear[:, pixel], pixel]
        for date in range(dates):
            others = [values[other, pixel] for other in np.flatnonzero(clear[:, pixel]) if other != date]
            may = bool(clear[date, pixel]) and len(others) >= LEAST_OTHERS
            assert judged[date, pixel] == may
            if may:
                middle = np.sort(known)[(len(known) - 1) // 2]
                scatter = 1.4826 * np.sort(np.abs(known - middle))[(len(known) - 1) // 2]
                limit = max(FLOOR, SCATTERS * scatter)
                above = float(values[date, pixel]) - float(np.median(others))
                if abs(above - limit) > 1e-6:
                    assert found[date, pixel] == (above > limit)
            else:
                assert not found[date, pixel]


def series(dates: int, cloud: float, seed: int = 1) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Ground of different brightness with a season and noise, clouds over a part of it, and a mask that takes out a
    fifth by chance: values, what is clear, what is cloud."""
    random = np.random.default_rng(seed)
    shape = (dates, 60, 60)
    season = 0.01 * np.sin(2 * np.pi * np.arange(dates) / dates)[:, np.newaxis, np.newaxis]
    ground = random.uniform(0.02, 0.12, shape[1:]) + season + random.normal(0, 0.008, shape)
    clouds = random.random(shape) < cloud
    values = np.where(clouds, ground + random.uniform(0.04, 0.6, shape), ground).astype(np.float32)
    return values, random.random(shape) < 0.8, clouds


@pytest.mark.parametrize(
    ("dates", "cloud", "bias"),
    [
        (15, 0.0, (0, 0.005)),
        (15, 0.05, (-0.005, 0.005)),
        (15, 0.1, (-0.01, 0.005)),
        (15, 0.2, (-0.02, 0)),
        (60, 0.0, (0, 0.002)),
        (60, 0.1, (-0.005, 0.002)),
        (60, 0.2, (-0.01, 0)),
        (60, 0.4, (-0.1, -0.05)),
        (8, 0.1, (-0.02, 0.005)),
    ],
)
def test_the_share_is_what_was_put_in_but_for_a_bias_that_is_known(
    dates: int, cloud: float, bias: tuple[float, float]
) -> None:
    """Few and many dates: near the truth up to a fifth of cloud, too low beyond."""
    values, clear, clouds = series(dates, cloud)
    found, judged = brighter(values, clear)
    share = Residual.of(clear, found, judged).share
    assert share is not None
    assert bias[0] <= share - np.count_nonzero(clouds & judged) / np.count_nonzero(judged) <= bias[1]


def test_of_the_ground_few_are_taken_for_cloud() -> None:
    """The rate of error, without a cloud among them."""
    values, clear, _ = series(30, 0.0)
    found, judged = brighter(values, clear)
    assert np.count_nonzero(found) / np.count_nonzero(judged) < 0.002


def test_a_mask_that_lets_in_less_has_the_smaller_share() -> None:
    values, clear, clouds = series(30, 0.15)
    shares = []
    for caught in (0.0, 0.5, 0.9):
        lets_in = clear & ~(clouds & (np.random.default_rng(2).random(clouds.shape) < caught))
        share = Residual.of(lets_in, *brighter(values, lets_in)).share
        assert share is not None
        shares.append(share)
    assert shares == sorted(shares, reverse=True) and shares[0] > 5 * shares[2]


def test_of_too_few_observations_nothing_is_said() -> None:
    values = np.full((LEAST_OTHERS, 3, 3), 0.5, np.float32)
    clear = np.ones(values.shape, np.bool_)
    found, judged = brighter(values, clear)
    assert Residual.of(clear, found, judged) == Residual(clear.size, 0, 0)
    assert Residual.of(clear, found, judged).share is None
