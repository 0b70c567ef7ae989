"""What can be compared between two pictures: the reflectance of a band, or an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.composite import Image
from services.errors import RecipeError
from services.median import DN_PER_UNIT
from services.view import VIEWS, View, index_of

BAND_REACH, INDEX_REACH = 0.1, 0.4
"""Differences of reflectance, and of an index, that have the strongest colours: the same for every pair."""


@dataclass(frozen=True)
class Quantity:
    """A band or an index."""

    name: str
    """Its place in links and file names: `B04`, `ndvi`."""
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
    def reach(self) -> float:
        """The difference that has the strongest colour."""
        return INDEX_REACH if self.view else BAND_REACH

    def of(self, image: Image) -> NDArray[np.float32]:
        """Its values, (height, width); NaN where there are none."""
        if self.view:
            return index_of(self.view, image)
        band: NDArray[np.float32] = image.reflectance[..., image.bands.index(self.name)]
        return band

    def whole(
        self, look: Mapping[str, NDArray[np.uint16]], clear: NDArray[np.bool_]
    ) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
        """One look as whole numbers, 10000 a unit, and where it counts; `look` has a plane of DN for each band.

        An index is (index + 1) × 10000, hence known to 1e-4; it does not count where both its bands are 0.
        """
        first = look[self.bands[0]]
        if self.view is None:
            return first, clear
        total = first.astype(np.float32)
        total += look[self.bands[1]]
        counts = clear & (total > 0)
        index = first * np.float32(2 * DN_PER_UNIT)  # (a − b) / (a + b) + 1 is 2 a / (a + b)
        index /= np.maximum(total, np.float32(1))
        return np.rint(index, out=index).astype(np.uint16), counts


def quantities(bands: Sequence[str]) -> tuple[Quantity, ...]:
    """The bands, in their order, and the indices that they allow."""
    indices = (view for view in VIEWS.values() if view.kind == "index" and set(view.bands) <= set(bands))
    return (
        *(Quantity(band, f"Band {band}", (band,)) for band in bands),
        *(Quantity(view.name, view.title, view.bands, view) for view in indices),
    )


def quantity_named(name: str, bands: Sequence[str]) -> Quantity:
    """One of `quantities`. Raises RecipeError where these bands do not allow it."""
    possible = {quantity.name: quantity for quantity in quantities(bands)}
    if name not in possible:
        view = VIEWS.get(name)
        lacks = (
            f"needs {' and '.join(view.bands)}" if view and view.kind == "index" else "is neither a band nor an index"
        )
        raise RecipeError(
            f"{name!r} cannot be compared: it {lacks}, and there is {', '.join(bands)}.",
            f"Choose one of {', '.join(possible)}.",
        )
    return possible[name]
