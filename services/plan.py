"""What a recipe still needs, as block requests. Pure: a plan can be shown, priced and tested without a network."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.acquisitions import Acquisition
from services.framekey import FrameKey, frame_key
from services.lattice import Lattice, TileIndex
from services.recipe import DATA_MASK, MAX_PIXELS, SCL, Recipe
from services.rectangles import Cell, Rectangle, cover
from services.utm import Bounds

Pieces = list[tuple[tuple[str, ...], Rectangle]]
"""Planes and the tiles that lack them; no tile and plane is in two of them."""
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

    def still(self, present: Mapping[FrameKey, Collection[str]]) -> tuple["BlockRequest", ...]:
        """What of it is still missing where `present` says which planes are there by now; itself where nothing is."""
        missing = {
            (index.x, index.y): frozenset(self.planes).difference(present.get(self.key(index), ()))
            for index in self.tiles
        }
        return tuple(self._part(*piece) for piece in _pieces(self.planes, self.lattice, self.resolution, missing))

    def split(self, planes: Collection[str]) -> tuple[tuple["BlockRequest", ...], tuple["BlockRequest", ...]]:
        """The request for those of the planes that it has, and the one for the others; each may be missing.

        The mask, free beside a band, never goes alone: where it would, all planes are in the first.
        """
        first = tuple(plane for plane in self.planes if plane in planes)
        others = tuple(plane for plane in self.planes if plane not in planes)
        if first == (DATA_MASK,) or not others:
            return (self,), ()
        later = (replace(self, planes=others),)
        return ((replace(self, planes=first),), later) if first else ((), later)

    def _part(self, planes: tuple[str, ...], place: Rectangle) -> "BlockRequest":
        return replace(
            self, lower_left=TileIndex(place.x, place.y), columns=place.columns, rows=place.rows, planes=planes
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

    def seen_first(self, planes: Collection[str]) -> "Plan":
        """The same planes at the same price, those that one wants to see before all others, in up to twice as many
        requests."""
        halves = [block.split(planes) for block in self.blocks]
        return replace(self, blocks=tuple(block for place in (0, 1) for half in halves for block in half[place]))

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

    Each missing plane of each tile that the acquisition's footprint touches is in one request, and nothing else is.
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
        pieces = _pieces(recipe.planes, recipe.lattice, recipe.resolution, missing)
        blocks += [_block(recipe, acquisition, *piece) for piece in pieces]
    return Plan(tuple(blocks), wanted, wanted - lacking)


def _block(recipe: Recipe, acquisition: Acquisition, planes: tuple[str, ...], place: Rectangle) -> BlockRequest:
    return BlockRequest(
        provider=recipe.provider,
        collection=recipe.collection,
        lattice=recipe.lattice,
        lower_left=TileIndex(place.x, place.y),
        columns=place.columns,
        rows=place.rows,
        resolution=recipe.resolution,
        acquisition=acquisition,
        planes=planes,
    )


def _pieces(
    order: tuple[str, ...], lattice: Lattice, resolution: int, missing: Mapping[Cell, frozenset[str]]
) -> Pieces:
    """The missing planes of one acquisition in few requests, those of each in this order.

    Tiles that lack the same planes go together, or else planes that the same tiles lack: whichever needs fewer. A
    mask never goes alone where its tile lacks a band: it is free beside one, and costs as much as one alone.
    """
    tiles_lacking: dict[frozenset[str], set[Cell]] = {}
    planes_lacking: dict[frozenset[Cell], set[str]] = {}
    for cell, planes in missing.items():
        tiles_lacking.setdefault(planes, set()).add(cell)
    for plane in order:
        cells = frozenset(cell for cell, planes in missing.items() if plane in planes)
        planes_lacking.setdefault(cells, set()).add(plane)
    width, height = lattice.size_px(resolution)
    most = (MAX_PIXELS // width, MAX_PIXELS // height)
    by_tile = _rectangles(order, most, tiles_lacking.items())
    by_plane = _rectangles(order, most, ((planes, cells) for cells, planes in planes_lacking.items()))
    return min(by_tile, by_plane, key=lambda pieces: (_lonely_masks(pieces), len(pieces)))


def _rectangles(
    order: tuple[str, ...], most: tuple[int, int], groups: Iterable[tuple[Collection[str], Collection[Cell]]]
) -> Pieces:
    """Each group of planes and tiles as the fewest rectangles that the service accepts, `most` tiles a side."""
    return [
        (tuple(plane for plane in order if plane in planes), place)
        for planes, cells in groups
        if planes
        for place in cover(cells, *most)
    ]


def _lonely_masks(pieces: Pieces) -> int:
    """Tiles whose mask is asked without a band."""
    return sum(place.columns * place.rows for planes, place in pieces if planes == (DATA_MASK,))
