"""Items as a catalogue lists them, for tests: rectangles in metres of a zone become footprints in degrees."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pyproj import Transformer

EPSG = 32635
START = datetime(2017, 6, 7, 9, 53, 40, tzinfo=UTC)


def item(
    bounds: tuple[float, float, float, float],
    *,
    clouds: float | None = 3.02,
    tile: str = "35VLG",
    seconds: float = 0.0,
    satellite: str = "S2A",
    orbit: int = 79,
    datatake: str = "20170607T095031",
    baseline: str = "0205",
    made: str = "20170607T095340",
    epsg: int = EPSG,
    suffix: str = "",
) -> dict[str, Any]:
    """One granule; `seconds` after the first one's time."""
    west, south, east, north = bounds
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    degrees = _to_degrees(epsg)
    ring = [list(degrees.transform(*corner)) for corner in corners]
    time = START + timedelta(seconds=seconds)
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"{satellite}_MSIL2A_{datatake}_N{baseline}_R{orbit:03d}_T{tile}_{made}{suffix}",
        "geometry": {
            "type": "MultiPolygon",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC::CRS84"}},
            "coordinates": [[ring]],
        },
        "properties": {
            "datetime": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "platform": f"sentinel-2{satellite[-1].lower()}",
            "eo:cloud_cover": clouds,
        },
        "collection": "sentinel-2-l2a",
    }


@lru_cache
def _to_degrees(epsg: int) -> Transformer:
    """Making one takes a while."""
    return Transformer.from_crs(epsg, 4326, always_xy=True)
