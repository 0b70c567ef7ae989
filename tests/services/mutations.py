"""Good files made bad: changes of bytes, lengths, numbers and words, by seeds; zips and databases are packed right."""

import copy
import json
import random
import re
import sqlite3
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree

import shapely
from pyproj import CRS

from tests.services.areafiles import BOTH, DONUT, ISLAND, small_geopackage, track, unzipped, valid, written, zipped

Change = Callable[[bytearray, bytes, random.Random], None]
INSIDE = {"kmz": ["doc.kml"], "zip": [*["area.shp"] * 9, *["area.dbf"] * 2, "area.prj", "area.cpg"]}
"""Members of packed files that are changed, the more often named the more often."""
CELLS = [
    *[("area", "geom")] * 12,
    *[("gpkg_spatial_ref_sys", "definition")] * 2,
    *[("gpkg_spatial_ref_sys", "organization"), ("gpkg_spatial_ref_sys", "srs_id"), ("area", "name")],
    *[("gpkg_geometry_columns", "table_name"), ("gpkg_geometry_columns", "srs_id"), ("sqlite_master", "sql")],
]
"""Cells of a GeoPackage that are changed."""
NUMBERS = (
    *(b"1e999", b"-1e308", b"NaN", b"Infinity", b"-inf", b"9" * 400, b"1e-320", b"-0", b"0", b"1", b"+5", b"--1"),
    *(b"0x10", b"1_0", "\u0663".encode(), b"180.0000001", b"-180", b"90.1", b"-90", b"", b"1,5", b"4294967296", b"1e5"),
)
WORDS = (
    *(b"EMPTY", b"POLYGON", b"POINT", b"GEOMETRYCOLLECTION(", b"((", b"))", b"SRID=3067;", b" Z ", b"MULTIPOLYGON"),
    *(b"<!DOCTYPE x>", b"<Polygon>", b"</Polygon>", b"<LinearRing>", b"</Placemark>", b"<Placemark>", b"&#x202e;"),
    *(b"<![CDATA[", b"]]>", b"&lt;", b"&x;", b"<trkseg>", b"</trkseg>", b"<wpt/>", b"<name>", b"<NetworkLink/>"),
    *(b"null", b"true", b"[]", b"{}", b"[[", b'"', b'"coordinates":', b'"type":', b'"Point"', b'"GeometryCollection"'),
    *("\u202e".encode(), "ä".encode(), b"\xff", b"\0", b"\n", b"name", b"crs", b'{"type":"Feature","geometry":null},'),
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    2**70,
    "",
    "x",
    [],
    {},
    [[]],
    [[[]]],
    [25, 60],
    {"type": "Point"},
    {"type": "Polygon"},
)
"""Of JSON."""
BYTES = (b"\0", b"\xff", b"\x7f", b"\x80", b"\1")
DOUBLES = (float("nan"), float("inf"), -1e308, 5e-324, 180.0, -180.0, 90.0, 0.0, 1e6)
SLOW = {"zip": 2, "gpkg": 1}
"""How many of the last files have a coordinate system without a code: PROJ looks a fifth of a second for one."""
ODD = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=26.3 +k=0.99987 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m")
"""Of a city that has a map of its own: no EPSG code."""


@cache
def corpus(suffix: str) -> tuple[bytes, ...]:
    """Good files of a format; the first is `valid`."""
    high = shapely.force_3d(DONUT, 12.0)
    mixed = shapely.GeometryCollection([BOTH, shapely.LineString([(25, 60), (26, 61)]), shapely.Point(25, 60)])
    first = valid(suffix)
    if suffix == "gpx":
        ring = [*ISLAND.exterior.coords]
        route = b"<rte><name>R</name>" + b'<rtept lat="60" lon="25"/>' * 2 + b'<rtept lat="61" lon="26"/></rte></gpx>'
        return first, track(ring, [*DONUT.exterior.coords][:-1]), track(ring).replace(b"</gpx>", route)
    if suffix == "wkt":
        return first, mixed.wkt.encode(), high.wkt.encode(), b"SRID=4326;" + ISLAND.wkt.encode()
    metres = shapely.transform(ISLAND, lambda degrees: (degrees - (26, 60)) * (55_000, 111_000) + (500_000, 6_650_000))
    if suffix == "zip":
        parts = unzipped(written("zip", [metres], epsg=3067))
        return first, zipped(parts), zipped(parts | {"area.prj": ODD.to_wkt("WKT1_ESRI").encode()})
    if suffix == "gpkg":
        return first, *small_ones()
    more = (written(suffix, [mixed], names=["Mixed"]), written(suffix, [high], names=["High"]))
    return (first, *more, written(suffix, [metres], epsg=3067)) if suffix in {"fgb", "geojson"} else (first, *more)


