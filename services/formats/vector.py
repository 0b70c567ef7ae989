"""Binary vector formats read by GDAL, out of memory and between checks of ours; FlatGeobuf needs no other than these.

Runs where files are read, apart from everything. GDAL has exactly one driver there, so that bytes are never taken for
another format. After it nothing passes that came back empty, or is not finite.
"""

import os
import struct
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from services.errors import AreaError
from services.formats.crs_text import open_proj, resolve_code, resolve_crs
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHAPEFILE, GEOPACKAGE, FLATGEOBUF = "ESRI Shapefile", "GPKG", "FlatGeobuf"
"""Drivers as GDAL calls them."""
DRIVERS = (
    *("MEM", "PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG", "ESRI Shapefile", "MapInfo File"),
    *("LVBAG", "S57", "DGN", "OGR_VRT", "CSV", "GML", "GPX", "LIBKML", "KML", "GeoJSON", "GeoJSONSeq", "ESRIJSON"),
    *("TopoJSON", "OGR_GMT", "GPKG", "SQLite", "WAsP", "OpenFileGDB", "DXF", "FlatGeobuf", "GeoRSS", "VFK", "PGDUMP"),
    *("OSM", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO", "Idrisi", "ODS", "XLSX", "Elasticsearch", "Carto"),
    *("AmigoCloud", "SXF", "Selafin", "JML", "PLSCENES", "CSW", "VDV", "MVT", "NGW", "MapML", "GTFS", "PMTiles"),
    *("JSONFG", "MiraMonVector", "ADBC", "AVCBin", "AVCE00", "AIVector", "HTTP"),
)
"""All that the pinned pyogrio brings for vectors."""
NAMES = ("name", "title", "nimi")
"""Columns that may name a feature, in lower case; the first that is there."""
ROWS = 200_000
"""Rows that are looked at, the ones without a geometry among them."""
CLOSED = "A ring was open; it was closed."
CURVES = "Curves were approximated by short straight edges."
_UNNEEDED = ("pandas", "geopandas", "pyarrow")
"""What pyogrio would import for tables: half a second, and nothing that is used here."""
_ENCODINGS = {"utf8": "utf-8", "iso88591": "latin-1", "88591": "latin-1", "1252": "cp1252", "ansi1252": "cp1252"}
"""What a file may say of its texts, in lower case without hyphens; others are not looked for."""
_SURFACES = {15: "PolyhedralSurface", 16: "Tin", 17: "Triangle"}
"""Codes of well-known binary (ISO 13249-3) for surfaces in space, which have no area on a map."""


class BrokenError(AreaError):
    """A file or a layer is damaged; another layer may be good."""


def refuse(what: str, reason: str) -> NoReturn:
    """Raises BrokenError."""
    raise BrokenError(f"The {what} cannot be read: {reason}.", "Check that it is complete, or save it anew.")


def register(driver: str) -> None:
    """Import GDAL with one driver and no other, and open PROJ's database: nothing can be opened later.

    Raises RuntimeError where another driver is there: bytes would be read as whatever they look like.
    """
    os.environ["GDAL_SKIP"] = ",".join(name for name in DRIVERS if name != driver)
    sys.modules.update(dict.fromkeys(_UNNEEDED))  # type: ignore[arg-type]  # so Python is told that it is absent
    import pyogrio.raw

    open_proj()
    if set(pyogrio.list_drivers()) != {driver}:
        raise RuntimeError("GDAL has other drivers than the one that is needed")


def read_flatgeobuf(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of all features. Raises AreaError where the file is cut or its coordinate system is not named."""
    import pyogrio

    layer = read_layer(data, FLATGEOBUF)
    with _damage_refused(FLATGEOBUF):
        head = pyogrio.read_info(data)
        curved = "OGR_GEOMETRY LIKE '%CURVE%' OR OGR_GEOMETRY LIKE '%SURFACE%' OR OGR_GEOMETRY = 'GEOMETRYCOLLECTION'"
        where = f"({curved}) AND OGR_GEOM_WKT LIKE '%CIRCULARSTRING%'"
        arcs = pyogrio.raw.read(data, columns=[], where=where, max_features=1)[2]
    if head["features"] not in {0, -1, len(layer.shapes)}:
        refuse(FLATGEOBUF, f"it holds {len(layer.shapes):,} of its {head['features']:,} features")
    found = FeatureCollector(limits)
    gather(layer, FLATGEOBUF, found, len(layer.shapes))
    notes = (*layer.notes, CURVES) if len(arcs) else layer.notes
    return located(found.outline(FLATGEOBUF, name=head["layer_name"], notes=notes), layer.crs, FLATGEOBUF)


@dataclass(frozen=True)
class Layer:
    """The rows of a layer as GDAL read them."""

    crs: str
    """`EPSG:3067`, a text in WKT, or nothing."""
    shapes: "NDArray[np.object_]"
    """Geometries of shapely; None where a row has none, or one that shapely does not know."""
    binary: "NDArray[np.object_]"
    """The same as well-known binary."""
    names: tuple[str, ...]
    measured: bool
    """Whether GDAL says that it left measures out."""
    notes: tuple[str, ...]


def read_layer(data: bytes, what: str, layer: str | None = None, encoding: str = "") -> Layer:
    """All rows with their names. Raises AreaError where GDAL cannot read them, or where there are too many."""
    import pyogrio.raw

    columns = [spelt for name in NAMES for spelt in (name, name.capitalize(), name.upper())]
    with _damage_refused(what) as said:
        meta, _, binary, values = pyogrio.raw.read(
            data, layer=layer, columns=columns, max_features=ROWS + 1, encoding="ISO-8859-1"
        )
        if binary is None:
            refuse(what, "it has no column of shapes")
        shapes, closed = shapes_of(binary)
    if len(shapes) > ROWS:
        raise AreaError(f"The {what} has more than {ROWS:,} rows.", "Save the area to a file of its own.")
    fields = {title.lower(): column for title, column in zip(meta["fields"], values, strict=True)}
    chosen = next((fields[name] for name in NAMES if name in fields), [""] * len(shapes))
    names = tuple(_text(name, encoding) for name in chosen)
    measured = any("Measured (M)" in str(warning.message) for warning in said)
    return Layer(meta["crs"] or "", shapes, binary, names, measured, (CLOSED,) if closed else ())


@contextmanager
def _damage_refused(what: str) -> Iterator[list[warnings.WarningMessage]]:
    """Whatever GDAL, its bindings or GEOS raise becomes a BrokenError; gives what they warn of."""
    import shapely
    from pyogrio._err import CPLE_BaseError

    try:
        with warnings.catch_warnings(record=True, action="always") as said:
            yield said
    except (RuntimeError, ValueError, IndexError, CPLE_BaseError, shapely.errors.ShapelyError):
        refuse(what, "it is cut off or damaged")


def shapes_of(binary: "NDArray[np.object_]") -> "tuple[NDArray[np.object_], bool]":
    """Geometries, open rings closed, and whether there were any."""
    import numpy as np
    import shapely

    with np.errstate(invalid="ignore"):  # of what is no number there is a sentence later
        shapes = np.asarray(shapely.from_wkb(binary, on_invalid="ignore"))
        broken = shapely.is_missing(shapes) & ~_absent(binary)
        shapes[broken] = mended = shapely.from_wkb(binary[broken], on_invalid="fix")
    return shapes, not shapely.is_missing(mended).all()


def _absent(binary: "NDArray[np.object_]") -> "NDArray[np.bool_]":
    import numpy as np

    return np.array([one is None for one in binary], dtype=bool)


def _text(read: object, encoding: str) -> str:
    """A name whose bytes were read as Latin 1, which loses none of them: as the file says, UTF-8, or Windows' Latin."""
    if not isinstance(read, str):
        return ""
    written = read.encode("latin-1")
    for known in (_ENCODINGS.get(encoding.strip().lower().replace("-", "").replace("_", "")), "utf-8", "cp1252"):
        if known is not None:
            try:
                return written.decode(known).strip(" \0")
            except UnicodeDecodeError:
                continue
    return read.strip(" \0")


def gather(layer: Layer, what: str, found: FeatureCollector, empty: int) -> None:
    """Adds all rows; `empty` is how many of them at most have no geometry in the file itself.

    Raises AreaError where more of them came back empty, and where a coordinate is not finite.
    """
    import numpy as np
    import shapely

    if _absent(layer.binary).sum() > empty:
        refuse(what, "a shape is damaged")
    try:
        positions = shapely.get_coordinates(layer.shapes)
    except shapely.errors.ShapelyError:
        raise AreaError(
            f"A collection of the {what} holds curves, which are read by themselves alone.",
            "Save the area as polygons.",
        ) from None
    for x, y in positions[~np.isfinite(positions).all(axis=1)]:
        raise AreaError(f"The coordinate {x:g}, {y:g} is not a finite number.", "Remove that corner.")
    found.measures |= layer.measured
    for shape, binary, name in zip(layer.shapes, layer.binary, layer.names, strict=True):
        if shape is None and binary is not None:
            surface = _SURFACES.get(_kind(binary)) or refuse(what, "a ring is no ring, or a corner is no number")
            found.others[surface] += 1
        elif shape is None or shape.is_empty:
            found.others["empty feature"] += 1
        else:
            _add(shape, found)
        found.feature(name)


def _kind(binary: bytes) -> int:
    """The type of well-known binary, without what it says of dimensions; 0 where it is too short to say."""
    return 0 if len(binary) < 5 else int(struct.unpack_from("<I" if binary[0] else ">I", binary, 1)[0] & 0xFFFF) % 1000


def _add(shape: Any, found: FeatureCollector) -> None:
    """The polygons of a geometry, as deep as GDAL lets collections be (32)."""
    import shapely

    if shape.geom_type in {"MultiPolygon", "GeometryCollection"}:
        for part in shape.geoms:
            _add(part, found)
    elif shape.geom_type == "Polygon":
        found.count(int(shapely.get_num_coordinates(shape)))
        found.heights |= bool(shape.has_z)
        rings = (shape.exterior, *shape.interiors)
        positions = (shapely.get_coordinates(ring).tolist() for ring in rings if not ring.is_empty)
        found.polygon(tuple(tuple(map(tuple, ring)) for ring in positions))
    else:
        found.others[shape.geom_type] += 1


def located(outline: Outline, crs: str, what: str) -> Outline:
    """By the coordinate system that GDAL found in the file. Raises AreaError where there is none, or none of a map."""
    if not crs:
        raise AreaError(f"The {what} names no coordinate system.", "Save it in EPSG:4326, longitude and latitude.")
    code = crs.removeprefix("EPSG:")
    return resolve_code(outline, int(code)) if code.isdecimal() else resolve_crs(outline, crs)
