"""One of the pictures that are looked at: a cell with its large picture, as it is or evened out with the other one."""

from dataclasses import dataclass, replace

from pages.components.matrix_cells import words_of
from pages.components.percents import percent
from pages.components.sketch_route import sketch_address
from pages.components.sketched import picture_words, sketch_of
from pages.components.viewer import Picture
from services.catalogue import kept
from services.comparable import equalise
from services.compare import HERE, Cell
from services.recipe import Recipe
from services.sketches import Sketch
from services.view import View


@dataclass(frozen=True)
class Half:
    """What is shown on one side."""

    cell: Cell
    """Its recipe and dates are those of the picture."""
    sketch: Sketch

    @property
    def name(self) -> str:
        """`2018, ≤ 20 %`."""
        return words_of(self.cell)

    def picture(self, view: View) -> Picture:
        """For the viewer."""
        told, sketch = self.sketch.numbers, self.sketch
        said = (
            f"{told.dates} of {told.acquisitions} dates",
            f"{percent(told.no_data)} without data",
            f"{told.median_looks:g} clear looks in the median",
            *(("simulated data",) if sketch.simulated else ()),
        )
        address, words = sketch_address(sketch, sketch.picture), picture_words(sketch, self.cell.recipe, view)
        return Picture(address, words, self.name, " · ".join(said))


def half(cell: Cell, view: View) -> Half | None:
    """The cell large; None where it is not in the cache. Raises NoDataError and StorageError."""
    sketch = sketch_of(cell.recipe, view) if cell.state == HERE else None
    return Half(cell, sketch) if sketch is not None else None


def evened(left: Cell, right: Cell) -> tuple[Cell, Cell]:
    """Both with the same months and as many dates, all of which are in the cache. Raises RecipeError."""
    one, other = equalise(left.recipe, left.kept, right.recipe, right.kept)
    return _of(left, one), _of(right, other)


def _of(cell: Cell, recipe: Recipe) -> Cell:
    """The cell with fewer dates."""
    return replace(
        cell, recipe=recipe, needs=recipe.with_(bands=cell.needs.bands), kept=kept(cell.kept, recipe), sketch=None
    )
