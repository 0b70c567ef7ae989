"""GeoPackages as GDAL writes them, changed as programs and attackers change them with SQL."""

import sqlite3
import struct
import tempfile
import time
from pathlib import Path
from typing import Literal

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from services.errors import AreaError
from services.formats import FileLimits, read_geopackage
from services.formats.features import FeatureCollector
from services.formats.wkb import read_wkb
from services.geo import geometry_of
from tests.services.areafiles import BOTH, DONUT, ISLAND, valid

LIMITS = FileLimits(file_seconds=1)
TRIGGERS = "SELECT 'DROP TRIGGER \"' || name || '\"' FROM sqlite_master WHERE type = 'trigger'"


def changed(*statements: str) -> bytes:
    """A good GeoPackage after statements."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(valid("gpkg"))
        connection = sqlite3.connect(path, isolation_level=None)
        for (drop,) in connection.execute(TRIGGERS).fetchall():
            connection.execute(drop)  # they call functions that only GDAL has
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return path.read_bytes()


def test_a_file_with_a_write_ahead_log_is_read() -> None:
    data = changed("PRAGMA journal_mode = WAL")
    assert data[18:20] == b"\2\2"
    assert geometry_of(read_geopackage(data, LIMITS).polygons).equals(BOTH)


def test_two_layers_with_polygons_are_refused_by_name() -> None:
    copy = (
        "CREATE TABLE 'b \"1' AS SELECT * FROM area",
        "INSERT INTO gpkg_geometry_columns VALUES ('b \"1', 'geom', 'POLYGON', 4326, 0, 0)",
    )
    with pytest.raises(AreaError, match="2 layers with polygons"):
        read_geopackage(changed(*copy), LIMITS)
    assert read_geopackage(changed(*copy, "DELETE FROM 'b \"1'"), LIMITS).features == 2


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["ALTER TABLE area RENAME TO x", "CREATE VIEW area AS SELECT * FROM x"], "view or missing"),
        (["DROP TABLE area"], "view or missing"),
        (["UPDATE gpkg_geometry_columns SET column_name = 'x'"], "lacks its column"),
        (["UPDATE gpkg_geometry_columns SET table_name = 'sqlite_master'"], "view or missing"),
        (["UPDATE gpkg_geometry_columns SET srs_id = -1"], "undefined"),
        (["DELETE FROM gpkg_spatial_ref_sys"], "undefined"),
        (
            ["UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = 'http://x'"],
            "'http://x' is not known",
        ),
        (["UPDATE area SET geom = x'4750'"], "damaged"),
        (["UPDATE area SET geom = 'text'"], "damaged"),
        (["UPDATE area SET geom = NULL"], "2 empty features"),
        (["DELETE FROM area"], "empty"),
        (["DELETE FROM gpkg_geometry_columns"], "no layer of shapes"),
        (["DROP TABLE gpkg_contents"], "no layer of shapes"),
    ],
)
def test_other_databases_are_refused_with_the_cause(statements: list[str], words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        read_geopackage(changed("PRAGMA foreign_keys = OFF", *statements), LIMITS)
    assert raised.value.remedy


def test_a_column_that_makes_its_own_values_cannot_make_much() -> None:
    made = "CREATE TABLE area (fid INTEGER PRIMARY KEY, name TEXT, geom BLOB AS (zeroblob(1000000000)))"
    with pytest.raises(AreaError, match="too big"):
        read_geopackage(changed("DROP TABLE area", made, "INSERT INTO area (name) VALUES ('a')"), LIMITS)


def test_rows_without_end_end() -> None:
    began = time.monotonic()
    endless = "CREATE TABLE area (fid INTEGER PRIMARY KEY, name TEXT, geom BLOB)"
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250000)"
    many = f"{count} INSERT INTO area (fid) SELECT i FROM n"
    with pytest.raises(AreaError, match=r"rows|interrupted"):
        read_geopackage(changed("DROP TABLE area", endless, many), LIMITS)
    assert time.monotonic() - began < 10


# Well-known binary


def findings(data: bytes) -> FeatureCollector:
    """What is read of a geometry."""
    found = FeatureCollector(LIMITS)
    read_wkb(data, 0, found)
    return found


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("flavour", ["iso", "extended"])
@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("geometry", [DONUT, BOTH, shapely.GeometryCollection([ISLAND, shapely.Point(1, 2), DONUT])])
def test_binary_of_every_kind_is_read_as_shapely_wrote_it(
    geometry: BaseGeometry, dimension: int, flavour: Literal["iso", "extended"], order: int
) -> None:
    geometry = shapely.force_3d(geometry, 7.0) if dimension == 3 else geometry
    geometry = shapely.set_srid(geometry, 4326)
    data = shapely.to_wkb(
        geometry,
        byte_order=order,
        flavor=flavour,
        output_dimension=3 if dimension == 3 else 2,
        include_srid=flavour == "extended",
    )
    found = findings(data)
    polygons = [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type == "Polygon"]
    assert geometry_of(found.polygons).equals(shapely.force_2d(shapely.MultiPolygon(polygons)))
    assert found.heights == (dimension == 3)


@pytest.mark.parametrize("flavour", ["iso", "extended"])
@pytest.mark.parametrize(("kind", "heights"), [("M", False), ("ZM", True)])
def test_measures_are_left_out_and_it_is_said(kind: str, heights: bool, flavour: Literal["iso", "extended"]) -> None:
    corner = "7 8" if heights else "7"
    corners = ", ".join(f"{x} {y} {corner}" for x, y in ISLAND.exterior.coords)
    found = findings(shapely.to_wkb(shapely.from_wkt(f"POLYGON {kind} (({corners}))"), flavor=flavour))
    assert geometry_of(found.polygons).equals(ISLAND)
    said = ("Heights were left out.", "Measures were left out.")
    assert found.outline("file").notes == (said if heights else said[1:])


def test_nested_collections_are_refused_before_the_stack_ends() -> None:
    nested = struct.pack("<BII", 1, 7, 1) * 100_000 + shapely.to_wkb(ISLAND)
    with pytest.raises(AreaError, match="nested deeper"):
        findings(nested)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "byte order"),
        (b"\2", "byte order"),
        (struct.pack("<BI", 1, 99), "unknown type"),
        (struct.pack("<BI", 1, 5003), "unknown type"),
        (struct.pack("<BIII", 1, 3, 1, 2**31), "claims 2,147,483,648 corners"),
        (struct.pack("<BII", 1, 6, 2**32 - 1), "byte order"),
        (struct.pack("<BII", 1, 3, 1), "too early"),
        (struct.pack("<BIIIdd", 1, 3, 1, 1, float("nan"), 1.0), "not a finite number"),
        (struct.pack("<BIIBII", 1, 7, 1, 1, 10, 0), "CurvePolygon, which is not read"),
    ],
)
def test_other_bytes_are_refused_with_the_cause(data: bytes, words: str) -> None:
    with pytest.raises(AreaError, match=words):
        findings(data)


@given(st.binary(max_size=80), st.sampled_from([b"", b"\1\3\0\0\0", b"\0\0\0\0\6", b"\1\7\0\0\0\2\0\0\0"]))
def test_no_bytes_end_in_anything_but_polygons_or_a_sentence(data: bytes, head: bytes) -> None:
    try:
        findings(head + data)
    except AreaError as error:
        assert error.remedy
