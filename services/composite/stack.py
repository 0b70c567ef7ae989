"""The observations of one tile, or of some of its rows, reduced by a method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.composite.indices import Index
from services.recipe import Recipe
from services.reducers import (
    Clear,
    Method,
    Observations,
    Pick,
    Scenes,
    Statistic,
    first_index,
    picked,
    picked_index,
)

NO_DAY = 0
"""The day of a pixel without a clear observation."""


def scenes_of(
    recipe: Recipe, dates: Sequence[str], clouds: Sequence[float], near: Sequence[NDArray[np.uint8]] = ()
) -> Scenes:
    """Of observations on these ISO days in UTC, with the cloud cover of their acquisitions."""
    days = [int(day.replace("-", "")) for day in dates]
    return Scenes(clouds, days, [recipe.interval.apart(date.fromisoformat(day), recipe.months) for day in dates], near)


def looks_near(recipe: Recipe) -> bool:
    """Whether its method asks how near clouds are."""
    way = recipe.compositing.way
    return isinstance(way, Pick) and way.near


@dataclass(frozen=True, eq=False)
class Reduced:
    """What came out, NaN where no observation is clear."""

    picture: NDArray[np.float32]
    """Reflectance, (band, height, width)."""
    count: NDArray[np.uint16]
    """Clear observations, (height, width)."""
    indices: Mapping[str, NDArray[np.float32]]
    """By name, (height, width)."""
    days: NDArray[np.uint32] | None
    """Of each pixel's observation in UTC, as YYYYMMDD, NO_DAY where there is none, (height, width); None where the
    method makes a pixel of several."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Oldest first; there may be none."""

    names: tuple[str, ...]
    """Of the planes of each observation: bands."""
    observations: Observations
    """DN of `observations[time][plane]`, (height, width)."""
    clear: Clear
    """Where each counts, (height, width)."""
    scenes: Scenes
    shape: tuple[int, int]
    """Height and width."""
    span: tuple[str, ...] = field(default=())
    """The recipe's bands, for methods that look at all of them together; all names unless given."""

    def reduced(self, method: Method, bands: Sequence[str], indices: Sequence[Index]) -> Reduced:
        """The picture of these bands, and these indices of each observation."""
        if not len(self.clear):
            return self._nothing(method, bands, indices)
        if isinstance(method.way, Pick):
            return self._picked(method.way, bands, indices)
        way = method.way
        picture, count = self._statistic(way, bands)
        found = {index.name: way.index(index.of, self._planes(index.bands), self.clear) for index in indices}
        return Reduced(picture, count, found, None)

    def _statistic(self, way: Statistic, bands: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        if not bands:
            return np.empty((0, *self.shape), np.float32), np.sum(self.clear, axis=0, dtype=np.uint16)
        if not way.joint:
            return way.picture(self._planes(bands), self.clear)
        picture, count = way.picture(self._planes(self._span), self.clear)
        return picture[[self._span.index(band) for band in bands]], count

    def _picked(self, way: Pick, bands: Sequence[str], indices: Sequence[Index]) -> Reduced:
        which = way.which(self._planes(self._span if way.joint else bands), self.clear, self.scenes)
        picture, count = picked(self._planes(bands), self.clear, which)
        found = {index.name: self._index_of(way, index, which) for index in indices}
        days = np.array([*self.scenes.days, NO_DAY], np.uint32)[which]  # where none is clear it is the last one
        return Reduced(picture, count, found, days)

    def _index_of(self, way: Pick, index: Index, which: NDArray[np.int16]) -> NDArray[np.float32]:
        planes = self._planes(index.bands)
        if way.order is None:
            return picked_index(index.of, planes, which)
        return first_index(index.of, planes, self.clear, way.order(self.scenes))

    @property
    def _span(self) -> tuple[str, ...]:
        return self.span or self.names

    def _planes(self, bands: Sequence[str]) -> Observations:
        """An array is handed on as it is where all its planes are wanted, without a copy."""
        if tuple(bands) == self.names:
            return self.observations
        places = [self.names.index(band) for band in bands]
        return [[planes[place] for place in places] for planes in self.observations]

    def _nothing(self, method: Method, bands: Sequence[str], indices: Sequence[Index]) -> Reduced:
        return Reduced(
            np.full((len(bands), *self.shape), np.nan, np.float32),
            np.zeros(self.shape, np.uint16),
            {index.name: np.full(self.shape, np.nan, np.float32) for index in indices},
            np.full(self.shape, NO_DAY, np.uint32) if method.dated else None,
        )
