"""What a recipe still needs, as block requests. Pure: a plan can be shown, priced and tested without a network."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from services.cache import FrameKey, angle_px, frame_key, plane_type, touched_keys
from services.catalogue import Acquisition
from services.errors import RecipeError
from services.geo import Bounds
from services.grid import Cell, Lattice, Tile, TileBlock, TileIndex, cover_missing, fewer, indices_of
from services.lazy import lazy
from services.recipe import CSMASK, MASKS, Recipe, require_angles
from services.sentinel2 import ANGLES, DATA_MASK, SCL

_PACKED, _PACKED_BAND = {SCL: 0.6, CSMASK: 0.2, DATA_MASK: 0.2, **dict.fromkeys(ANGLES, 0.0)}, 1.6
"""Bytes a pixel of a plane in the cache, compressed, and of any other band: 0.8 of its two bytes; angles have so few
pixels that only their entries count."""

_ROW, _FILE = 512, 4096
"""Bytes that a plane's entry takes beside its own: usually, and at most."""


SLACK = 4
"""Tiles of an order that a request may have besides for each request that it saves: of the example area's 3,034
requests of 2017 it leaves 2,125, for 2.6 % more pixels, which are kept as all others."""


def packed_bytes(pixels: int, planes: Iterable[str]) -> int:
    """About what planes of so many pixels take in the cache."""
    return round(pixels * sum(_PACKED.get(plane, _PACKED_BAND) for plane in planes))


@dataclass(frozen=True)
class Cost:
    """What requests cost; the sum of two is what both cost."""

    units: float = 0.0
    """In the provider's own units; 0 where it counts none."""
    requests: int = 0
    """Questions over HTTP."""
    bytes: int = 0
    """Bytes that are expected to come back."""

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.units + other.units, self.requests + other.requests, self.bytes + other.bytes)


def sum_of_costs(blocks: Iterable["BlockRequest"]) -> Cost:
    """What requests cost that share nothing."""
    return sum((block.cost for block in blocks), Cost())


