"""Two pictures of one place, subtracted; and what of the difference is more than noise and the season explain."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from math import floor, log10
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageColor

from services.compare.significance import Evidence, Sample, evidence
from services.compare.student_t import MOST_FREEDOM, false_alarms, thresholds
from services.composite import Image
from services.reducers import BLOCK, LOW
from services.render import (
    MARGIN,
    Legend,
    Provenance,
    Quantity,
    apply_colormap,
    enlargement,
    framed,
    hatched,
    hexadecimal,
    ramp,
    save_png,
    stamp,
)

K = 2.0
"""The significance threshold: a difference counts from so many standard errors on."""
_WITHIN, _UNKNOWN = (0xE8, 0xE8, 0xE8, 255), (0xC4, 0xC4, 0xC4, 255)
_ANCHORS = ("#053a75", "#2f7fbf", "#9cc8e6", "#ffffff", "#fdc78a", "#e08214", "#8f3e00")
"""Blue, white, orange: told apart by every kind of colour vision, and as dark to the left as to the right."""
_LEVELS = 255
_NEARLY = 1e-3
"""0.0001 as single precision has it is not more than 0.0001."""
_ROUND = (1, 2, 5, 10)
"""Times a power of ten: a round number."""
_AT_ONCE = BLOCK // 8
"""Pixels whose observations are judged at once: of all dates of both sides, several numbers of four bytes."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two pictures, and the observations that it was made of."""

    image: Image
    observations: Sequence[Mapping[str, NDArray[np.uint16]]]
    """For each acquisition the planes that the quantity needs, DN, (height, width)."""
    clear: Sequence[NDArray[np.bool_]]
    """For each acquisition where its observation counts, (height, width)."""
    times: Sequence[datetime]
    """When each was, UTC."""


