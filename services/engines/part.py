"""What an engine is given, and what it gives back: parts of an order, and receipts of their tiles. All of it travels to
other processes and machines, and none of it is a secret."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from services.catalogue import Acquisition
from services.errors import NinepatchError
from services.grid import TileIndex
from services.recipe import Recipe
from services.render import Provenance

ORDERS, TILES = "orders", "tiles"
"""Folders: of all orders under the home, and of the tiles of one."""
_REMEDY = "See the log of the worker; if it stays so, report it with these words."


@dataclass(frozen=True)
class ComposePart:
    """Tiles of one lattice that are composed alike, each as a picture of its own."""

    order: str
    """Digest of the order: its folder."""
    number: int
    """Which part of the order."""
    provenance: Provenance
    """Of the tile at the centre of its recipe, which has radius 0; the other tiles' differ in the place alone. Its
    moment is the order's, so that a tile that is made twice is the same file."""
    tiles: tuple[TileIndex, ...]
    """In display order."""
    acquisitions: tuple[Acquisition, ...] = field(repr=False)
    """Those that the order keeps of them; each tile takes those that touch it."""
    patches: bool = False
    """Whether each tile's EOPatch is kept, as a zip beside its picture."""

    @property
    def recipe(self) -> Recipe:
        """Of one of the tiles."""
        return self.provenance.recipe

    def recipe_of(self, index: TileIndex) -> Recipe:
        """The same question of a tile of the part."""
        return self.recipe.with_(centre=index)

    def file(self, index: TileIndex, suffix: str = ".tif") -> str:
        """Where a tile's file lies below the home."""
        lattice = self.recipe.lattice
        return "/".join((ORDERS, self.order, TILES, str(lattice.epsg), lattice.tile(index).name + suffix))

    def files(self, index: TileIndex) -> tuple[str, ...]:
        """All that is kept of a tile."""
        return (self.file(index), *((self.file(index, ".zip"),) if self.patches else ()))


@dataclass(frozen=True)
class TileReceipt:
    """What became of a tile: its file, or why there is none."""

    epsg: int
    """EPSG code of the UTM zone."""
    x: int
    """Of its index."""
    y: int
    """Of its index."""
    bytes: int = 0
    """Of its COG."""
    crc: int = 0
    """CRC-32 of its COG."""
    least: int = 0
    """Clear observations of the pixel that has fewest, of those that have any; 0 where none has."""
    most: int = 0
    """Clear observations of the pixel that has most."""
    median: float = 0.0
    """Over the pixels of their count of clear observations."""
    no_data: float = 1.0
    """Part of the pixels without a clear observation, 0 to 1."""
    dates: int = 0
    """Acquisitions that touch it."""
    cause: str = ""
    """Why it failed, a sentence; empty where the file is there."""
    remedy: str = ""
    """What to do, a sentence or empty."""
    lost: bool = False
    """Whether it failed because frames are no longer in the cache: once they are fetched again it can be made."""

    @classmethod
    def failed(cls, epsg: int, index: TileIndex, error: BaseException, *, lost: bool = False) -> "TileReceipt":
        """Of a tile that could not be made."""
        if isinstance(error, NinepatchError):
            cause, remedy = error.cause, error.remedy
        else:
            cause, remedy = f"The tile cannot be composed: {type(error).__name__}.", _REMEDY
        return cls(epsg, index.x, index.y, cause=cause, remedy=remedy, lost=lost)

    @property
    def index(self) -> TileIndex:
        """Which tile of its zone."""
        return TileIndex(self.x, self.y)


@dataclass(frozen=True)
class PartReceipt:
    """What became of a part."""

    order: str
    number: int
    tiles: tuple[TileReceipt, ...]
    """In the order of the part's tiles."""

    @property
    def failed(self) -> tuple[TileReceipt, ...]:
        """Tiles that could not be made."""
        return tuple(tile for tile in self.tiles if tile.cause)

    def to_json(self) -> str:
        """For the database; what is as usual is left out."""
        return json.dumps([self.order, self.number, [_told(tile) for tile in self.tiles]], separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "PartReceipt":
        """Raises KeyError, TypeError or ValueError where it is not what to_json gives."""
        order, number, tiles = json.loads(text)
        return cls(str(order), int(number), tuple(TileReceipt(**tile) for tile in tiles))


def _told(tile: TileReceipt) -> dict[str, Any]:
    plain = asdict(tile)
    return {name: value for name, value in plain.items() if value != getattr(TileReceipt, name, None)}
