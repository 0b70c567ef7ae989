"""Chance that is always the same: hashes of whole numbers, one at a time or in arrays."""

import numpy as np
from numpy.typing import NDArray

from services.demo.raster import Plane

_MASK = 0xFFFFFFFF


def mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A hash of each value, in place (C. Wellons, Prospecting for hash functions, 2018)."""
    values ^= values >> np.uint32(16)
    values *= np.uint32(0x21F0AAAD)
    values ^= values >> np.uint32(15)
    values *= np.uint32(0x735A2D97)
    values ^= values >> np.uint32(15)
    return values


def salt(*numbers: int) -> int:
    """A hash of whole numbers, 32 bits."""
    value = 0x2545F491
    for number in numbers:
        value = (value ^ number * 0x9E3779B1) & _MASK
        value = (value ^ value >> 16) * 0x21F0AAAD & _MASK
        value = (value ^ value >> 15) * 0x735A2D97 & _MASK
        value ^= value >> 15
    return value


def chance(*numbers: int) -> float:
    """A fraction in [0, 1) that belongs to whole numbers."""
    return salt(*numbers) / 2.0**32


def fractions(count: int, seed: int) -> Plane:
    """`count` numbers in [0, 1), always the same for a seed."""
    numbers = mixed(np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x85EBCA77 & _MASK))
    return (numbers >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)
