"""The median over time of the clear observations of each pixel, by a sorting network over whole planes.

The network is Batcher's odd-even merge (K. E. Batcher, Sorting networks and their applications, 1968) for any number of
observations, pruned backwards to the two ranks that are wanted: the middle ones, or others for a percentile. Of a
pixel's m unclear observations ceil(m/2) become 65535 and floor(m/2) become 0, so that the middle of all is that of the
clear ones; for other ranks as many become 0 as bring the wanted one to its place.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.reducers.method import Clear, Observations
from services.sentinel2 import DN_PER_UNIT

BLOCK = 65_536
"""Pixels worked on at once. Half of them are as fast in one thread; but the shorter the calls, the more often threads
that work side by side wait for each other, and many more overflow the caches."""

Comparator = tuple[int, int, bool, bool]
"""Two lines, whether the lower value is needed afterwards, and whether the higher one is."""


def masked_median(
    observations: NDArray[np.uint16], clear: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Median reflectance, (band, height, width), and the count of clear observations, (height, width).

    `observations` are DN, (time, band, height, width); fastest where they lie so in memory. `clear`, (time, height,
    width), is True for an observation that counts. The median is NaN where there is none. It equals `np.nanmedian`
    of the float32 cube DN / 10000 to the last bit: the mean of two middle observations is taken in float32.
    Raises ValueError where the shapes do not match.
    """
    times, bands, height, width = observations.shape
    if clear.shape != (times, height, width):
        raise ValueError(f"clear must be {(times, height, width)} as the observations, got {clear.shape}")
    pixels = height * width
    median, count = _median(observations.reshape(times, bands, pixels), clear.reshape(times, pixels), bands, pixels)
    return median.reshape(bands, height, width), count.reshape(height, width)


def median_of(observations: Observations, clear: Clear) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """The same of planes that lie apart in memory: `observations[time][band]` and `clear[time]`, (height, width) each.

    Raises ValueError where there is no observation, or the shapes do not match.
    """
    shapes = {plane.shape for observation in observations for plane in observation} | {
        observation.shape for observation in clear
    }
    bands = {len(observation) for observation in observations}
    if len(shapes) != 1 or len(bands) != 1 or len(observations) != len(clear):
        raise ValueError(
            f"need observations of one shape and as many masks, got {len(observations)}, {len(clear)} of {shapes}"
        )
    height, width = shapes.pop()
    rows = [[plane.reshape(-1) for plane in observation] for observation in observations]
    median, count = _median(rows, [observation.reshape(-1) for observation in clear], bands.pop(), height * width)
    return median.reshape(-1, height, width), count.reshape(height, width)


