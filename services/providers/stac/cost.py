"""What reading files costs: bytes and requests, from where files lie and how large they are. Pure but for the cache."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from services.catalogue import Granule, GranuleFile
from services.geo import Bounds
from services.grid import TileIndex
from services.plan import BlockRequest, Cost, Terms
from services.providers.stac.blocks import FileBlocks, address_of, file_blocks, ranges_of
from services.providers.stac.decode import Coding
from services.providers.stac.header import FIRST, Header
from services.providers.stac.nearest import Centres, pieces
from services.providers.stac.profile import REFERENCE
from services.providers.stac.reader import contributors, file_of
from services.sentinel2 import DATA_MASK, SCL
from services.settings import Settings

MAX_PIXELS = 2500
"""Longest side of one request, in px: what a few of them take of the memory."""
BLOCK_PIXELS = {10: 1024, 20: 512, 60: 256}
"""Pixels along a side of a block, by metres a pixel, as the catalogues' files have them."""
BYTES = {SCL: 0.08}
"""Bytes a pixel where the catalogue does not say how large a file is; see BAND_BYTES."""
BAND_BYTES = 1.4
"""The same of a band: of its two bytes, as real scenes compress with Deflate and predictor 2."""
FULL_SHARE = 0.74
"""Of a file, what is not overviews."""
_STEP = 1000
"""Metres between two places that are looked at."""
_NOTHING = 1.0
"""Square metres that are no ground."""


@cache
def terms(settings: Settings) -> Terms:
    """Of files that are read and kept with these settings; the same one for the same."""
    return Terms(MAX_PIXELS, cost, partial(total, partial(file_blocks, settings)), kept=True)


@dataclass(frozen=True)
class _Needed:
    """What is read of one file."""

    file: GranuleFile
    granule: Granule
    rows: Mapping[int, int]
    """Rows from the top of each block, by its number."""


def cost(block: BlockRequest) -> Cost:
    """Of a block from an empty cache, by what the catalogue says."""
    return _sum((one, _expected(one.file, one.granule), {}, True) for one in _needed(block))


def total(kept: Callable[[], FileBlocks], blocks: Sequence[BlockRequest]) -> Cost:
    """Of the blocks of a plan together: each block of a file once, without what is kept; by headers that are known."""
    joined = _joined(one for block in blocks for one in _needed(block))
    headers = kept().known_headers((one.file, one.granule.id) for one in joined)
    known = [(one, headers[address_of(one.file)]) for one in joined if address_of(one.file) in headers]
    held = kept().held((one.file, header, one.rows) for one, header in known)
    files = []
    for one in joined:
        header = headers.get(address_of(one.file))
        found = held.get(address_of(one.file), {})
        files.append((one, header or _expected(one.file, one.granule), found, header is None))
    return _sum(files)


def _sum(files: Iterable[tuple[_Needed, Header, Mapping[int, int], bool]]) -> Cost:
    """Of files with their headers, what of them is held, and whether the header itself is to be read."""
    requests = came = 0
    for one, header, held, unknown in files:
        stored = {number: rows for number, rows in one.rows.items() if header.sizes[number]}
        runs = ranges_of(header, stored, held)
        requests += len(runs) + unknown
        came += sum(run[-1].stop - run[0].start for run in runs) + FIRST * unknown
    return Cost(0.0, requests, came)


def _joined(needed: Iterable[_Needed]) -> list[_Needed]:
    """One a file: the most rows of each block."""
    found: dict[str, _Needed] = {}
    for one in needed:
        before = found.get(address_of(one.file))
        rows = dict(one.rows)
        for number, count in before.rows.items() if before else ():
            rows[number] = max(count, rows.get(number, 0))
        found[address_of(one.file)] = _Needed(one.file, one.granule, rows)
    return list(found.values())


def _needed(block: BlockRequest) -> Iterator[_Needed]:
    """What is read for a block, where every granule has data wherever its footprint says so."""
    planes = dict.fromkeys((SCL, REFERENCE, *(plane for plane in block.planes if plane != DATA_MASK)))
    centres = Centres.of(block)
    for granule, bounds in _filling(block):
        part = centres.within(bounds).thinned(max(1, _STEP // block.resolution))
        wanted = np.ones((len(part.y), len(part.x)), np.bool_)
        grids: dict[tuple[float, ...], dict[int, int]] = {}
        for plane in planes if wanted.any() else ():
            file = file_of(granule, plane)
            if file.transform not in grids:
                found = pieces(part.places(file), _expected(file, None), wanted)
                grids[file.transform] = {piece.number: piece.rows for piece in found}
            yield _Needed(file, granule, grids[file.transform])


def _filling(block: BlockRequest) -> Iterator[tuple[Granule, Bounds]]:
    """Granules that are read, with the edges of the ground that those before them do not fill."""
    left: dict[TileIndex, Any] = {index: shapely.box(*block.lattice.bounds(index)) for index in block.tiles}
    for granule, tiles in contributors(block):
        ground = [left[index] for index in tiles if left[index].area > _NOTHING]
        if ground:
            west, south, east, north = shapely.total_bounds(ground).tolist()
            yield granule, (west, south, east, north)
            shown = granule.projected(block.lattice.epsg)
            left |= {index: left[index].difference(shown) for index in tiles}


@lru_cache(maxsize=1024)
def _expected(file: GranuleFile, granule: Granule | None) -> Header:
    """A file as the catalogues' files are, of which the granule's footprint has data, all of it alike."""
    side = BLOCK_PIXELS.get(round(file.transform[0]), 512)
    grid = _Grid(file.epsg, file.transform, file.width, file.height, side)
    filled = _filled(grid, granule)
    each = BYTES.get(file.plane, BAND_BYTES)
    if file.size:
        each = min(2.0, file.size * FULL_SHARE / max(1.0, filled.sum()))
    sizes = np.maximum(1, np.rint(each * filled)).astype(np.int64)
    offsets = FIRST + np.cumsum(sizes) - sizes
    coding = Coding(side, side, 1 if file.plane == SCL else 2, False, 8, 2)
    return Header(
        file.width, file.height, coding, file.transform, 0, tuple(offsets.tolist()), tuple(sizes.tolist()), ""
    )


class _Grid(NamedTuple):
    """Of the blocks of a file; the same for many."""

    epsg: int
    transform: tuple[float, ...]
    width: int
    height: int
    side: int
    """Pixels of a block."""


@lru_cache(maxsize=1024)
def _filled(grid: _Grid, granule: Granule | None) -> NDArray[np.float64]:
    """Pixels of each block that lie in the footprint, row by row; all where no granule is named."""
    columns, rows = (np.append(np.arange(0, count, grid.side), count) for count in (grid.width, grid.height))
    pixels: NDArray[np.float64] = np.outer(np.diff(rows), np.diff(columns)).astype(np.float64).ravel()
    if granule is not None:
        a, _, c, _, e, f = grid.transform
        x, y = c + a * columns, f + e * rows
        boxes = shapely.box(x[np.newaxis, :-1], y[1:, np.newaxis], x[np.newaxis, 1:], y[:-1, np.newaxis]).ravel()
        shown = granule.projected(grid.epsg)
        shapely.prepare(shown)
        cut = ~shapely.covers(shown, boxes)
        pixels[cut] *= shapely.area(shapely.intersection(boxes[cut], shown)) / shapely.area(boxes[cut])
    return pixels
