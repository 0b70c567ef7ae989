"""GeoTIFF, PNG and JPEG encoders, each with the word that the data are simulated.

GeoTIFF as the service writes it: big-endian, Deflate, strips of 8 rows, pixels interleaved, GeoKeys of the request
(TIFF 6.0, Adobe, 1992; GeoTIFF, OGC 19-008r4). PNG: specification, W3C 2003.
"""

import io
import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from isal import isal_zlib
from PIL import Image

from services.demo.world import SIMULATED, Samples, Window

ROWS = 8
"""Rows of a strip."""
LEVEL = 0
"""Of ISA-L's compressor: its fastest, which still compresses."""
_ASCII, _SHORT, _LONG, _RATIONAL, _DOUBLE = 2, 3, 4, 5, 12
_CODES = {_SHORT: "H", _LONG: "I", _RATIONAL: "I", _DOUBLE: "d"}
_DEFLATE = 32946
_FORMATS = {"u": 1, "i": 2, "f": 3}
_COLOURS = {1: 0, 3: 2, 4: 6}
"""Count of channels → colour type of PNG."""
Tags = dict[int, tuple[int, Sequence[float] | bytes]]
"""Number → kind and values, or the bytes of a text."""


def tiff(planes: Sequence[Samples], window: Window, nodata: float | None = None) -> bytes:
    """Planes (height, width) of one type as one file, in their order."""
    strips = [isal_zlib.compress(strip, LEVEL) for strip in _strips(planes)]
    sizes = [len(strip) for strip in strips]
    tags = _tags(planes, window, nodata) | {273: (_LONG, sizes), 279: (_LONG, sizes)}
    begin = len(_directory(tags))
    tags[273] = (_LONG, list(accumulate(sizes[:-1], initial=begin)))
    return b"".join((_directory(tags), *strips))


def _strips(planes: Sequence[Samples]) -> list[memoryview]:
    """The pixels, interleaved and big-endian, so many rows at a time."""
    height, width = planes[0].shape
    mixed = np.empty((height, width, len(planes)), planes[0].dtype.newbyteorder(">"))
    for number, plane in enumerate(planes):
        mixed[..., number] = plane
    return [mixed[row : row + ROWS].data.cast("B") for row in range(0, height, ROWS)]


def _directory(tags: Tags) -> bytes:
    """Header, entries, and beside them the values that do not fit into an entry, on even lengths."""
    entries, beside = b"", b""
    position = 8 + 2 + 12 * len(tags) + 4
    for number, (kind, values) in sorted(tags.items()):
        packed = values if isinstance(values, bytes) else struct.pack(f">{len(values)}{_CODES[kind]}", *values)
        entries += struct.pack(">HHI", number, kind, len(values) // (2 if kind == _RATIONAL else 1))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack(">I", position + len(beside))
            beside += packed + b"\0" * (len(packed) % 2)
    return struct.pack(">2sHIH", b"MM", 42, 8, len(tags)) + entries + b"\0\0\0\0" + beside


def _tags(planes: Sequence[Samples], window: Window, nodata: float | None) -> Tags:
    """All but where the strips are."""
    count, dtype = len(planes), planes[0].dtype
    colour = 2 if count in {3, 4} and dtype.kind == "u" else 1
    extra = count - (3 if colour == 2 else 1)
    tags: Tags = {
        256: (_LONG, [window.width]),
        257: (_LONG, [window.height]),
        258: (_SHORT, [dtype.itemsize * 8] * count),
        259: (_SHORT, [_DEFLATE]),
        262: (_SHORT, [colour]),
        270: (_ASCII, f"{SIMULATED}\0".encode()),
        277: (_SHORT, [count]),
        278: (_LONG, [ROWS]),
        282: (_RATIONAL, [1, 1]),
        283: (_RATIONAL, [1, 1]),
        284: (_SHORT, [1]),
        296: (_SHORT, [1]),
        305: (_ASCII, b"Simulated data: demo archive of Ninepatch\0"),
        339: (_SHORT, [_FORMATS[dtype.kind]] * count),
        33550: (_DOUBLE, [window.dx, window.dy, 0.0]),
        33922: (_DOUBLE, [0.0, 0.0, 0.0, window.bounds[0], window.bounds[3], 0.0]),
        34735: (_SHORT, _geo_keys(window.epsg)),
    }
    if extra:
        tags[338] = (_SHORT, [0] * extra)
    if nodata is not None:
        tags[42113] = (_ASCII, f"{nodata:g}\0".encode())
    return tags


def _geo_keys(epsg: int) -> list[int]:
    """Model type, pixels as areas, and the code of the CRS."""
    if epsg == 4326:
        return [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326]
    return [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg]


def png(planes: Sequence[Samples]) -> bytes:
    """1, 3 or 4 planes of 8 or 16 bits; rows unfiltered."""
    pixels = np.stack(planes, axis=-1)
    height, width, count = pixels.shape
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    filtered = np.pad(rows, ((0, 0), (1, 0)))
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
