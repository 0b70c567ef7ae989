"""GeoParquet as geopandas writes it, and as nobody should."""

import io
import json
import struct
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from services.errors import AreaError
from services.formats import FileLimits
from services.formats.geoparquet import read_geoparquet
from services.geo import geometry_of
from services.sandbox import outline_from_file
from tests.services.areafiles import BOTH, DONUT, ISLAND, geoparquet

LIMITS = FileLimits()


def parquet(
    shapes: list[bytes | BaseGeometry | None],
    crs: object = "absent",
    geo: object = None,
    encoding: str = "WKB",
    compression: str = "snappy",
    **columns: list[Any],
) -> bytes:
    """A file of these shapes and columns, with `geo` in place of the right metadata."""
    rows = [shapely.to_wkb(one) if isinstance(one, BaseGeometry) else one for one in shapes]
    described = {"encoding": encoding, "geometry_types": []} | ({} if crs == "absent" else {"crs": crs})
    right = {"version": "1.1.0", "primary_column": "shape", "columns": {"shape": described}}
    table = pa.table({"shape": rows} | columns)
    said = geo if isinstance(geo, bytes) else json.dumps(geo or right).encode()
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({b"geo": said}), buffer, compression=compression)
    return buffer.getvalue()


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
def test_shapes_and_names_are_read_however_they_are_packed(compression: str) -> None:
    data = parquet([DONUT, None, ISLAND], NAME=["Donut", "", "Island"], other=[1, 2, 3], compression=compression)
    found = read_geoparquet(data, LIMITS)
    assert geometry_of(found.polygons).equals(BOTH)
    assert found.members == (("Donut", 1), ("Island", 1))
    assert found.notes == ("Only polygons are used; left out: an empty feature.",)


def test_without_a_coordinate_system_it_is_longitude_and_latitude() -> None:
    assert read_geoparquet(parquet([DONUT]), LIMITS).epsg == 4326
    found = read_geoparquet(parquet([DONUT], crs=CRS.from_authority("OGC", "CRS84").to_json_dict()), LIMITS)
    assert (found.epsg, found.notes) == (4326, ())


@pytest.mark.parametrize("epsg", [3067, 25832, 2154])
def test_a_coordinate_system_is_known_by_its_projjson(epsg: int) -> None:
    assert read_geoparquet(parquet([DONUT], crs=CRS.from_epsg(epsg).to_json_dict()), LIMITS).epsg == epsg
    assert read_geoparquet(geoparquet([DONUT], epsg), LIMITS).epsg == epsg


def test_of_a_system_with_heights_the_horizontal_part_is_used_and_that_is_said() -> None:
    found = read_geoparquet(parquet([DONUT], crs=CRS.from_epsg(7415).to_json_dict()), LIMITS)
    assert found.epsg == 28992 and "has heights" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (parquet([DONUT], crs=None), "names no coordinate system"),
        (parquet([DONUT], crs={"type": "name"}), "coordinate system .* is not known"),
        (parquet([DONUT], crs="http://127.0.0.1/crs"), "coordinate system .* is not known"),
        (parquet([DONUT], crs=CRS.from_epsg(5773).to_json_dict()), "not one of a map"),
        (parquet([DONUT], geo={"a": 1}), "does not say which column"),
        (parquet([DONUT], geo=b"{"), "does not say which column"),
        (parquet([DONUT], geo=b"[" * 100_000), "does not say which column"),
        (parquet([DONUT], geo={"primary_column": "x", "columns": {"x": {"encoding": "WKB"}}}), "cut off or damaged"),
        (parquet([DONUT], encoding="polygon"), "encoded as polygon"),
        (parquet([1, 2]), "holds no shapes"),  # type: ignore[list-item]
        (parquet([b""]), "cannot be read"),
        (parquet([struct.pack("<BI", 1, 99)]), "cannot be read"),
        (parquet([struct.pack("<BII", 1, 7, 1) * 100_000 + shapely.to_wkb(ISLAND)]), "more than 1,000 collections"),
        (parquet([struct.pack(">BII", 0, 6, 1) * 100_000 + shapely.to_wkb(ISLAND)]), "more than 1,000 collections"),
        (parquet([struct.pack("<BII", 1, 1006, 1) * 100_000]), "more than 1,000 collections"),
        (parquet([struct.pack("<BIII8d", 1, 3, 1, 4, *[float("inf")] * 8)]), "not a finite number"),
        (parquet([]), "is empty"),
        (parquet([shapely.Point(25, 60)]), "it is a Point"),
        (parquet([None] * 200_001), "more than 200,000 rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_end_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        outline_from_file(data, "a.parquet", LIMITS)
    assert raised.value.remedy and "it is damaged" not in raised.value.cause


def test_what_would_unpack_to_too_much_is_not_unpacked() -> None:
    data = parquet([bytes(1_000_000)] * 300, compression="zstd")
    assert len(data) < 1_500_000
    with pytest.raises(AreaError, match=r"needs more than|unpack to [\d,]+ MB; at most 200 MB"):
        outline_from_file(data, "a.parquet", LIMITS)


def test_as_many_vertices_as_are_allowed_and_one_more() -> None:
    data = parquet([DONUT, ISLAND])
    assert read_geoparquet(data, FileLimits(max_vertices=14)).vertices == 14
    with pytest.raises(AreaError, match="more than 13 vertices"):
        read_geoparquet(data, FileLimits(max_vertices=13))
