"""The order: a question without a place, and the many tiles that it is asked of; what a recipe is to one picture."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.area import AOI
from services.errors import OrderError
from services.grid import Grid, Lattice, TileBlock, TileIndex
from services.lazy import lazy
from services.recipe import Recipe

OUTPUTS = ("mosaic", "clipped", "tiles", "eopatches", "zarr", "netcdf")
"""What an order can make of its tiles."""
USUAL_OUTPUTS = ("mosaic", "tiles")
_VERSION = 1


@dataclass(frozen=True)
class Sheet:
    """The member tiles of one UTM zone. Raises OrderError where they are none, or not in their order."""

    lattice: Lattice
    tiles: tuple[TileIndex, ...]
    """In display order: north row first, west to east; each once."""

    def __post_init__(self) -> None:
        if not self.tiles or self.tiles != _in_order(self.tiles):
            raise OrderError("The tiles of an order must be there, in order and each once.", "Make the order again.")

    @classmethod
    def of(cls, lattice: Lattice, tiles: Iterable[TileIndex]) -> "Sheet":
        """Of tiles in any order."""
        return cls(lattice, _in_order(tiles))

    @lazy
    def rectangle(self) -> TileBlock:
        """The smallest one that holds them: what the catalogue is asked about. Raises GridError."""
        xs, ys = [tile.x for tile in self.tiles], [tile.y for tile in self.tiles]
        first = TileIndex(min(xs), min(ys))
        return TileBlock(self.lattice, first, max(xs) - first.x + 1, max(ys) - first.y + 1)

    @lazy
    def members(self) -> frozenset[TileIndex]:
        """The same tiles, to look one up."""
        return frozenset(self.tiles)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the lattice, and runs of tiles as row, first column and how many."""
        grid = self.lattice
        plain = {"epsg": grid.epsg, "x0": grid.x0, "y0": grid.y0, "dx": grid.dx, "dy": grid.dy}
        return {"lattice": plain, "runs": _runs(self.tiles)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Sheet":
        """Raises KeyError, TypeError or ValueError where it is not what to_dict gives."""
        grid = plain["lattice"]
        lattice = Lattice(int(grid["epsg"]), *(float(grid[key]) for key in ("x0", "y0", "dx", "dy")))
        runs = [(int(row), int(first), int(count)) for row, first, count in plain["runs"]]
        return cls(lattice, tuple(TileIndex(first + i, row) for row, first, count in runs for i in range(count)))


@dataclass(frozen=True)
class Order:
    """One picture of a whole area, as a value: the same question of the same tiles is the same order.

    How much it may cost is no part of it. Raises OrderError for what cannot be ordered.
    """

    recipe: Recipe
    """All but the place: radius 0, the centre is the first tile of the first sheet."""
    sheets: tuple[Sheet, ...]
    """One a UTM zone, in the order of their codes."""
    outline: str = ""
    """The area as a GeoJSON feature, to clip by; empty where there is none."""
    outputs: tuple[str, ...] = USUAL_OUTPUTS
    """Of OUTPUTS, in that order: what is made when all tiles are there."""
    crs: int = 0
    """EPSG code of one more mosaic over all zones; 0 makes none."""

    def __post_init__(self) -> None:
        zones = [sheet.lattice.epsg for sheet in self.sheets]
        if not zones or zones != sorted(set(zones)):
            raise OrderError("An order has one sheet for each UTM zone, in their order.", "Make the order again.")
        if not self.outputs or self.outputs != tuple(name for name in OUTPUTS if name in self.outputs):
            found = ", ".join(self.outputs) or "none"
            raise OrderError(f"An order makes some of {', '.join(OUTPUTS)}, got {found}.", "Correct the list.")
        if "clipped" in self.outputs and not self.outline:
            raise OrderError("There is no outline to clip the picture by.", "Leave `clipped` out.")
        if self.recipe != self.recipe_of(self.sheets[0], self.sheets[0].tiles[0]):
            raise OrderError("The question of an order is that of its first tile.", "Make the order again.")

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        sheets: Iterable[Sheet],
        *,
        outline: str = "",
        outputs: Iterable[str] = USUAL_OUTPUTS,
        crs: int = 0,
    ) -> "Order":
        """That question, whatever its place, of these sheets in any order. Raises OrderError."""
        zones = tuple(sorted(sheets, key=lambda sheet: sheet.lattice.epsg))
        if not zones:
            raise OrderError("An order without tiles has nothing to make.", "Choose an area.")
        first = recipe.with_(lattice=zones[0].lattice, centre=zones[0].tiles[0], radius=0, date_rule="picture")
        chosen = set(outputs)
        unknown = sorted(chosen.difference(OUTPUTS))
        named = (*(name for name in OUTPUTS if name in chosen), *unknown)
        return cls(first, zones, outline if "clipped" in chosen else "", named, crs)

    @classmethod
    def of_grid(cls, recipe: Recipe, *grids: Grid, outputs: Iterable[str] = USUAL_OUTPUTS, crs: int = 0) -> "Order":
        """All tiles that an area touches: of its one grid, or of that of each of its UTM zones. Raises OrderError."""
        return cls.of(recipe, map(_sheet, grids), outline=_outline(grids[0].aoi), outputs=outputs, crs=crs)

    @property
    def name(self) -> str:
        """Of the area."""
        return self.recipe.area

    @property
    def tiles(self) -> int:
        """How many, in all zones."""
        return sum(len(sheet.tiles) for sheet in self.sheets)

    def recipe_of(self, sheet: Sheet, index: TileIndex) -> Recipe:
        """That tile's own picture, 1 × 1."""
        return self.recipe.with_(lattice=sheet.lattice, centre=index, radius=0)

    def sheet(self, epsg: int) -> Sheet:
        """That of a zone. Raises OrderError where there is none."""
        for sheet in self.sheets:
            if sheet.lattice.epsg == epsg:
                return sheet
        raise OrderError(f"The order has no tiles in EPSG:{epsg}.", "Choose one of its zones.")

    def link_of(self, grid: Grid) -> str:
        """The grid that it was made of, as links have it; with its zone where the order has others besides."""
        return grid.link if len(self.sheets) == 1 else f"{grid.cut}z{grid.lattice.epsg % 100:02d}"

    @lazy
    def digest(self) -> str:
        """16 hexadecimal characters that are the same for the same order: its number, and its folder's name."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """One line of JSON; the digest is made of it."""
        plain = {
            "version": _VERSION,
            "recipe": self.recipe.to_dict(),
            "sheets": [sheet.to_dict() for sheet in self.sheets],
            "outline": self.outline,
            "outputs": list(self.outputs),
            "crs": self.crs,
        }
        return json.dumps(plain, separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """Raises OrderError where the text is no order, and RecipeError where its question is none."""
        with _reading():
            plain = _plain(text)
            return cls(
                Recipe.from_dict(plain["recipe"]),
                tuple(map(Sheet.from_dict, plain["sheets"])),
                str(plain["outline"]),
                tuple(map(str, plain["outputs"])),
                int(plain["crs"]),
            )


def question_of(text: str) -> tuple[Recipe, Any]:
    """Of an order as JSON its recipe, and its sheets as plain values that are equal for equal sheets: its tiles, which
    are many of a country, are not made. Raises as `Order.from_json`."""
    with _reading():
        plain = _plain(text)
        return Recipe.from_dict(plain["recipe"]), plain["sheets"]


def _plain(text: str) -> Any:
    plain = json.loads(text)
    if plain["version"] != _VERSION:
        raise OrderError(f"The order has version {plain['version']}, and {_VERSION} is known.", "Make it again.")
    return plain


@contextmanager
def _reading() -> Iterator[None]:
    """What is wrong with the text is an OrderError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise OrderError("This is not an order.", "Use an order.json that was written here.") from error


def _sheet(grid: Grid) -> Sheet:
    return Sheet.of(grid.lattice, (TileIndex(x, y) for x, y in grid.indices.tolist()))


def _outline(aoi: AOI) -> str:
    return json.dumps(aoi.to_geojson(), separators=(",", ":"))


def _in_order(tiles: Iterable[TileIndex]) -> tuple[TileIndex, ...]:
    """North row first, west to east; each once."""
    return tuple(sorted(set(tiles), key=lambda tile: (-tile.y, tile.x)))


def _runs(tiles: Iterable[TileIndex]) -> list[list[int]]:
    """Row, first column and how many, of tiles that follow each other from west to east."""
    numbered = enumerate(tiles)
    runs = [[tile for _, tile in run] for _, run in groupby(numbered, key=lambda one: (one[1].y, one[1].x - one[0]))]
    return [[run[0].y, run[0].x, len(run)] for run in runs]
