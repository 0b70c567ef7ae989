"""Pixels of one acquisition from its files: harmonised DN, nearest neighbour, granules in a fixed order."""

import re
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.cancellation import never
from services.catalogue import Granule, GranuleFile
from services.errors import AcquisitionGone, BadResponse
from services.grid import TileIndex
from services.plan import BlockRequest
from services.providers.base import Block, TryCallback, ignore
from services.providers.stac.blocks import Asked, FileBlocks
from services.providers.stac.header import Header
from services.providers.stac.nearest import Centres, pieces
from services.providers.stac.profile import REFERENCE
from services.providers.stac.ranges import RangeReader
from services.sentinel2 import DATA_MASK, SCL

HIGHEST_CLASS = 11
"""There are 12 classes."""
Pixels = NDArray[Any]
Mask = NDArray[np.bool_]


def read_block(
    block: BlockRequest,
    ranges: RangeReader,
    blocks: FileBlocks,
    cancelled: Callable[[], bool] = never,
    heard: TryCallback = ignore,
) -> Block:
    """A block from the files of its acquisition; `heard` hears of each try, one after the other.

    `dataMask` is 1 where SCL and the raw B04 of a granule are not 0; all planes of a pixel are of the first granule
    that has it so, and 0 where none has. Raises ProviderError, StorageError, and Cancelled once `cancelled` says so.
    """
    asked = Asked(ranges, cancelled, heard)
    try:
        frames = _frames(block, blocks, asked)
    except BadResponse:
        files = [(file, granule.id) for granule in block.acquisition.granules for file in granule.files]
        earlier = [blocks.forget(file, product) for file, product in files]
        if not any(earlier):
            raise
        frames = _frames(block, blocks, asked)  # the headers of an earlier day may be of other files
    return Block(frames, 0.0, asked.bytes, asked.requests)


def contributors(block: BlockRequest) -> list[tuple[Granule, tuple[TileIndex, ...]]]:
    """Granules in the order in which they are taken, each with the tiles that it shows.

    Those in the block's own zone come first, then the newest, then by name.
    """
    shown: dict[str, list[TileIndex]] = {}
    granules: dict[str, Granule] = {}
    for index in block.tiles:
        for granule in block.acquisition.showing(block.lattice.tile(index)):
            granules[granule.id] = granule
            shown.setdefault(granule.id, []).append(index)
    order = sorted(granules)
    order.sort(key=lambda name: _made(granules[name]), reverse=True)
    order.sort(key=lambda name: all(file.epsg != block.lattice.epsg for file in granules[name].files))
    return [(granules[name], tuple(shown[name])) for name in order]


def _made(granule: Granule) -> str:
    """When the product was made, as text that grows with time; empty where its name does not tell it."""
    found = re.search(r"\d{8}T\d{6}", granule.product.get("made", ""))
    return found[0] if found else ""


def tile_slices(block: BlockRequest, index: TileIndex) -> tuple[slice, slice]:
    """Rows and columns of a tile in its block, which has north up and counts its rows from the south."""
    width, height = block.lattice.size_px(block.resolution)
    left = (index.x - block.lower_left.x) * width
    top = (block.rows - 1 - (index.y - block.lower_left.y)) * height
    return slice(top, top + height), slice(left, left + width)


def file_of(granule: Granule, plane: str) -> GranuleFile:
    """Raises BadResponse where the catalogue names none of that plane."""
    for file in granule.files:
        if file.plane == plane:
            return file
    raise BadResponse(
        f"The catalogue names no file of {plane} for {granule.id}.", "Take this date out, or choose other bands."
    )


def _frames(block: BlockRequest, blocks: FileBlocks, asked: Asked) -> dict[TileIndex, dict[str, Pixels]]:
    """Planes of the block's tiles."""
    shape, found = (block.height, block.width), dict[str, Pixels]()
    centres, open_ = Centres.of(block), np.ones(shape, np.bool_)
    for granule, tiles in contributors(block):
        wanted = np.zeros(shape, np.bool_)
        for index in tiles:
            wanted[tile_slices(block, index)] = True
        wanted &= open_
        if wanted.any():
            open_ &= ~_GranuleReader(granule, block.planes, centres, blocks, asked).fill(found, wanted)
    found[DATA_MASK] = (~open_).view(np.uint8)
    nothing = {plane: np.zeros(shape, np.uint8 if plane == SCL else np.uint16) for plane in {*block.planes} - {*found}}
    planes = {plane: (found | nothing)[plane] for plane in block.planes}
    return {
        index: {plane: pixels[tile_slices(block, index)] for plane, pixels in planes.items()} for index in block.tiles
    }


