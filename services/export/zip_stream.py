"""Everything of a result in one zip file that is nowhere: its bytes are made of the files on the disk as they are sent.

Members are stored as they are, and sizes and CRC-32 are known before (`result_store`), so each byte of the zip has
its place: the length is exact, and any range can be sent alone. ZIP64 where 32 bits are too few (PKWARE, APPNOTE 6.3).
"""

import hashlib
import os
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path

from services.errors import StorageError
from services.export.downloads import DOWNLOADS
from services.export.result_store import UNKNOWN_CRC, Result, ResultFile, crc_of
from services.recipe import Recipe
from services.render import Provenance, products_in_short

README = "README.txt"
LIMIT = 0xFFFFFFFF
"""What 32 bits cannot say; it stands where ZIP64 says it."""
_FEWEST = 0xFFFF
"""The same of 16 bits, for the number of members."""
_CHUNK = 1 << 20
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_UTF8 = 0x800
_UNIX_FILE = 0o100644 << 16
_GONE = "Open the result again: it is being made anew, or has made room for newer ones."


@dataclass(frozen=True)
class Member:
    """One file of the zip."""

    name: str
    """With its folder and `/`."""
    size: int
    """Bytes."""
    crc: int
    """CRC-32."""
    stamp: int
    """When it was written, in ns since 1970, UTC."""
    content: bytes | Path
    """Its bytes, or where they are."""

    @property
    def moment(self) -> tuple[int, int]:
        """Time and date as MS-DOS has them, in steps of two seconds from 1980 on."""
        when = max(datetime.fromtimestamp(self.stamp / 1e9, UTC), datetime(1980, 1, 1, tzinfo=UTC))
        time = when.hour << 11 | when.minute << 5 | when.second // 2
        return time, (when.year - 1980) << 9 | when.month << 5 | when.day

    def header(self) -> bytes:
        """What stands before its bytes."""
        name = self.name.encode()
        large = _is_wide(self.size)
        extra = struct.pack("<2H2Q", 1, 16, self.size, self.size) if large else b""
        size = _narrow(self.size)
        needs = 45 if large else 20
        head = (needs, _UTF8, 0, *self.moment, self.crc, size, size, len(name), len(extra))
        return _LOCAL.pack(b"PK\3\4", *head) + name + extra

    def entry(self, offset: int) -> bytes:
        """What the directory says of it; its header begins at `offset`."""
        name = self.name.encode()
        wide = [self.size, self.size] * _is_wide(self.size) + [offset] * _is_wide(offset)
        extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        size = _narrow(self.size)
        needs = 45 if wide else 20
        head = (3 << 8 | needs, needs, _UTF8, 0, *self.moment, self.crc, size, size, len(name), len(extra))
        return _CENTRAL.pack(b"PK\1\2", *head, 0, 0, 0, _UNIX_FILE, _narrow(offset)) + name + extra

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Its bytes from `start` until before `stop`. Raises StorageError where the file is another or gone."""
        if isinstance(self.content, bytes):
            yield self.content[start:stop]
            return
        try:
            with self.content.open("rb") as file:
                state = os.fstat(file.fileno())
                if (state.st_size, state.st_mtime_ns) != (self.size, self.stamp):
                    raise StorageError(f"The file {self.name} has changed.", _GONE)
                file.seek(start)
                while start < stop:
                    chunk = file.read(min(_CHUNK, stop - start))
                    if not chunk:
                        raise StorageError(f"The file {self.name} is cut short.", _GONE)
                    start += len(chunk)
                    yield chunk
        except OSError as error:
            raise StorageError(f"The file {self.name} cannot be read: {error.strerror}.", _GONE) from error


@dataclass(frozen=True)
class Bundle:
    """The zip of these members, in this order."""

    members: tuple[Member, ...]

    @cached_property
    def _starts(self) -> list[int]:
        """Where each member's header begins, and behind the last one the directory."""
        return list(accumulate((len(one.header()) + one.size for one in self.members), initial=0))

    @cached_property
    def directory(self) -> bytes:
        """What stands behind all members."""
        start, count = self._starts[-1], len(self.members)
        entries = b"".join(one.entry(offset) for one, offset in zip(self.members, self._starts, strict=False))
        end = start + len(entries)
        wide = _is_wide(start) or _is_wide(len(entries)) or count >= _FEWEST
        tail = b""
        if wide:
            tail = _END64.pack(b"PK\6\6", _END64.size - 12, 45, 45, 0, 0, count, count, len(entries), start)
            tail += _LOCATOR.pack(b"PK\6\7", 0, end, 1)
        few = min(count, _FEWEST)
        return entries + tail + _END.pack(b"PK\5\6", 0, 0, few, few, _narrow(len(entries)), _narrow(start), 0)

    @property
    def size(self) -> int:
        """Bytes."""
        return self._starts[-1] + len(self.directory)

    @cached_property
    def tag(self) -> str:
        """Another one for other bytes."""
        return hashlib.sha256(self.directory).hexdigest()[:32]

    @property
    def stamp(self) -> float:
        """When the newest member was written, in seconds since 1970."""
        return max(one.stamp for one in self.members) / 1e9

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` until before `stop`, a megabyte at a time.

        Raises StorageError where a file has changed or is gone: what was sent until then is not the whole.
        """
        stop = self.size if stop is None else min(stop, self.size)
        first = max(0, bisect_right(self._starts, start) - 1)
        for one, begin in zip(self.members[first:], self._starts[first:], strict=False):
            if begin >= stop:
                return
            header = one.header()
            body = begin + len(header)
            yield from _part(header, start - begin, stop - begin)
            if start < body + one.size and stop > body:
                yield from one.read(max(0, start - body), min(one.size, stop - body))
        yield from _part(self.directory, start - self._starts[-1], stop - self._starts[-1])


def _is_wide(number: int) -> bool:
    """Whether 32 bits are too few for it."""
    return number >= LIMIT


def _narrow(number: int) -> int:
    """What stands in 32 bits for it."""
    return LIMIT if _is_wide(number) else number


def _part(content: bytes, start: int, stop: int) -> Iterator[bytes]:
    piece = content[max(0, start) : max(0, stop)]
    if piece:
        yield piece


def bundle(folder: Path, result: Result) -> Bundle:
    """Of all files of a result that is whole. Raises StorageError where one is not there as it was written."""
    try:
        members = [_member(folder, file) for file in result.files]
    except OSError as error:
        raise StorageError("A file of the result is gone.", _GONE) from error
    text = readme(result).encode()
    stamp = max(one.stamp for one in members)
    return Bundle((Member(README, len(text), zlib.crc32(text), stamp, text), *members))


def _member(folder: Path, file: ResultFile) -> Member:
    path = folder / file.path
    state = path.stat()
    if state.st_size != file.size:
        raise StorageError(f"The file {file.member} has changed.", _GONE)
    crc = _crc(path, state.st_mtime_ns, state.st_size) if file.crc == UNKNOWN_CRC else file.crc
    return Member(file.member, file.size, crc, state.st_mtime_ns, path)


@lru_cache(maxsize=1024)
def _crc(path: Path, stamp: int, size: int) -> int:  # noqa: ARG001 - of the same file another one when it is written
    """Of a file that was written before checksums were noted."""
    return crc_of(path)


def readme(result: Result) -> str:
    """What is in the zip and where it comes from, for people."""
    recipe = Recipe.from_dict(result.recipe)
    provenance = Provenance(recipe, recipe.provider, result.attribution, result.simulated, products=result.products)
    notice = f"{provenance.notice}: " if result.simulated else ""
    width = max(len(file.member) for file in result.files)
    lines = [
        f"{notice}{recipe.area}, {recipe.when}, tile {recipe.centre}, max. cloud cover {recipe.maxcc} %",
        f"{provenance.method.of(len(result.observations)).capitalize()} out of {result.acquisitions}.",
        "",
        result.attribution,
        "",
        f"Mask: {provenance.mask}.",
        provenance.method.meaning,
        *filter(None, [provenance.nbar]),
        *([f"Dates{provenance.least_coverage}."] if recipe.least_coverage else []),
        *(f"Excluded: {vetoed}." for vetoed in provenance.vetoes),
        *provenance.by_hand,
        *([f"{products_in_short(result.products)}."] if result.products else []),
        f"Recipe {recipe.digest}, collection {recipe.collection}, provider {recipe.provider}. Made by Ninepatch.",
        "",
        *(
            f"  {file.member.ljust(width)}  {file.title}{f' of tile {file.tile}' * bool(file.tile)}"
            for file in result.files
        ),
        "",
        *(one.note for one in DOWNLOADS.values() if one.note and result.of_kind(one.name)),
    ]
    return "\n".join(lines) + "\n"
