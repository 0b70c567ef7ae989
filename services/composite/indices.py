"""Normalised differences of two bands, computed of each observation and then reduced; never of reduced bands.

The index of two medians is not the median of the index: over a year of real observations they are up to 0.26 apart in
NDVI, for the two bands' medians are of different dates. An index is that of DN, which is that of reflectance: a factor
cancels, as an offset would not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.composite.float_median import Block, median_of_blocks

NO_INDEX = -32_768
"""The whole number of a pixel without an index."""
PER_UNIT = 10_000
"""Whole numbers a unit of an index, in files and for colours: a step is 0.0001."""

Pair = Sequence[NDArray[np.uint16]]
"""DN of the two bands, of one shape."""


@dataclass(frozen=True)
class Index:
    """(a − b) / (a + b)."""

    name: str
    """Its place in links and file names: `ndvi`."""
    title: str
    """What people read."""
    bands: tuple[str, str]
    """a and b."""
    source: str
    """Who proposed it."""

    @property
    def short(self) -> str:
        """`NDVI`: its name in files."""
        return self.name.upper()

    @property
    def formula(self) -> str:
        """`(B08 − B04) / (B08 + B04)`."""
        return "({0} − {1}) / ({0} + {1})".format(*self.bands)


INDICES: dict[str, Index] = {
    index.name: index
    for index in (
        Index("ndvi", "Vegetation (NDVI)", ("B08", "B04"), "Rouse et al. 1974"),
        Index("ndwi", "Water (NDWI)", ("B03", "B08"), "McFeeters 1996"),
        Index("nbr", "Burnt land (NBR)", ("B08", "B12"), "Key & Benson 2006"),
        Index("ndsi", "Snow (NDSI)", ("B03", "B11"), "Hall et al. 1995"),
    )
}
"""In the order of the page.

- NDVI, vegetation: J. W. Rouse, R. H. Haas, J. A. Schell, D. W. Deering, Monitoring vegetation systems in the Great
  Plains with ERTS, Third ERTS-1 Symposium, NASA SP-351, 1974.
- NDWI, open water: S. K. McFeeters, The use of the Normalized Difference Water Index (NDWI) in the delineation of open
  water features, International Journal of Remote Sensing 17(7), 1996. Not Gao's index of the same name, of leaves.
- NBR, burnt land: C. H. Key, N. C. Benson, The Normalized Burn Ratio, 1999; Landscape assessment, in FIREMON, USDA
  Forest Service RMRS-GTR-164-CD, 2006.
- NDSI, snow: D. K. Hall, G. A. Riggs, V. V. Salomonson, Development of methods for mapping global snow cover using
  Moderate Resolution Imaging Spectroradiometer data, Remote Sensing of Environment 54(2), 1995.
"""


def indices_of(bands: Sequence[str]) -> tuple[Index, ...]:
    """Those that these bands allow."""
    return tuple(index for index in INDICES.values() if set(index.bands) <= set(bands))


def index_of_observation(pair: Pair) -> NDArray[np.float32]:
    """The index of one observation, rounded once; NaN where both bands are 0."""
    total, index = pair[0].astype(np.float32), pair[0].astype(np.float32)
    total += pair[1]
    index -= pair[1]
    with np.errstate(invalid="ignore"):
        index /= total
    return index


def median_index(observations: Sequence[Pair], clear: Sequence[NDArray[np.bool_]]) -> NDArray[np.float32]:
    """Median of the observations' indices, of the shape of a plane; NaN where no observation that counts has one.

    To the last bit `np.nanmedian` of `index_of_observation` of the observations that count.
    """
    shape = clear[0].shape
    flat = [[plane.reshape(-1) for plane in pair] for pair in observations]
    seen = [observation.reshape(-1) for observation in clear]

    def block(part: slice) -> Block:
        for pair, counts in zip(flat, seen, strict=True):
            index = index_of_observation([plane[part] for plane in pair])
            yield index, counts[part] & ~np.isnan(index)

    return median_of_blocks(block, len(observations), seen[0].size).reshape(shape)


def first_index(
    observations: Sequence[Pair], clear: Sequence[NDArray[np.bool_]], order: Sequence[int]
) -> NDArray[np.float32]:
    """The index of each pixel's first observation that counts and has one, in that order; NaN where there is none."""
    found = np.full(clear[0].shape, np.nan, np.float32)
    for time in order:
        bare = np.isnan(found) & clear[time]
        if bare.any():
            np.copyto(found, index_of_observation(observations[time]), where=bare)
    return found


def whole_index(index: NDArray[np.float32]) -> NDArray[np.int16]:
    """As files and colours have it: PER_UNIT times the index, NO_INDEX where there is none."""
    whole: NDArray[np.float32] = np.rint(index * np.float32(PER_UNIT))
    whole[np.isnan(whole)] = NO_INDEX
    return whole.astype(np.int16)
