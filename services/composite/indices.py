"""Indices: numbers of several bands, computed of each observation and then reduced; never of reduced bands.

The index of two medians is not the median of the index: over a year of real observations they are up to 0.26 apart in
NDVI, for the two bands' medians are of different dates. An index is that of DN, which is that of reflectance: a factor
cancels, as an offset would not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.reducers import Formula, Planes
from services.registry import Registry

NO_INDEX = -32_768
"""The whole number of a pixel without an index."""
_TRIED = np.array([0, 120, 650, 1400, 2900, 5200, 9800], np.uint16)
"""DN by which formulas are told apart."""
PER_UNIT = 10_000
"""Whole numbers a unit of an index, in files and for colours: a step is 0.0001."""

EVEN = (-0.8, -0.4, 0.0, 0.4, 0.8)
"""The range of most normalised differences."""


def normalized_difference(planes: Planes) -> NDArray[np.float32]:
    """(a − b) / (a + b) of one observation, rounded once; NaN where both bands are 0."""
    total = planes[0].astype(np.float32)
    index: NDArray[np.float32] = planes[0].astype(np.float32)
    total += planes[1]
    index -= planes[1]
    with np.errstate(invalid="ignore"):
        index /= total
    return index


@dataclass(frozen=True)
class Index:
    """A number of one observation's bands, with the range and the colours in which it is shown."""

    name: str
    """Its place in links and file names: `ndvi`."""
    title: str
    """What people read."""
    bands: tuple[str, ...]
    """What the formula takes, in its order."""
    source: str
    """Who proposed it."""
    ticks: tuple[float, ...] = EVEN
    """Numbers of its legend; the first and the last are the declared range, the ends of its colours. Files hold values
    from -3.2767 to 3.2767."""
    palette: str = "cividis"
    """Matplotlib's name of its colours."""
    of: Formula = normalized_difference
    """DN of the bands to the index of one observation: 10000 times the reflectance, without an offset."""
    words: str = "({0} − {1}) / ({0} + {1})"
    """The same for people, with the places of the bands; another formula has other words."""
    in_files: bool = True
    """Whether results hold it, in whole numbers; another one is only looked at, and may be of any size."""

    @property
    def short(self) -> str:
        """`NDVI`: its name in files."""
        return self.name.upper()

    @property
    def meaning(self) -> tuple[object, ...]:
        """What decides its numbers and colours, whatever it is called: a part of the key of all that is cached.

        Of the formula what it comes to: another one that looks alike is another one.
        """
        tried = self.of([np.roll(_TRIED, place) for place in range(len(self.bands))])
        return self.bands, whole_index(tried).tolist(), self.words, self.ticks, self.palette

    @property
    def formula(self) -> str:
        """`(B08 − B04) / (B08 + B04)`."""
        return self.words.format(*self.bands)


INDICES = Registry(
    "index",
    (
        Index(
            "ndvi",
            "Vegetation (NDVI)",
            ("B08", "B04"),
            "Rouse et al. 1974",
            ticks=(-0.2, 0.0, 0.3, 0.6, 0.9),
            palette="viridis",
        ),
        Index("ndwi", "Water (NDWI)", ("B03", "B08"), "McFeeters 1996"),
        Index("nbr", "Burnt land (NBR)", ("B08", "B12"), "Key & Benson 2006"),
        Index("ndsi", "Snow (NDSI)", ("B03", "B11"), "Hall et al. 1995"),
    ),
)
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


def whole_index(index: NDArray[np.float32]) -> NDArray[np.int16]:
    """As files and colours have it: PER_UNIT times the index, NO_INDEX where there is none."""
    whole: NDArray[np.float32] = np.rint(index * np.float32(PER_UNIT))
    np.clip(whole, NO_INDEX + 1, -NO_INDEX - 1, out=whole)
    whole[np.isnan(whole)] = NO_INDEX
    return whole.astype(np.int16)
