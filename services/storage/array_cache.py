"""Arrays in memory under keys, at most so many bytes of them; those that were not used for longest make room."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

OVERHEAD = 1000
"""Bytes that an entry takes besides its pixels, about: its key, and what Python and numpy know of it."""


class ArrayCache:
    """Read-only arrays that all threads share."""

    def __init__(self, limit: int) -> None:
        """At most `limit` bytes."""
        self._limit = limit
        self._arrays: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """Of all entries, with what they take besides their pixels."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._arrays)

    def get(self, key: Hashable) -> NDArray[Any] | None:
        """What is under the key, from now on the last one to make room; None where nothing is."""
        with self._lock:
            array = self._arrays.get(key)
            if array is not None:
                self._arrays.move_to_end(key)
            return array

    def put(self, key: Hashable, array: NDArray[Any]) -> NDArray[Any]:
        """Keep an array, unless it alone is more than the limit; it comes back, and nobody may write to it any more.

        Raises ValueError for a part of another array: that would stay in memory whole, and nobody would count it.
        """
        if array.base is not None:
            raise ValueError(f"an array of its own is wanted, got a part of another one, {array.shape}")
        array.flags.writeable = False
        with self._lock:
            self._drop(key)
            self._arrays[key] = array
            self._bytes += _size(array)
            while self._bytes > self._limit:
                self._drop(next(iter(self._arrays)))
        return array

    def _drop(self, key: Hashable) -> None:
        array = self._arrays.pop(key, None)
        if array is not None:
            self._bytes -= _size(array)


def _size(array: NDArray[Any]) -> int:
    return int(array.nbytes) + OVERHEAD


def owned(array: NDArray[Any]) -> NDArray[Any]:
    """The same pixels, contiguous, in an array of their own."""
    return array if array.base is None and array.flags.c_contiguous else np.array(array, order="C")
