"""The dates of an interval of which the cache has what is asked for, by the catalogue's kept answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.cache import FrameKey, FrameStore, keys_of
from services.catalogue import Acquisition, Choice, choose
from services.nbar import COEFFICIENTS
from services.preview import Known, PreviewCompositor, acquisitions_of
from services.providers import Provider
from services.recipe import Recipe
from services.render import Quantity
from services.series.place import Selection


@dataclass(frozen=True)
class Shown:
    """A date with tiles of a selection that it touches."""

    choice: Choice
    frames: Mapping[int, FrameKey]
    """By the tile's position in display order."""

    @classmethod
    def of(cls, recipe: Recipe, choice: Choice, selection: Selection) -> "Shown":
        """With all that it touches, perhaps none."""
        keys = keys_of(recipe, choice.acquisition)
        return cls(choice, {position: keys[position] for position, *_ in selection.tiles if position in keys})


def masks_of(recipe: Recipe) -> tuple[str, ...]:
    """The planes that the recipe's mask is made of."""
    return tuple(plane for plane in recipe.planes if plane not in recipe.bands)


class CachedDates:
    """What the parts of the service share. Asks no provider."""

    def __init__(
        self, frames: FrameStore, compositor: PreviewCompositor, known: Known, provider: Callable[[Recipe], Provider]
    ) -> None:
        self.compositor = compositor
        self._frames, self._known, self._provider = frames, known, provider

    def found(self, recipe: Recipe) -> Sequence[Acquisition]:
        """All acquisitions of the interval. Raises MissingFrame where the catalogue's answer is not kept."""
        return acquisitions_of(self._known, recipe)

    def shown(self, recipe: Recipe, choices: Iterable[Choice], selection: Selection) -> list[Shown]:
        """Those that touch a tile of the selection, oldest first."""
        ordered = sorted(choices, key=lambda choice: choice.acquisition.time)
        return [date for choice in ordered if (date := Shown.of(recipe, choice, selection)).frames]

    def of_interval(self, recipe: Recipe, selection: Selection) -> list[Shown]:
        """The same of the whole interval, used dates and excluded ones."""
        return self.shown(recipe, choose(self.found(recipe), recipe), selection)

    def held(self, dates: Sequence[Shown], planes: Sequence[str]) -> list[Shown]:
        """Of each date only the tiles of which all these planes are in the cache."""
        wanted = frozenset(planes)
        present = self._frames.present([key for date in dates for key in date.frames.values()], wanted)
        return [
            Shown(date.choice, {place: key for place, key in date.frames.items() if wanted <= present[key]})
            for date in dates
        ]

    def about(
        self, recipe: Recipe, quantity: Quantity, dates: Iterable[Shown], cached: Iterable[Shown]
    ) -> Mapping[str, Any]:
        """What every series says of itself: of so many dates these are in the cache."""
        here = {date.choice.acquisition.key: date.choice.acquisition.time.year for date in cached}
        provider, all_of = self._provider(recipe), [date.choice.acquisition for date in dates]
        return {
            "quantity": quantity,
            "missing": tuple(one.date for one in all_of if one.key not in here),
            "attribution": provider.attribution(sorted(set(here.values()) or {recipe.interval.start.year})),
            "simulated": provider.simulated,
            "mask": recipe.mask,
            "buffer": recipe.grow,
            "nbar": recipe.nbar and not COEFFICIENTS.keys().isdisjoint(quantity.bands),
        }
