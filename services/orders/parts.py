"""Parts of an order: rectangles of tiles that are asked for together, at the same places whatever the order."""

from dataclasses import dataclass
from functools import partial

from services.grid import Lattice, Tile, TileBlock, TileIndex
from services.lazy import lazy
from services.orders.order import Order, Sheet
from services.plan import Terms
from services.recipe import Recipe

SIDE = 7
"""Tiles a side at most: of the usual tiles, 330 px wide, so many are the largest request."""


@dataclass(frozen=True)
class Part:
    """A rectangle of a sheet's lattice, of which the order's tiles count."""

    number: int
    """From 0: zones in their order, in each of them the northern row first, west to east."""
    recipe: Recipe
    """Of its first tile."""
    lower_left: TileIndex
    columns: int
    rows: int
    indices: tuple[TileIndex, ...]
    """The order's tiles in it, in display order."""

    @property
    def lattice(self) -> Lattice:
        """That of its zone."""
        return self.recipe.lattice

    @property
    def block(self) -> TileBlock:
        """All tiles of the rectangle."""
        return TileBlock(self.lattice, self.lower_left, self.columns, self.rows)

    @lazy
    def tiles(self) -> tuple[Tile, ...]:
        """The same tiles with their ground."""
        return tuple(map(self.lattice.tile, self.indices))


def parts_of(order: Order, terms: Terms) -> tuple[Part, ...]:
    """All of them: as large as the provider allows, at most SIDE tiles a side, from multiples of that side on.

    Raises RecipeError where a tile is too large for the provider.
    """
    found: list[Part] = []
    for sheet in order.sheets:
        columns, rows = (min(SIDE, most) for most in terms.most_tiles(sheet.lattice, order.recipe.resolution))
        cells: dict[tuple[int, int], list[TileIndex]] = {}
        for index in sheet.tiles:
            cells.setdefault((-(index.y // rows), index.x // columns), []).append(index)
        make = partial(_part, order, sheet, columns, rows)
        found += [make(number, cells[cell]) for number, cell in enumerate(sorted(cells), len(found))]
    return tuple(found)


def _part(order: Order, sheet: Sheet, columns: int, rows: int, number: int, indices: list[TileIndex]) -> Part:
    first = indices[0]
    corner = TileIndex(first.x // columns * columns, first.y // rows * rows)
    return Part(number, order.recipe_of(sheet, first), corner, columns, rows, tuple(indices))
