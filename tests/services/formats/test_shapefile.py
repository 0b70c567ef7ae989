"""Shapefiles record by record: rings, holes, and claims that are not believed."""

import struct

import pytest
import shapely

from services.errors import AreaError
from services.formats import FileLimits, Outline, Position
from services.formats.shapefile import read_shapefile
from services.geo import geometry_of
from tests.services.areafiles import zipped

Ring = tuple[Position, ...]
LIMITS = FileLimits(max_vertices=1000)
WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def square(west: float, south: float, size: float, *, hole: bool = False) -> Ring:
    """A closed ring, clockwise as shells are, or the other way as holes are."""
    ring = ((west, south), (west, south + size), (west + size, south + size), (west + size, south), (west, south))
    return ring[::-1] if hole else ring


def record(*rings: Ring, kind: int = 5) -> bytes:
    """A record of a polygon."""
    starts = [sum(map(len, rings[:number])) for number in range(len(rings))]
    positions = [number for ring in rings for position in ring for number in position]
    content = struct.pack("<i32xii", kind, len(rings), len(positions) // 2)
    content += struct.pack(f"<{len(starts)}i{len(positions)}d", *starts, *positions)
    return struct.pack(">ii", 1, len(content) // 2) + content


def shp(*records: bytes) -> bytes:
    """A .shp of records."""
    body = b"".join(records)
    return struct.pack(">i20xi", 9994, 50 + len(body) // 2) + struct.pack("<ii64x", 1000, 5) + body


def read(data: bytes, prj: str = WGS84, **parts: bytes) -> Outline:
    """What is read of a .shp in a zip, with its .prj and other parts by their endings."""
    members = {"a.shp": data, "a.prj": prj.encode(), **{f"a.{suffix}": part for suffix, part in parts.items()}}
    return read_shapefile(zipped(members), LIMITS)


def dbf(*names: bytes, field: bytes = b"NAME", kind: bytes = b"C", records: int | None = None) -> bytes:
    """By hand, after the description of dBase III."""
    width = max(map(len, names))
    head = struct.pack("<11sc4xB15x", field, kind, width) + b"\r"
    count = len(names) if records is None else records
    body = b"".join(b" " + name.ljust(width) for name in names)
    return struct.pack("<B3xIHH20x", 3, count, 32 + len(head), 1 + width) + head + body + b"\x1a"


def test_holes_find_their_shells_in_whatever_order() -> None:
    outer, inner = square(24, 60, 1), square(24.4, 60.4, 0.2)
    rings = [square(24.45, 60.45, 0.1, hole=True), inner, outer, square(24.3, 60.3, 0.4, hole=True)]
    found = geometry_of(read(shp(record(*rings))).polygons)
    expected = shapely.box(24, 60, 25, 61) - shapely.box(24.3, 60.3, 24.7, 60.7)
    expected |= shapely.box(24.4, 60.4, 24.6, 60.6) - shapely.box(24.45, 60.45, 24.55, 60.55)
    assert found.symmetric_difference(expected).area < 1e-12


@pytest.mark.parametrize("first_is_one_too", [True, False])
def test_shells_written_backwards_are_shells(first_is_one_too: bool) -> None:
    rings = [square(24, 60, 1, hole=first_is_one_too), square(26, 60, 1, hole=True)]  # they lie in no shell
    assert geometry_of(read(shp(record(*rings))).polygons).area == pytest.approx(2)


def test_records_are_features() -> None:
    found = read(shp(record(square(24, 60, 1)), record(square(26, 60, 1))))
    assert (found.features, found.name, found.epsg, len(found.polygons)) == (2, "a", 4326, 2)
    assert (found.members, found.notes) == ((("", 1), ("", 1)), ())


def test_records_without_polygons_keep_their_names_to_themselves() -> None:
    nothing = struct.pack(">ii", 1, 2) + struct.pack("<i", 0)
    both = record(square(24, 60, 1), square(26, 60, 1))
    found = read(shp(both, nothing, record(square(28, 60, 1))), dbf=dbf(b"A", b"B", b"C"))
    assert found.members == (("A", 2), ("C", 1))
    assert found.notes == ("Only polygons are used; left out: an empty feature.",)


@pytest.mark.parametrize("rows", [dbf(b"A"), dbf(b"A", b"B", b"C"), dbf(b"A", b"B", records=2**32 - 1), b"\3", b""])
def test_names_of_more_or_fewer_rows_than_there_are_shapes_are_nobodys(rows: bytes) -> None:
    found = read(shp(record(square(24, 60, 1)), record(square(26, 60, 1))), dbf=rows)
    assert found.members == (("", 1), ("", 1))


@pytest.mark.parametrize(
    ("cpg", "written_as"),
    [("", "utf-8"), ("", "cp1252"), ("UTF-8", "utf-8"), ("ISO-8859-1", "latin-1"), ("1252\n", "cp1252"),
     ("ANSI 1252", "cp1252"), ("klingon", "utf-8"), ("rot13", "cp1252")],
)  # fmt: skip
@pytest.mark.parametrize("field", [b"name", b"NAME", b"Title", b"NIMI"])
def test_the_column_called_name_in_the_encoding_it_is_in(field: bytes, cpg: str, written_as: str) -> None:
    rows = dbf("Åbo".encode(written_as), field=field)
    assert read(shp(record(square(24, 60, 1))), dbf=rows, cpg=cpg.encode()).name == "Åbo"


def test_a_number_is_no_name() -> None:
    assert read(shp(record(square(24, 60, 1))), dbf=dbf(b"7", kind=b"N")).name == "a"
    assert read(shp(record(square(24, 60, 1))), dbf=dbf(b"7", field=b"KIND")).name == "a"


def test_an_index_is_not_needed_and_not_believed() -> None:
    two = shp(record(square(24, 60, 1)), record(square(26, 60, 1)))
    for index in (b"", b"\0" * 108, two):
        assert len(read(two, shx=index).polygons) == 2


def claim(parts: int, points: int) -> bytes:
    """A record that claims more than it has."""
    whole = bytearray(record(square(24, 60, 1)))
    struct.pack_into("<ii", whole, 8 + 36, parts, points)
    return bytes(whole)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<OGRVRTDataSource/>", "does not begin as one"),
        (shp()[:99], "does not begin as one"),
        (shp(record(square(24, 60, 1)))[:-1], "cut off"),
        (shp(claim(1, 2**31 - 1)), "2,147,483,647 corners"),
        (shp(claim(-1, 5)), "corners"),
        (shp(claim(2**30, 5)), "corners"),
        (shp(struct.pack(">ii", 1, 2**30)), "last record is cut off"),
        (shp(struct.pack(">iii", 1, -5, 5)), "claims -10 bytes"),
        (shp(struct.pack(">ii", 1, 10) + struct.pack("<i16x", 1)), "it is a Point"),
        (shp(struct.pack(">ii", 1, 2) + struct.pack("<i", 0)), "an empty feature"),
        (shp(), "empty"),
        (shp(*[record(square(24, 60, 1))] * 300), "more than 1,000 vertices"),
        (shp(record(((24, 60), (24, float("inf")), (25, 60), (24, 60)))), "not a finite number"),
    ],
)
def test_other_bytes_are_refused_with_the_cause(data: bytes, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        read(data)
    assert raised.value.remedy


@pytest.mark.parametrize(
    "prj",
    [
        "",
        "http://127.0.0.1/prj",
        "EPSG:4326",
        "+proj=longlat",
        "x" * 30_000,
        'GEOCCS["a",DATUM["b",SPHEROID["c",6378137,298.25]],PRIMEM["Greenwich",0],UNIT["Meter",1]]',
        'LOCAL_CS["a",UNIT["Meter",1]]',
    ],
)
def test_a_projection_that_is_no_maps_is_refused(prj: str) -> None:
    with pytest.raises(AreaError, match="not known, or not one of a map"):
        read(shp(record(square(24, 60, 1))), prj)
