"""One picture tile of one overpass, as the catalogue lists it."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from services.errors import BadResponse
from services.formats import Position, Rings
from services.geo import to_utm
from services.lazy import lazy
from services.text import shorten

_PRODUCT = re.compile(
    r"(?P<satellite>S2[A-Z])_MSIL\w{2}_(?P<datatake>\d{8}T\d{6})_N(?P<baseline>\d{4})"
    r"_R(?P<orbit>\d{3})_T(?P<tile>\d{2}[A-Z]{3})_(?P<made>\w+?)(?:\.SAFE)?"
)
"""Name of a product (ESA, Sentinel-2 Products Specification: compact naming); some catalogues leave `.SAFE` out."""
_PLATFORM = re.compile(r"sentinel-?2([a-z])")
NOTED = 5
"""Items that are left out, of which so many are named."""
_MOST_POSITIONS = 10_000
"""Of a footprint; a real one has some tens, and shapely takes minutes over a hundred thousand that are askew."""
_SLACK = 0.5
"""Percent beyond 0 and 100 that are the service's rounding, and no other number."""
UNKNOWN_BASELINE = "unknown"
UNKNOWN_CLOUDS = 100.0
"""Percent that count where the catalogue has no figure: what is not known to be clear is not kept."""


@dataclass(frozen=True)
class GranuleFile:
    """One file of a granule, where the catalogue says where its pixels lie."""

    plane: str
    """`B04`, `SCL`."""
    href: str
    """Its address, without a signature."""
    epsg: int
    """EPSG code of its UTM zone."""
    transform: tuple[float, float, float, float, float, float]
    """From pixels to metres: a, b, c, d, e, f, in the order of the affine package."""
    width: int
    """Pixels, west to east."""
    height: int
    """Pixels, north to south."""
    size: int
    """Bytes of the file; 0 where the catalogue does not say it."""
    offset: int
    """DN that are added to its own, so that all processing baselines are alike: -1000 or 0."""

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "GranuleFile":
        """Raises KeyError, TypeError or ValueError where it is not what asdict gives."""
        a, b, c, d, e, f = map(float, plain["transform"])
        whole = {name: int(plain[name]) for name in ("epsg", "width", "height", "size", "offset")}
        return cls(str(plain["plane"]), str(plain["href"]), transform=(a, b, c, d, e, f), **whole)


@dataclass(frozen=True)
class SourceProduct:
    """A product that pixels are made of, as pictures tell it."""

    id: str
    """Its name, as the catalogue has it."""
    offset: int | None
    """DN that the reader of its files adds; None where a service harmonises them itself."""

    @property
    def parts(self) -> Mapping[str, str]:
        """Of the name: satellite, datatake, baseline, orbit, tile, made; empty where it is another name."""
        match = _PRODUCT.fullmatch(self.id)
        return match.groupdict() if match else {}

    @property
    def baseline(self) -> str:
        """Processing baseline, `05.09`; UNKNOWN_BASELINE where the name does not tell it."""
        digits = self.parts.get("baseline", "")
        return f"{digits[:2]}.{digits[2:]}" if digits else UNKNOWN_BASELINE


