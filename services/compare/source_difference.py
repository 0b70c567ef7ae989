"""The same question to two providers, pixel by pixel: is it the land, or the provider?

All numbers are in DN, of which 10,000 are a reflectance of 1. A pixel is valid in a picture where at least one clear
observation went into it, and at a date where its observation counts under the mask.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isnan

import numpy as np
from numpy.typing import NDArray

from services.text import plural

STEPS = (1, 10, 100)
"""DN: of how many pixels differ by more than each of these is told."""
EQUAL = 0.999
"""Part of the pixels that must be equal, and of the valid ones that must be valid in both, for the sources to count as
one: what is left, one pixel in a thousand, is not seen in a picture."""
MASKED = 0.01
"""Part of the valid pixels that are valid in one source alone from which on the masks are to be looked at first."""
OFFSET = 1000
"""DN: what products since processing baseline 04.00 have been raised by, and what a source may have left in."""
_NEAR_OFFSET = 100
_CONSTANT = 1
"""DN: where 95 % of the pixels differ by no more than the bias and this, the difference is one number everywhere."""


@dataclass(frozen=True)
class BandAgreement:
    """One band, right minus left, over the pixels that are valid in both; NaN where there are none."""

    band: str
    equal: float
    """Part whose DN is exactly the same, 0 to 1."""
    bias: float
    """Median of the difference, DN."""
    median: float
    """Of the difference without its sign, DN."""
    p95: float
    """95 % of the pixels differ by no more, DN."""
    beyond: tuple[float, ...]
    """Parts that differ by more than each of STEPS, 0 to 1."""


@dataclass(frozen=True)
class Agreement:
    """Two images of one place, band by band."""

    both: float
    """Part of all pixels that are valid in both, 0 to 1."""
    one: float
    """Part of the pixels that are valid in at least one which are valid in one alone; NaN where there are none."""
    equal: float
    """Part of the pixels that are valid in both whose DN is exactly the same in all bands; NaN where there are none."""
    bands: tuple[BandAgreement, ...]

    @property
    def worst(self) -> BandAgreement:
        """The band that differs most: by its median, then by 95 % of the pixels."""
        return max(self.bands, key=lambda band: (band.median, band.p95, -band.equal))


@dataclass(frozen=True)
class SourceDate:
    """An overpass that at least one of the two pictures is made of."""

    key: str
    """Of the acquisition, the same in both sources: `S2A_R079_20170607T095031`."""
    time: str
    """`2017-06-07 09:50`, UTC."""
    left: str
    """Why it is not in the left picture: `12.3 % > 10 %`, `not in its catalogue`; empty where it is."""
    right: str
    """The same of the right one."""
    left_clouds: float | None
    """Cloud cover as the left catalogue says, percent; None where it has no such overpass."""
    right_clouds: float | None
    """The same of the right one."""
    left_baselines: str
    """Processing baselines of its products, `05.09`; empty where their names do not tell."""
    right_baselines: str
    """The same of the right one."""
    agreement: Agreement | None = None
    """Of its observations; None where it is not in both pictures."""

    @property
    def shared(self) -> bool:
        """Whether both pictures are made of it."""
        return not self.left and not self.right

    @property
    def reprocessed(self) -> bool:
        """Whether the two have products of different processing baselines, as far as both tell."""
        return bool(self.left_baselines and self.right_baselines) and self.left_baselines != self.right_baselines


@dataclass(frozen=True)
class SourceReport:
    """All that is known of how two sources agree on one question."""

    dates: tuple[SourceDate, ...]
    """Oldest first."""
    picture: Agreement
    """Of the two pictures."""
    step: int
    """Every so many pixels of the data is one of the numbers."""

    @property
    def shared(self) -> int:
        """Overpasses that both pictures are made of."""
        return sum(date.shared for date in self.dates)

    @property
    def only_left(self) -> int:
        """Overpasses that the left picture alone is made of."""
        return sum(not date.left and bool(date.right) for date in self.dates)

    @property
    def only_right(self) -> int:
        """Overpasses that the right picture alone is made of."""
        return sum(not date.right and bool(date.left) for date in self.dates)


def agreement(
    names: Sequence[str],
    left: Iterable[NDArray[np.integer]],
    left_valid: NDArray[np.bool_],
    right: Iterable[NDArray[np.integer]],
    right_valid: NDArray[np.bool_],
    unit: int = 1,
) -> Agreement:
    """Of two images: for each band of `names` a plane, (height, width), and where each image is valid.

    The planes are whole numbers, of which `unit` are a DN.
    """
    both, some = left_valid & right_valid, int(np.count_nonzero(left_valid | right_valid))
    count = int(np.count_nonzero(both))
    unequal, bands = np.zeros(both.shape, np.bool_), []
    for name, one, other in zip(names, left, right, strict=True):
        apart = np.subtract(other, one, dtype=np.int32)
        unequal |= apart != 0
        bands.append(_band(name, apart[both], unit))
    return Agreement(
        both=count / both.size,
        one=(some - count) / some if some else float("nan"),
        equal=1 - int(np.count_nonzero(unequal & both)) / count if count else float("nan"),
        bands=tuple(bands),
    )


def _band(name: str, apart: NDArray[np.int32], unit: int) -> BandAgreement:
    if not apart.size:
        unknown = float("nan")
        return BandAgreement(name, unknown, unknown, unknown, unknown, (unknown,) * len(STEPS))
    signed = _Counted.of(apart)
    unsigned = signed.without_sign()
    return BandAgreement(
        band=name,
        equal=1 - unsigned.above(0),
        bias=signed.quantile(0.5) / unit,
        median=unsigned.quantile(0.5) / unit,
        p95=unsigned.quantile(0.95) / unit,
        beyond=tuple(unsigned.above(step * unit) for step in STEPS),
    )


@dataclass(frozen=True, eq=False)
class _Counted:
    """Many whole numbers of a small range, counted: faster by far than to sort them."""

    lowest: int
    """0 or less."""
    counts: NDArray[np.int64]
    """Of the lowest number, of the next one, and so on."""

    @classmethod
    def of(cls, numbers: NDArray[np.int32]) -> "_Counted":
        lowest = min(0, int(numbers.min()))
        return cls(lowest, np.bincount(numbers - lowest, minlength=1 - lowest))

    def without_sign(self) -> "_Counted":
        below, from_0 = self.counts[: -self.lowest][::-1], self.counts[-self.lowest :]
        counts = np.zeros(max(len(below) + 1, len(from_0)), np.int64)
        counts[: len(from_0)] += from_0
        counts[1 : len(below) + 1] += below
        return _Counted(0, counts)

    def above(self, number: int) -> float:
        """Part of them, 0 to 1."""
        return float(self.counts[number - self.lowest + 1 :].sum() / self.counts.sum())

    def quantile(self, part: float) -> float:
        """With a straight line between two numbers, as numpy has it."""
        upto = self.counts.cumsum()
        place = part * (int(upto[-1]) - 1)
        low, high = (self.lowest + int(np.searchsorted(upto, floor(place) + more, "right")) for more in (0, 1))
        return low + (high - low) * (place - floor(place)) if place > floor(place) else float(low)


def conclusion(report: SourceReport, left: str, right: str) -> str:
    """Land or provider, in a sentence or two; `left` and `right` are the sources' titles.

    The first that holds: no shared date; dates in one source alone; no pixel in both; EQUAL; and else the sources
    differ, and what explains most is named (see `_look_at`).
    """
    picture, alone = report.picture, report.only_left + report.only_right
    if not report.shared:
        return f"{left} and {right} share no date: what differs may be the weather of other days as well as the source."
    if alone:
        dates = plural(len(report.dates), "date")
        alone_are = f"{alone} of {dates} {'is' if alone == 1 else 'are'} in one source only"
        return f"{alone_are}: what you see may come from there. Leave them out with the switch below."
    if isnan(picture.equal):
        return "Same dates, and no pixel has data in both sources: nothing can be compared."
    if picture.equal >= EQUAL and picture.one <= 1 - EQUAL:
        return (
            f"Same dates and {part(picture.equal)} of the pixels equal: differences that you see elsewhere, as between "
            "years, are the land's and not the source's."
        )
    return f"Same dates, but the sources differ: {_how_far(picture)}. {_look_at(report)}."


def _how_far(picture: Agreement) -> str:
    worst = picture.worst
    if worst.median:
        return f"by a median of {worst.median:g} DN in {worst.band}, where {part(1 - worst.equal)} of the pixels differ"
    if picture.equal < 1:
        return f"in {part(1 - picture.equal)} of the pixels, {part(worst.beyond[1])} by more than {STEPS[1]} DN"
    return f"{part(picture.one)} of the pixels have data in one of them only"


def _look_at(report: SourceReport) -> str:
    """The first that holds: a bias near OFFSET; MASKED, or nothing else differs; other processing baselines; rounding;
    one number everywhere; the least equal date."""
    picture, worst = report.picture, report.picture.worst
    if abs(abs(worst.bias) - OFFSET) <= _NEAR_OFFSET:
        return f"Look at the offset: a bias near {OFFSET} DN is that of baseline 04.00, left in by one source"
    if picture.one > MASKED or picture.equal >= EQUAL:
        return f"Look at the masks: {part(picture.one)} of the pixels have data in one source only"
    others = sum(date.shared and date.reprocessed for date in report.dates)
    if others:
        return f"Look at the processing baselines: those of {others} of {plural(report.shared, 'date')} differ"
    if worst.p95 <= 1 and worst.beyond[0] <= 1 - EQUAL:
        return "Steps of 1 DN are rounding"
    if worst.p95 <= abs(worst.bias) + _CONSTANT:
        return f"Look at how DN are made of reflectances: nearly all pixels differ by the same {abs(worst.bias):g} DN"
    found = [(date.agreement.equal, date) for date in report.dates if date.agreement and date.agreement.equal < 1]
    if not found:
        return "Look at the masks: the observations of each date are equal where both count"
    equal, date = min(found, key=lambda one: one[0])
    return f"Look at {date.time[:10]} first: {part(equal)} of its pixels are equal"


def part(share: float) -> str:
    """`99.95 %`, `12.3 %`: never rounded up to all, nor down to nothing; `–` where it is not known."""
    if isnan(share):
        return "–"
    whole = 100 * share
    if 0 < whole < 0.01:
        return "under 0.01 %"
    decimals = 2 if whole < 1 or whole > 99 else 1
    kept = floor(whole * 10**decimals + 1e-6) / 10**decimals if whole > 99 else round(whole, decimals)
    return f"{kept:.{decimals}f}".rstrip("0").rstrip(".") + " %"
