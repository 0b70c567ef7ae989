"""The series of many polygons as one table: CSV, and GeoParquet that any reader of the format opens."""

import io
import json
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon

from services.series.tables import POLYGON_COLUMNS, polygon_rows, polygons_csv
from services.series.values import PolygonSeries

_KINDS = {
    **dict.fromkeys(("polygon", "acquisition", "satellite", "reason", "quantity", "unit", "note"), "string"),
    **dict.fromkeys(("mask", "crs", "attribution"), "string"),
    **dict.fromkeys(("relative_orbit", "pixels", "clear_pixels", "buffer_px"), "int32"),
    **dict.fromkeys(("used", "nbar", "simulated"), "bool"),
    **{"date": "date32", "time_utc": "time32[s]"},
}
"""Types of Arrow by column; all others are numbers."""


@dataclass(frozen=True, eq=False)
class PolygonTable:
    """A row a polygon and date; a row with the reason where a polygon has no pixel."""

    series: tuple[PolygonSeries, ...]
    """In the order of the file."""
    geometries: tuple[Polygon | MultiPolygon | None, ...]
    """In longitude and latitude, WGS 84; None where the feature is no area."""

    @property
    def rows(self) -> int:
        """Of the table."""
        return sum(map(_rows, self.series))

    def to_csv(self) -> str:
        """Without the outlines."""
        return polygons_csv(self.series)

    def to_geoparquet(self) -> bytes:
        """GeoParquet 1.1, with the outline of its polygon in each row; a geometry without `crs` is in WGS 84."""
        import pyarrow  # a tenth of a second, for those alone who want such a file
        import pyarrow.parquet

        rows = [row for one in self.series for row in polygon_rows(one)]
        columns = [
            pyarrow.array(list(values), pyarrow.type_for_alias(_KINDS.get(name, "double")))
            for name, values in zip(POLYGON_COLUMNS, zip(*rows, strict=True), strict=True)
        ]
        shapes = [one for one, series in zip(self._wkb, self.series, strict=True) for _ in range(_rows(series))]
        table = pyarrow.table([*columns, pyarrow.array(shapes, "binary")], [*POLYGON_COLUMNS, "geometry"])
        file = io.BytesIO()
        described = table.replace_schema_metadata({"geo": json.dumps(self._described)})
        pyarrow.parquet.write_table(described, file, compression="zstd")
        return file.getvalue()

    @property
    def _wkb(self) -> list[bytes | None]:
        return [None if shape is None else shapely.to_wkb(shape) for shape in self.geometries]

    @property
    def _described(self) -> dict[str, Any]:
        """The file's own words about its outlines."""
        there = [shape for shape in self.geometries if shape is not None]
        column: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted({shape.geom_type for shape in there})}
        if there:
            column["bbox"] = shapely.total_bounds(there).tolist()
        return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _rows(series: PolygonSeries) -> int:
    return max(1, len(series.points))
