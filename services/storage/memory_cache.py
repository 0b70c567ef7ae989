"""Values in memory under keys, at most so many bytes of them; those that were not used for longest make room."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

V = TypeVar("V")


class MemoryCache(Generic[V]):
    """What all threads share, counted in bytes and never by number: one outline may weigh as much as a thousand."""

    def __init__(self, limit: int) -> None:
        """At most `limit` bytes."""
        self._limit = limit
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._turns: dict[Hashable, tuple[threading.Lock, int]] = {}
        """Of keys whose value is being made: whose turn it is, and how many make it or wait."""

    @property
    def bytes(self) -> int:
        """Of all entries."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> V | None:
        """What is under the key, from now on the last one to make room; None where nothing is."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: V, size: int) -> V:
        """Keep a value of so many bytes, unless it alone is more than the limit; it comes back."""
        with self._lock:
            self._drop(key)
            if size > self._limit:  # it would only push the others out
                return value
            self._values[key] = value, size
            self._bytes += size
            while self._bytes > self._limit:
                self._drop(next(iter(self._values)))
        return value

    def made(self, key: Hashable, make: Callable[[], V], size: Callable[[V], int]) -> V:
        """What is under the key, made and kept where nothing is; who asks for it meanwhile waits, and makes none."""
        found = self.get(key)
        if found is None:
            with self._turn(key):
                found = self.get(key)
                if found is None:
                    found = make()
                    self.put(key, found, size(found))
        return found

    @contextmanager
    def _turn(self, key: Hashable) -> Iterator[None]:
        with self._lock:
            turn, takers = self._turns.get(key, (threading.Lock(), 0))
            self._turns[key] = turn, takers + 1
        try:
            with turn:
                yield
        finally:
            with self._lock:
                turn, takers = self._turns.pop(key)
                if takers > 1:
                    self._turns[key] = turn, takers - 1

    def drop(self, key: Hashable) -> None:
        """Forget what is under the key; nothing happens where nothing is."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        _, size = self._values.pop(key, (None, 0))
        self._bytes -= size


OVERHEAD = 1000
"""Bytes that an array takes besides its pixels, about: its key, and what Python and numpy know of it."""


class ArrayCache(MemoryCache[NDArray[Any]]):
    """Read-only arrays."""

    def keep(self, key: Hashable, array: NDArray[Any]) -> NDArray[Any]:
        """Keep an array, unless it alone is more than the limit; it comes back, and nobody may write to it any more.

        Raises ValueError for a part of another array: that would stay in memory whole, and nobody would count it.
        """
        if array.base is not None:
            raise ValueError(f"an array of its own is wanted, got a part of another one, {array.shape}")
        array.flags.writeable = False
        return self.put(key, array, int(array.nbytes) + OVERHEAD)


def owned(array: NDArray[Any]) -> NDArray[Any]:
    """The same pixels, contiguous, in an array of their own."""
    return array if array.base is None and array.flags.c_contiguous else np.array(array, order="C")
