"""What a page shows of a recipe at once, of the catalogue's kept answer and the cache; nothing is asked or fetched."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from services.acquisitions import Acquisition
from services.darkroom import Darkroom
from services.faces import DateFace, Present, faces, here
from services.frames import FrameStore, MissingFrame
from services.providers import Provider
from services.raster import keys_of
from services.recipe import DATA_MASK, SCL, Recipe
from services.sketchbook import Sketchbook
from services.sketches import Sketch, Sketches
from services.stats import Curve, curve
from services.view import default_view

Known = Callable[[Recipe], Sequence[Acquisition] | None]
"""The acquisitions of a recipe's interval, from the kept answer alone; None where there is none."""


class Studio:
    """Of one process, for all sessions. Every method raises MissingFrame where something is not here, but where it
    says otherwise."""

    def __init__(
        self,
        frames: FrameStore,
        darkroom: Darkroom,
        book: Sketchbook,
        known: Known,
        provider: Callable[[Recipe], Provider],
    ) -> None:
        self.darkroom = darkroom
        self.book = book
        self.sketches = Sketches(darkroom, book, provider)
        self._frames, self._known = frames, known

    def sketch(self, recipe: Recipe, view: str, side: int, *, with_looks: bool) -> Sketch:
        """The picture, see `Sketches.make`."""
        return self.sketches.make(recipe, self._found(recipe), view, side, with_looks=with_looks)

    def curve(self, recipe: Recipe) -> Curve:
        """What each limit would give; a date whose planes are not here is missing in it."""
        found = self._found(recipe)
        present = self._present(recipe, found, recipe.planes)
        return curve(recipe, found, [here(recipe, one, recipe.planes, present) for one in found], self.darkroom)

    def dates(self, recipe: Recipe) -> tuple[DateFace, ...]:
        """All of the interval, oldest first; what is not here of a date is told in it."""
        found, bands = self._found(recipe), default_view(recipe.bands).bands
        present = self._present(recipe, found, (*bands, SCL, DATA_MASK))
        return faces(recipe, found, bands, present, self.darkroom)

    def thumbnail(self, recipe: Recipe, key: str, view: str, side: int) -> Path | None:
        """A date alone, see `Sketches.thumbnail`; None where there is no such date, or the cache lacks it."""
        found = self._known(recipe) or ()
        one = next((acquisition for acquisition in found if acquisition.key == key), None)
        return None if one is None else self.sketches.thumbnail(recipe, one, view, side)

    def _found(self, recipe: Recipe) -> Sequence[Acquisition]:
        """All acquisitions of the interval."""
        found = self._known(recipe)
        if found is None:
            raise MissingFrame(
                f"The catalogue's answer for {recipe.interval.label} is not here.", "Look at the acquisitions first."
            )
        return found

    def _present(self, recipe: Recipe, found: Sequence[Acquisition], planes: Collection[str]) -> Present:
        return self._frames.present([key for one in found for key in keys_of(recipe, one).values()], planes)
