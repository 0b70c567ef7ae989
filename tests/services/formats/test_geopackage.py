"""GeoPackages as GDAL writes them, changed as programs and attackers change them with SQL."""

import math
import sqlite3
import struct
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from services.errors import AreaError
from services.formats import FileLimits
from services.formats.geopackage import read_geopackage
from services.formats.vector import Layer, read_layer
from services.geo import geometry_of
from tests.services.areafiles import BOTH, DONUT, ISLAND, small_geopackage, valid, written

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
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('b \"1', 'features', 4326)",
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
        (["UPDATE gpkg_geometry_columns SET srs_id = -1"], "not one of a map"),
        (["DELETE FROM gpkg_spatial_ref_sys"], "names no coordinate system"),
        (
            ["UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = 'http://x'"],
            "names no coordinate system",
        ),
        (["UPDATE gpkg_contents SET data_type = 'attributes'", "UPDATE gpkg_geometry_columns SET z = 'x'"], "shapes"),
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


# Curves, as ArcGIS and QGIS write them


RING = shapely.LineString([*DONUT.exterior.coords])
ARC = struct.pack("<BII10d", 1, 8, 5, 24.9, 60, 25, 60.1, 25.1, 60, 25, 59.9, 24.9, 60)
"""A circle of two arcs (CircularString)."""


def curve(kind: int, *parts: bytes) -> bytes:
    """Well-known binary of parts."""
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def line(*positions: tuple[float, float]) -> bytes:
    return shapely.to_wkb(shapely.LineString(positions))


STRAIGHT = [
    curve(10, shapely.to_wkb(RING)),
    curve(12, shapely.to_wkb(shapely.Polygon(RING))),
    curve(12, curve(10, shapely.to_wkb(RING))),
    curve(10, curve(9, line((25, 60), (25.4, 60), (25.4, 60.3)), line((25.4, 60.3), (25, 60.3), (25, 60)))),
]


@pytest.mark.parametrize("binary", STRAIGHT)
def test_curved_types_with_straight_edges_are_read_as_they_are(binary: bytes) -> None:
    found = read_geopackage(small_geopackage([binary]), LIMITS)
    assert geometry_of(found.polygons).equals(shapely.Polygon(RING))
    assert not any("Curves" in note for note in found.notes)


@pytest.mark.parametrize(
    "binary",
    [
        curve(10, ARC),
        curve(12, curve(10, ARC)),
        curve(10, curve(9, struct.pack("<BII6d", 1, 8, 3, 24.9, 60, 25, 60.1, 25.1, 60),
                        struct.pack("<BII6d", 1, 8, 3, 25.1, 60, 25, 59.9, 24.9, 60))),
    ],
)  # fmt: skip
def test_arcs_are_approximated_and_it_is_said(binary: bytes) -> None:
    found = read_geopackage(small_geopackage([binary]), LIMITS)
    circle = math.pi * 0.1**2
    assert 0.995 * circle < geometry_of(found.polygons).area <= circle
    assert "Curves were approximated by short straight edges." in found.notes


def test_rows_with_and_without_curves_are_all_there() -> None:
    rows: list[BaseGeometry | bytes] = [ISLAND, curve(12, shapely.to_wkb(shapely.Polygon(RING))), curve(10, ARC)]
    assert read_geopackage(small_geopackage(rows), LIMITS).features == 3


def test_curves_in_a_collection_are_refused_by_name() -> None:
    mixed = curve(7, curve(12, shapely.to_wkb(shapely.Polygon(RING))), shapely.to_wkb(shapely.Point(1, 2)))
    with pytest.raises(AreaError, match="A collection of the layer 'area' of the GeoPackage holds curves"):
        read_geopackage(small_geopackage([mixed]), LIMITS)


def test_open_curves_are_left_out_and_that_is_said() -> None:
    found = read_geopackage(small_geopackage([ISLAND, curve(9, line((25, 60), (26, 61)))]), LIMITS)
    assert found.notes == ("Only polygons are used; left out: a LineString.",)


# Heights in the coordinate system


@pytest.mark.parametrize(("epsg", "flat"), [(5972, 25832), (4979, 4326), (7415, 28992)])
def test_the_horizontal_part_of_a_system_with_heights_is_used_and_that_is_said(epsg: int, flat: int) -> None:
    high = written("gpkg", [shapely.force_3d(ISLAND, 12.0)], epsg=epsg)
    found = read_geopackage(high, LIMITS)
    assert found.epsg == flat
    assert found.notes[0] == "Heights were left out."
    assert "has heights" in found.notes[1] and found.notes[1].endswith("only its horizontal part counts.")


def test_so_it_is_where_the_system_has_no_code() -> None:
    own = CRS.from_epsg(5972).to_wkt("WKT1_GDAL").replace("6258", "")
    sql = f"UPDATE gpkg_spatial_ref_sys SET organization = 'NONE', definition = '{own}' WHERE srs_id = 4326"
    found = read_geopackage(changed(sql), LIMITS)
    assert found.epsg == 25832 and "has heights" in found.notes[0]


# Several layers


