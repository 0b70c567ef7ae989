"""Blocks of a file unpacked: compressed bytes in, rows of pixels out; a prefix of a stream gives its first rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
from isal import igzip_lib, isal_zlib
from numpy.typing import NDArray

from services.errors import BadResponse

PREDICTORS = (1, 2)
"""None, and the difference from the pixel to the west."""
_BROKEN: tuple[type[Exception], ...] = (ValueError, RuntimeError, MemoryError, igzip_lib.IsalError)  # type: ignore[assignment] # its stub says a value
"""What the codecs raise."""
_AGAIN = "Fetch it again; if it happens again, the file is damaged at its source."


@dataclass(frozen=True)
class Coding:
    """How the blocks of a file are packed."""

    width: int
    """Pixels, west to east; the blocks at the file's edges are as large as the others."""
    height: int
    """Pixels, north to south."""
    itemsize: int
    """Bytes a pixel: 1 or 2, without a sign."""
    big_endian: bool
    compression: int
    """TIFF's number of it, one of `CODECS`."""
    predictor: int
    """TIFF's number of it, one of `PREDICTORS`."""

    @property
    def streams(self) -> bool:
        """Whether a prefix of a block gives its first rows."""
        return CODECS[self.compression] is _inflate


def rows_of(coding: Coding, data: bytes, rows: int, *, whole: bool) -> NDArray[Any]:
    """The first `rows` rows of a block, (rows, width of a block); fewer where `data`, a prefix, ends before.

    `whole` says that `data` is all of the block: then it is checked to its end. Raises BadResponse where it is damaged.
    """
    width = coding.width * coding.itemsize
    wanted = rows if coding.streams and not whole else coding.height
    try:
        raw = CODECS[coding.compression](data, wanted * width, whole)
    except _BROKEN as error:
        raise BadResponse(f"A block of {len(data):,} bytes of a file cannot be unpacked.", _AGAIN) from error
    count = min(rows, len(raw) // width)
    if whole and len(raw) != wanted * width:
        raise BadResponse(f"A block of a file unpacks to {len(raw):,} bytes, not {wanted * width:,}.", _AGAIN)
    stored = np.dtype(f"{'>' if coding.big_endian else '<'}u{coding.itemsize}")
    pixels = np.frombuffer(raw, stored, count * coding.width).reshape(count, coding.width)
    native = pixels.astype(stored.newbyteorder("="), copy=False)
    return imagecodecs.delta_decode(native, axis=1) if coding.predictor == 2 and count else native


def _inflate(data: bytes, size: int, whole: bool) -> bytes:
    """Deflate with zlib's frame, at most `size` bytes of it; the whole ends there, with a checksum that is right."""
    unpacker = isal_zlib.decompressobj()
    raw = bytes(unpacker.decompress(data, size))
    if whole and len(raw) == size and (unpacker.decompress(unpacker.unconsumed_tail, 1) or not unpacker.eof):
        raise ValueError("it goes on, or has no end")
    return raw


def _lzw(data: bytes, size: int, whole: bool) -> bytes:  # noqa: ARG001 - always the whole
    return bytes(imagecodecs.lzw_decode(data, out=bytearray(size)))


def _zstd(data: bytes, size: int, whole: bool) -> bytes:  # noqa: ARG001 - the same
    return bytes(imagecodecs.zstd_decode(data, out=bytearray(size)))


CODECS: dict[int, Callable[[bytes, int, bool], bytes]] = {
    8: _inflate,
    32_946: _inflate,
    5: _lzw,
    50_000: _zstd,
}
"""By TIFF's number of the compression: compressed bytes, most bytes to come, whether it is all → bytes."""
