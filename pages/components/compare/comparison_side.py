"""One of the pictures that are looked at: a cell with its large picture, as it is or evened out with the other one."""

from dataclasses import dataclass

from pages.components.results.preview_picture import preview_of, words_of_preview
from pages.components.shared.format import percent
from pages.components.shared.viewer import Picture
from pages.routes.previews import preview_address
from services.compare import HERE, Cell
from services.nbar import angles_words
from services.preview import Preview
from services.render import View


@dataclass(frozen=True)
class ComparisonSide:
    """What is shown on one side."""

    cell: Cell
    """Its recipe and dates are those of the picture."""
    preview: Preview

    def picture(self, view: View) -> Picture:
        """For the viewer."""
        told, preview = self.preview.numbers, self.preview
        said = (
            f"{told.dates} of {told.acquisitions} dates",
            f"{percent(told.no_data)} without data",
            f"{told.median_observations:g} clear observations in the median",
            *filter(None, (angles_words(self.cell.recipe),)),
            *(("simulated data",) if preview.simulated else ()),
        )
        address, words = preview_address(preview, preview.picture), words_of_preview(preview, self.cell.recipe, view)
        return Picture(address, words, self.cell.name, " · ".join(said))


def comparison_side(cell: Cell, view: View) -> ComparisonSide | None:
    """The cell large; None where it is not in the cache. Raises NoDataError and StorageError."""
    preview = preview_of(cell.recipe, view) if cell.state == HERE else None
    return ComparisonSide(cell, preview) if preview is not None else None
