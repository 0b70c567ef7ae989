"""What one reads in a picture: the values of a pixel, and what a pixel or a polygon had on each date."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.catalogue import Choice
from services.render import Quantity
from services.sentinel2 import SCL_CLASSES
from services.series.place import Coverage, Pixel
from services.series.tables import pixel_csv, polygons_csv


@dataclass(frozen=True)
class BandValue:
    """Of one band of the composite."""

    name: str
    """`B04`."""
    reflectance: float | None
    """None where the pixel has no clear observation."""
    dn: int | None
    """The whole number of the result's GeoTIFF, 10000 times the reflectance; None as above."""


@dataclass(frozen=True)
class IndexValue:
    """Of one index, computed of each observation and then reduced as the bands are."""

    name: str
    """`ndvi`."""
    title: str
    """`Vegetation (NDVI)`."""
    value: float | None
    """None where no observation has one."""


@dataclass(frozen=True)
class PixelValues:
    """Of a pixel of the composite, by the recipe's method and mask."""

    pixel: Pixel
    count: int
    """Clear observations."""
    dates: int
    """Used dates that show its tile, clear there or not."""
    bands: tuple[BandValue, ...]
    indices: tuple[IndexValue, ...]
    day: str = ""
    """ISO day, UTC, of the observation that the pixel is; empty where the method makes it of several, or of none."""


@dataclass(frozen=True)
class DatePoint:
    """One acquisition of the interval, whose planes are in the cache."""

    acquisition: str
    """`Acquisition.key`."""
    time: datetime
    """Of the earliest granule, UTC."""
    satellite: str
    """`S2A`."""
    orbit: int
    """Relative orbit."""
    cloud_cover: float
    """Scene cloud cover, percent."""
    used: bool
    """Whether the recipe keeps the date."""
    reason: str
    """Why it is excluded; empty where it is used."""

    @property
    def date(self) -> str:
        """ISO day, UTC."""
        return self.time.astimezone(UTC).date().isoformat()


@dataclass(frozen=True)
class PixelPoint(DatePoint):
    """Of a pixel."""

    value: float | None
    """Of the quantity, also where it is not clear; None where there are no data, or an index is not a number."""
    clear: bool
    """Whether it counts under the recipe's mask."""
    scl: int | None
    """SCL class, 0 to 11; None where the classification is not in the cache."""

    @property
    def scl_word(self) -> str:
        """`cloud shadow`; empty where the class is not known."""
        return "" if self.scl is None else SCL_CLASSES[self.scl] if self.scl < len(SCL_CLASSES) else str(self.scl)


@dataclass(frozen=True)
class PolygonPoint(DatePoint):
    """Of a polygon: numbers of its clear pixels, None where it has none."""

    pixels: int
    """Of the picture in the polygon."""
    count: int
    """Of these, clear under the recipe's mask and with a value."""
    mean: float | None
    std: float | None
    """Standard deviation of the population."""
    p10: float | None
    """Percentiles lie between two pixels where they must (linear)."""
    p25: float | None
    median: float | None
    p75: float | None
    p90: float | None

    @property
    def value(self) -> float | None:
        """What a chart draws: the median."""
        return self.median

    @property
    def clear(self) -> bool:
        """Whether any pixel counts."""
        return self.count > 0

    @property
    def clear_share(self) -> float:
        """Part of its pixels that count, 0 to 1."""
        return self.count / self.pixels if self.pixels else 0.0


@dataclass(frozen=True)
class Series:
    """Values of one quantity on all cached dates of the interval, oldest first: used and excluded ones."""

    quantity: Quantity
    missing: tuple[str, ...]
    """ISO days, UTC, of the interval's dates that show the place and are not in the cache."""
    attribution: str
    """The sentence that the data's licence asks for, or the one that says that they are simulated."""
    simulated: bool
    mask: str
    """Name in MASKS: what is clear under it counts."""
    buffer: int
    """Px around clouds that do not count either."""
    nbar: bool
    """Whether view angles are evened out in the values; never in those of bands for which there is no model."""

    @property
    def unit(self) -> str:
        """`reflectance`, or `index`."""
        return self.quantity.unit or "index"


@dataclass(frozen=True)
class PixelSeries(Series):
    """Of one pixel."""

    pixel: Pixel
    points: tuple[PixelPoint, ...]

    def to_csv(self) -> str:
        """A row a date."""
        return pixel_csv(self)


@dataclass(frozen=True)
class PolygonSeries(Series):
    """Of one polygon."""

    name: str
    """Of the polygon; a user's word, may be empty."""
    epsg: int
    """EPSG code of the UTM zone."""
    coverage: Coverage
    points: tuple[PolygonPoint, ...]

    def to_csv(self) -> str:
        """A row a date."""
        return polygons_csv([self])


def of_choice(choice: Choice) -> tuple[str, datetime, str, int, float, bool, str]:
    """The fields of a DatePoint."""
    one = choice.acquisition
    return one.key, one.time, one.satellite, one.orbit, one.cloud_cover, choice.kept, choice.reason