@dataclass(frozen=True)
class Granule:
    """One picture tile, about 110 km wide, of one overpass."""

    id: str
    """The product's name."""
    time: datetime
    """When it was taken; aware, UTC."""
    cloud_cover: float
    """Percent of the whole granule, not of the place that is asked about."""
    footprint: tuple[Rings, ...]
    """Polygons of (longitude, latitude) in degrees: where it has data."""
    files: tuple[GranuleFile, ...] = ()
    """One a plane; empty where pixels are asked of a service that knows them by itself."""

    @lazy
    def product(self) -> Mapping[str, str]:
        """Parts of the name, see `SourceProduct.parts`."""
        return self.source.parts

    @property
    def source(self) -> SourceProduct:
        """What pictures tell of it."""
        return SourceProduct(self.id, min((file.offset for file in self.files), default=None))

    @lazy
    def geometry(self) -> MultiPolygon:
        """The footprint in degrees as shapely's type, as it came."""
        return MultiPolygon([Polygon(rings[0], rings[1:]) for rings in self.footprint])

    def projected(self, epsg: int) -> Any:
        """The footprint in metres of a UTM zone, vertex by vertex: how longitudes are wrapped does not matter."""
        metres = shapely.transform(self.geometry, lambda degrees: np.column_stack(to_utm(epsg, *degrees.T)))
        if not np.all(np.isfinite(shapely.get_coordinates(metres))):
            return MultiPolygon()  # on the other side of the Earth
        return metres if metres.is_valid else shapely.make_valid(metres, method="structure", keep_collapsed=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "id": self.id,
            "time": self.time.isoformat(),
            "cloud_cover": self.cloud_cover,
            "footprint": self.footprint,
            **({"files": [asdict(file) for file in self.files]} if self.files else {}),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Granule":
        """Raises KeyError, TypeError or ValueError where it is not what to_dict gives."""
        polygons = tuple(
            tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings) for rings in plain["footprint"]
        )
        time = datetime.fromisoformat(plain["time"])
        files = tuple(map(GranuleFile.from_dict, plain.get("files", ())))
        return cls(str(plain["id"]), time, float(plain["cloud_cover"]), polygons, files)

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> "Granule":
        """From a STAC item; raises BadResponse where it is none of a granule."""
        try:
            properties = item["properties"]
            clouds = properties.get("eo:cloud_cover")
            return cls(
                id=_text(item["id"]),
                time=_time(properties["datetime"]),
                cloud_cover=UNKNOWN_CLOUDS if clouds is None else _percent(clouds),
                footprint=_polygons(item["geometry"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            name = shorten(item.get("id"), 80) if isinstance(item, Mapping) else "no object"
            why = shorten(str(error), 80) if isinstance(error, ValueError) else "a part of it is missing"
            raise BadResponse(
                f"The catalogue's item {name} is not a granule: {why}.",
                "Ask again later; if it stays so, check the provider's collection in the settings.",
            ) from error


def sound(
    items: Iterable[Mapping[str, Any]], check: Callable[[Mapping[str, Any]], object] = Granule.from_item
) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """Items that are granules; and for people, which others are left out, and why, as `check` says in a BadResponse.

    Raises BadResponse where there are items and none is a granule: then it is another collection.
    """
    found: list[Mapping[str, Any]] = []
    odd: list[BadResponse] = []
    for item in items:
        try:
            check(item)
        except BadResponse as error:
            odd.append(error)
        else:
            found.append(item)
    if odd and not found:
        raise odd[0]
    more = (f"{len(odd) - NOTED:,} more items of the catalogue are left out.",) if len(odd) > NOTED else ()
    return found, (*(f"{error.cause} It is left out." for error in odd[:NOTED]), *more)


def satellite_of(item: Mapping[str, Any]) -> str:
    """`S2A`, from the item's platform, else from its name; `S2` where neither says it."""
    match = _PLATFORM.fullmatch(str(item["properties"].get("platform", "")).lower())
    return f"S2{match[1].upper()}" if match else (re.match(r"S2[A-Z]?", str(item["id"])) or ["S2"])[0]


def orbit_of(item: Mapping[str, Any], granule: Granule) -> int:
    """Relative orbit, 1 to 143, from the product's name or the item; 0 where neither says it."""
    stated = granule.product.get("orbit") or item["properties"].get("sat:relative_orbit") or 0
    return int(stated) if re.fullmatch(r"\d{1,3}", str(stated), re.ASCII) else 0


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise ValueError(f"id {value!r}")
    return value


def _time(value: Any) -> datetime:
    """With or without a fraction and a zone; UTC where there is none."""
    time = datetime.fromisoformat(value)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def _percent(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_SLACK <= value <= 100 + _SLACK:
        raise ValueError(f"eo:cloud_cover {shorten(value)}")
    return min(100.0, max(0.0, float(value)))


def _polygons(geometry: Mapping[str, Any]) -> tuple[Rings, ...]:
    """Of a Polygon or MultiPolygon, or of those in a collection; `crs` and a third coordinate do not matter."""
    if geometry["type"] == "GeometryCollection":
        areas = [part for part in geometry["geometries"] if part["type"] in ("Polygon", "MultiPolygon")]
        if areas:
            return tuple(polygon for part in areas for polygon in _polygons(part))
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"geometry {geometry['type']!r}")
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    polygons = tuple(tuple(tuple(map(_position, ring)) for ring in rings) for rings in parts)
    if sum(len(ring) for rings in polygons for ring in rings) > _MOST_POSITIONS:
        raise ValueError(f"geometry of more than {_MOST_POSITIONS:,} positions")
    if not polygons or any(len(ring) < 4 for rings in polygons for ring in rings) or not all(polygons):
        raise ValueError("geometry without a ring")
    return polygons


def _position(position: Any) -> Position:
    longitude, latitude = float(position[0]), float(position[1])
    if not (math.isfinite(longitude) and abs(longitude) <= 540 and abs(latitude) <= 90):
        raise ValueError(f"position {position!r}")
    return longitude, latitude