@dataclass(frozen=True)
class _GranuleReader:
    """One granule, as one block request sees it."""

    granule: Granule
    planes: tuple[str, ...]
    """That are asked for."""
    centres: Centres
    blocks: FileBlocks
    asked: Asked

    def fill(self, found: dict[str, Pixels], wanted: Mask) -> Mask:
        """Put its pixels into what is `found`, where they are wanted and it has data; that is where."""
        read = dict.fromkeys((SCL, REFERENCE, *(plane for plane in self.planes if plane != DATA_MASK)))
        raw = self._read(tuple(read), wanted)
        masks = dict(islice(raw, 2))
        valid: Mask = wanted & (masks[SCL] != 0) & (masks[REFERENCE] != 0)
        for name, pixels in chain(masks.items(), raw if valid.any() else ()):
            if name in found:
                np.copyto(found[name], self._harmonised(name, pixels), where=valid)
            elif name in self.planes:
                found[name] = self._harmonised(name, pixels)
                found[name] *= valid
        raw.close()
        return valid

    def _harmonised(self, plane: str, raw: Pixels) -> Pixels:
        """As those of all processing baselines; the same array."""
        offset = file_of(self.granule, plane).offset
        if offset:
            np.maximum(raw, -offset, out=raw)
            raw -= raw.dtype.type(-offset)
        return raw

    def _read(self, planes: Sequence[str], wanted: Mask) -> Generator[tuple[str, Pixels], None, None]:
        """Raw pixels of each plane, 0 where none is wanted; all files are read side by side."""
        files = [file_of(self.granule, plane) for plane in planes]
        coming = [self.blocks.reading(file, partial(self._named, file, wanted), self.asked.cancelled) for file in files]
        try:
            for plane in planes:
                yield plane, coming.pop(0).result()
        finally:
            for one in coming:
                one.cancel()
            wait(coming)

    def _named(self, file: GranuleFile, wanted: Mask) -> Pixels:
        """As `_pixels`; what goes wrong names the product and the plane, so that somebody can leave its date out."""
        try:
            return self._pixels(file, wanted)
        except BadResponse as error:
            error.cause = f"{error.cause.rstrip('.')} ({file.plane} of {self.granule.id})."
            raise

    def _pixels(self, file: GranuleFile, wanted: Mask) -> Pixels:
        header = self.blocks.header(file, self.granule.id, self.asked)
        ours = np.zeros(wanted.shape, _type_of(file, header))
        found = {piece.number: piece for piece in pieces(self.centres.places(file), header, wanted)}
        needed = {number: piece.rows for number, piece in found.items()}
        for number, rows in self.blocks.rows(file, header, needed, self.asked):
            ours[found[number].place] = rows[found[number].source]
        if file.plane == SCL and ours.max(initial=0) > HIGHEST_CLASS:
            raise BadResponse(
                f"A file has an SCL of {ours.max()}; {HIGHEST_CLASS} is the highest.", "Choose another provider."
            )
        return ours


def _type_of(file: GranuleFile, header: Header) -> type[np.uint8 | np.uint16]:
    """Of its pixels; raises BadResponse where the file is not what the catalogue says."""
    if file.size not in (0, header.size):
        raise AcquisitionGone(
            f"A file of {file.plane} has {header.size:,} bytes, and the catalogue said {file.size:,}: it was replaced.",
            "What the catalogue says of it now is known once its kept answer is older than catalogue_hours or "
            "catalogue_hours_past in the settings.",
        )
    told = [file.width, file.height, file.epsg, *file.transform]
    found = [header.width, header.height, header.epsg or file.epsg, *header.transform]
    if found != told or header.coding.itemsize != 2 - (file.plane == SCL):
        raise BadResponse(
            f"A file of {file.plane} has {header.width} × {header.height} px of {header.coding.itemsize} bytes at "
            f"{header.transform[2]:.0f}, {header.transform[5]:.0f} in EPSG:{header.epsg or 'unknown'}; the catalogue "
            "says something else.",
            "Choose another provider for this date.",
        )
    return np.uint8 if file.plane == SCL else np.uint16
