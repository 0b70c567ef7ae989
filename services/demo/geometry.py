"""GeoJSON polygons in a request, checked before anything is done with them."""

from typing import Any

from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from services.demo.errors import Refusal
from services.demo.payload import positions

MOST_POSITIONS = 100_000


def polygons(value: Any, place: str) -> BaseGeometry:
    """A Polygon or MultiPolygon with closed rings, made valid. Raises Refusal."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise Refusal(f"`{place}` should be a Polygon or a MultiPolygon of GeoJSON.", parameter=place)
    coordinates = value.get("coordinates")
    rings = [coordinates] if kind == "Polygon" else coordinates
    try:
        if len(list(positions(coordinates))) > MOST_POSITIONS:
            raise Refusal(f"`{place}` has more than {MOST_POSITIONS} positions.", parameter=place)
        shape = MultiPolygon([Polygon(_ring(one[0]), [_ring(hole) for hole in one[1:]]) for one in rings])
    except (ValueError, TypeError, IndexError, RecursionError):
        raise Refusal(
            f"`{place}` is not a valid geometry: rings are closed lists of 4 or more positions.", parameter=place
        ) from None
    valid = shape if shape.is_valid else shape.buffer(0)
    if valid.is_empty or valid.area == 0:
        raise Refusal(f"`{place}` has no area.", parameter=place)
    return valid


def _ring(value: Any) -> list[tuple[float, float]]:
    """Raises ValueError where it is not a closed ring."""
    points = [point for item in value for point in positions(item)]
    if len(points) < 4 or points[0] != points[-1] or len(points) != len(value):
        raise ValueError
    return points