@cache
def small_ones() -> tuple[bytes, ...]:
    """GeoPackages of few bytes."""
    mixed = shapely.GeometryCollection([ISLAND, shapely.MultiPoint([(25, 60), (26, 61)]), shapely.force_3d(DONUT, 2)])
    metres = shapely.Polygon([(500_000, 6_650_000), (510_000, 6_650_000), (510_000, 6_660_000)])
    return (
        small_geopackage([DONUT, ISLAND]),
        small_geopackage([mixed]),
        small_geopackage([metres], "NONE", ODD.to_wkt("WKT1_GDAL")),
    )


def mutated(suffix: str, seed: int) -> bytes:
    """A file of the format that has become something else, the same for the same seed."""
    chance = random.Random(f"{suffix} {seed}")
    files = corpus(suffix)
    while (result := _other(suffix, files, chance)) in files:  # some changes change nothing
        pass
    return result


def _other(suffix: str, files: tuple[bytes, ...], chance: random.Random) -> bytes:
    data, other = _one_of(files, suffix, chance), chance.choice(files)
    if chance.random() < 0.75:  # zips and databases are found out by their own structure: change what is in them
        if suffix in INSIDE:
            parts, others = unzipped(data), unzipped(other)
            name = chance.choice(INSIDE[suffix])
            return zipped(parts | {name: _inner(name.rpartition(".")[2], parts[name], others[name], chance)})
        if suffix == "gpkg":
            return _rewritten(_one_of(small_ones(), suffix, chance), chance)
    return _inner(suffix, data, other, chance)


def _one_of(files: tuple[bytes, ...], suffix: str, chance: random.Random) -> bytes:
    """Seldom one of the slow ones."""
    slow = SLOW.get(suffix, 0)
    return chance.choices(files, [20] * (len(files) - slow) + [1] * slow)[0]


