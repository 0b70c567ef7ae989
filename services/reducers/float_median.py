"""The median, or another rank, of the observations that count where they are float32, by the network of whole numbers.

The bits of a float32, read as a whole number, are in the order of the numbers once those of negative ones are turned
around: so the network sorts them as they are, and nothing is rounded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.reducers.median_network import BLOCK, Ranks, Sorter

Block = Iterable[tuple[NDArray[np.float32], NDArray[np.bool_]]]
"""Of each observation its numbers at some pixels and whether they count there."""
_SIGN = np.uint32(0x8000_0000)


@dataclass(frozen=True)
class Ranked:
    """Two ranks of the observations that count, and what becomes of the numbers there and of their count, (pixel,)."""

    ranks: Ranks | None
    """None for the middle ones."""
    between: Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint16]], NDArray[np.float32]]


def _mean(
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    count: NDArray[np.uint16],  # noqa: ARG001 - the same of two as of many
) -> NDArray[np.float32]:
    low += high
    low *= np.float32(0.5)
    return low


MIDDLE = Ranked(None, _mean)
"""The median."""


def of_blocks(block: Callable[[slice], Block], times: int, pixels: int, ranked: Ranked = MIDDLE) -> NDArray[np.float32]:
    """Medians or other ranks, (pixel,), of so many observations; NaN where none counts. `block` has them at some of the
    pixels.

    To the last bit `np.nanmedian`: the mean of two middles is taken in float32. No observation that counts may be NaN.
    """
    found = np.full(pixels, np.nan, np.float32)
    step = BLOCK // 2
    for start in range(0, pixels if times else 0, step):
        part = slice(start, min(start + step, pixels))
        width = part.stop - part.start
        codes, counts = np.empty((times, width), np.uint32), np.empty((times, width), np.bool_)
        for time, (numbers, counted) in enumerate(block(part)):
            _coded(numbers, codes[time])
            counts[time] = counted
        sorter = Sorter(counts, np.uint32, ranked.ranks)
        low, high = sorter.pair(list(codes))
        here = sorter.count > 0
        found[part][here] = ranked.between(_decoded(low), _decoded(high), sorter.count)[here]
    return found


def _coded(numbers: NDArray[np.float32], out: NDArray[np.uint32]) -> None:
    """Bits that rise as the numbers do."""
    bits = np.ascontiguousarray(numbers).view(np.uint32)
    np.right_shift(bits.view(np.int32), 31, out=out.view(np.int32))  # all bits of a negative number, else none
    np.bitwise_or(out, _SIGN, out=out)
    np.bitwise_xor(out, bits, out=out)


def _decoded(codes: NDArray[np.uint32]) -> NDArray[np.float32]:
    """The numbers again."""
    turned = np.right_shift(~codes.view(np.int32), 31).view(np.uint32)
    turned |= _SIGN
    turned ^= codes
    return turned.view(np.float32)
