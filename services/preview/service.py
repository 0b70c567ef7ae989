"""What a page shows of a recipe at once, of the catalogue's kept answer and the cache; nothing is asked or fetched."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.cache import FrameStore, MissingFrame, keys_of
from services.catalogue import Acquisition, kept
from services.preview.coarse import coarse_recipe
from services.preview.compositor import PreviewCompositor
from services.preview.date_summary import DateSummary, Present, completed, date_summaries, here
from services.preview.histogram import Histogram
from services.preview.preview_store import PreviewStore
from services.preview.previews import Pixels, Preview, Previews
from services.preview.statistics import Curve, curve
from services.providers import Provider
from services.recipe import MASKS, Recipe, Veto
from services.render import default_view, view_named
from services.sentinel2 import DATA_MASK, SCL

NOT_HERE = "not in the cache"
"""Why a date is left out of the part of a picture that can be drawn."""

Known = Callable[[Recipe], Sequence[Acquisition] | None]
"""The acquisitions of a recipe's interval, from the kept answer alone; None where there is none."""


@dataclass(frozen=True)
class Drawable:
    """What can be drawn of a picture of which the cache lacks dates."""

    recipe: Recipe
    """Without these dates."""
    here: int
    """Dates that it has."""
    kept: int
    """Dates that the picture has."""


class PreviewService:
    """Of one process, for all sessions. Every method raises MissingFrame where something is not here, but where it
    says otherwise."""

    def __init__(
        self,
        frames: FrameStore,
        compositor: PreviewCompositor,
        book: PreviewStore,
        known: Known,
        provider: Callable[[Recipe], Provider],
    ) -> None:
        self.compositor = compositor
        self.book = book
        self.previews = Previews(compositor, book, provider)
        self._frames, self._known = frames, known

    def preview(
        self,
        recipe: Recipe,
        view: str,
        side: int = 1000,
        *,
        with_counts: bool = False,
        patience: float | None = None,
    ) -> Preview:
        """The picture, see `Previews.make`."""
        found = self._found(recipe)
        return self.previews.make(recipe, found, view, side, with_counts=with_counts, patience=patience)

    def histogram(self, recipe: Recipe, view: str, side: int = 1000) -> Histogram:
        """Of the same picture, see `Previews.histogram`."""
        return self.previews.histogram(recipe, self._found(recipe), view, side)

    def file_of(self, recipe: Recipe, view: str, ending: str, fill: Callable[[Pixels, Path], object]) -> Path:
        """A file of the same picture with every pixel, see `Previews.file_of`; of the dates that are here, where that
        is not all of them."""
        try:
            return self.previews.file_of(recipe, self._found(recipe), view, ending, fill)
        except MissingFrame:
            part = self.drawable(recipe, view)
            if part is None:
                raise
            return self.previews.file_of(part.recipe, self._found(recipe), view, ending, fill)

    def dates_here(self, recipe: Recipe, view: str) -> tuple[tuple[Acquisition, ...], tuple[Acquisition, ...]]:
        """What it keeps, oldest first: that of which all is here that the view needs, and the others."""
        dates, needs = kept(self._found(recipe), recipe), recipe.showing(view_named(view, recipe.bands).bands)
        present = self._present(needs, dates, needs.planes)
        there = {one.key: here(needs, one, needs.planes, present) for one in dates}
        return tuple(one for one in dates if there[one.key]), tuple(one for one in dates if not there[one.key])

    def drawable(self, recipe: Recipe, view: str) -> Drawable | None:
        """What can be drawn of it in that view; None where no date that it keeps is here."""
        present, lacking = self.dates_here(recipe, view)
        if not present:
            return None
        left_out = (Veto(one.key, NOT_HERE) for one in lacking)
        return Drawable(recipe.with_(vetoes=(*recipe.vetoes, *left_out)), len(present), len(present) + len(lacking))

    def curve(self, recipe: Recipe) -> Curve:
        """What each limit would give; a date whose planes are not here is missing in it."""
        found = self._found(recipe)
        present = self._present(recipe, found, recipe.planes)
        return curve(recipe, found, [here(recipe, one, recipe.planes, present) for one in found], self.compositor)

    def dates(self, recipe: Recipe) -> tuple[DateSummary, ...]:
        """All of the interval, oldest first; what is not here of a date is told in it.

        Where the recipe's own frames are not here, those of the coarse preview say what they know.
        """
        fine = self._summaries(recipe, self._found(recipe))
        lacking = [one.acquisition for one in fine if one.clear is None or not one.thumbnail]
        coarse = {one.acquisition.key: one for one in self._summaries(coarse_recipe(recipe), lacking)}
        return tuple(completed(one, coarse.get(one.acquisition.key)) for one in fine)

    def _summaries(self, recipe: Recipe, found: Sequence[Acquisition]) -> tuple[DateSummary, ...]:
        bands = default_view(recipe.bands).bands
        present = self._present(recipe, found, {*bands, *MASKS[recipe.mask].planes, *recipe.angles, SCL, DATA_MASK})
        return date_summaries(recipe, found, bands, present, self.compositor)

    def thumbnail(self, recipe: Recipe, key: str, view: str, side: int = 120) -> Path | None:
        """A date alone, see `Previews.thumbnail`; None where there is no such date, or the cache lacks it.

        Where the recipe's own frames are not here it is of the coarse preview, in true colour.
        """
        found = self._known(recipe) or ()
        one = next((acquisition for acquisition in found if acquisition.key == key), None)
        if one is None:
            return None
        coarse = coarse_recipe(recipe)
        return self.previews.thumbnail(recipe, one, view, side) or self.previews.thumbnail(
            coarse, one, default_view(coarse.bands).name, side
        )

    def _found(self, recipe: Recipe) -> Sequence[Acquisition]:
        """All acquisitions of the interval."""
        return acquisitions_of(self._known, recipe)

    def _present(self, recipe: Recipe, found: Sequence[Acquisition], planes: Collection[str]) -> Present:
        return self._frames.present([key for one in found for key in keys_of(recipe, one).values()], planes)


def acquisitions_of(known: Known, recipe: Recipe) -> Sequence[Acquisition]:
    """All of the interval. Raises MissingFrame where the catalogue's answer is not kept."""
    found = known(recipe)
    if found is None:
        raise MissingFrame(
            f"The catalogue's answer for {recipe.interval.words} is not here.", "Look at the acquisitions first."
        )
    return found
