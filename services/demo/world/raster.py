"""Rasters: array types, byte lookup tables by OpenCV, and the layers in which a block's land is drawn."""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

cv2.setNumThreads(1)  # blocks are too small to be shared out
Plane = NDArray[np.floating[Any]]
"""Numbers in float32, of a block's pixels unless said otherwise."""
Samples = NDArray[np.integer | np.floating]
"""One band over a window: (height, width)."""
Bytes = NDArray[np.uint8]
"""Materials, codes and classes."""
Selection = slice | NDArray[np.int64]
"""Some rows or columns."""
Arrays = TypeVar("Arrays")
"""A dataclass of arrays of one shape."""


def cut(whole: Arrays, rows: Selection, columns: Selection) -> Arrays:
    """Some rows and columns of every array."""
    parts: Any = ((one.name, getattr(whole, one.name)) for one in fields(whole))  # type: ignore[arg-type]
    return type(whole)(**{name: np.ascontiguousarray(part[rows][:, columns]) for name, part in parts})


def lookup(codes: Bytes, table: Plane) -> Plane:
    """The number of each code, from a table of 256."""
    return np.asarray(cv2.LUT(codes, table))


def lookup_bytes(codes: Bytes, table: Bytes) -> Bytes:
    """The byte of each code, from a table of 256."""
    return np.asarray(cv2.LUT(codes, table)).view(np.uint8)


def select(where: NDArray[np.bool_], then: Bytes | int, otherwise: Bytes | int) -> Bytes:
    """`then` where `where` is true, by arithmetic that wraps: a tenth of the time of `np.where`."""
    low = np.asarray(otherwise, np.uint8)
    return where.view(np.uint8) * (np.asarray(then, np.uint8) - low) + low


def matmul(left: Plane, right: Plane) -> Plane:
    """Of two matrices of one type; OpenCV's, because numpy's starts threads, which costs more than these sizes take."""
    return np.asarray(cv2.gemm(left, right, 1.0, np.empty(0, left.dtype), 0.0))


def resample(fields: list[Plane], x: Plane, y: Plane) -> list[Plane]:
    """Fields at fractional columns x and rows y, linearly; four at a time cost as much as one."""
    found: list[Plane] = []
    for first in range(0, len(fields), 4):
        some = fields[first : first + 4]
        if len(some) == 1:
            found.append(np.asarray(cv2.remap(some[0], x, y, cv2.INTER_LINEAR)))
        else:
            stack = cv2.merge([*some, *some[:1] * (4 - len(some))])
            found.extend(map(np.asarray, cv2.split(cv2.remap(stack, x, y, cv2.INTER_LINEAR))[: len(some)]))
    return found


@dataclass
class Layer:
    """Each step draws over the ones before; arrays are (192, 192)."""

    base: Bytes
    """Material."""
    over: Bytes
    """A second one, over part of the pixel."""
    share: Plane
    """The part of the second, 0 to 1."""

    def main(self) -> Bytes:
        """The material that covers most of each pixel."""
        return select(self.share > 0.5, self.over, self.base)

    def put(self, where: NDArray[np.bool_], base: Bytes | int, over: Bytes | int, share: Plane) -> None:
        """Both materials and the share, where `where` is true."""
        self.base = select(where, base, self.base)
        self.over = select(where, over, self.over)
        self.share = self.share + where * (share - self.share)

    def line(self, cover: Plane, material: int) -> None:
        """A material over part of each pixel, on top of the one that is there most."""
        some = cover > 0.02
        if some.any():
            self.put(some, self.main(), material, cover)
