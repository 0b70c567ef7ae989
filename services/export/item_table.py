"""Item table: the STAC items of a collection as one file, to be searched without reading thousands of others.

It is GeoParquet 1.1 in the columns of stac-geoparquet 1.1 (Radiant Earth, STAC GeoParquet Specification): a row is an
item, its properties are columns beside its other fields, moments are timestamps, and the collection is in the file too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import shapely

from services.storage import write_beside

PARQUET = "application/vnd.apache.parquet"
_ROWS = 5000
"""Items that are in memory at once: those of a row group."""
_MOMENTS = ("datetime", "start_datetime", "end_datetime", "created")
_EDGES = ("xmin", "ymin", "xmax", "ymax")


def write_item_table(path: Path, items: Iterable[Mapping[str, Any]], collection: Mapping[str, Any]) -> None:
    """Of items with the same fields; no file where there are none. Raises StorageError where the disk refuses."""
    import pyarrow  # a tenth of a second, for those alone who make such a file
    import pyarrow.parquet

    groups = _groups(map(_row, items))
    first = next(groups, None)
    if first is None:
        return
    schema = _schema(first, collection)

    def write(beside: Path) -> None:
        with pyarrow.parquet.ParquetWriter(beside, schema, compression="zstd") as writer:
            for rows in chain((first,), groups):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))

    write_beside(path, write)


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, _ROWS)):
        yield some


def _row(item: Mapping[str, Any]) -> dict[str, Any]:
    """All of it but its type, which every row has."""
    row: dict[str, Any] = {name: value for name, value in item.items() if name not in ("type", "properties")}
    row |= item["properties"]
    row["geometry"] = shapely.to_wkb(shapely.geometry.shape(item["geometry"]))
    row["bbox"] = dict(zip(_EDGES, item["bbox"], strict=True))
    return row | {name: datetime.fromisoformat(row[name]) for name in _MOMENTS if row.get(name)}


def _schema(rows: list[dict[str, Any]], collection: Mapping[str, Any]) -> Any:
    """The types of these rows, which all have, and what the file says of itself."""
    import pyarrow

    schema = pyarrow.Table.from_pylist(rows).schema
    for name in _MOMENTS:
        place = schema.get_field_index(name)
        if place >= 0:
            schema = schema.set(place, pyarrow.field(name, pyarrow.timestamp("us", "UTC")))
    shapes = {"encoding": "WKB", "geometry_types": ["Polygon", "MultiPolygon"]}
    covering = {"covering": {"bbox": {edge: ["bbox", edge] for edge in _EDGES}}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": shapes | covering}}
    of_stac = {"version": "1.1.0", "collections": {collection["id"]: collection}}
    return schema.with_metadata({"geo": json.dumps(geo), "stac-geoparquet": json.dumps(of_stac)})
