"""GeoPackage (OGC 12-128r19): the polygons of its one table of areas, read from memory by SQLite in a cage.

Only plain tables are read: no view, no virtual table, no function, no time without end.
"""

import sqlite3
import time
from dataclasses import replace
from typing import Any

from services.errors import AreaError
from services.formats.crs_text import resolve_crs
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline
from services.formats.wkb import read_wkb
from services.text import shorten

_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the envelope by its code."""
_NAMES = ("name", "title", "nimi")
"""Columns that may name a feature, in lower case."""
_MOST_LAYERS = 20
_ROWS = 200_000
"""Rows that are looked at, the ones without a geometry among them."""


def read_geopackage(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of the one layer that has some. Raises AreaError for none, for several, and for no plain table."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.text_factory = lambda written: written.decode("utf-8", "replace")
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.deserialize(_without_log(data))
        _cage(connection, limits, len(data))
        return _Reader(connection, limits).outline()
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
        reason = shorten(str(error), 60)
        raise AreaError(
            f"The GeoPackage cannot be read: {reason or 'it is damaged'}.", "Check that it is complete."
        ) from None
    finally:
        connection.close()


def _without_log(data: bytes) -> bytes:
    """Marked as a database without a write-ahead log, which a file that QGIS has open has: it cannot be in memory."""
    return data[:18] + b"\1\1" + data[20:] if data[18:20] == b"\2\2" else data


def _cage(connection: sqlite3.Connection, limits: FileLimits, size: int) -> None:
    """From here on SQLite may only read columns, and not for ever."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, size)  # nothing in it is longer, and nothing may be made of it
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY  # functions among them
    )
    deadline = time.monotonic() + limits.file_seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Reader:
    """Finds the layers, and goes through their rows."""

    def __init__(self, connection: sqlite3.Connection, limits: FileLimits) -> None:
        self._connection = connection
        self._limits = limits

    def outline(self) -> Outline:
        """The polygons of the one layer that has some."""
        layers = self._layers()
        found = [(layer, self._read(*layer)) for layer in layers]
        full = [(layer, findings) for layer, findings in found if findings.polygons]
        if len(full) > 1:
            names = " and ".join(repr(shorten(layer[0], 30)) for layer, _ in full[:3])
            raise AreaError(
                f"The GeoPackage has {len(full)} layers with polygons, {names} among them.",
                "Save the one that is the area to a file of its own.",
            )
        if not full:
            merged = FeatureCollector(self._limits)
            for kind in (kind for _, findings in found for kind in findings.others):
                merged.other(kind)
            return merged.outline("GeoPackage")
        (table, _, srs), findings = full[0]
        return self._placed(findings.outline("GeoPackage", name=table), srs)

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        rows = self._connection.execute(statement, values).fetchmany(_ROWS + 1)
        if len(rows) > _ROWS:
            raise AreaError(f"The GeoPackage has more than {_ROWS:,} rows.", "Save the area to a file of its own.")
        return rows

    def _layers(self) -> list[tuple[str, str, int]]:
        """Name, geometry column and coordinate system of the plain tables of features."""
        plain = {
            name
            for name, kind, written in self._rows("SELECT name, type, sql FROM sqlite_master")
            if kind == "table" and isinstance(written, str) and not written[:14].upper().startswith("CREATE VIRTUAL")
        }
        if not {"gpkg_contents", "gpkg_geometry_columns"} <= plain:
            raise AreaError("The GeoPackage has no layer of shapes.", "Save the area as a layer of polygons.")
        named = self._rows("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")[: _MOST_LAYERS + 1]
        if len(named) > _MOST_LAYERS:
            raise AreaError(
                f"The GeoPackage has more than {_MOST_LAYERS} layers.", "Save the area to a file of its own."
            )
        layers = []
        for table, column, srs in named:
            if not isinstance(table, str) or not isinstance(column, str) or not isinstance(srs, int):
                raise AreaError("The GeoPackage's list of layers is damaged.", "Save it anew.")
            if table not in plain:
                raise AreaError(
                    f"The layer {shorten(table)!r} is a view or missing, and only plain tables are read.",
                    "Save the area as a layer of its own.",
                )
            layers.append((table, column, srs))
        if not layers:
            raise AreaError("The GeoPackage has no layer of shapes.", "Save the area as a layer of polygons.")
        return layers

    def _read(self, table: str, column: str, srs: int) -> FeatureCollector:  # noqa: ARG002 - it is the layer's
        found = FeatureCollector(self._limits)
        columns = [one[0] for one in self._connection.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0").description]  # noqa: S608 - quoted
        if column not in columns:
            raise AreaError(f"The layer {shorten(table)!r} lacks its column of shapes.", "Save it anew.")
        name = next((one for one in columns if one.lower() in _NAMES and one != column), column)
        statement = f"SELECT {_quoted(column)}, {_quoted(name)} FROM {_quoted(table)}"  # noqa: S608 - quoted
        for number, (shape, called) in enumerate(self._connection.execute(statement)):
            if number > _ROWS:
                raise AreaError(f"The layer has more than {_ROWS:,} rows.", "Save the area to a file of its own.")
            if shape is None:
                found.other("empty feature")
                continue
            if not isinstance(shape, bytes) or shape[:2] != b"GP" or len(shape) < 8:
                raise AreaError("A shape of the GeoPackage is damaged.", "Save it anew.")
            if shape[3] & 0x10:
                found.other("empty feature")
            else:
                read_wkb(shape, 8 + _ENVELOPES.get(shape[3] >> 1 & 7, 0), found)
            found.feature(called)
        return found

    def _placed(self, outline: Outline, srs: int) -> Outline:
        rows = self._rows(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", srs
        )
        if srs <= 0 or not rows:
            raise AreaError(
                "The layer's coordinate system is undefined.", "Save it in EPSG:4326, longitude and latitude."
            )
        organization, code, definition = rows[0]
        if isinstance(organization, str) and organization.upper() == "EPSG" and isinstance(code, int):
            return replace(outline, epsg=code)
        return resolve_crs(outline, definition if isinstance(definition, str) else "")