def _inner(suffix: str, data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Half of the texts that have a structure keep it, and mean something else."""
    if suffix in {"geojson", "kml", "gpx"} and chance.random() < 0.5:
        for _ in range(chance.choice((1, 1, 2, 4))):
            data = _rebuilt(data, chance) if suffix == "geojson" else _rearranged(data, chance)
        return data
    return changed(data, other, chance)


def changed(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Some changes; `other` is one of the same format."""
    result = bytearray(data)
    changes = _BINARY if b"\0" in data[:200] else _TEXT
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if len(result) > 8 or (result and changes is _TEXT):
            chance.choice(changes)(result, other, chance)
    return bytes(result)


def _rewritten(data: bytes, chance: random.Random) -> bytes:
    """A database of which one cell is something else."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(data)
    connection.execute("PRAGMA writable_schema = ON")
    table, column = chance.choice(CELLS)
    row, was = chance.choice(connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall())
    other = chance.choice(connection.execute("SELECT geom FROM area").fetchall())[0]
    if isinstance(was, str):
        text = was.encode() or b'PROJCS["x"]'
        value: Any = changed(text, text, chance).decode("utf-8", "replace")
    elif isinstance(was, bytes):
        value = changed(was, other, chance)
    else:
        value = chance.choice((0, -1, 3067, 2**31, -(2**63), 1.5, None, "4326", b"GP"))
    if chance.random() < 0.05:
        value = chance.choice((None, 7, 1e308, "x", b"", b"GP\0\1", "\0"))
    if value == was:
        return data
    connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?", (value, row))
    return connection.serialize()


def _nodes(plain: object) -> Iterator[tuple[Any, Any]]:
    """Every list and object of JSON, with each of its keys."""
    if isinstance(plain, dict | list):
        for key, value in [*(plain.items() if isinstance(plain, dict) else enumerate(plain))]:
            yield plain, key
            yield from _nodes(value)


def _rebuilt(data: bytes, chance: random.Random) -> bytes:
    """JSON of which one value is another, gone, doubled, or wrapped."""
    plain = [json.loads(data)]
    nodes = [*_nodes(plain)]
    holder, key = chance.choice(nodes)
    kind = chance.randrange(6)
    if kind == 0 and holder is not plain:
        del holder[key]
    elif kind == 1 and isinstance(holder, list) and holder is not plain:
        holder[key:key] = [copy.deepcopy(holder[key])] * chance.choice((1, 3, 1500))
    elif kind == 2:
        other, place = chance.choice(nodes)
        holder[key] = copy.deepcopy(other[place])
    elif kind == 3:
        for _ in range(chance.choice((1, 2, 40))):
            holder[key] = chance.choice(([holder[key]], {"type": "GeometryCollection", "geometries": [holder[key]]}))
    else:
        holder[key] = chance.choice(VALUES)
    return json.dumps(plain[0]).encode()


def _rearranged(data: bytes, chance: random.Random) -> bytes:
    """XML of which one element is another, gone, doubled, empty, or elsewhere."""
    root = ElementTree.fromstring(data)
    elements = [(parent, child) for parent in root.iter() for child in parent]
    if not elements:
        return data
    parent, child = chance.choice(elements)
    other = chance.choice(elements)[1]
    kind = chance.randrange(7)
    if kind == 0:
        parent.remove(child)
    elif kind == 1:
        parent.extend([copy.deepcopy(child)] * chance.choice((1, 3, 1500)))
    elif kind == 2:
        parent.insert(0, copy.deepcopy(other))
    elif kind == 3:
        child.append(copy.deepcopy(other))
    elif kind == 4:
        child.tag = other.tag
    elif kind == 5 and child.attrib:
        child.set(chance.choice([*child.attrib]), chance.choice(NUMBERS).decode())
    else:
        text = child.text or "x"
        spans = [match.span() for match in re.finditer(r"-?\d+(\.\d+)?", text)] or [(0, 0)]
        start, end = chance.choice(spans)
        child.text = text[:start] + chance.choice(NUMBERS).decode() + text[end:]
    return ElementTree.tostring(root)


def _place(data: bytearray, chance: random.Random) -> int:
    """Of a byte that is rather not zero: most of a database is empty."""
    places = [chance.randrange(len(data)) for _ in range(8)]
    return next((place for place in places if data[place]), places[0])


def _length(chance: random.Random) -> int:
    return chance.choice((1, 1, 2, 4, 8, 64))


def _flip(data: bytearray, other: bytes, chance: random.Random) -> None:
    data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _insert(data: bytearray, other: bytes, chance: random.Random) -> None:
    place = _place(data, chance)
    data[place:place] = chance.choice((chance.choice(BYTES) * _length(chance), chance.randbytes(_length(chance))))


def _overwrite(data: bytearray, other: bytes, chance: random.Random) -> None:
    place, length = _place(data, chance), _length(chance)
    data[place : place + length] = chance.choice((chance.choice(BYTES) * length, chance.randbytes(length)))


def _delete(data: bytearray, other: bytes, chance: random.Random) -> None:
    place = _place(data, chance)
    del data[place : place + _length(chance)]


def _duplicate(data: bytearray, other: bytes, chance: random.Random) -> None:
    place = _place(data, chance)
    data[place:place] = data[place : place + _length(chance)] * chance.choice((1, 1, 2, 50, 2000))


def _swap(data: bytearray, other: bytes, chance: random.Random) -> None:
    length = chance.choice((4, 8, 16, 64))
    first, second = sorted((_place(data, chance), _place(data, chance)))
    if first + length <= second:
        one, two = data[first : first + length], data[second : second + length]
        data[second : second + length] = one
        data[first : first + length] = two


def _cut(data: bytearray, other: bytes, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _splice(data: bytearray, other: bytes, chance: random.Random) -> None:
    """From somewhere on it is the other file, from its same place or another."""
    place = _place(data, chance)
    start = chance.choice((place, chance.randrange(len(other))))
    length = chance.choice((8, 64, len(other)))
    data[place : place + length] = other[start : start + length]


def _count(data: bytearray, other: bytes, chance: random.Random) -> None:
    """A number that may be a length or a count: a little more, or far too much."""
    form = chance.choice(("<i", "<i", ">i", "<h", "<q", "b"))
    size = struct.calcsize(form)
    place = max(0, min(_place(data, chance) // size * size, len(data) - size))
    (number,) = struct.unpack_from(form, data, place)
    most = 1 << 8 * size - 1
    number = chance.choice((number + 1, number - 1, 2 * number, -number, 0, most - 1, most - 1 >> 1, -1, number ^ most))
    struct.pack_into(form, data, place, max(-most, min(most - 1, number)))


def _double(data: bytearray, other: bytes, chance: random.Random) -> None:
    """A coordinate."""
    place = _place(data, chance) - chance.choice((6, 7))
    if 0 <= place <= len(data) - 8:
        struct.pack_into("<d", data, place, chance.choice(DOUBLES))


def _number(data: bytearray, other: bytes, chance: random.Random) -> None:
    """A number of a text."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data))
    if found:
        start, end = chance.choice(found).span()
        data[start:end] = chance.choice(NUMBERS)


def _word(data: bytearray, other: bytes, chance: random.Random) -> None:
    """A word of a text, to another of it, to none, or to one that means something."""
    found = list(re.finditer(rb"</?\w+/?>|\"[^\"]*\"|\w+|\W", data))
    if found:
        start, end = chance.choice(found).span()
        data[start:end] = chance.choice((chance.choice(found)[0], chance.choice(WORDS), b""))


_BINARY: tuple[Change, ...] = (
    *(_flip, _flip, _insert, _overwrite, _delete, _duplicate, _swap, _cut, _splice),
    *(_count, _count, _count, _count, _double, _double, _double),
)
_TEXT: tuple[Change, ...] = (
    *(_flip, _insert, _overwrite, _delete, _duplicate, _swap, _cut, _splice),
    *(_number, _number, _number, _number, _word, _word, _word),
)