def with_layer(
    *statements: str, more: str = "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES "
) -> bytes:
    """A good layer, and another one that statements make and that is called `other`."""
    return changed(
        *statements,
        more + "('other', 'features', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('other', 'geom', 'POLYGON', 4326, 0, 0)",
    )


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["CREATE VIEW other AS SELECT fid AS OGC_FID, geom, name FROM area"], "'other' is a view or missing"),
        (
            ["CREATE VIEW other AS WITH few AS (SELECT * FROM area) SELECT * FROM few JOIN area USING (fid)"],
            "'other' is a view or missing",
        ),
        ([], "'other' is a view or missing"),
        (["CREATE TABLE other (fid INTEGER PRIMARY KEY, shape BLOB)"], "'other' lacks its column"),
        (["CREATE TABLE other AS SELECT fid, x'4750' AS geom, name FROM area"], "damaged"),
        (
            ["CREATE TABLE other (fid INTEGER, geom BLOB AS (zeroblob(9)))", "INSERT INTO other (fid) VALUES (1)"],
            "'other' of the GeoPackage cannot be read",
        ),
    ],
)
def test_a_view_or_a_broken_table_beside_a_good_layer_is_left_out_and_that_is_said(
    statements: list[str], words: str
) -> None:
    found = read_geopackage(with_layer(*statements), LIMITS)
    assert geometry_of(found.polygons).equals(BOTH)
    assert len(found.notes) == 1 and words in found.notes[0]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIRTUAL TABLE other USING rtree (a, b, c)",
        "CREATE VIEW other AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS geom FROM n",
    ],
)
def test_a_virtual_table_or_an_endless_query_as_a_layer_is_refused_and_never_run(statement: str) -> None:
    with pytest.raises(AreaError, match="'other' is a virtual table or a view of an endless query"):
        read_geopackage(with_layer(statement), LIMITS)


def test_gdal_sees_neither_views_nor_triggers_nor_virtual_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def read(data: bytes, *words: str) -> Layer:
        seen.append(data)
        return read_layer(data, *words)

    monkeypatch.setattr("services.formats.geopackage.read_layer", read)
    read_geopackage(
        changed("CREATE VIEW v AS SELECT 1", "CREATE TRIGGER t AFTER INSERT ON area BEGIN SELECT 1; END"), LIMITS
    )
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(seen[0])
        kinds = database.execute("SELECT type, sql FROM sqlite_master").fetchall()
    assert {kind for kind, _ in kinds} == {"table", "index"}
    assert not any("VIRTUAL" in (written or "") for _, written in kinds)


# Damage


def nested(depth: int) -> bytes:
    return struct.pack("<BII", 1, 7, 1) * depth + shapely.to_wkb(ISLAND)


@pytest.mark.parametrize(
    ("binary", "words"),
    [
        (b"", "damaged"),
        (struct.pack("<BI", 1, 99), "damaged"),
        (struct.pack("<BIII", 1, 3, 1, 2**31), "damaged"),
        (struct.pack("<BII", 1, 6, 2**32 - 1), "damaged"),
        (struct.pack("<BII", 1, 3, 1), "damaged"),
        (struct.pack("<BIII8d", 1, 3, 1, 4, math.nan, 1, 2, 2, 3, 1, math.nan, 1), "a corner is no number"),
        (struct.pack("<BIII8d", 1, 3, 1, 4, math.inf, 1, 2, 2, 3, 1, math.inf, 1), "inf, 1 is not a finite number"),
        (nested(100_000), "damaged"),
    ],
)
def test_a_damaged_shape_is_refused_and_never_dropped(binary: bytes, words: str) -> None:
    with pytest.raises(AreaError, match=words):
        read_geopackage(small_geopackage([DONUT, binary]), LIMITS)


def test_an_open_ring_is_closed_and_that_is_said() -> None:
    binary = struct.pack("<BIII6d", 1, 3, 1, 3, 25, 60, 26, 60, 26, 61)
    found = read_geopackage(small_geopackage([binary]), LIMITS)
    assert geometry_of(found.polygons).equals(shapely.Polygon([(25, 60), (26, 60), (26, 61)]))
    assert found.notes == ("A ring was open; it was closed.",)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("high", [False, True])
@pytest.mark.parametrize("geometry", [DONUT, BOTH, shapely.GeometryCollection([ISLAND, shapely.Point(1, 2), DONUT])])
def test_binary_of_every_kind_is_read_as_shapely_wrote_it(geometry: BaseGeometry, high: bool, order: int) -> None:
    geometry = shapely.force_3d(geometry, 7.0) if high else geometry
    binary = shapely.to_wkb(geometry, byte_order=order, flavor="iso")
    found = read_geopackage(small_geopackage([binary]), LIMITS)
    polygons = [part for part in getattr(geometry, "geoms", [geometry]) if part.geom_type == "Polygon"]
    assert geometry_of(found.polygons).equals(shapely.force_2d(shapely.MultiPolygon(polygons)))
    assert ("Heights were left out." in found.notes) == high


@pytest.mark.parametrize(("kind", "heights"), [("M", False), ("ZM", True)])
def test_measures_are_left_out_and_it_is_said(kind: str, heights: bool) -> None:
    corner = "7 8" if heights else "7"
    corners = ", ".join(f"{x} {y} {corner}" for x, y in ISLAND.exterior.coords)
    binary = shapely.to_wkb(shapely.from_wkt(f"POLYGON {kind} (({corners}))"), flavor="iso")
    found = read_geopackage(small_geopackage([binary]), LIMITS)
    assert geometry_of(found.polygons).equals(ISLAND)
    said = ("Heights were left out.", "Measures were left out.")
    assert found.notes == (said if heights else said[1:])


@settings(deadline=None)
@given(
    st.binary(max_size=80), st.sampled_from([b"", b"\1\3\0\0\0", b"\0\0\0\0\6", b"\1\7\0\0\0\2\0\0\0", b"\1\12\0\0\0"])
)
def test_no_bytes_end_in_anything_but_polygons_or_a_sentence(data: bytes, head: bytes) -> None:
    try:
        read_geopackage(small_geopackage([head + data]), LIMITS)
    except AreaError as error:
        assert error.remedy
