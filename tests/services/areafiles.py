"""Files of areas in every format, written by GDAL where it writes them: another program than the one that reads."""

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import geopandas
import numpy as np
import pyogrio.raw
import shapely
from shapely.geometry.base import BaseGeometry

DONUT = shapely.Polygon(
    [(25, 60), (25.4, 60), (25.4, 60.3), (25, 60.3)], [[(25.1, 60.1), (25.2, 60.1), (25.2, 60.2), (25.1, 60.2)]]
)
ISLAND = shapely.Polygon([(26, 60.5), (26.2, 60.5), (26.2, 60.6)])
BOTH = shapely.MultiPolygon([DONUT, ISLAND])
DRIVERS = {"fgb": "FlatGeobuf", "gpkg": "GPKG", "kml": "KML", "geojson": "GeoJSON", "shp": "ESRI Shapefile"}
WRITTEN = ("geojson", "kml", "kmz", "zip", "gpkg", "fgb", "parquet")
"""Formats of polygons that GDAL writes, by their endings, and GeoParquet by geopandas; KMZ and zip are packed here."""
ALL = (*WRITTEN, "gpx", "wkt")


def written(
    suffix: str, geometries: Sequence[BaseGeometry], epsg: int = 4326, names: Sequence[str] = (), kind: str = "Unknown"
) -> bytes:
    """A file of features, each with the property `name`."""
    if suffix == "parquet":
        return geoparquet(geometries, epsg, names)
    inner = {"kmz": "kml", "zip": "shp"}.get(suffix, suffix)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"area.{inner}"
        pyogrio.raw.write(
            path,
            geometry=np.array([shapely.to_wkb(one) for one in geometries], dtype=object),
            field_data=[np.array([*names] or ["Somewhere"] * len(geometries), dtype=object)],
            fields=["Name" if inner == "kml" else "name"],
            driver=DRIVERS[inner],
            geometry_type="Polygon" if inner == "shp" else kind,
            crs=f"EPSG:{epsg}",
        )
        parts = {part.name: part.read_bytes() for part in sorted(Path(folder).iterdir())}
    if suffix == "kmz":
        return zipped({"doc.kml": parts["area.kml"]})
    return zipped(parts) if suffix == "zip" else parts[path.name]


def geoparquet(geometries: Sequence[BaseGeometry], epsg: int = 4326, names: Sequence[str] = ()) -> bytes:
    """A GeoParquet that is not compressed."""
    table = geopandas.GeoDataFrame(
        {"name": [*names] or ["Somewhere"] * len(geometries)}, geometry=[*geometries], crs=f"EPSG:{epsg}"
    )
    buffer = io.BytesIO()
    table.to_parquet(buffer, compression=None)
    return buffer.getvalue()


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Packed as people's systems do."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # of no time: always the same bytes
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """What is in a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def track(*rings: Sequence[tuple[float, ...]], name: str = "Somewhere", head: str = "") -> bytes:
    """A GPX with a track of a segment for each ring."""
    segments = "".join(
        "<trkseg>" + "".join(f'<trkpt lat="{y}" lon="{x}"><ele>12</ele></trkpt>' for x, y, *_ in ring) + "</trkseg>"
        for ring in rings
    )
    return (
        f'<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{head}'
        f"<trk><name>{name}</name>{segments}</trk></gpx>"
    ).encode()


def small_geopackage(
    geometries: Sequence[BaseGeometry | bytes], organization: str = "EPSG", definition: str = ""
) -> bytes:
    """With what GeoPackage demands and nothing more: small pages, no triggers. Bytes are well-known binary."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in (
        "PRAGMA page_size = 512",
        "PRAGMA application_id = 1196444487",
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER, organization TEXT,"
        " organization_coordsys_id INTEGER, definition TEXT, description TEXT)",
        "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, description TEXT,"
        " last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER)",
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,"
        " srs_id INTEGER, z TINYINT, m TINYINT)",
        "CREATE TABLE area (fid INTEGER PRIMARY KEY, geom BLOB, name TEXT)",
        "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('area', 'features', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('area', 'geom', 'GEOMETRY', 4326, 2, 2)",
    ):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 4326, ?, 4326, ?, '')", (organization, definition)
    )
    for number, one in enumerate(geometries):
        binary = one if isinstance(one, bytes) else shapely.to_wkb(one)
        shape = b"GP\0\1" + (4326).to_bytes(4, "little") + binary
        connection.execute("INSERT INTO area (geom, name) VALUES (?, ?)", (shape, f"Area {number}"))
    return connection.serialize()


@cache
def valid(suffix: str) -> bytes:
    """A good small file of the format."""
    if suffix == "gpx":
        return track([*ISLAND.exterior.coords])
    if suffix == "wkt":
        return BOTH.wkt.encode()
    if suffix == "json":
        return json.dumps(shapely.geometry.mapping(BOTH)).encode()
    return written(suffix, [DONUT, ISLAND], names=["Donut", "Island"])
