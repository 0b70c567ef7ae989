"""GeoJSON in a request."""

from typing import Any

import pytest

from services.demo.errors import Refusal
from services.demo.geometry import polygons

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
HOLE = [[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("value", "area"),
    [
        ({"type": "Polygon", "coordinates": [SQUARE]}, 4),
        ({"type": "Polygon", "coordinates": [SQUARE, HOLE]}, 3),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [[[x + 5, y] for x, y in SQUARE]]]}, 8),
        ({"type": "Polygon", "coordinates": [[[x, y, 9] for x, y in SQUARE]]}, 4),
    ],
)
def test_a_polygon_keeps_its_area(value: Any, area: float) -> None:
    assert polygons(value, "geometry").area == pytest.approx(area)


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        {},
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": SQUARE},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [2, 2], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": [SQUARE]},
        {"type": "FeatureCollection", "features": []},
    ],
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(Refusal) as caught:
        polygons(value, "input->bounds->geometry")
    assert caught.value.parameter == "input->bounds->geometry"
