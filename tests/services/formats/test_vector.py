"""What GDAL reads in memory: one driver and no other, FlatGeobuf whole or not at all, names, curves."""

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from services.errors import AreaError
from services.formats import FORMATS, FileLimits
from services.formats.vector import DRIVERS, FLATGEOBUF, GEOPACKAGE, SHAPEFILE, read_flatgeobuf
from services.geo import geometry_of
from tests.services.areafiles import BOTH, DONUT, ISLAND, written

ROOT = Path(__file__).resolve().parents[3]
LIMITS = FileLimits()
CIRCLE = struct.pack("<BIIBII10d", 1, 10, 1, 1, 8, 5, 24.9, 60, 25, 60.1, 25.1, 60, 25, 59.9, 24.9, 60)
"""A CurvePolygon of two arcs, as well-known binary."""


def flat(*shapes: bytes) -> bytes:
    """A FlatGeobuf of well-known binary."""
    buffer = io.BytesIO()
    pyogrio.raw.write(
        buffer,
        geometry=np.array(shapes, dtype=object),
        field_data=[np.array([f"N{number}" for number in range(len(shapes))], dtype=object)],
        fields=["name"],
        driver="FlatGeobuf",
        geometry_type="Unknown",
        crs="EPSG:4326",
    )
    return buffer.getvalue()


def apart(program: str) -> str:
    """What a Python of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("driver", [SHAPEFILE, GEOPACKAGE, FLATGEOBUF])
def test_gdal_has_one_driver_and_no_tables(driver: str) -> None:
    program = (
        f"from services.formats.vector import register; register({driver!r}); import pyogrio, sys;"
        "print(*pyogrio.list_drivers(), *(name for name in ('pandas', 'geopandas', 'pyarrow') if sys.modules[name]))"
    )
    assert apart(program) == driver


def test_all_drivers_that_gdal_brings_are_known() -> None:
    assert set(pyogrio.list_drivers()) <= set(DRIVERS)


def test_a_driver_that_is_not_known_ends_the_reader() -> None:
    program = (
        "from services.formats import vector; vector.DRIVERS = tuple(set(vector.DRIVERS) - {'OGR_VRT'})\n"
        "try: vector.register('GPKG')\nexcept RuntimeError as error: print(error)"
    )
    assert "other drivers" in apart(program)


@pytest.mark.parametrize("name", ["text", "kml", "kmz", "gpx"])
def test_readers_of_text_import_nothing_heavy(name: str) -> None:
    heavy = "('numpy', 'shapely', 'pyproj', 'pyogrio', 'pyarrow', 'pandas')"
    program = (
        "import services.sandbox.reader_process, sys; from services.formats import format_named;"
        f"format_named({name!r}).prepare(); print([one for one in {heavy} if one in sys.modules])"
    )
    assert apart(program) == "[]"


def test_a_format_that_nobody_registered_raises() -> None:
    from services.formats import format_named

    assert [format_named(kind.name) for kind in FORMATS] == list(FORMATS)
    with pytest.raises(LookupError):
        format_named("vrt")


def test_one_feature_fewer_than_the_head_says_is_refused() -> None:
    data = bytearray(written("fgb", [DONUT, ISLAND, BOTH]))
    whole = read_flatgeobuf(bytes(data), LIMITS)
    assert whole.features == 3
    for end in range(len(data) - 300, len(data)):
        with pytest.raises(AreaError, match="FlatGeobuf cannot be read"):
            read_flatgeobuf(bytes(data[:end]), LIMITS)


def test_a_title_that_is_no_text_is_damage() -> None:
    data = written("fgb", [ISLAND])
    assert data.count(b"area") == 1, "the title of the layer"
    with pytest.raises(AreaError, match="FlatGeobuf cannot be read"):
        read_flatgeobuf(data.replace(b"area", b"\xffrea"), LIMITS)


def test_arcs_are_approximated_and_it_is_said() -> None:
    found = read_flatgeobuf(flat(CIRCLE, shapely.to_wkb(ISLAND)), LIMITS)
    assert geometry_of(found.polygons).area == pytest.approx(np.pi * 0.01 + ISLAND.area, rel=0.005)
    assert "Curves were approximated by short straight edges." in found.notes


def test_curved_types_with_straight_edges_are_read_as_they_are() -> None:
    straight = struct.pack("<BII", 1, 10, 1) + shapely.to_wkb(shapely.LineString(DONUT.exterior.coords))
    found = read_flatgeobuf(flat(straight), LIMITS)
    assert geometry_of(found.polygons).equals(shapely.Polygon(DONUT.exterior))
    assert found.notes == ()


@pytest.mark.parametrize(("epsg", "horizontal"), [(5972, 25832), (4979, 4326)])
def test_the_horizontal_part_of_a_system_with_heights_is_used_and_that_is_said(epsg: int, horizontal: int) -> None:
    found = read_flatgeobuf(written("fgb", [ISLAND], epsg=epsg), LIMITS)
    assert found.epsg == horizontal
    assert any("has heights" in note for note in found.notes)
