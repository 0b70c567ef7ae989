"""What can be compared between two pictures: the reflectance of a band, or an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.composite import Image, Index
from services.render.view_text import unstyled
from services.render.views import VIEWS, View
from services.sentinel2 import DN_PER_UNIT

BAND_REACH, INDEX_REACH = 0.1, 0.4
"""Differences of reflectance, and of an index, that have the strongest colours: the same for every pair."""


@dataclass(frozen=True)
class Quantity:
    """A band or an index."""

    name: str
    """Its place in links: `B04`, `ndvi`, `si-EVI`."""
    title: str
    """What people read."""
    bands: tuple[str, ...]
    """What it needs."""
    view: View | None = None
    """Of an index; None for a band."""

    @property
    def unit(self) -> str:
        """`reflectance`; empty for an index, which has none."""
        return "" if self.view else "reflectance"

    @property
    def slug(self) -> str:
        """Its place in file names."""
        return self.view.slug if self.view else self.name

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its values and the colours of their difference, whatever it is called."""
        return self.bands, self.reach, self.view.meaning if self.view else ()

    @property
    def reach(self) -> float:
        """The difference that has the strongest colour."""
        if self.index is None or self.index.in_files:
            return INDEX_REACH if self.index else BAND_REACH
        return (self.index.ticks[-1] - self.index.ticks[0]) / 4  # as INDEX_REACH is of the usual range

    @property
    def index(self) -> Index | None:
        """None for a band."""
        return self.view.index if self.view else None

    def of(self, image: Image) -> NDArray[np.float32]:
        """Its values, (height, width); NaN where there are none."""
        if self.view:
            return image.indices[self.name]
        band: NDArray[np.float32] = image.reflectance[..., image.bands.index(self.name)]
        return band

    def each(
        self, observation: Mapping[str, NDArray[np.uint16]], clear: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Of one observation, and where it counts; `observation` has a plane of DN for each band.

        An index does not count where it is not a number: a normalised difference where both bands are 0.
        """
        if self.index is None:
            return np.divide(observation[self.name], np.float32(DN_PER_UNIT), dtype=np.float32), clear
        values = self.index.of([observation[band] for band in self.bands])
        return values, clear & ~np.isnan(values)


def quantities(bands: Sequence[str], view: View | None = None) -> tuple[Quantity, ...]:
    """The bands, in their order, the indices that they allow, and that of the view where it is another one."""
    shown = [unstyled(view)] if view is not None and view.index else []
    indices = {one.name: one for one in (*VIEWS.values(), *shown) if one.index and set(one.bands) <= set(bands)}
    return (
        *(Quantity(band, f"Band {band}", (band,)) for band in bands),
        *(Quantity(one.name, one.title, one.bands, one) for one in indices.values()),
    )
