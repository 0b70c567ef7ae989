"""Two pictures of one place, subtracted; and what of the difference is more than the scatter of single observations."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageColor

from services.composite import BLOCK, LOW, Image, mad_sigma
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
"""A difference counts from so many times the scatter on."""
_WITHIN, _UNKNOWN = (0xE8, 0xE8, 0xE8, 255), (0xC4, 0xC4, 0xC4, 255)
_ANCHORS = ("#053a75", "#2f7fbf", "#9cc8e6", "#ffffff", "#fdc78a", "#e08214", "#8f3e00")
"""Blue, white, orange: told apart by every kind of colour vision, and as dark to the left as to the right."""
_LEVELS = 255


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two pictures, and the observations that it was made of."""

    image: Image
    observations: Sequence[Mapping[str, NDArray[np.uint16]]]
    """For each acquisition the planes that the quantity needs, DN, (height, width)."""
    clear: Sequence[NDArray[np.bool_]]
    """For each acquisition where its observation counts, (height, width)."""


@dataclass(frozen=True, eq=False)
class Difference:
    """Right minus left, pixel by pixel."""

    quantity: Quantity
    values: NDArray[np.float32]
    """Right − left, (height, width); NaN where a side has no data."""
    floor: NDArray[np.float32]
    """k × √(scatter left² + scatter right²), (height, width); NaN where a side has fewer than LOW looks that count."""
    k: float

    @cached_property
    def comparable(self) -> NDArray[np.bool_]:
        """Where both sides have data, (height, width)."""
        return np.isfinite(self.values)

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Where the difference is above the floor, (height, width); nowhere that the floor is not known."""
        return np.abs(self.values) > self.floor

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
    scatter = {side: np.empty(shape, np.float32) for side in (left, right)}

    def reduce(work: tuple[Side, slice]) -> None:
        side, rows = work
        scatter[side][rows] = _spread_of(quantity, side, rows)

    step = max(1, BLOCK // shape[1])
    parts = [slice(start, start + step) for start in range(0, shape[0], step)]
    with ThreadPoolExecutor(workers, thread_name_prefix="difference") as pool:
        list(pool.map(reduce, [(side, rows) for side in scatter for rows in parts]))
    floor = np.hypot(scatter[left], scatter[right]) * np.float32(k)
    return Difference(quantity, quantity.of(right.image) - quantity.of(left.image), floor, k)


def difference_rgba(d: Difference, reach: float | None = None) -> NDArray[np.uint8]:
    """Colours, (height, width, 4): blue where the right is lower, orange where it is higher, up to ± `reach`.

    Light grey where it is not more than the floor, darker grey where that is not known, transparent without data.
    """
    reach = d.quantity.reach if reach is None else reach
    pixels = apply_colormap(d.values.copy(), -reach, reach, _diverging(), ~d.changed)
    packed = pixels.view(np.uint32)[..., 0]
    within, unknown = np.array([_WITHIN, _UNKNOWN], np.uint8).view(np.uint32)[:, 0]
    packed[d.comparable & ~d.changed] = within
    packed[d.unknown] = unknown
    return pixels


def difference_legend(d: Difference, reach: float | None = None) -> Legend:
    """The numbers beside these colours."""
    reach = d.quantity.reach if reach is None else reach
    ticks = (-reach, -reach / 2, 0.0, reach / 2, reach)
    words = "; ".join((*_said(d), "no colour: no data on a side", "the same scale for every pair"))
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


def _spread_of(quantity: Quantity, side: Side, rows: slice) -> NDArray[np.float32]:
    """The scatter of some rows."""
    shape = (len(side.observations), *side.image.count[rows].shape)
    stack, counts = np.empty(shape, np.uint16), np.empty(shape, np.bool_)
    for time, (observation, clear) in enumerate(zip(side.observations, side.clear, strict=True)):
        part = {band: observation[band][rows] for band in quantity.bands}
        stack[time], counts[time] = quantity.whole(part, clear[rows])
    return mad_sigma(stack, counts)


def _said(d: Difference) -> tuple[str, ...]:
    unit = f" ({d.quantity.unit})" if d.quantity.unit else ""
    return (
        f"{d.quantity.title}: right minus left{unit}",
        f"light grey: at most {d.k:g} times the scatter of the observations",
        f"darker grey: fewer than {LOW} looks on a side",
    )


def _question(side: Provenance) -> str:
    return f"{side.recipe.interval.label}, cloud limit {side.recipe.maxcc} %"


@lru_cache(maxsize=1)
def _diverging() -> NDArray[np.uint8]:
    """Colours, (_LEVELS, 4), from the lowest to the highest; the middle one is white."""
    anchors = np.array([ImageColor.getrgb(anchor) for anchor in _ANCHORS], np.float64)
    places = np.linspace(0, len(anchors) - 1, _LEVELS)
    channels = [np.interp(places, np.arange(len(anchors)), anchors[:, channel]) for channel in range(3)]
    return np.stack([*channels, np.full(_LEVELS, 255.0)], axis=-1).round().astype(np.uint8)