@dataclass(frozen=True)
class Terms:
    """A provider as planning sees it."""

    max_pixels: int
    """Longest side of one request, in px."""
    cost: Callable[["BlockRequest"], Cost]
    """What a request costs by itself; pure."""
    total: Callable[[Sequence["BlockRequest"]], Cost] = sum_of_costs
    """What requests of one plan cost together: less where they share what is read, or some of it is kept here."""
    kept: bool = False
    """Whether what comes is kept as it came, beside the frames that are made of it."""
    angles: bool = False
    """Whether it has the planes of the sun's and the view's angles."""

    def most_tiles(self, lattice: Lattice, resolution: int) -> tuple[int, int]:
        """Tiles a side that the service accepts in one request. Raises RecipeError where a single one is too large."""
        width, height = lattice.size_px(resolution)
        if max(width, height) > self.max_pixels:
            raise RecipeError(
                f"One tile would be {width} × {height} px; the service gives 1 to {self.max_pixels} px a side.",
                "Choose smaller tiles or a coarser resolution.",
            )
        return self.max_pixels // width, self.max_pixels // height


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
    """Bands, SCL, dataMask, in this order; or angles, which are never beside others."""
    terms: Terms = field(repr=False)
    """Of the provider."""

    @property
    def bounds(self) -> Bounds:
        """minx, miny, maxx, maxy in metres of the lattice's zone."""
        return self.lattice.rectangle(self.lower_left, self.columns, self.rows)

    @property
    def tile_px(self) -> tuple[int, int]:
        """Width and height of a tile: far fewer pixels where angles are asked for."""
        if set(self.planes) <= set(ANGLES):
            return angle_px(self.lattice.dx), angle_px(self.lattice.dy)
        return self.lattice.size_px(self.resolution)

    @property
    def width(self) -> int:
        """Pixels, west to east: a whole number of them for each tile."""
        return self.columns * self.tile_px[0]

    @property
    def height(self) -> int:
        """Pixels, north to south."""
        return self.rows * self.tile_px[1]

    @property
    def pixels(self) -> int:
        """Width × height."""
        return self.width * self.height

    @property
    def packed_bytes(self) -> int:
        """About what its frames take in the cache."""
        return packed_bytes(self.pixels, self.planes) + _ROW * self._planes_stored

    @property
    def most_bytes(self) -> int:
        """What they take of the disk at most, where nothing of them can be compressed."""
        return self.pixels * sum(plane_type(plane)().itemsize for plane in self.planes) + _FILE * self._planes_stored

    @property
    def _planes_stored(self) -> int:
        """Planes of all tiles."""
        return self.columns * self.rows * len(self.planes)

    @lazy
    def cost(self) -> Cost:
        """What it costs by the provider's terms."""
        return self.terms.cost(self)

    @property
    def units(self) -> float:
        """Of its cost."""
        return self.cost.units

    @property
    def tiles(self) -> tuple[TileIndex, ...]:
        """North row first, west to east."""
        return indices_of(self.lower_left, self.columns, self.rows)

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

    def cut(
        self,
        missing: Mapping[Cell, frozenset[str]],
        planes: tuple[str, ...],
        free: frozenset[Cell] = frozenset(),
    ) -> tuple["BlockRequest", ...]:
        """Requests like it for the planes that each tile lacks, as few as `cover_missing` finds; for angles other ones,
        which cost next to nothing. Fewer where `free` tiles may be asked for besides, SLACK for each that is saved."""
        most = self.terms.most_tiles(self.lattice, self.resolution)
        angles = frozenset(ANGLES)
        coarse = {cell: lacking & angles for cell, lacking in missing.items()}
        fine = {cell: lacking - angles for cell, lacking in missing.items()} if any(coarse.values()) else missing
        return tuple(
            replace(self, lower_left=TileIndex(place.x, place.y), columns=place.columns, rows=place.rows, planes=some)
            for lacking in (fine, coarse)
            for some, place in fewer(cover_missing(lacking, planes, *most), free, SLACK)
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
    computed: int = 0
    """Pixels of all planes that are neither there nor asked for, but computed here of others."""
    seconds: float = 0.0
    """That one thread takes to compute them, about."""

    @property
    def is_whole(self) -> bool:
        """Whether all is there."""
        return not self.blocks and not self.computed

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
            for block in blocks[0].cut(seen, self.planes):  # what has no shown plane left waits
                (late if frozenset(planes).isdisjoint(block.planes) else early).append(block)
            late += blocks[0].cut({cell: lacking - seen[cell] for cell, lacking in missing.items()}, self.planes)
        return replace(self, blocks=(*early, *late))

    @lazy
    def cost(self) -> Cost:
        """Of all requests."""
        return self.blocks[0].terms.total(self.blocks) if self.blocks else Cost()

    @lazy
    def angles_cost(self) -> Cost:
        """Of those of them that ask for angles alone."""
        asked = [block for block in self.blocks if set(block.planes) <= set(ANGLES)]
        return asked[0].terms.total(asked) if asked else Cost()

    @property
    def requests(self) -> int:
        """Questions over HTTP."""
        return self.cost.requests

    @property
    def units(self) -> float:
        """By the provider's formula."""
        return self.cost.units

    @property
    def bytes(self) -> int:
        """Bytes that are expected to come back."""
        return self.cost.bytes

    @property
    def packed_bytes(self) -> int:
        """About what its frames take in the cache."""
        return sum(block.packed_bytes for block in self.blocks) + packed_bytes(self.computed, (CSMASK,))

    @property
    def kept_bytes(self) -> int:
        """What is kept beside them, as it came."""
        return self.bytes if self.blocks and self.blocks[0].terms.kept else 0

    @lazy
    def pixels(self) -> int:
        """Of all requests."""
        return sum(block.pixels for block in self.blocks)


def plan(
    recipe: Recipe,
    acquisitions: Sequence[Acquisition],
    present: Mapping[FrameKey, Collection[str]],
    terms: Terms,
    tiles: Sequence[Tile] | None = None,
    around: TileBlock | None = None,
) -> Plan:
    """What is missing of the recipe's planes at these acquisitions, where `present` says which planes are there; of
    its neighbourhood, or of other `tiles` of its lattice. These lie in the block `around` them, of which tiles of which
    nothing is there are asked for besides, a few, where that saves requests.

    Each missing plane of each tile that the acquisition's footprint touches is in one request, and nothing else is; in
    as few requests as `services.grid.tiling.cover_missing` finds. What is computed here is not asked for. Raises
    RecipeError where a tile is too large for one, where the mask cannot be computed here, and where the provider lacks
    the angles that the recipe needs.
    """
    preset, asked = MASKS[recipe.mask], recipe.fetched
    preset.require(recipe.planes)
    require_angles(recipe, terms)
    here, requested = frozenset(recipe.planes).difference(asked), frozenset(asked)
    blocks: list[BlockRequest] = []
    wanted = lacking = uncomputed = 0
    for acquisition in sorted(acquisitions, key=lambda one: (one.cloud_cover, one.time)):
        missing: dict[Cell, frozenset[str]] = {}
        for index, key in touched_keys(recipe, acquisition, tiles).items():
            there = present.get(key, ())
            missing[index.x, index.y] = requested.difference(there)
            uncomputed += len(here.difference(there))
        wanted += len(missing) * len(asked)
        lacks = sum(map(len, missing.values()))
        lacking += lacks
        free = _free(recipe, acquisition, present, around, missing) if around and lacks else frozenset()
        blocks += one_tile(recipe, acquisition, terms).cut(missing, asked, free) if lacks else ()
    width, height = recipe.lattice.size_px(recipe.resolution)
    computed = uncomputed * width * height, uncomputed * preset.seconds(width, height)
    return Plan(tuple(blocks), wanted, wanted - lacking, asked, *computed)


def _free(
    recipe: Recipe,
    acquisition: Acquisition,
    present: Mapping[FrameKey, Collection[str]],
    around: TileBlock,
    wanted: Collection[Cell],
) -> frozenset[Cell]:
    """Tiles of the block that are not wanted, and of which nothing is there: they are paid once at most."""
    others = (index for index in around.indices if (index.x, index.y) not in wanted)
    return frozenset((one.x, one.y) for one in others if not present.get(frame_key(recipe, one, acquisition)))


def one_tile(recipe: Recipe, acquisition: Acquisition, terms: Terms) -> BlockRequest:
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
        planes=recipe.fetched,
        terms=terms,
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
