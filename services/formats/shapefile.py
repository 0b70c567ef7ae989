"""ESRI Shapefile (white paper of July 1998) in a zip: what it claims is held against its bytes, then GDAL reads it."""

import struct
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from services.errors import AreaError
from services.formats.archive import ZipArchive
from services.formats.crs_text import resolve_crs
from services.formats.features import FeatureCollector
from services.formats.limits import FileLimits
from services.formats.outline import Outline
from services.formats.vector import gather, read_layer, refuse
from services.text import quoted

WHAT = "Shapefile"
_POLYGONS = {5, 15, 25}
"""Types of records: Polygon, PolygonZ, PolygonM."""
_HEAD = 100
"""Bytes of the head of a .shp and a .shx."""


def read_shapefile(data: bytes, limits: FileLimits) -> Outline:
    """The polygons of the one Shapefile in a zip, under the names in its .dbf, placed by its .prj. Raises AreaError."""
    package = ZipArchive(data, limits)
    member = _only(package)
    prj, dbf, cpg = (package.beside(member, suffix) for suffix in (".prj", ".dbf", ".cpg"))
    if prj is None:
        raise AreaError(
            "The Shapefile has no .prj: nobody can know where its numbers are.", "Pack the .prj with the .shp."
        )
    found, shp = FeatureCollector(limits), package.read(member)
    index, empty = _index(shp, found)
    parts = {"a.shp": shp, "a.shx": index}
    rows = package.read(dbf) if dbf is not None else b""
    if len(rows) > 12 and struct.unpack_from("<I", rows, 4)[0] == (len(index) - _HEAD) // 8:  # else whose are they?
        parts["a.dbf"] = rows
    encoding = package.read(cpg)[:40].decode("ascii", "replace") if cpg is not None else ""
    layer = read_layer(_packed(parts), WHAT, encoding=encoding)
    gather(layer, WHAT, found, empty)
    stem = member.filename.rpartition("/")[2].rpartition(".")[0]
    return resolve_crs(found.outline(WHAT, name=stem, notes=layer.notes), package.read(prj).decode("utf-8", "replace"))


def _only(package: ZipArchive) -> ZipInfo:
    """The one .shp of a zip."""
    found = package.ending_in(".shp")
    if not found:
        names = ", ".join(quoted(member.filename, 24) for member in package.members[:3])
        raise AreaError(
            f"The zip holds no .shp: it holds {names or 'nothing'}.", "Bring GeoJSON, KML or GeoPackage without a zip."
        )
    if len(found) > 1:
        raise AreaError(
            f"The zip holds {len(found)} Shapefiles: {quoted(found[0].filename)} and others.",
            "Pack the one that is the area.",
        )
    return found[0]


def _index(shp: bytes, found: FeatureCollector) -> tuple[bytes, int]:
    """The .shx of a .shp, and how many records are empty: the one in the zip is not needed, nor believed."""
    if len(shp) < _HEAD or struct.unpack_from(">i", shp)[0] != 9994 or struct.unpack_from("<i", shp, 28)[0] != 1000:
        refuse(WHAT, "its .shp does not begin as one")
    if 2 * struct.unpack_from(">i", shp, 24)[0] > len(shp):
        refuse(WHAT, "its .shp is cut off")
    places, empty, corners, place = [], 0, 0, _HEAD
    while place < len(shp):
        if place + 12 > len(shp):
            refuse(WHAT, "its last record is cut off")
        half, kind = struct.unpack_from(">i", shp, place + 4)[0], struct.unpack_from("<i", shp, place + 8)[0]
        if half < 2 or place + 8 + 2 * half > len(shp):
            refuse(WHAT, f"a record claims {2 * half:,} bytes, and there are {len(shp) - place - 8:,}")
        corners += _corners(shp, place + 8, 2 * half) if kind in _POLYGONS else 0
        found.count(corners)
        empty += kind == 0
        places.append(struct.pack(">ii", place // 2, half))
        place += 8 + 2 * half
    return shp[:24] + struct.pack(">i", _HEAD // 2 + 4 * len(places)) + shp[28:_HEAD] + b"".join(places), empty


def _corners(shp: bytes, start: int, length: int) -> int:
    """Of the polygon in a record. Raises AreaError where it claims more than it has."""
    if length < 44:
        refuse(WHAT, "a polygon is cut off")
    parts, points = struct.unpack_from("<ii", shp, start + 36)
    if parts < 0 or points < 0 or 44 + 4 * parts + 16 * points > length:
        refuse(WHAT, f"a polygon claims {points:,} corners, more than there are bytes")
    return int(points)


def _packed(parts: dict[str, bytes]) -> bytes:
    """A zip of what is read and nothing else, as GDAL takes several files at once."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, data in parts.items():
            archive.writestr(ZipInfo(name), data)
    return buffer.getvalue()
