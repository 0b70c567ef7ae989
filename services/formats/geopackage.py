"""GeoPackage (OGC 12-128r19): made plain by SQLite in a cage, then read by GDAL.

Views, triggers and virtual tables can run for ever and call functions: none is there any more when GDAL comes.
"""

import re
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass

from services.errors import AreaError
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline, refuse_without_polygon
from services.formats.vector import CURVES, NAMES, ROWS, BrokenError, Layer, gather, located, read_layer, refuse
from services.text import quoted, shorten

WHAT = "GeoPackage"
LAYERS = 20
"""Layers that are looked at."""
_ARCS, _MEASURES = (
    " OR ".join(f"instr(shape, x'01{code}0000')" for code in codes)
    for codes in (("0800", "F003", "D807", "C00B"), ("D307", "D607", "BB0B", "BE0B"))
)
"""Whether a CircularString begins in a shape (of two coordinates, with height, with measure, with both), or polygons
with measures: GDAL has dropped either when it hands shapes over."""
_CALLED = {"count", "total", "instr", "length", "max"}
"""Functions that SQLite may call."""
_MAKE_PLAIN = (
    "PRAGMA writable_schema = ON",
    "DELETE FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'",
    "PRAGMA writable_schema = RESET",
    "PRAGMA application_id = 1196444487",  # GPKG
    "PRAGMA user_version = 10300",
)
_HOSTILE = re.compile(r"\b(VIRTUAL|RECURSIVE)\b", re.IGNORECASE)
"""In the definition of what is listed as a layer: nothing that a program makes of an area."""


@dataclass(frozen=True)
class _Table:
    """A layer that passed."""

    name: str
    empty: int
    """Rows without a shape."""
    curved: bool
    measured: bool


