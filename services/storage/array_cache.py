"""Arrays in memory under keys, at most so many bytes of them; those that were not used for longest make room."""

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.storage.memory_cache import MemoryCache

OVERHEAD = 1000
"""Bytes that an entry takes besides its pixels, about: its key, and what Python and numpy know of it."""


class ArrayCache:
    """Read-only arrays that all threads share."""

    def __init__(self, limit: int) -> None:
        """At most `limit` bytes."""
        self._cache = MemoryCache[NDArray[Any]](limit)

    @property
    def bytes(self) -> int:
        """Of all entries, with what they take besides their pixels."""
        return self._cache.bytes

    def __len__(self) -> int:
        return len(self._cache)

    def get(self, key: Hashable) -> NDArray[Any] | None:
        """What is under the key, from now on the last one to make room; None where nothing is."""
        return self._cache.get(key)

    def put(self, key: Hashable, array: NDArray[Any]) -> NDArray[Any]:
        """Keep an array, unless it alone is more than the limit; it comes back, and nobody may write to it any more.

        Raises ValueError for a part of another array: that would stay in memory whole, and nobody would count it.
        """
        if array.base is not None:
            raise ValueError(f"an array of its own is wanted, got a part of another one, {array.shape}")
        array.flags.writeable = False
        return self._cache.put(key, array, int(array.nbytes) + OVERHEAD)


def owned(array: NDArray[Any]) -> NDArray[Any]:
    """The same pixels, contiguous, in an array of their own."""
    return array if array.base is None and array.flags.c_contiguous else np.array(array, order="C")
