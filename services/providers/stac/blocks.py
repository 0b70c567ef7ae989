"""Blocks of files: read in few ranges, as far as they are needed, and kept as they came, so that none comes twice."""

import logging
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from numpy.typing import NDArray

from services.cancellation import acquired, check_cancelled
from services.catalogue import GranuleFile
from services.errors import BadResponse, StorageError
from services.providers.base import Try, TryCallback
from services.providers.stac.decode import Coding, rows_of
from services.providers.stac.header import Header, read_header
from services.providers.stac.ranges import Part, RangeReader
from services.settings import Settings
from services.storage import ByteStore, MemoryCache

log = logging.getLogger(__name__)
T = TypeVar("T")
GAP = 32_768
"""Bytes that are read and dropped, rather than asking twice."""
_LONGEST = 2**23
"""Bytes of one range, about."""
_MARGIN = 0.02
"""Share of a block that is read more than its rows would take if all took the same."""
_SLACK = 4096
"""Bytes that are read more."""
_HEADERS = 2**24
"""Bytes of memory for headers."""


@dataclass
class Asked:
    """What one block request asks for over the network. Threads share it."""

    ranges: RangeReader
    cancelled: Callable[[], bool]
    listener: TryCallback
    bytes: int = 0
    """That came."""
    requests: int = 0
    """That were answered."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def read(self, href: str, start: int, length: int, etag: str) -> Part:
        """As RangeReader.read_range; also raises BadResponse where fewer bytes came."""
        check_cancelled(self.cancelled)
        part = self.ranges.read_range(href, start, length, etag, self.cancelled, self._hear)
        with self._lock:
            self.bytes += len(part.content)
            self.requests += 1
        if len(part.content) != min(length, part.size - start):
            raise BadResponse(
                f"{len(part.content):,} bytes of a file came where {length:,} were asked for.", "Fetch it again."
            )
        return part

    def _hear(self, heard: Try | None) -> None:
        """One after the other, whatever threads they come from."""
        with self._lock:
            self.listener(heard)


@dataclass(frozen=True)
class Want:
    """The bytes of one block that are to be read."""

    number: int
    """Of the block, row by row."""
    start: int
    """In the file."""
    stop: int
    """Behind the last."""


def ranges_of(header: Header, needed: Mapping[int, int], held: Mapping[int, int]) -> list[list[Want]]:
    """What is to be read for the first rows of blocks (`needed`: number → rows), of which so many bytes are `held`.

    One range each: what lies side by side in the file goes together.
    """
    wants = []
    for number, rows in needed.items():
        begin, have, most = header.offsets[number], held.get(number, 0), _prefix(header, number, rows)
        if have < most:
            wants.append(Want(number, begin + have, begin + most))
    together: list[list[Want]] = []
    for want in sorted(wants, key=lambda want: want.start):
        if together and _near(together[-1], want):
            together[-1].append(want)
        else:
            together.append([want])
    return together


def _near(run: list[Want], want: Want) -> bool:
    return want.start - run[-1].stop <= GAP and want.stop - run[0].start <= _LONGEST


def _prefix(header: Header, number: int, rows: int) -> int:
    """Bytes of a block that hold its first rows, most likely; all where little would be left."""
    size = header.sizes[number]
    if not header.coding.streams:
        return size
    length = round(size * (rows / header.coding.height + _MARGIN)) + _SLACK
    return length if size - length > GAP else size


def address_of(file: GranuleFile) -> str:
    """The same for all signatures."""
    return file.href.partition("?")[0]


class FileBlocks:
    """Headers and blocks of files, in a folder of their own. Threads share it.

    Raises StorageError where the folder cannot be used, here and in every method.
    """

    def __init__(self, folder: Path, limit: int, connections: int) -> None:
        """At most `limit` bytes are kept; at most so many files are read at once."""
        self._store = ByteStore(folder, limit)
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix="file")
        self._headers = MemoryCache[tuple[Header, bool]](_HEADERS)
        self._turns: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Wait for what is read."""
        self._pool.shutdown()
        self._store.close()

    def reading(self, file: GranuleFile, read: Callable[[], T], cancelled: Callable[[], bool]) -> "Future[T]":
        """`read` in a thread, once it is its turn: each file is read by one at a time, so that nothing comes twice.

        The future raises Cancelled where it is stopped while it waits for its turn.
        """
        with self._lock:
            turn = self._turns.setdefault(address_of(file), _Turn())

        def alone() -> T:
            with acquired(turn.lock, cancelled):
                return read()

        return self._pool.submit(alone)

    def header(self, file: GranuleFile, product: str, asked: Asked) -> Header:
        """Of a product's file, from here or read once."""
        known = self.known_headers([(file, product)]).get(address_of(file))
        if known is None:
            known = read_header(lambda start, length, etag: asked.read(file.href, start, length, etag))
            self._keep(_header_key(file, product), known.pack())
            self._remember(file, product, known, False)
        return known

    def known_headers(self, files: Iterable[tuple[GranuleFile, str]]) -> dict[str, Header]:
        """Those that are here, by the addresses of the files, of files and their products."""
        found, missing = {}, {}
        for file, product in files:
            kept = self._headers.get(_header_key(file, product))
            if kept is not None:
                found[address_of(file)] = kept[0]
            else:
                missing[_header_key(file, product)] = file, product
        for key, packed in self._store.get_many(missing).items():
            file, product = missing[key]
            try:
                header = Header.unpack(packed)
            except (ValueError, struct.error):
                continue  # of another version of this program
            found[address_of(file)] = self._remember(file, product, header, True)
        return found

    def forget(self, file: GranuleFile, product: str) -> bool:
        """Read its header anew the next time; whether the old one is of an earlier day, so that this may help."""
        kept = self._headers.get(_header_key(file, product))
        self._store.remove(_header_key(file, product))
        self._headers.drop(_header_key(file, product))
        return kept is not None and kept[1]

    def _remember(self, file: GranuleFile, product: str, header: Header, earlier: bool) -> Header:
        size = 100 * len(header.offsets)
        return self._headers.put(_header_key(file, product), (header, earlier), size)[0]

    def held(self, files: Iterable[tuple[GranuleFile, Header, Iterable[int]]]) -> dict[str, dict[int, int]]:
        """How many bytes of these blocks are here, by the addresses of the files and the blocks' numbers."""
        keys = {
            _block_key(file, header, number): (address_of(file), number)
            for file, header, numbers in files
            for number in numbers
        }
        found: dict[str, dict[int, int]] = {}
        for key, size in self._store.sizes(keys).items():
            address, number = keys[key]
            found.setdefault(address, {})[number] = size
        return found

    def rows(
        self, file: GranuleFile, header: Header, needed: Mapping[int, int], asked: Asked
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        """The first rows (`needed`: number → rows) of each of these blocks that has any; from here, or read and kept.

        Raises BadResponse where one is damaged, of which nothing is kept, and what `read_range` does.
        """
        stored = {number: rows for number, rows in needed.items() if header.sizes[number]}
        keys = {number: _block_key(file, header, number) for number in stored}
        here = self._store.get_many(keys.values())
        held = {number: here.pop(key) for number, key in keys.items() if key in here}
        runs = ranges_of(header, stored, {number: len(data) for number, data in held.items()})
        read = {want.number for run in runs for want in run}
        for number in sorted(stored.keys() - read):
            yield number, self._decoded(file, header, number, stored[number], held.pop(number), 0, asked)
        for run in runs:
            begin = run[0].start
            content = asked.read(file.href, begin, run[-1].stop - begin, header.etag).content
            for want in run:
                old = held.pop(want.number, b"")
                data = old + content[want.start - begin : want.stop - begin]
                yield (
                    want.number,
                    self._decoded(file, header, want.number, stored[want.number], data, len(data) - len(old), asked),
                )

    def _decoded(
        self, file: GranuleFile, header: Header, number: int, rows: int, data: bytes, new: int, asked: Asked
    ) -> NDArray[Any]:
        """The first rows of one block, of which `new` bytes have just come; it is read on where they do not suffice."""
        size, key = header.sizes[number], _block_key(file, header, number)
        while len(pixels := self._unpacked(key, header.coding, data, rows, size, bool(new))) < rows:
            start = header.offsets[number] + len(data)
            more = _more(len(data), len(pixels), rows, size)
            came = asked.read(file.href, start, more, header.etag).content
            data, new = data + came, new + len(came)
        if new:
            self._keep(key, data)
        return pixels

    def _keep(self, key: str, data: bytes) -> None:
        """Where the disk is full it comes again the next time: what it came for goes on."""
        try:
            self._store.put(key, data)
        except StorageError as error:
            log.warning("A part of a file is not kept: %s", error)

    def _unpacked(self, key: str, coding: Coding, data: bytes, rows: int, size: int, new: bool) -> NDArray[Any]:
        """As `rows_of`, of one of `size` bytes; what is kept of a damaged one goes: it may be another version's."""
        try:
            pixels = rows_of(coding, data, rows, whole=new and len(data) == size)
            if len(pixels) < rows and len(data) >= size:
                raise BadResponse(f"A block of a file ends before its row {rows:,}.", "Fetch it again.")
        except BadResponse:
            self._store.remove(key)
            raise
        return pixels


def _more(have: int, got: int, rows: int, size: int) -> int:
    """How many bytes more of a block are read, where so many have given `got` of its rows."""
    length = round((rows - got) * have / max(got, 1) * 1.1) + _SLACK
    return length if size - have - length > GAP else size - have


class _Turn:
    """A lock that a weak dictionary can hold."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


def _header_key(file: GranuleFile, product: str) -> str:
    """A product that is processed again may have files of the old addresses."""
    return f"{address_of(file)}#{product}"


def _block_key(file: GranuleFile, header: Header, number: int) -> str:
    return f"{address_of(file)}#{header.etag or header.size}#{number}"


_opened = cache(FileBlocks)
_opening = threading.Lock()


def file_blocks(settings: Settings) -> FileBlocks:
    """Of these settings; one for all threads of the process."""
    with _opening:
        return _opened(settings.home / "blocks", int(settings.blocks_gb * 1e9), settings.connections)