def read_geopackage(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of the one layer that has some. Raises AreaError for none, for several, and for no plain table."""
    if _is_cut(data):
        refuse(WHAT, "it is cut off")
    try:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            _cage(database, data, limits)
            tables, broken = _tables(database)
            database.set_authorizer(None)
            for statement in _MAKE_PLAIN:
                database.execute(statement)
            plain = database.serialize()
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
        refuse(WHAT, shorten(str(error), 60) or "it is damaged")
    return _outline(plain, tables, broken, limits)


def _is_cut(data: bytes) -> bool:
    """Whether there are fewer bytes than pages, where the head says how many these are (SQLite file format, 1.3)."""
    size, pages = (int.from_bytes(data[start:end], "big") for start, end in ((16, 18), (28, 32)))
    return data[24:28] == data[92:96] and (65_536 if size == 1 else size) * pages > len(data)


def _cage(database: sqlite3.Connection, data: bytes, limits: FileLimits) -> None:
    """Loads the file; from here on SQLite may only read columns and count, and not for ever."""
    database.text_factory = lambda written: written.decode("utf-8", "replace")
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    # marked as without a write-ahead log, which a file that QGIS has open has: it cannot be in memory
    database.deserialize(data[:18] + b"\1\1" + data[20:] if data[18:20] == b"\2\2" else data)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, len(data))  # nothing in it is longer, and nothing may be made of it
    database.set_authorizer(_authorize)
    deadline = time.monotonic() + limits.file_seconds
    database.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)


def _authorize(action: int, _first: object, second: object, *_: object) -> int:
    reads = action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
    counts = action == sqlite3.SQLITE_FUNCTION and second in _CALLED
    return sqlite3.SQLITE_OK if reads or counts else sqlite3.SQLITE_DENY


def _tables(database: sqlite3.Connection) -> tuple[list[_Table], list[AreaError]]:
    """The layers that are plain tables, and why others are none. Raises AreaError where there is no layer."""
    kinds = {
        name: (kind, str(sql)) for name, kind, sql in database.execute("SELECT name, type, sql FROM sqlite_master")
    }
    nothing = AreaError("The GeoPackage has no layer of shapes.", "Save the area as a layer of polygons.")
    if any(kinds.get(name, ("", ""))[0] != "table" for name in ("gpkg_contents", "gpkg_geometry_columns")):
        raise nothing
    listed = database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchmany(LAYERS + 1)
    if len(listed) > LAYERS:
        raise AreaError(f"The GeoPackage has more than {LAYERS} layers.", "Save the area to a file of its own.")
    tables: list[_Table] = []
    broken: list[AreaError] = []
    for name, column in listed:
        try:
            tables.append(_checked(database, str(name), str(column), *kinds.get(name, ("", ""))))
        except BrokenError as error:
            broken.append(error)
    if not tables:
        raise broken[0] if broken else nothing
    return tables, broken


def _checked(database: sqlite3.Connection, name: str, column: str, kind: str, written: str) -> _Table:
    """One layer, all of whose shapes and names were touched once. Raises BrokenError where it is none."""
    if _HOSTILE.search(written[:14] if kind == "table" else written):
        raise AreaError(
            f"The layer {quoted(name)} is a virtual table or a view of an endless query, which is never run.",
            "Save the area as a layer of its own.",
        )
    if kind != "table":
        raise BrokenError(
            f"The layer {quoted(name)} is a view or missing, and only plain tables are read.",
            "Save the area as a layer of its own.",
        )
    table = _name(name)
    try:
        columns = [str(one[0]) for one in database.execute(f"SELECT * FROM {table} LIMIT 0").description]  # noqa: S608 - quoted
        if column not in columns:
            raise BrokenError(f"The layer {quoted(name)} lacks its column of shapes.", "Save it anew.")
        names = "".join(f", max(length({_name(one)}))" for one in columns if one.lower() in NAMES)
        shapes = f"(SELECT *, {_name(column)} AS shape FROM {table})"  # noqa: S608 - quoted
        told = f"count(*), count(shape), total({_ARCS}), total({_MEASURES}){names}"
        counted = database.execute(f"SELECT {told} FROM {shapes}").fetchone()  # noqa: S608 - quoted
    except sqlite3.Error as error:
        reason = shorten(str(error), 60)
        raise BrokenError(f"The layer {quoted(name)} cannot be read: {reason}.", "Check that it is complete.") from None
    if counted[0] > ROWS:
        raise AreaError(f"The GeoPackage has more than {ROWS:,} rows.", "Save the area to a file of its own.")
    return _Table(name, counted[0] - counted[1], counted[2] > 0, counted[3] > 0)


def _name(name: str) -> str:
    """As SQL writes the name of a table or a column."""
    return '"' + name.replace('"', '""') + '"'


def _outline(plain: bytes, tables: list[_Table], broken: list[AreaError], limits: FileLimits) -> Outline:
    """The polygons of the one layer that has some."""
    others: Counter[str] = Counter()
    full: list[tuple[_Table, Layer, FeatureCollector]] = []
    for table in tables:
        found, what = FeatureCollector(limits), f"layer {quoted(table.name, 30)} of the GeoPackage"
        try:
            layer = read_layer(plain, what, table.name)
            gather(layer, what, found, table.empty)
        except BrokenError as error:
            broken.append(error)
        else:
            others.update(found.others)
            full += [(table, layer, found)] if found.polygons else []
    if len(full) > 1:
        names = " and ".join(quoted(table.name, 30) for table, *_ in full[:3])
        raise AreaError(
            f"The GeoPackage has {len(full)} layers with polygons, {names} among them.",
            "Save the one that is the area to a file of its own.",
        )
    if not full:
        raise broken[0] if broken else refuse_without_polygon(others, WHAT)
    ((table, layer, found),) = full
    found.measures |= table.measured
    notes = (*layer.notes, *((CURVES,) if table.curved else ()), *(error.cause for error in broken))
    return located(found.outline(WHAT, name=table.name, notes=notes), layer.crs, WHAT)
