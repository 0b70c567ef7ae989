"""Student's t against the tables of every textbook."""

from statistics import NormalDist

import numpy as np
import pytest

from services.compare.student_t import MOST_FREEDOM, beyond, false_alarms, quantile, thresholds

TWO_SIDED_5 = {1: 12.706, 2: 4.303, 3: 3.182, 5: 2.571, 8: 2.306, 13: 2.160, 30: 2.042, 120: 1.980}
TWO_SIDED_1 = {1: 63.657, 2: 9.925, 4: 4.604, 7: 3.499, 20: 2.845, 60: 2.660}


@pytest.mark.parametrize(("chance", "table"), [(0.05, TWO_SIDED_5), (0.01, TWO_SIDED_1)])
def test_its_quantiles_are_those_of_the_tables(chance: float, table: dict[int, float]) -> None:
    k = NormalDist().inv_cdf(1 - chance / 2)
    for freedom, value in table.items():
        assert quantile(k, freedom) == pytest.approx(value, rel=2e-4)
        assert beyond(value, freedom) == pytest.approx(chance, rel=2e-3)


@pytest.mark.parametrize(("k", "rate"), [(1.0, 0.3173), (2.0, 0.0455), (3.0, 0.0027)])
def test_the_rate_is_what_lies_beyond_so_many_standard_errors(k: float, rate: float) -> None:
    assert false_alarms(k) == pytest.approx(rate, abs=5e-5)
    assert false_alarms(k) == pytest.approx(2 * (1 - NormalDist().cdf(k)), rel=1e-9)


def test_fewer_degrees_of_freedom_ask_for_more_and_none_for_what_never_is() -> None:
    found = thresholds(2.0)
    assert found.shape == (MOST_FREEDOM + 1,)
    assert np.isinf(found[0])
    assert (np.diff(found[1:]) < 0).all()
    assert found[-1] == pytest.approx(2.0, abs=0.01)
