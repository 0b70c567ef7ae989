"""How two sources agree, in numbers and in a sentence, against plain numpy and against what was put in."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from services.compare.source_difference import (
    STEPS,
    Agreement,
    BandAgreement,
    SourceDate,
    SourceReport,
    agreement,
    conclusion,
    part,
)

SHAPE = (7, 9)
twice = arrays.arrays(np.int32, (2, *SHAPE), elements=some.integers(0, 400))
"""Of DN: medians have halves."""
masks = arrays.arrays(np.bool_, SHAPE)


@given(twice, masks, twice, masks)
def test_the_numbers_are_those_of_numpy(left: Any, left_valid: Any, right: Any, right_valid: Any) -> None:
    found = agreement(("B04", "B03"), left, left_valid, right, right_valid, unit=2)
    both = left_valid & right_valid
    assert found.both == both.mean()
    if (left_valid | right_valid).any():
        assert found.one == pytest.approx((left_valid ^ right_valid).sum() / (left_valid | right_valid).sum())
    if not both.any():
        assert np.isnan(found.equal) and all(np.isnan(band.median) for band in found.bands)
        return
    apart = np.where(both, (right - left) / 2, np.nan)
    assert found.equal == pytest.approx((apart[:, both] == 0).all(axis=0).mean())
    for band, difference in zip(found.bands, apart, strict=True):
        size = np.abs(difference)
        numbers = np.nanmedian(difference), np.nanmedian(size), np.nanpercentile(size, 95)
        assert (band.bias, band.median, band.p95) == pytest.approx(numbers)
        assert band.equal == pytest.approx((size == 0).sum() / both.sum())
        assert band.beyond == pytest.approx([(size > step).sum() / both.sum() for step in STEPS])


def test_unsigned_planes_are_subtracted_below_zero() -> None:
    low, high = np.zeros((1, *SHAPE), np.uint16), np.full((1, *SHAPE), 12, np.uint16)
    everywhere = np.ones(SHAPE, np.bool_)
    (band,) = agreement(("B04",), high, everywhere, low, everywhere).bands
    assert (band.bias, band.median, band.p95, band.beyond) == (-12, 12, 12, (1.0, 1.0, 0.0))


def of(equal: float = 1.0, one: float = 0.0, **band: Any) -> Agreement:
    numbers: dict[str, Any] = {"equal": equal, "bias": 0.0, "median": 0.0, "p95": 0.0, "beyond": (0.0, 0.0, 0.0)}
    same = BandAgreement("B03", 1.0, 0.0, 0.0, 0.0, (0.0, 0.0, 0.0))
    return Agreement(1.0, one, equal, (same, BandAgreement("B04", **(numbers | band))))


def date(day: int, left: str = "", right: str = "", baselines: tuple[str, str] = ("", ""), equal: float = 1.0) -> Any:
    found = of(equal) if not left and not right else None
    return SourceDate(f"S2A_R079_201806{day:02}", f"2018-06-{day:02} 09:50", left, right, 3.0, 3.0, *baselines, found)


def said(picture: Agreement, *dates: SourceDate) -> str:
    return conclusion(SourceReport(dates or (date(7), date(12)), picture, 1), "Here", "There")


@pytest.mark.parametrize(
    ("words", "picture", "dates"),
    [
        ("Same dates and 100 % of the pixels equal", of(), ()),
        ("Same dates and 99.9 % of the pixels equal", of(0.999), ()),
        ("the land's and not the source's", of(0.9995, one=0.001), ()),
        ("1 of 3 dates is in one source only", of(), (date(7), date(12), date(17, right="12 % > 10 %"))),
        ("2 of 3 dates are in one", of(), (date(7), date(12, left="no"), date(17, right="no"))),
        ("Here and There share no date", of(), (date(12, left="no"), date(17, right="no"))),
        ("no pixel has data in both", of(float("nan")), ()),
        ("by a median of 12 DN in B04, where 90 % of the pixels differ", of(0.1, median=12.0, p95=40.0), ()),
        ("in 5 % of the pixels, 2 % by more than 10 DN", of(0.95, p95=3.0, beyond=(0.04, 0.02, 0.0)), ()),
        ("Look at the offset", of(0.0, bias=-1000.0, median=1000.0, p95=1000.0), ()),
        ("Look at the masks: 2 % of the pixels have data in one", of(0.99, one=0.02), ()),
        ("5 % of the pixels have data in one of them only", of(1.0, one=0.05), ()),
        ("Look at the masks: 0.5 % of the pixels", of(1.0, one=0.005), ()),
        ("the observations of each date are equal", of(0.9, p95=4.0, beyond=(0.1, 0.0, 0.0)), ()),
        ("baselines: those of 1 of 2 dates differ", of(0.9), (date(7), date(12, baselines=("02.09", "05.00")))),
        ("Steps of 1 DN are rounding", of(0.5, bias=0.5, median=0.5, p95=1.0), ()),
        ("the same 12 DN", of(0.0, bias=12.0, median=12.0, p95=12.5), ()),
        (
            "Look at 2018-06-12 first: 40 % of its",
            of(0.5, median=3.0, p95=9.0),
            (date(7, equal=0.9), date(12, equal=0.4)),
        ),
    ],
)
def test_the_sentence_says_what_is_the_matter(words: str, picture: Agreement, dates: tuple[SourceDate, ...]) -> None:
    assert words in said(picture, *dates)


def test_products_whose_baseline_is_not_known_are_no_other_ones() -> None:
    assert not date(7, baselines=("02.09", "")).reprocessed and not date(7, baselines=("02.09", "02.09")).reprocessed


@pytest.mark.parametrize(
    ("share", "words"),
    [
        *((1.0, "100 %"), (0.99996, "99.99 %"), (0.9995, "99.95 %"), (0.123, "12.3 %"), (0.05, "5 %")),
        *((0.0004, "0.04 %"), (0.00001, "under 0.01 %"), (0.0, "0 %"), (float("nan"), "–")),
    ],
)
def test_nearly_all_is_not_all_and_little_is_not_nothing(share: float, words: str) -> None:
    assert part(share) == words
