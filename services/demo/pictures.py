"""PNG and JPEG, with the word that their data are simulated."""

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from isal import isal_zlib
from PIL import Image

from services.demo.bands import Plane
from services.demo.items import SIMULATED

_COLOURS = {1: 0, 3: 2, 4: 6}
"""Count of channels → colour type of PNG."""


def png(planes: Sequence[Plane]) -> bytes:
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


def jpeg(planes: Sequence[Plane], quality: int) -> bytes:
    """1 or 3 planes of 8 bits."""
    pixels = planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=max(quality, 1), comment=SIMULATED)
    return target.getvalue()