def _median(
    observations: Observations, clear: Clear, bands: int, pixels: int
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Medians, (band, pixel), and counts, (pixel,), a block at a time."""
    median = np.full((bands, pixels), np.nan, np.float32)
    count = np.zeros(pixels, np.uint16)
    for start in range(0, pixels if len(clear) else 0, BLOCK):
        block = slice(start, min(start + BLOCK, pixels))
        count[block] = _reduce_block(observations, clear, block, median[:, block])
    return median, count


def _reduce_block(
    observations: Observations, clear: Clear, block: slice, median: NDArray[np.float32]
) -> NDArray[np.uint16]:
    """Fill `median`, (band, pixel), from the observations' pixels of that block; returns the count of clear ones."""
    seen = np.array([observation[block] for observation in clear])
    sorter = Sorter(seen, np.uint16)
    for band in range(len(median)):
        low, high = sorter.pair([observation[band][block] for observation in observations])
        _mean_reflectance(low, high, median[band])
    median[:, sorter.count == 0] = np.nan
    return sorter.count


@dataclass(frozen=True, eq=False)
class Ranks:
    """Two neighbouring ranks of the clear observations of a pixel, as ranks of all of them."""

    low: int
    """The lower one among all observations, whatever the pixel."""
    below: NDArray[np.uint16]
    """By the count of clear ones: how many of the others sort below them, so that it is the wanted one."""


class Sorter:
    """Of one block of pixels: the observations that count there, and the network for so many observations."""

    def __init__(
        self, clear: NDArray[np.bool_], kind: type[np.unsignedinteger[Any]], ranks: Ranks | None = None
    ) -> None:
        """`clear`, (time, pixel), is True for an observation that counts; all are whole numbers of that kind.

        Where ranks are not given, they are those of the middle.
        """
        times, pixels = clear.shape
        self.times = times
        self.lines = max(times, ranks.low + 2) if ranks else times + times % 2  # what is added is clear nowhere
        self._low = ranks.low if ranks else self.lines // 2 - 1
        self.count: NDArray[np.uint16] = clear.sum(axis=0, dtype=np.uint16)
        scratch = _scratch.of(3 * self.lines + 1, pixels, kind)
        self._keep, self._fill = scratch[: self.lines], scratch[self.lines : 2 * self.lines]
        self._rows = list(scratch[2 * self.lines :])
        if ranks:
            _stand_ins_below(clear, self._keep, self._fill, ranks.below[self.count])
        else:
            _stand_ins(clear, self._keep, self._fill)
        self._one = self.count < 2 if ranks else self.count % 2 == 1

    def pair(self, observations: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        """`observations[time]`, (pixel,), at the lower and the higher rank: twice the same where there is but one."""
        rows = self._rows
        for time, observation in enumerate(observations):
            np.bitwise_and(observation, self._keep[time], out=rows[time])
            np.bitwise_or(rows[time], self._fill[time], out=rows[time])
        for line in range(self.times, self.lines):
            rows[line][:] = self._fill[line]
        _sort(rows, rank_network(self.lines, self._low))
        low, high = rows[self._low], rows[self._low + 1]
        np.copyto(high, low, where=self._one)
        return low, high


class _Scratch(threading.local):
    """Memory that a thread uses again for each block: to be given new memory takes as long as all the sorting."""

    memory: NDArray[np.uint32] = np.empty(0, np.uint32)

    def of(self, lines: int, pixels: int, kind: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
        """An array of that kind, (line, pixel), with whatever was in it."""
        needed = lines * pixels * np.dtype(kind).itemsize
        if self.memory.nbytes < needed:
            self.memory = np.empty(-(-needed // 4), np.uint32)
        return self.memory.view(kind)[: lines * pixels].reshape(lines, pixels)


_scratch = _Scratch()


def _stand_ins(clear: NDArray[np.bool_], keep: NDArray[Any], fill: NDArray[Any]) -> None:
    """Fill what to keep of each observation (all bits or none) and what to put in its place, both (line, pixel)."""
    np.negative(clear, out=keep[: len(clear)], dtype=keep.dtype, casting="unsafe")
    keep[len(clear) :] = 0
    turn = np.zeros(clear.shape[1], keep.dtype)
    for line in range(len(keep)):
        np.bitwise_not(keep[line], out=fill[line])
        np.bitwise_xor(turn, fill[line], out=turn)
        np.bitwise_and(fill[line], turn, out=fill[line])


def _stand_ins_below(
    clear: NDArray[np.bool_], keep: NDArray[Any], fill: NDArray[Any], below: NDArray[np.uint16]
) -> None:
    """The same where so many go below, (pixel,), and the others above."""
    np.negative(clear, out=keep[: len(clear)], dtype=keep.dtype, casting="unsafe")
    keep[len(clear) :] = 0
    np.bitwise_not(keep, out=fill)
    for line, counts in enumerate(clear):
        low = (below > 0) & ~counts
        np.copyto(fill[line], 0, where=low)
        below -= low


def _sort(rows: list[NDArray[Any]], network: tuple[Comparator, ...]) -> None:
    """Run the network in place; the last row is spare, and rows change places in the list instead of in memory."""
    for first, second, needs_low, needs_high in network:
        one, other = rows[first], rows[second]
        if needs_low and needs_high:
            spare = rows[-1]
            np.minimum(one, other, out=spare)
            np.maximum(one, other, out=other)
            rows[first], rows[-1] = spare, one
        elif needs_low:
            np.minimum(one, other, out=one)
        else:
            np.maximum(one, other, out=other)


def _mean_reflectance(low: NDArray[np.uint16], high: NDArray[np.uint16], out: NDArray[np.float32]) -> None:
    """(low + high) / 2 in float32, each divided by 10000 first, as the mean of a float32 cube's two middles."""
    np.divide(low, np.float32(DN_PER_UNIT), out=out, dtype=np.float32)
    out += high.astype(np.float32) / np.float32(DN_PER_UNIT)
    out *= np.float32(0.5)


@lru_cache(maxsize=256)
def rank_network(lines: int, low: int) -> tuple[Comparator, ...]:
    """Comparators, in order, that bring the ranks `low` and `low + 1` to these places."""
    needed = {low, low + 1}
    kept: list[Comparator] = []
    for first, second in reversed(_odd_even_merge(lines)):
        if first in needed or second in needed:
            kept.append((first, second, first in needed, second in needed))
            needed |= {first, second}
    return tuple(reversed(kept))


def _odd_even_merge(lines: int) -> list[tuple[int, int]]:
    """Batcher's network that sorts `lines` values upwards, for any number of them."""
    pairs: list[tuple[int, int]] = []
    part = 1
    while part < lines:
        step = part
        while step >= 1:
            for start in range(step % part, lines - step, 2 * step):
                for line in range(start, start + min(step, lines - start - step)):
                    if line // (2 * part) == (line + step) // (2 * part):
                        pairs.append((line, line + step))
            step //= 2
        part *= 2
    return pairs
