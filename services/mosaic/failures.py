"""What is missing in an order and why, as a table and as a map."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from services.geo import to_wgs84
from services.grid import Lattice, TileIndex
from services.mosaic.tile_set import footprint_of
from services.text import csv_text

COLUMNS = ("part", "tile", "epsg", "columns", "rows", "longitude", "latitude", "cause", "remedy")
"""`tile` is the south-western one, `columns` and `rows` are how many; longitude and latitude are of their middle."""


@dataclass(frozen=True)
class Gap:
    """A part of an order, or a tile of it, that could not be made."""

    part: int
    lattice: Lattice
    lower_left: TileIndex
    """The south-western tile."""
    cause: str
    """A sentence."""
    remedy: str
    """A sentence, or empty."""
    columns: int = 1
    """Tiles, west to east."""
    rows: int = 1
    """Tiles, south to north."""


def failures_csv(gaps: Sequence[Gap]) -> str:
    """A row each, in their order."""
    return csv_text(COLUMNS, [tuple(_told(one).values()) for one in gaps])


def failures_geojson(gaps: Sequence[Gap]) -> str:
    """A FeatureCollection (RFC 7946), one feature each, with what the table has as its properties."""
    features = [
        {
            "type": "Feature",
            "properties": _told(one),
            "geometry": footprint_of(one.lattice, one.lower_left, one.columns, one.rows),
        }
        for one in gaps
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n"


def _told(gap: Gap) -> dict[str, object]:
    """By COLUMNS."""
    west, south, east, north = gap.lattice.rectangle(gap.lower_left, gap.columns, gap.rows)
    longitude, latitude = to_wgs84(gap.lattice.epsg, (west + east) / 2, (south + north) / 2)
    place = (round(float(longitude), 6), round(float(latitude), 6))
    values = (gap.part, str(gap.lower_left), gap.lattice.epsg, gap.columns, gap.rows, *place, gap.cause, gap.remedy)
    return dict(zip(COLUMNS, values, strict=True))
