"""The map's own arithmetic on the ellipsoid, against PROJ and its geodesics."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer
from pyproj import Geod

from services.geo import central_meridian, to_utm

EARTH = Path(__file__).parents[3] / "pages" / "assets" / "earth.js"
GEOD = Geod(ellps="WGS84")
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def engine() -> Iterator[MiniRacer]:
    racer = MiniRacer()
    racer.eval(f"const window = {{}};\n{EARTH.read_text()}")
    yield racer
    racer.close()


def call(engine: MiniRacer, name: str, *words: object) -> Any:
    spoken = ", ".join(json.dumps(word) for word in words)
    return json.loads(cast(str, engine.eval(f"JSON.stringify(window.ninepatch.{name}({spoken}))")))


@given(st.integers(1, 60), st.booleans(), st.floats(0, 84), st.floats(-8, 8))
@QUICK
def test_metres_of_a_zone_are_those_of_proj(
    engine: MiniRacer, zone: int, south: bool, latitude: float, away: float
) -> None:
    epsg = (32700 if south else 32600) + zone
    latitude, longitude = (-latitude if south else latitude), central_meridian(epsg) + away
    x, y = to_utm(epsg, longitude, latitude)
    assert call(engine, "utm", epsg, latitude, longitude) == pytest.approx((float(x), float(y)), abs=0.02)
    assert call(engine, "utm", epsg, latitude, longitude + 360) == pytest.approx((float(x), float(y)), abs=0.02)


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(-5, 5), st.floats(-5, 5))
@QUICK
def test_distances_are_those_of_geodesics(
    engine: MiniRacer, latitude: float, longitude: float, north: float, east: float
) -> None:
    other = latitude + north, longitude + east
    _, _, metres = GEOD.inv(longitude, latitude, other[1], other[0])
    assert call(engine, "distance", [latitude, longitude], other) == pytest.approx(metres, rel=1e-5, abs=0.01)


@given(st.floats(-78, 78), st.floats(-180, 180), st.floats(0.001, 1))
@QUICK
def test_areas_are_those_of_geodesics(engine: MiniRacer, latitude: float, longitude: float, size: float) -> None:
    ring = [(latitude, longitude), (latitude, longitude + size), (latitude + size, longitude + size / 2)]
    area, _ = GEOD.polygon_area_perimeter([lon for _, lon in ring], [lat for lat, _ in ring])
    assert call(engine, "area", ring) == pytest.approx(abs(area), rel=2e-3)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("length", 12.4, "12 m"), ("length", 1234.5, "1.23 km"), ("length", 234_567, "235 km"),
        ("surface", 850, "850 m²"), ("surface", 123_400, "12.34 ha"), ("surface", 4_560_000, "4.56 km²"),
        ("surface", 4.56e9, "4,560 km²"),
    ],
)  # fmt: skip
def test_units_fit_what_is_measured(engine: MiniRacer, name: str, value: float, words: str) -> None:
    assert call(engine, name, value) == words


def test_lines_of_the_graticule_come_closer_as_one_zooms_in(engine: MiniRacer) -> None:
    steps = [call(engine, "graticule", zoom) for zoom in range(20)]
    assert steps == sorted(steps, reverse=True) and steps[0] == 30 and steps[-1] > 0
    assert call(engine, "degrees", -33.5, "NS", 1) == "33.5° S"
