"""Tables of FlatBuffers (the format's internals page), read field by field out of untrusted bytes."""

import struct
from typing import Any

Table = int
"""Where a table begins."""


class Buffer:
    """Bytes that hold tables. Every method raises struct.error where they are too short."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, form: str, place: int) -> Any:
        """One number of struct's form, little-endian."""
        if place < 0:
            raise struct.error("before the beginning")
        return struct.unpack_from("<" + form, self.data, place)[0]

    def root(self) -> Table:
        """The first table."""
        return int(self.number("I", 0))

    def field(self, table: Table, index: int, form: str, default: Any = 0) -> Any:
        """A number of a table, or its default."""
        place = self._place(table, index)
        return self.number(form, place) if place else default

    def table(self, table: Table, index: int) -> Table | None:
        """A table in a table."""
        place = self._place(table, index)
        return place + int(self.number("I", place)) if place else None

    def tables(self, table: Table, index: int) -> list[Table]:
        """The tables of a list."""
        start, count = self._list(table, index, 4)
        return [place + int(self.number("I", place)) for place in range(start, start + 4 * count, 4)]

    def numbers(self, table: Table, index: int, form: str) -> tuple[Any, ...]:
        """The numbers of a list."""
        start, count = self._list(table, index, struct.calcsize("<" + form))
        return struct.unpack_from(f"<{count}{form}", self.data, start)

    def text(self, table: Table, index: int) -> str:
        """A text; empty where there is none."""
        return self.raw(table, index).decode("utf-8", "replace")

    def raw(self, table: Table, index: int) -> bytes:
        """A list of bytes."""
        start, count = self._list(table, index, 1)
        return self.data[start : start + count]

    def _place(self, table: Table, index: int) -> int:
        """Where a field stands; 0 where the table lacks it."""
        columns = table - int(self.number("i", table))
        if 4 + 2 * index + 2 > int(self.number("H", columns)):
            return 0
        offset = int(self.number("H", columns + 4 + 2 * index))
        return table + offset if offset else 0

    def _list(self, table: Table, index: int, size: int) -> tuple[int, int]:
        place = self._place(table, index)
        if not place:
            return 0, 0
        start = place + int(self.number("I", place))
        count = int(self.number("I", start))
        if start + 4 + size * count > len(self.data):
            raise struct.error("a list is longer than the bytes")
        return start + 4, count
