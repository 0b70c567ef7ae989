"""What any object store does, however it keeps its bytes."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol

Range = tuple[int, int]
"""Offset and length in bytes."""
PIECE = 8 * 2**20
"""Bytes that are in memory at once of what is larger."""


class ObjectStore(Protocol):
    """Bytes under names with slashes, for all machines that reach it. Threads share it.

    Raises StoreUnreachable where it does not answer, and StorageError where it refuses, here and in every method.
    """

    @property
    def name(self) -> str:
        """Which it is, without a secret."""

    def put(self, name: str, data: bytes | Path, *, replace: bool = False) -> None:
        """Store bytes, or those of a file: all or none. Where the name is taken nothing happens, unless told."""

    def get(self, name: str) -> bytes | None:
        """All bytes; None where there are none of that name."""

    def chunks(self, name: str) -> Iterator[bytes] | None:
        """The same, some megabytes at a time."""

    def get_ranges(self, name: str, ranges: Sequence[Range]) -> list[bytes] | None:
        """Some of the bytes, in few requests; None where there are none of that name."""

    def names(self, below: str) -> Iterator[str]:
        """Of all objects whose names begin with `below`, which ends with a slash. It lists them, which takes time."""

    def folders(self, below: str) -> list[str]:
        """What follows `below`, which ends with a slash, up to the next slash, of all objects: each once. It is quick
        where these are few, however many objects there are."""

    def delete(self, names: Collection[str]) -> None:
        """Remove them; those that are not there are none."""
