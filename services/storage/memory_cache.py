"""Values in memory under keys, at most so many bytes of them; those that were not used for longest make room."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class MemoryCache(Generic[V]):
    """What all threads share, counted in bytes and never by number: one outline may weigh as much as a thousand."""

    def __init__(self, limit: int) -> None:
        """At most `limit` bytes."""
        self._limit = limit
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

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
        """What is under the key, made and kept where nothing is."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found, size(found))
        return found

    def drop(self, key: Hashable) -> None:
        """Forget what is under the key; nothing happens where nothing is."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        _, size = self._values.pop(key, (None, 0))
        self._bytes -= size
