"""Cloud optimized GeoTIFFs, of which only some blocks exist: blocks of pixels in, the bytes of a file out.

Written by hand, because GDAL's driver goes over all 120 million pixels of a file where a few blocks are filled: a
second or more each. All headers come first, then the blocks, the coarsest overview's before the others (TIFF 6.0,
Adobe, 1992; GeoTIFF, OGC 19-008r4). An absent block has offset 0 and length 0, as GDAL's `SPARSE_OK` leaves it.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
Blocks = Mapping[tuple[int, int], Pixels]
"""Row and column of a block → (side, side) pixels, 0 beyond the file's edge and where nothing was seen."""
_ASCII, _SHORT, _LONG, _DOUBLE = 2, 3, 4, 12
_CODES = {_SHORT: "H", _LONG: "I", _DOUBLE: "d"}
_LEVEL = 3
"""Of ISA-L's compressor: its best."""
_DEFLATE, _HORIZONTAL = 8, 2
Tags = dict[int, tuple[int, Sequence[float] | bytes]]
"""Number → kind and values, or the bytes of a text."""


@dataclass(frozen=True)
class Place:
    """Where a file lies, and what it says of itself."""

    epsg: int
    """EPSG code of the UTM zone."""
    west: float
    """Metres."""
    north: float
    """Metres."""
    pixel: float
    """Metres a side."""
    note: str
    """A sentence for whoever opens it, in ASCII."""


@dataclass(frozen=True)
class Level:
    """The picture, or one of its overviews."""

    size: int
    """Pixels a side of the whole."""
    side: int
    """Pixels a side of a block."""
    blocks: Blocks

    @property
    def across(self) -> int:
        """Blocks a side."""
        return -(-self.size // self.side)


def cog(picture: Level, place: Place, *, classes: bool = False) -> bytes:
    """The file; overviews hold the mean of what was seen, or where pixels are `classes` every second one."""
    levels = [picture]
    while levels[-1].size > picture.side:
        levels.append(_halved(levels[-1], classes))
    packed = [{at: _packed(pixels) for at, pixels in sorted(level.blocks.items())} for level in levels]
    head = _headers(levels, packed, place, 0)
    body = [block for blocks in reversed(packed) for block in blocks.values()]
    return b"".join((_headers(levels, packed, place, len(head)), *body))


def _halved(level: Level, classes: bool) -> Level:
    """The next overview; of an odd count of pixels the last is dropped, as GDAL does."""
    blocks: dict[tuple[int, int], Pixels] = {}
    half = level.side // 2
    for (row, column), pixels in level.blocks.items():
        whole = blocks.setdefault((row // 2, column // 2), np.zeros_like(pixels))
        down, right = half * (row % 2), half * (column % 2)
        whole[down : down + half, right : right + half] = pixels[::2, ::2] if classes else _means(pixels)
    return Level(level.size // 2, level.side, blocks)


def _means(pixels: Pixels) -> NDArray[np.uint32]:
    """Of each 2 × 2 pixels those that were seen, rounded; 0 where none was."""
    total = np.zeros((len(pixels) // 2, len(pixels) // 2), np.uint32)
    seen = np.zeros_like(total)
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        corner = pixels[down::2, right::2]
        total += corner
        seen += corner > 0
    return (total + seen // 2) // np.maximum(seen, 1)


def _packed(pixels: Pixels) -> bytes:
    """A block's bytes: differences along the rows, by arithmetic that wraps, then Deflate."""
    steps = pixels.copy()
    steps[:, 1:] -= pixels[:, :-1]
    return bytes(isal_zlib.compress(steps.astype(steps.dtype.newbyteorder("<")).tobytes(), _LEVEL))


def _headers(
    levels: Sequence[Level], packed: Sequence[Mapping[tuple[int, int], bytes]], place: Place, begin: int
) -> bytes:
    """Everything before the blocks, which lie from `begin` on."""
    tables = []
    for level, blocks in reversed(list(zip(levels, packed, strict=True))):
        offsets, lengths = ([0] * level.across**2 for _ in range(2))
        for (row, column), block in blocks.items():
            number = row * level.across + column
            offsets[number], lengths[number] = begin, len(block)
            begin += len(block)
        tables.append((offsets, lengths))
    found = b"II" + struct.pack("<HI", 42, 8)
    for level, (offsets, lengths) in zip(levels, reversed(tables), strict=True):
        main = level is levels[0]
        kind = next(iter(levels[0].blocks.values())).dtype.itemsize
        tags = _tags(level, kind) | (_geography(place) if main else {254: (_LONG, [1])})
        tags |= {324: (_LONG, offsets), 325: (_LONG, lengths)}
        found += _directory(tags, len(found), level is levels[-1])
    return found


def _tags(level: Level, itemsize: int) -> Tags:
    """Of one level: unsigned integers of so many bytes, whose 0 is no data."""
    return {
        256: (_LONG, [level.size]),
        257: (_LONG, [level.size]),
        258: (_SHORT, [8 * itemsize]),
        259: (_SHORT, [_DEFLATE]),
        262: (_SHORT, [1]),
        277: (_SHORT, [1]),
        284: (_SHORT, [1]),
        317: (_SHORT, [_HORIZONTAL]),
        322: (_LONG, [level.side]),
        323: (_LONG, [level.side]),
        339: (_SHORT, [1]),
        42113: (_ASCII, b"0\0"),
    }


def _geography(place: Place) -> Tags:
    """A projected system, pixels as areas."""
    return {
        270: (_ASCII, place.note.encode("ascii") + b"\0"),
        33550: (_DOUBLE, [place.pixel, place.pixel, 0]),
        33922: (_DOUBLE, [0, 0, 0, place.west, place.north, 0]),
        34735: (_SHORT, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, place.epsg]),
    }


def _directory(tags: Tags, position: int, last: bool) -> bytes:
    """Entries, where the next directory is, and the values that do not fit into an entry, on even lengths."""
    entries, beside = struct.pack("<H", len(tags)), b""
    position += 2 + 12 * len(tags) + 4
    for number, (kind, values) in sorted(tags.items()):
        packed = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{_CODES[kind]}", *values)
        entries += struct.pack("<HHI", number, kind, len(values))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", position + len(beside))
            beside += packed + b"\0" * (len(packed) % 2)
    return entries + struct.pack("<I", 0 if last else position + len(beside)) + beside
