"""The median over time of the clear observations of each pixel, by a sorting network over whole planes.

The network is Batcher's odd-even merge (K. E. Batcher, Sorting networks and their applications, 1968) for any number of
looks, pruned backwards to the two middle ranks. A look that is not clear is replaced so that the middle of all
observations is the middle of the clear ones: a pixel's m unclear observations become 65535 and 0 in turn, so
ceil(m/2) sort to the end and floor(m/2) to the beginning.

How much single observations scatter about their median: 1.4826 × the median absolute deviation, pixel by pixel.

For normal errors it is their standard deviation, and up to half of the observations may be wrong without spoiling it
(P. J. Rousseeuw, C. Croux, Alternatives to the median absolute deviation, Journal of the American Statistical
Association 88(424), 1993).

The least cloudy clear observation of each pixel: all bands of a pixel are of one date.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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

    `looks` are DN, (time, band, height, width); fastest where they lie so in memory. `clear`, (time, height, width), is
    True for an observation that counts. The median is NaN where there is none. It equals `np.nanmedian` of the
    float32 cube DN / 10000 to the last bit: the mean of two middle observations is taken in float32.
    Raises ValueError where the shapes do not match.
    """
    times, bands, height, width = observations.shape
    if clear.shape != (times, height, width):
        raise ValueError(f"clear must be {(times, height, width)} as the observations, got {clear.shape}")
    pixels = height * width
    median, count = _median(observations.reshape(times, bands, pixels), clear.reshape(times, pixels), bands, pixels)
    return median.reshape(bands, height, width), count.reshape(height, width)


