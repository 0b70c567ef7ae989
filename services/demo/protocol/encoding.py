"""GeoTIFF, PNG and JPEG encoders, each with the word that the data are simulated.

GeoTIFF as the service writes it: big-endian, Deflate, strips of 8 rows, pixels interleaved, GeoKeys of the request
(TIFF 6.0, Adobe, 1992; GeoTIFF, OGC 19-008r4). PNG: specification, W3C 2003.
"""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import tifffile
from isal import isal_zlib
from PIL import Image

from services.demo.world import SIMULATED, Samples, Window

ROWS = 8
"""Rows of a strip."""
LEVEL = 0
"""Of ISA-L's compressor: its fastest, which still compresses."""
_DEFLATE = 32946
_COLOURS = {1: 0, 3: 2, 4: 6}
"""Count of channels → colour type of PNG."""


def tiff(planes: Sequence[Samples], window: Window, nodata: float | None = None) -> bytes:
    """Planes (height, width) of one type as one file, in their order."""
    coloured = len(planes) in {3, 4} and planes[0].dtype.kind == "u"
    shape = (window.height, window.width, len(planes))
    target = io.BytesIO()
    with tifffile.TiffWriter(target, byteorder=">") as file:
        file.write(
            (isal_zlib.compress(strip, LEVEL) for strip in _strips(planes)),
            shape=shape if len(planes) > 1 else shape[:2],
            dtype=planes[0].dtype.newbyteorder(">"),
            compression=_DEFLATE,
            rowsperstrip=ROWS,
            photometric="rgb" if coloured else "minisblack",
            planarconfig="contig" if len(planes) > 1 else None,
            extrasamples=["unspecified"] * (len(planes) - (3 if coloured else 1)),
            resolution=(1, 1),
            resolutionunit=1,
            description=SIMULATED,
            software="Simulated data: demo archive of Ninepatch",
            metadata=None,
            extratags=_tags(window, nodata),
        )
    return target.getvalue()


def _strips(planes: Sequence[Samples]) -> list[memoryview]:
    """The pixels, interleaved and big-endian, so many rows at a time."""
    height, width = planes[0].shape
    mixed = np.empty((height, width, len(planes)), planes[0].dtype.newbyteorder(">"))
    for number, plane in enumerate(planes):
        mixed[..., number] = plane
    return [mixed[row : row + ROWS].data.cast("B") for row in range(0, height, ROWS)]


def _tags(window: Window, nodata: float | None) -> list[tuple[int, str, int, Any, bool]]:
    """Where it lies: size of a pixel, corner, model type, pixels as areas, code of the CRS; and what is no data."""
    degrees = window.epsg == 4326
    keys = (1, 1, 0, 3, 1024, 0, 1, 2 if degrees else 1, 1025, 0, 1, 1, 2048 if degrees else 3072, 0, 1, window.epsg)
    tags: list[tuple[int, str, int, Any, bool]] = [
        (33550, "d", 3, (window.dx, window.dy, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, window.bounds[0], window.bounds[3], 0.0), True),
        (34735, "H", len(keys), keys, True),
    ]
    return tags if nodata is None else [*tags, (42113, "s", 0, f"{nodata:g}", True)]


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
