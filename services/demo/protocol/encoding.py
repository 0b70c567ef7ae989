"""GeoTIFF, PNG and JPEG encoders, each with the word that the data are simulated.

GeoTIFF as the service writes it: big-endian, Deflate, strips of 8 rows, pixels interleaved, GeoKeys of the request
(TIFF 6.0, Adobe, 1992; GeoTIFF, OGC 19-008r4). PNG: specification, W3C 2003.
"""

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib
from PIL import Image

from services.demo.protocol.stac_items import SIMULATED
from services.demo.world import Samples, Window

ROWS = 8
"""Rows of a strip."""
LEVEL = 0
"""Of ISA-L: its fastest, which still compresses."""
_ASCII, _SHORT, _LONG, _RATIONAL, _DOUBLE = 2, 3, 4, 5, 12
_CODES = {_ASCII: "c", _SHORT: "H", _LONG: "I", _RATIONAL: "II", _DOUBLE: "d"}
_DEFLATE = 32946
_FORMATS = {"u": 1, "i": 2, "f": 3}


@dataclass(frozen=True)
class Tag:
    """One entry of the directory."""

    number: int
    kind: int
    values: Sequence[float] | bytes

    @property
    def count(self) -> int:
        """Of values."""
        return len(self.values) // (2 if self.kind == _RATIONAL else 1)

    def packed(self) -> bytes:
        """Big-endian."""
        if isinstance(self.values, bytes):
            return self.values
        return struct.pack(f">{len(self.values)}{_CODES[self.kind][0]}", *self.values)


def tiff(planes: Sequence[Samples], window: Window, nodata: float | None = None) -> bytes:
    """Planes (height, width) of one type as one file, in their order."""
    strips = [isal_zlib.compress(strip, LEVEL) for strip in _strips(planes)]
    tags = _tags(planes, window, nodata)
    tags += [Tag(273, _LONG, [0] * len(strips)), Tag(279, _LONG, [len(strip) for strip in strips])]
    tags.sort(key=lambda tag: tag.number)
    ahead = 8 + 2 + 12 * len(tags) + 4 + sum(_beside(tag) for tag in tags)
    offsets = np.cumsum([ahead, *(len(strip) for strip in strips[:-1])])
    tags = [Tag(273, _LONG, offsets.tolist()) if tag.number == 273 else tag for tag in tags]
    return b"".join((_directory(tags), *strips))


def _strips(planes: Sequence[Samples]) -> list[memoryview]:
    """The pixels, interleaved and big-endian, so many rows at a time."""
    height, width = planes[0].shape
    mixed = np.empty((height, width, len(planes)), planes[0].dtype.newbyteorder(">"))
    for number, plane in enumerate(planes):
        mixed[..., number] = plane
    return [mixed[row : row + ROWS].data.cast("B") for row in range(0, height, ROWS)]


def _beside(tag: Tag) -> int:
    """Bytes of the values that do not fit into the entry, on an even length."""
    size = len(tag.packed())
    return 0 if size <= 4 else size + size % 2


def _directory(tags: list[Tag]) -> bytes:
    """Header, entries, and the values beside them."""
    entries, beside = [], []
    position = 8 + 2 + 12 * len(tags) + 4
    for tag in tags:
        packed = tag.packed()
        if len(packed) <= 4:
            field = packed.ljust(4, b"\0")
        else:
            field = struct.pack(">I", position)
            beside.append(packed.ljust(len(packed) + len(packed) % 2, b"\0"))
            position += _beside(tag)
        entries.append(struct.pack(">HHI", tag.number, tag.kind, tag.count) + field)
    head = struct.pack(">2sHIH", b"MM", 42, 8, len(tags))
    return b"".join((head, *entries, b"\0\0\0\0", *beside))


def _tags(planes: Sequence[Samples], window: Window, nodata: float | None) -> list[Tag]:
    """All but where the strips are."""
    count, dtype = len(planes), planes[0].dtype
    west, south, east, north = window.bounds
    colour = 2 if count in {3, 4} and dtype.kind == "u" else 1
    extra = count - (3 if colour == 2 else 1)
    tags = [
        Tag(256, _LONG, [window.width]),
        Tag(257, _LONG, [window.height]),
        Tag(258, _SHORT, [dtype.itemsize * 8] * count),
        Tag(259, _SHORT, [_DEFLATE]),
        Tag(262, _SHORT, [colour]),
        Tag(270, _ASCII, f"{SIMULATED}\0".encode()),
        Tag(277, _SHORT, [count]),
        Tag(278, _LONG, [ROWS]),
        Tag(282, _RATIONAL, [1, 1]),
        Tag(283, _RATIONAL, [1, 1]),
        Tag(284, _SHORT, [1]),
        Tag(296, _SHORT, [1]),
        Tag(305, _ASCII, b"Simulated data: demo archive of Ninepatch\0"),
        Tag(339, _SHORT, [_FORMATS[dtype.kind]] * count),
        Tag(33550, _DOUBLE, [(east - west) / window.width, (north - south) / window.height, 0.0]),
        Tag(33922, _DOUBLE, [0.0, 0.0, 0.0, west, north, 0.0]),
        Tag(34735, _SHORT, _geo_keys(window.epsg)),
    ]
    if extra:
        tags.append(Tag(338, _SHORT, [0] * extra))
    if nodata is not None:
        tags.append(Tag(42113, _ASCII, f"{nodata:g}\0".encode()))
    return tags


def _geo_keys(epsg: int) -> list[int]:
    """Model type, pixels as areas, and the code of the CRS."""
    if epsg == 4326:
        return [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326]
    return [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg]


_COLOURS = {1: 0, 3: 2, 4: 6}
"""Count of channels → colour type of PNG."""


def png(planes: Sequence[Samples]) -> bytes:
    """1, 3 or 4 planes of 8 or 16 bits (PNG specification, W3C 2003); rows unfiltered."""
    pixels = np.stack(planes, axis=-1)
    height, width, count = pixels.shape
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    filtered = np.zeros((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 1:] = rows
    header = struct.pack(">IIBBBBB", width, height, pixels.dtype.itemsize * 8, _COLOURS[count], 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"tEXt", b"Comment\0" + SIMULATED.encode("latin-1")),
        (b"IDAT", isal_zlib.compress(filtered, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg(planes: Sequence[Samples], quality: int) -> bytes:
    """1 or 3 planes of 8 bits."""
    pixels = planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=max(quality, 1), comment=SIMULATED)
    return target.getvalue()
