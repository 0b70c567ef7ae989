"""The observations of one tile, reduced by a method: the picture's bands, and indices of each observation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.composite.indices import Index
from services.reducers import Clear, Method, Observations


@dataclass(frozen=True, eq=False)
class Stack:
    """Oldest first; there may be none."""

    names: tuple[str, ...]
    """Of the planes of each observation: bands."""
    observations: Observations
    """DN of `observations[time][plane]`, (height, width)."""
    clear: Clear
    """Where each counts, (height, width)."""
    clouds: Sequence[float]
    """Cloud cover of their acquisitions, percent."""
    shape: tuple[int, int]
    """Height and width."""

    def picture(self, method: Method, bands: int) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
        """Reflectance of the first so many planes, (band, height, width), and the count of clear observations."""
        if not len(self.clear):
            return np.full((bands, *self.shape), np.nan, np.float32), np.zeros(self.shape, np.uint16)
        whole = bands == len(self.names)  # an array is then handed on as it is, without a copy
        observations = self.observations if whole else [planes[:bands] for planes in self.observations]
        return method.reduce(observations, self.clear, self.clouds)

    def index(self, method: Method, index: Index) -> NDArray[np.float32]:
        """(height, width); NaN where there is none."""
        if not len(self.clear):
            return np.full(self.shape, np.nan, np.float32)
        places = [self.names.index(band) for band in index.bands]
        observations = [[planes[place] for place in places] for planes in self.observations]
        return method.reduce_index(index.of, observations, self.clear, self.clouds)
