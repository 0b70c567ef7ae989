"""GeoParquet 1.1 (geoparquet.org): one binary column of shapes, read by Arrow in one thread after its size is known."""

import json
import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from services.errors import AreaError
from services.formats.crs_text import open_proj, resolve_crs
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline
from services.formats.vector import CLOSED, NAMES, ROWS, Layer, gather, refuse, shapes_of
from services.text import quoted, shorten

WHAT = "GeoParquet"
_HEAD = 1_000_000
"""Bytes and entries that the description of the file may have."""
_DEEPEST = 1000
"""Parts in parts of one shape that GEOS can follow, which ends the whole process where there are far more."""
_PART = re.compile(
    rb"\x01(?:[\x04-\x0c]\0\0.|[\xec-\xf4]\x03\0\0|[\xd4-\xdc]\x07\0\0|[\xbc-\xc4]\x0b\0\0)"
    rb"|\0(?:.\0\0[\x04-\x0c]|\0\0\x03[\xec-\xf4]|\0\0\x07[\xd4-\xdc]|\0\0\x0b[\xbc-\xc4])",
    re.DOTALL,
)
"""How a shape of several parts begins in well-known binary: of either byte order, with and without height, measure."""


def prepare() -> None:
    """Import Arrow with the memory of the system, whose limit it shall feel, and open PROJ's database."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    sys.modules.update(dict.fromkeys(("pandas", "geopandas")))  # type: ignore[arg-type]  # so Python is told: absent
    import pyarrow.parquet
    import shapely  # noqa: F401 - nothing can be imported later

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    open_proj()


def read_geoparquet(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of its primary column. Raises AreaError where it is cut, too large, or does not say where it is."""
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(
            pyarrow.BufferReader(data),
            pre_buffer=False,
            thrift_string_size_limit=_HEAD,
            thrift_container_size_limit=_HEAD,
        )
        column, described = _described(file.schema_arrow.metadata or {})
        name = next((one for want in NAMES for one in file.schema_arrow.names if one.lower() == want), "")
        _check_size(file.metadata, {column, name}, limits)
        rows = file.read([one for one in (column, name) if one], use_threads=False)
        layer = _layer(rows, column, name)
    except (pyarrow.ArrowException, ValueError, KeyError, OSError) as error:
        if isinstance(error, MemoryError):
            raise
        refuse(WHAT, "it is cut off or damaged")
    found = FeatureCollector(limits)
    gather(layer, WHAT, found, len(layer.shapes))
    return _located(found.outline(WHAT, notes=layer.notes), described)


def _described(metadata: Mapping[bytes, bytes]) -> tuple[str, Mapping[str, Any]]:
    """The primary column and what the file says of it. Raises AreaError where it says nothing, or something unread."""
    try:
        geo = json.loads(metadata.get(b"geo", b"{}"))
        column = geo["primary_column"]
        described = geo["columns"][column]
        encoding = described["encoding"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise AreaError(
            "The Parquet file does not say which column has its shapes (geo metadata).", "Save it as GeoParquet."
        ) from None
    if encoding != "WKB" or not isinstance(column, str):
        raise AreaError(f"The shapes are encoded as {shorten(encoding)}, which is not read.", "Save them as WKB.")
    return column, described


def _check_size(metadata: Any, columns: set[str], limits: FileLimits) -> None:
    """Raises AreaError where the columns would be more than is unpacked of an archive, by what the file says."""
    if metadata.num_rows > ROWS:
        raise AreaError(f"The GeoParquet has more than {ROWS:,} rows.", "Save the area to a file of its own.")
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    chunks = (group.column(number) for group in groups for number in range(group.num_columns))
    whole = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in columns)
    if whole > limits.max_unpacked_mb * 1_000_000:
        raise AreaError(
            f"The shapes would unpack to {whole / 1e6:,.0f} MB; at most {limits.max_unpacked_mb:,} MB are unpacked.",
            "Simplify the area.",
        )


def _layer(rows: Any, column: str, name: str) -> Layer:
    """Shapes and names. Raises AreaError for a column that is not of bytes, and for shapes nested too deep."""
    import numpy as np

    binary = np.array([*rows.column(column).to_pylist(), None], dtype=object)[:-1]
    if not all(one is None or isinstance(one, bytes) for one in binary):
        raise AreaError(f"The column {quoted(column)} holds no shapes.", "Save the file anew.")
    if any(one is not None and sum(1 for _ in _PART.finditer(one)) > _DEEPEST for one in binary):
        raise AreaError(f"A shape has more than {_DEEPEST:,} collections.", "Give one MultiPolygon.")
    named = rows.column(name).to_pylist() if name and name != column else [""] * len(binary)
    shapes, closed = shapes_of(binary)
    names = tuple(one if isinstance(one, str) else "" for one in named)
    return Layer("", shapes, binary, names, measured=False, notes=(CLOSED,) if closed else ())


def _located(outline: Outline, described: Mapping[str, Any]) -> Outline:
    """By the PROJJSON of the column; without one it is longitude and latitude, as the format has it."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    system = described.get("crs", "OGC:CRS84")
    if system == "OGC:CRS84":
        return outline
    if system is None:
        raise AreaError("The GeoParquet names no coordinate system.", "Save it in EPSG:4326, longitude and latitude.")
    try:
        crs = CRS.from_json(json.dumps(system))
        if crs.to_authority() == ("OGC", "CRS84"):
            return outline
        return resolve_crs(outline, crs.to_wkt())
    except CRSError:
        raise AreaError(
            f"The coordinate system {quoted(shorten(system))} is not known, or not one of a map.",
            "Save the file in EPSG:4326, longitude and latitude.",
        ) from None