def median_of(
    observations: Sequence[Sequence[NDArray[np.uint16]]], clear: Sequence[NDArray[np.bool_]]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """The same of planes that lie apart in memory: `looks[time][band]` and `clear[time]`, (height, width) each.

    Raises ValueError where there is no observation, or the shapes do not match.
    """
    shapes = {plane.shape for observation in observations for plane in observation} | {
        observation.shape for observation in clear
    }
    bands = {len(observation) for observation in observations}
    if len(shapes) != 1 or len(bands) != 1 or len(observations) != len(clear):
        raise ValueError(
            f"need looks of one shape and as many masks, got {len(observations)}, {len(clear)} of {shapes}"
        )
    height, width = shapes.pop()
    rows = [[plane.reshape(-1) for plane in observation] for observation in observations]
    median, count = _median(rows, [observation.reshape(-1) for observation in clear], bands.pop(), height * width)
    return median.reshape(-1, height, width), count.reshape(height, width)


Observations = Sequence[Sequence[NDArray[np.uint16]]] | NDArray[np.uint16]
"""DN of observations[time][band], (pixel,)."""
Clear = Sequence[NDArray[np.bool_]] | NDArray[np.bool_]
"""Which look counts: clear[time], (pixel,)."""


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
    """Fill `median`, (band, pixel), from the observations' pixels of that block; returns the count of clear
    observations."""
    seen = np.array([observation[block] for observation in clear])
    times, pixels = seen.shape
    lines = times + times % 2  # an odd number of observations gets one more, clear nowhere
    count: NDArray[np.uint16] = seen.sum(axis=0, dtype=np.uint16)
    scratch = _scratch.of(3 * lines + 1, pixels)
    keep, fill, rows = scratch[:lines], scratch[lines : 2 * lines], list(scratch[2 * lines :])
    _stand_ins(seen, keep, fill)
    network = middle_network(lines)
    two_middles = count % 2 == 0
    for band in range(len(median)):
        for time in range(times):
            np.bitwise_and(observations[time][band][block], keep[time], out=rows[time])
            np.bitwise_or(rows[time], fill[time], out=rows[time])
        if lines > times:
            rows[times][:] = fill[times]
        _sort_middle(rows, network)
        low, high = rows[lines // 2 - 1], rows[lines // 2]
        np.copyto(high, low, where=~two_middles)
        _mean_reflectance(low, high, median[band])
    median[:, count == 0] = np.nan
    return count


class _Scratch(threading.local):
    """Memory that a thread uses again for each block: to be given new memory takes as long as all the sorting."""

    memory: NDArray[np.uint16] = np.empty(0, np.uint16)

    def of(self, lines: int, pixels: int) -> NDArray[np.uint16]:
        """An array, (line, pixel), with whatever was in it."""
        if self.memory.size < lines * pixels:
            self.memory = np.empty(lines * pixels, np.uint16)
        return self.memory[: lines * pixels].reshape(lines, pixels)


_scratch = _Scratch()


def _stand_ins(clear: NDArray[np.bool_], keep: NDArray[np.uint16], fill: NDArray[np.uint16]) -> None:
    """Fill what to keep of each observation (all bits or none) and what to put in place of the others, both (line,
    pixel)."""
    np.negative(clear, out=keep[: len(clear)], dtype=np.uint16, casting="unsafe")
    keep[len(clear) :] = 0
    turn = np.zeros(clear.shape[1], np.uint16)
    for line in range(len(keep)):
        np.bitwise_not(keep[line], out=fill[line])
        np.bitwise_xor(turn, fill[line], out=turn)
        np.bitwise_and(fill[line], turn, out=fill[line])


def _sort_middle(rows: list[NDArray[np.uint16]], network: tuple[Comparator, ...]) -> None:
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
def middle_network(lines: int) -> tuple[Comparator, ...]:
    """Comparators, in order, that bring the ranks `lines // 2 - 1` and `lines // 2` to these places."""
    needed = {lines // 2 - 1, lines // 2}
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


LOW = 3
"""Clear observations from which on they say something of their scatter: one has none, and two only their distance."""
_TO_SIGMA = np.float32(1.4826)
"""1 / the third quartile of the standard normal distribution."""
_MOST = 32_767
"""Looks are doubled so that half DN stay whole, and 16 bits hold that: reflectance above 3.2767 counts as 3.2767."""


def mad_sigma(observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Of whole numbers, 10000 a unit, (time, height, width): the scatter in units, (height, width).

    `clear`, of the same shape, is True for an observation that counts. NaN where fewer than LOW do.
    """
    times, height, width = observations.shape
    doubled = np.minimum(observations, np.uint16(_MOST)).reshape(times, 1, height, width)
    doubled <<= 1
    median, count = masked_median(doubled, clear)
    middle = np.rint(np.nan_to_num(median) * np.float32(DN_PER_UNIT)).astype(np.uint16)
    deviation = np.maximum(doubled, middle)
    deviation -= np.minimum(doubled, middle)
    halves, _ = masked_median(deviation, clear)
    scatter: NDArray[np.float32] = halves[0] * (_TO_SIGMA * np.float32(0.5))
    scatter[count < LOW] = np.nan
    return scatter


def first_clear(
    observations: NDArray[np.uint16], clear: NDArray[np.bool_], order: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Reflectance of each pixel's first clear observation, (band, height, width), and the count of all, (height,
    width).

    `looks` are DN, (time, band, height, width); `clear`, (time, height, width), is True for an observation that
    counts. `order` has the place of each observation once, the preferred one first. The reflectance is NaN where no
    observation is clear. Raises ValueError where the shapes do not match, and for another order.
    """
    times, bands, height, width = observations.shape
    if clear.shape != (times, height, width):
        raise ValueError(f"clear must be {(times, height, width)} as the observations, got {clear.shape}")
    if sorted(order) != list(range(times)):
        raise ValueError(f"the order must have each of {times} looks once, got {list(order)}")
    dn = np.zeros((bands, height, width), np.uint16)
    bare = np.ones((height, width), np.bool_)
    for time in order:
        here = clear[time] & bare
        if here.any():
            for band in range(bands):
                np.copyto(dn[band], observations[time, band], where=here)
            bare &= ~here
            if not bare.any():
                break
    reflectance = np.divide(dn, np.float32(DN_PER_UNIT), dtype=np.float32)
    reflectance[:, bare] = np.nan
    return reflectance, clear.sum(axis=0, dtype=np.uint16)


def least_cloudy(clouds: Sequence[float]) -> tuple[int, ...]:
    """The order of observations by their cloud cover; of equal ones the earlier first."""
    return tuple(sorted(range(len(clouds)), key=clouds.__getitem__))