@dataclass(frozen=True, eq=False)
class Difference:
    """Right minus left, pixel by pixel."""

    quantity: Quantity
    values: NDArray[np.float32]
    """Right − left, (height, width); NaN where a side has no data."""
    adjusted: NDArray[np.float32]
    """The same as if both sides were seen at one time of the year, (height, width); NaN where `floor` is."""
    floor: NDArray[np.float32]
    """What noise exceeds as seldom as k standard errors, (height, width): more than that many of them where few
    observations tell of the error; NaN where a side has fewer than LOW observations that count."""
    k: float
    """Standard errors; 0 where every difference counts, as between two providers of the same observations."""

    @property
    def reach(self) -> float:
        """The difference that has the strongest colour: one for all pairs, so that they can be compared; where every
        difference counts the round number that 95 % of them do not pass."""
        apart = np.abs(self.values[self.changed])
        if self.k or not apart.size:
            return self.quantity.reach
        most = float(np.percentile(apart, 95)) * (1 - _NEARLY)
        tens = floor(log10(most))
        return next(float(f"{step}e{tens}") for step in _ROUND if float(f"{step}e{tens}") >= most)

    @property
    def false_alarms(self) -> float:
        """Part of the pixels, 0 to 1, that are above the floor where nothing has changed."""
        return false_alarms(self.k)

    @cached_property
    def comparable(self) -> NDArray[np.bool_]:
        """Where both sides have data, (height, width)."""
        return np.isfinite(self.values)

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Where the adjusted difference is above the floor, (height, width); nowhere that the floor is not known."""
        return self.comparable & (np.abs(self.adjusted) > self.floor)

    @cached_property
    def unknown(self) -> NDArray[np.bool_]:
        """Where both sides have data, and at least one too few observations to know the floor, (height, width)."""
        return self.comparable & np.isnan(self.floor)

    @property
    def comparable_share(self) -> float:
        """Part of all pixels, 0 to 1."""
        return float(np.mean(self.comparable))

    @property
    def changed_share(self) -> float:
        """Part of the comparable pixels; NaN where there are none, as all that follow."""
        return self._part(self.changed)

    @property
    def unknown_share(self) -> float:
        """Part of the comparable pixels of whose change nothing can be said."""
        return self._part(self.unknown)

    @property
    def median(self) -> float:
        """Over the comparable pixels, as all that follow."""
        return float(np.median(self._found))

    @property
    def mean(self) -> float:
        """Arithmetic."""
        return float(np.mean(self._found))

    @property
    def p5(self) -> float:
        """The difference below which 5 % of the pixels lie."""
        return float(np.percentile(self._found, 5))

    @property
    def p95(self) -> float:
        """The difference below which 95 % of the pixels lie."""
        return float(np.percentile(self._found, 95))

    @property
    def rms(self) -> float:
        """Root mean square."""
        return float(np.sqrt(np.mean(self._found**2)))

    @cached_property
    def _found(self) -> NDArray[np.float64]:
        found = self.values[self.comparable].astype(np.float64)
        return found if found.size else np.array([np.nan])

    def _part(self, where: NDArray[np.bool_]) -> float:
        count = int(np.count_nonzero(self.comparable))
        return int(np.count_nonzero(where)) / count if count else float("nan")


def difference(quantity: Quantity, left: Side, right: Side, k: float = K, *, workers: int = 2) -> Difference:
    """Right minus left, with its floor. Raises ValueError where the two are not of one shape."""
    shape = left.image.count.shape
    if shape != right.image.count.shape:
        raise ValueError(f"need two images of one shape, got {shape} and {right.image.count.shape}")
    adjusted, floor, limits = np.empty(shape, np.float32), np.empty(shape, np.float32), thresholds(k)

    def judge(rows: slice) -> None:
        found = _evidence_of(quantity, left, right, rows)
        adjusted[rows] = found.adjusted.reshape(adjusted[rows].shape)
        limit = limits[np.minimum(found.freedom, MOST_FREEDOM)] * found.error
        floor[rows] = limit.reshape(adjusted[rows].shape)

    step = max(1, _AT_ONCE // shape[1])
    parts = [slice(start, start + step) for start in range(0, shape[0], step)]
    with ThreadPoolExecutor(workers, thread_name_prefix="difference") as pool:
        list(pool.map(judge, parts))
    return Difference(quantity, quantity.of(right.image) - quantity.of(left.image), adjusted, floor, k)


def exact_difference(quantity: Quantity, left: Image, right: Image) -> Difference:
    """Right minus left, of which every difference counts: of two pictures that should be the same."""
    values = quantity.of(right) - quantity.of(left)
    return Difference(quantity, values, values, np.zeros_like(values), 0.0)


def difference_rgba(d: Difference) -> NDArray[np.uint8]:
    """Colours, (height, width, 4): blue where the right is lower, orange where it is higher, up to ± its reach.

    Light grey where it is not above the floor, darker grey where that is not known, transparent without data.
    """
    pixels = apply_colormap(d.values.copy(), -d.reach, d.reach, _diverging(), ~d.changed)
    packed = pixels.view(np.uint32)[..., 0]
    within, unknown = np.array([_WITHIN, _UNKNOWN], np.uint8).view(np.uint32)[:, 0]
    packed[d.comparable & ~d.changed] = within
    packed[d.unknown] = unknown
    return pixels


def difference_legend(d: Difference) -> Legend:
    """The numbers beside these colours."""
    reach = d.reach
    ticks = (-reach, -reach / 2, 0.0, reach / 2, reach)
    scale = "the same scale for every pair" if d.k else "the scale is of this pair"
    words = "; ".join((*_said(d), "no colour: no data on a side", scale))
    return Legend(-reach, reach, ticks, hexadecimal(_diverging()), words, d.quantity.unit)


def difference_picture(d: Difference, path: Path, left: Provenance, right: Provenance) -> None:
    """The difference as PNG, with its numbers beside the colours; hatched where a side has no data.

    Simulated pixels on either side carry a stamp. Raises StorageError where the disk refuses.
    """
    factor = enlargement(d.values.shape[1])
    pixels = difference_rgba(d).repeat(factor, axis=0).repeat(factor, axis=1)
    shown = Pillow.fromarray(hatched(pixels))
    stamp(shown, left if left.simulated else right)
    sides = (f"left: {_question(left)}", f"right: {_question(right)}")
    drawn = framed(shown, (*_said(d), "hatched: no data on a side", *sides))
    scale = difference_legend(d)
    marks = {(tick - scale.low) / (scale.high - scale.low): f"{tick:+g}" if tick else "0" for tick in scale.ticks}
    ramp(drawn, MARGIN, _diverging(), marks)
    save_png(drawn, path, left, "; ".join((scale.words, *sides)), right)


def _evidence_of(quantity: Quantity, left: Side, right: Side, rows: slice) -> Evidence:
    """Of some rows."""
    return evidence(_sample(quantity, left, rows), _sample(quantity, right, rows))


def _sample(quantity: Quantity, side: Side, rows: slice) -> Sample:
    """The observations of some rows."""
    shape = len(side.observations), side.image.count[rows].size
    values, counts = np.empty(shape, np.float32), np.empty(shape, np.bool_)
    for time, (observation, clear) in enumerate(zip(side.observations, side.clear, strict=True)):
        each, counted = quantity.each({band: observation[band][rows] for band in quantity.bands}, clear[rows])
        values[time], counts[time] = each.reshape(-1), counted.reshape(-1)
    days = np.array([_day(time) for time in side.times], np.float64)
    return Sample(values, counts, days)


def _day(time: datetime) -> float:
    """Of the year, from 0 on."""
    return time.timetuple().tm_yday - 1 + time.hour / 24


def chance_words(k: float) -> str:
    """`1 pixel in 22 where nothing changed`: how often noise alone is above the floor."""
    return f"1 pixel in {round(1 / false_alarms(k)):,} where nothing changed"


def _said(d: Difference) -> tuple[str, ...]:
    unit = f" ({d.quantity.unit})" if d.quantity.unit else ""
    title = f"{d.quantity.title}: right minus left{unit}"
    if not d.k:
        return title, "light grey: exactly equal"
    return (
        title,
        f"light grey: no more than noise and the season explain ({d.k:g} standard errors of the medians, passed by "
        f"{chance_words(d.k)})",
        f"darker grey: fewer than {LOW} observations on a side",
    )


def _question(side: Provenance) -> str:
    return f"{side.recipe.when}, max. cloud cover {side.recipe.maxcc} %"


@lru_cache(maxsize=1)
def _diverging() -> NDArray[np.uint8]:
    """Colours, (_LEVELS, 4), from the lowest to the highest; the middle one is white."""
    anchors = np.array([ImageColor.getrgb(anchor) for anchor in _ANCHORS], np.float64)
    places = np.linspace(0, len(anchors) - 1, _LEVELS)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.stack([*channels, np.full(_LEVELS, 255.0)], axis=-1).round().astype(np.uint8)
