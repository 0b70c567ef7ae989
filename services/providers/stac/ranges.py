"""Parts of files over HTTP, as the reader of pixels asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from services.providers.base import TryCallback


@dataclass(frozen=True)
class Part:
    """Bytes of one file, as they were asked for."""

    content: bytes
    etag: str
    """Which version of the file they are of."""
    size: int
    """Bytes of the whole file."""


class RangeReader(Protocol):
    """Reads parts of files of one provider. Threads share it."""

    def read_range(
        self, href: str, start: int, length: int, etag: str, cancelled: Callable[[], bool], heard: TryCallback
    ) -> Part:
        """`length` bytes from `start` on, fewer only at the file's end; of the version `etag`, or any if empty.

        `heard` hears of each try. Raises ProviderError: AcquisitionGone where there is no such file, BadResponse where
        it is another version by now; and Cancelled once `cancelled` says so.
        """
