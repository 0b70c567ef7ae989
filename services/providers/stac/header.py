"""The header of a Cloud Optimized GeoTIFF: where each of its blocks lies. Parsed as untrusted input."""

import io
import struct
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import tifffile

from services.errors import BadResponse
from services.providers.stac.decode import CODECS, PREDICTORS, Coding
from services.providers.stac.ranges import Part
from services.text import shorten

FIRST = 16_384
"""Bytes of the first read: they hold the header of a file of Sentinel-2's size."""
MOST = 2**20
"""Bytes that a header may take."""
_LARGEST = 4096
"""Pixels along a side of a block at most."""
_BLOCKS = 2**16
"""Blocks of a file at most."""
_OVER = 4096
"""Bytes that a block may take beyond twice its pixels': no codec makes more of them."""
_USER_DEFINED = 32_767
"""The projection's number where it has none."""
_PACKED = struct.Struct(">4sIIIIB?IB6dQI")
_NAME = b"NPH2"
_REMEDY = "Choose another provider for this date; if it is so for all, the catalogue's files have changed."


@dataclass(frozen=True)
class Header:
    """Of one version of a file; only what its pixels are read with."""

    width: int
    """Pixels, west to east."""
    height: int
    """Pixels, north to south."""
    coding: Coding
    transform: tuple[float, ...]
    """From pixels to metres: a, b, c, d, e, f, in the order of the affine package."""
    size: int
    """Bytes of the whole file."""
    offsets: tuple[int, ...]
    """Where each block begins, row by row; 0 where nothing is stored because it has no data."""
    sizes: tuple[int, ...]
    """Bytes of each; 0 as above."""
    etag: str
    """Which version of the file it is of; empty where the server does not say it."""
    epsg: int = 0
    """EPSG code of its projection, as the file says it; 0 where it does not."""

    @property
    def across(self) -> int:
        """Blocks from west to east."""
        return -(-self.width // self.coding.width)

    def pack(self) -> bytes:
        """For a cache."""
        fixed = (self.width, self.height, *astuple(self.coding), *self.transform, self.size, self.epsg)
        blocks = np.array([self.offsets, self.sizes], ">u8").tobytes()
        return _PACKED.pack(_NAME, *fixed) + blocks + self.etag.encode()

    @classmethod
    def unpack(cls, data: bytes) -> "Header":
        """Raises ValueError or struct.error where `pack` did not make it."""
        name, width, height, *plain = _PACKED.unpack_from(data)
        if name != _NAME:
            raise ValueError("not a header of this version")
        coding, transform, size, epsg = Coding(*plain[:6]), tuple(plain[6:12]), *plain[12:]
        count = -(-width // coding.width) * -(-height // coding.height)
        offsets, sizes = np.frombuffer(data, ">u8", 2 * count, _PACKED.size).reshape(2, count).tolist()
        etag = data[_PACKED.size + 16 * count :].decode()
        return cls(width, height, coding, transform, size, tuple(offsets), tuple(sizes), etag, epsg)


def read_header(read: Callable[[int, int, str], Part]) -> Header:
    """Of a file of which `read(start, length, etag)` gives parts: one read, where it is as long as usual.

    Raises BadResponse where it is none whose pixels can be read here, and what `read` does.
    """
    first = read(0, FIRST, "")
    content = first.content
    while True:
        try:
            return parse(content, first.size, first.etag)
        except _TooShort as error:
            wanted = min(max(error.end, 2 * len(content)), first.size, MOST)
            if wanted <= len(content):
                raise _refusal(f"its header takes more than {len(content):,} bytes") from error
            content += read(len(content), wanted - len(content), first.etag).content


def parse(content: bytes, size: int, etag: str) -> Header:
    """From the beginning of a file of so many bytes; raises BadResponse, or _TooShort where more of it is needed."""
    try:
        with tifffile.TiffFile(_Beginning(content, size)) as tiff:
            return _checked(tiff.pages.first, size, etag)
    except (BadResponse, _TooShort):
        raise
    except Exception as error:  # a parser of foreign bytes raises whatever they make it stumble over
        raise _refusal(f"its header is damaged ({type(error).__name__})") from error


def _checked(page: Any, size: int, etag: str) -> Header:
    """What the first image of a file says, where its pixels can be read here."""
    types = {"uint8": 1, "uint16": 2}
    sides = page.imagewidth, page.imagelength, page.tilewidth, page.tilelength
    if not page.is_tiled or page.samplesperpixel != 1 or page.imagedepth != 1 or page.bitspersample not in (8, 16):
        raise _refusal("it is not one band of 8 or 16 bits in tiles")
    plain = page.predictor in PREDICTORS and page.fillorder == 1
    if str(page.dtype) not in types or page.compression not in CODECS or not plain:
        how = f"{page.dtype}, compression {int(page.compression)}, predictor {int(page.predictor)}"
        how = f"{how}, bits the other way round" if page.fillorder != 1 else how
        raise _refusal(f"it is {shorten(how, 80)}")
    if not all(0 < side <= 2**20 for side in sides) or max(sides[2:]) > _LARGEST:
        raise _refusal(f"it has {sides[0]} × {sides[1]} px in blocks of {sides[2]} × {sides[3]}")
    width, height, block_width, block_height = map(int, sides)
    big, packing = page.parent.byteorder == ">", (int(page.compression), int(page.predictor))
    coding = Coding(block_width, block_height, types[str(page.dtype)], big, *packing)
    blocks = _blocks(page, -(-width // block_width) * -(-height // block_height), size)
    most = 2 * block_width * block_height * coding.itemsize + _OVER
    if max(blocks[1]) > most:
        raise _refusal(f"a block takes {max(blocks[1]):,} bytes, of at most {most:,}")
    return Header(width, height, coding, _transform(page), size, *blocks, etag, _epsg(page))


def _blocks(page: Any, count: int, size: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Offsets and sizes of so many blocks, in a file of so many bytes; 0 and 0 for those without data."""
    offsets, lengths = list(map(int, page.dataoffsets)), list(map(int, page.databytecounts))
    if not len(offsets) == len(lengths) == count <= _BLOCKS:
        raise _refusal(f"it names {len(offsets):,} blocks where there are {count:,}")
    stored = [(start, length) if start and length else (0, 0) for start, length in zip(offsets, lengths, strict=True)]
    if any(start < 0 or length < 0 or start + length > size for start, length in stored):
        raise _refusal(f"a block lies outside of its {size:,} bytes")
    return tuple(start for start, _ in stored), tuple(length for _, length in stored)


def _epsg(page: Any) -> int:
    """Of the tag GeoKeyDirectory: four numbers a key, of which the last is the value of ProjectedCRSGeoKey."""
    numbers = page.tags.valueof(34735) or ()
    epsg = dict(zip(numbers[4::4], numbers[7::4], strict=False)).get(3072, 0)
    return 0 if epsg == _USER_DEFINED else int(epsg)


def _transform(page: Any) -> tuple[float, ...]:
    """Of the tags ModelPixelScale and ModelTiepoint, as north-up rasters have them."""
    scale, tie = (page.tags.valueof(code) for code in (33550, 33922))
    if scale is None or tie is None or len(tie) != 6:
        raise _refusal("it does not say where it lies on the Earth")
    a, e = float(scale[0]), -float(scale[1])
    return a, 0.0, float(tie[3]) - a * float(tie[0]), 0.0, e, float(tie[4]) - e * float(tie[1])


def _refusal(why: str) -> BadResponse:
    return BadResponse(f"A file of the catalogue cannot be read: {why}.", _REMEDY)


class _TooShort(Exception):
    """The header goes on beyond the bytes that are here."""

    def __init__(self, end: int) -> None:
        super().__init__(end)
        self.end = end
        """Bytes of the file that are needed now."""


class _Beginning(io.BytesIO):
    """The beginning of a file that is longer; whoever reads on beyond it is told."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._have, self._size = len(content), size

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """As in the whole file."""
        return super().seek(self._size + offset) if whence == io.SEEK_END else super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file does it."""
        end = self._size if size is None or size < 0 else min(self.tell() + size, self._size)
        if end > self._have:
            raise _TooShort(end)
        return super().read(size)
