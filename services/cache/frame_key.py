"""The name of a frame in the cache: the same for everybody who asks for the same pixels, whatever the question was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from services.catalogue import Acquisition
from services.geo import Bounds
from services.grid import Lattice, Tile, TileIndex
from services.lazy import lazy
from services.recipe import Recipe
from services.sentinel2 import ANGLES

PROCESSING = "dn"
"""How pixels are made: harmonised digital numbers, nearest neighbour. Another way needs a name of its own."""

ANGLE_METRES = 1000
"""Longest side of a pixel of angles: those that there are have 5000 m, so that nothing finer would say more."""
SQUARE = 4
"""Tiles along a side of a vicinity."""


def angle_px(metres: float) -> int:
    """Pixels of angles along a side of a tile."""
    return max(1, ceil(metres / ANGLE_METRES - 1e-6))  # a hair more is none: sides are differences of edges


@dataclass(frozen=True)
class FrameKey:
    """One tile at one acquisition: only what the pixels depend on. No year, no limit, no user, no place in a grid."""

    provider: str
    """Name of the provider."""
    collection: str
    epsg: int
    """EPSG code of the UTM zone."""
    bounds: Bounds
    """minx, miny, maxx, maxy in metres of `epsg`."""
    width: int
    """Pixels, west to east."""
    height: int
    """Pixels, north to south."""
    acquisition: str
    """`Acquisition.key`; followed by `@` and `Acquisition.version` where there is one."""

    @classmethod
    def of(
        cls,
        provider: str,
        collection: str,
        lattice: Lattice,
        index: TileIndex,
        resolution: int,
        acquisition: Acquisition,
    ) -> "FrameKey":
        """Of a tile of a lattice at `resolution` metres a pixel."""
        size, version = lattice.size_px(resolution), acquisition.version(lattice.tile(index))
        named = f"{acquisition.key}@{version}" if version else acquisition.key
        return cls(provider, collection, lattice.epsg, lattice.bounds(index), *size, named)

    @classmethod
    def of_plane(cls, name: str) -> tuple["FrameKey", str]:
        """The frame and the plane that `plane_key` named so; raises ValueError for another text."""
        rest, _, epsg, edges, size, acquisition, plane = name.rsplit("/", 6)
        provider, _, collection = rest.partition("/")
        west, south, east, north = (float.fromhex(edge) for edge in edges.split(","))
        width, height = (int(side) for side in size.split("x"))
        return cls(provider, collection, int(epsg), (west, south, east, north), width, height, acquisition), plane

    @staticmethod
    def prefix(provider: str, collection: str, epsg: int) -> str:
        """How the names of all planes begin that a provider has of a zone."""
        return "/".join((provider, collection, PROCESSING, str(epsg), ""))

    @property
    def day(self) -> date:
        """Of the acquisition's start, UTC; raises ValueError where its key does not tell it."""
        return date.fromisoformat(self.acquisition.rpartition("_")[2][:8])

    @property
    def year(self) -> int:
        """Of the acquisition, UTC; raises ValueError where its key does not tell it."""
        return int(self.acquisition.rpartition("_")[2][:4])

    def __hash__(self) -> int:
        return hash(self.stem)

    @lazy
    def stem(self) -> str:
        """All but the plane. Floats to the last bit; adding 0.0 makes one number of 0.0 and -0.0."""
        edges = ",".join((edge + 0.0).hex() for edge in self.bounds)
        size = f"{self.width}x{self.height}"
        return "/".join((self.provider, self.collection, PROCESSING, str(self.epsg), edges, size, self.acquisition))

    @property
    def vicinity(self) -> str:
        """The acquisition over the square of 4 × 4 tiles in which this one lies, alike for all frames of that square.

        For locks: a block of frames lies in few of them, and what is asked by others elsewhere is in none.
        """
        west, south, east, north = self.bounds
        column, row = west // (SQUARE * (east - west)), south // (SQUARE * (north - south))
        return "/".join((self.provider, self.collection, str(self.epsg), f"{int(column)},{int(row)}", self.acquisition))

    def shape(self, plane: str) -> tuple[int, int]:
        """Height and width of a plane of it: those of angles have fewer pixels than the others."""
        west, south, east, north = self.bounds
        return (angle_px(north - south), angle_px(east - west)) if plane in ANGLES else (self.height, self.width)

    def plane_key(self, plane: str) -> str:
        """Under which one plane (`B04`, `SCL`, `dataMask`) is stored: printable text."""
        return f"{self.stem}/{plane}"


def frame_key(recipe: Recipe, index: TileIndex, acquisition: Acquisition) -> FrameKey:
    """The frame that a recipe needs of one tile at one acquisition."""
    return FrameKey.of(recipe.provider, recipe.collection, recipe.lattice, index, recipe.resolution, acquisition)


def frame_keys(
    recipe: Recipe, acquisitions: Iterable[Acquisition], tiles: Sequence[Tile] | None = None
) -> list[FrameKey]:
    """Those of all its tiles at these acquisitions; where other `tiles` are told, those that each acquisition shows."""
    if tiles is None:
        return [key for one in acquisitions for key in keys_at(recipe, one)]
    return [key for one in acquisitions for key in touched_keys(recipe, one, tiles).values()]


def touched_keys(
    recipe: Recipe, acquisition: Acquisition, tiles: Sequence[Tile] | None = None
) -> Mapping[TileIndex, FrameKey]:
    """By tile, those that the acquisition touches: of its neighbourhood, or of other `tiles` of its lattice."""
    if tiles is None:
        indices = recipe.neighbourhood.indices
        return {indices[place]: key for place, key in keys_of(recipe, acquisition).items()}
    return {tile.index: frame_key(recipe, tile.index, acquisition) for tile in tiles if acquisition.touches(tile)}


def keys_at(recipe: Recipe, acquisition: Acquisition) -> tuple[FrameKey, ...]:
    """Those of all tiles at one acquisition, in the order of the neighbourhood's indices; the acquisition remembers
    them, for a page asks for thousands at each press."""
    name = "frames", recipe.ground
    found: tuple[FrameKey, ...] | None = acquisition.remembered.get(name)
    if found is None:
        found = tuple(frame_key(recipe, index, acquisition) for index in recipe.neighbourhood.indices)
        acquisition.remembered[name] = found
    return found


def keys_of(recipe: Recipe, acquisition: Acquisition) -> Mapping[int, FrameKey]:
    """By position in that order, those of the tiles that the acquisition touches; remembered as they are."""
    name = "touching", recipe.ground
    found: Mapping[int, FrameKey] | None = acquisition.remembered.get(name)
    if found is None:
        keys = enumerate(zip(recipe.neighbourhood.tiles, keys_at(recipe, acquisition), strict=True))
        found = {place: key for place, (tile, key) in keys if acquisition.touches(tile)}
        acquisition.remembered[name] = found
    return found
