"""What a recipe still needs, as block requests. Pure: a plan can be shown, priced and tested without a network."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from services.cache import FrameKey, frame_key
from services.catalogue import Acquisition
from services.geo import Bounds
from services.grid import Cell, Lattice, TileIndex, cover_missing
from services.recipe import MAX_PIXELS, Recipe
from services.sentinel2 import DATA_MASK, SCL

BYTES = {SCL: 0.6, DATA_MASK: 0.2}
"""Bytes a pixel of the service's Deflate TIFF, as real Sentinel-2 scenes with clouds compress; see BAND_BYTES."""
BAND_BYTES = 1.6
"""The same of a 16-bit band: 0.8 of its two bytes."""


@dataclass(frozen=True)
class BlockRequest:
    """One request: a rectangle of tiles at one acquisition."""

    provider: str
    """Name of the provider."""
    collection: str
    lattice: Lattice
    lower_left: TileIndex
    """The south-western tile."""
    columns: int
    """Tiles, west to east."""
    rows: int
    """Tiles, south to north."""
    resolution: int
    """Metres a pixel."""
    acquisition: Acquisition
    planes: tuple[str, ...]
    """Bands, SCL, dataMask, in this order."""

    @property
    def bounds(self) -> Bounds:
        """minx, miny, maxx, maxy in metres of the lattice's zone."""
        return self.lattice.rectangle(self.lower_left, self.columns, self.rows)

    @property
    def width(self) -> int:
        """Pixels, west to east: a whole number of them for each tile."""
        return self.columns * self.lattice.size_px(self.resolution)[0]

    @property
    def height(self) -> int:
        """Pixels, north to south."""
        return self.rows * self.lattice.size_px(self.resolution)[1]

    @property
    def pixels(self) -> int:
        """Width × height."""
        return self.width * self.height

    @property
    def units(self) -> float:
        """Processing units that it costs; see `processing_units`."""
        return processing_units(self.width, self.height, self.planes)

    @property
    def bytes(self) -> int:
        """Bytes that are expected to come back."""
        return round(self.pixels * sum(BYTES.get(plane, BAND_BYTES) for plane in self.planes))

    @property
    def tiles(self) -> tuple[TileIndex, ...]:
        """North row first, west to east."""
        left, low = self.lower_left.x, self.lower_left.y
        return tuple(TileIndex(left + i, low + j) for j in reversed(range(self.rows)) for i in range(self.columns))

    @property
    def keys(self) -> tuple[FrameKey, ...]:
        """Of the frames of its tiles, in their order."""
        return tuple(self.key(index) for index in self.tiles)

    def key(self, index: TileIndex) -> FrameKey:
        """Of the frame of one of its tiles."""
        return FrameKey.of(self.provider, self.collection, self.lattice, index, self.resolution, self.acquisition)

    def remaining(self, present: Mapping[FrameKey, Collection[str]]) -> tuple["BlockRequest", ...]:
        """What of it is still missing where `present` says which planes are there by now; itself where nothing is."""
        missing = {
            (index.x, index.y): frozenset(self.planes).difference(present.get(self.key(index), ()))
            for index in self.tiles
        }
        return self.cut(missing, self.planes)

    def cut(self, missing: Mapping[Cell, frozenset[str]], planes: tuple[str, ...]) -> tuple["BlockRequest", ...]:
        """Requests like it for the planes that each tile lacks, as few as `cover_missing` finds."""
        pieces = cover_missing(missing, planes, *_most(self.lattice, self.resolution))
        return tuple(
            replace(self, lower_left=TileIndex(place.x, place.y), columns=place.columns, rows=place.rows, planes=some)
            for some, place in pieces
        )


@dataclass(frozen=True)
class Plan:
    """All requests that a recipe still needs."""

    blocks: tuple[BlockRequest, ...]
    """In the order in which they are sent: the least cloudy acquisition first."""
    wanted: int
    """Planes of all tiles at all acquisitions that show them."""
    cached: int
    """Those of them that are there already."""
    planes: tuple[str, ...] = ()
    """Of the recipe, in the order in which a request names them."""

    def prioritise(self, planes: Collection[str]) -> "Plan":
        """The same at the same price: `planes`, those that one wants to see, before all others, each of both in as
        few requests as `services.grid.tiling.cover_missing` finds.

        A mask, free beside a band, never goes alone: where it would, all of its tile comes first.
        """
        early: list[BlockRequest] = []
        late: list[BlockRequest] = []
        for _, some in groupby(self.blocks, key=lambda block: block.acquisition):
            blocks = tuple(some)
            missing = _missing(blocks)
            seen = {cell: _seen(lacking, planes) for cell, lacking in missing.items()}
            early += blocks[0].cut(seen, self.planes)
            late += blocks[0].cut({cell: lacking - seen[cell] for cell, lacking in missing.items()}, self.planes)
        return replace(self, blocks=(*early, *late))

    @property
    def requests(self) -> int:
        """Number of Process requests."""
        return len(self.blocks)

    @cached_property
    def pixels(self) -> int:
        """Of all requests."""
        return sum(block.pixels for block in self.blocks)

    @cached_property
    def units(self) -> float:
        """Processing units by the service's formula."""
        return sum(block.units for block in self.blocks)

    @cached_property
    def bytes(self) -> int:
        """Bytes that are expected to come back."""
        return sum(block.bytes for block in self.blocks)


def processing_units(width: int, height: int, planes: Collection[str]) -> float:
    """Cost of one 16-bit response with one sample a pixel, in processing units.

    max(width · height / 512², 0.01) × bands / 3, at least 0.005; dataMask counts only where it is the only band
    (Sentinel Hub documentation, "Processing unit definition"). 8 and 16 bit have the format factor 1.
    """
    bands = len([plane for plane in planes if plane != DATA_MASK]) or 1
    return max(max(width * height / 512**2, 0.01) * bands / 3, 0.005)


def plan(recipe: Recipe, acquisitions: Sequence[Acquisition], present: Mapping[FrameKey, Collection[str]]) -> Plan:
    """What is missing of the recipe's planes at these acquisitions, where `present` says which planes are there.

    Each missing plane of each tile that the acquisition's footprint touches is in one request, and nothing else is; in
    as few requests as `services.grid.tiling.cover_missing` finds.
    """
    tiles = recipe.neighbourhood.tiles
    blocks: list[BlockRequest] = []
    wanted = lacking = 0
    for acquisition in sorted(acquisitions, key=lambda one: (one.cloud_cover, one.time)):
        missing: dict[Cell, frozenset[str]] = {}
        for tile in tiles:
            if acquisition.touches(tile):
                there = present.get(frame_key(recipe, tile.index, acquisition), ())
                missing[tile.index.x, tile.index.y] = frozenset(recipe.planes).difference(there)
        wanted += len(missing) * len(recipe.planes)
        lacking += sum(map(len, missing.values()))
        blocks += _one_tile(recipe, acquisition).cut(missing, recipe.planes)
    return Plan(tuple(blocks), wanted, wanted - lacking, recipe.planes)


def _one_tile(recipe: Recipe, acquisition: Acquisition) -> BlockRequest:
    """All of the centre tile."""
    return BlockRequest(
        provider=recipe.provider,
        collection=recipe.collection,
        lattice=recipe.lattice,
        lower_left=recipe.centre,
        columns=1,
        rows=1,
        resolution=recipe.resolution,
        acquisition=acquisition,
        planes=recipe.planes,
    )


def _missing(blocks: Iterable[BlockRequest]) -> dict[Cell, frozenset[str]]:
    """The planes that they ask for of each tile."""
    found: dict[Cell, frozenset[str]] = {}
    for block in blocks:
        for index in block.tiles:
            found[index.x, index.y] = found.get((index.x, index.y), frozenset()).union(block.planes)
    return found


def _seen(lacking: frozenset[str], planes: Collection[str]) -> frozenset[str]:
    """What a tile lacks of these planes; all that it lacks where its mask would go alone else."""
    seen = lacking.intersection(planes)
    return lacking if {DATA_MASK} in (seen, lacking - seen) else seen


def _most(lattice: Lattice, resolution: int) -> tuple[int, int]:
    """Tiles a side that the service accepts in one request."""
    width, height = lattice.size_px(resolution)
    return MAX_PIXELS // width, MAX_PIXELS // height
