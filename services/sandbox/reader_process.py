"""The program that reads files which people bring: `python -m services.sandbox.reader_process < request > answer`.

It runs apart from everything (see sandbox), imports what it needs before it looks at a file, then gives up files,
network, memory and time, and answers in a line of JSON: an outline, whose numbers follow it as bytes (see packing), or
the two sentences of an AreaError.
"""

import codecs
import gc
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from services.errors import AreaError
from services.formats import (
    BY_NAME,
    FileLimits,
    Outline,
    ZipArchive,
    check_size,
    decoded,
    names_of,
    outline_from_text,
    read_flatgeobuf,
    read_geopackage,
    read_gpx,
    read_kml,
    read_shapefile,
)
from services.sandbox.confinement import limit, lock_down
from services.sandbox.wire import lengths, packed
from services.text import shorten

for _encoding in ("utf-8-sig", "utf-16", "cp437", "cp1252", "latin-1", "iso8859-15"):
    codecs.lookup(_encoding)  # none can be looked for when the door is closed

WRITTEN_MB = 60
"""Longest answer."""
_PLACED = {"shapefile", "geopackage", "flatgeobuf"}
"""Kinds whose coordinate system may be a text for PROJ, which has a database of its own."""


def read(kind: str, data: bytes, limits: FileLimits) -> Outline:
    """The outline in a file of a kind of `services.formats.registry`. Raises AreaError."""
    if kind == "text":
        return outline_from_text(decoded(data), limits)
    if kind == "kml":
        return read_kml(data, limits)
    if kind == "kmz":
        return _kmz(ZipArchive(data, limits), limits)
    if kind == "gpx":
        return read_gpx(data, limits)
    if kind == "shapefile":
        return _shapefile(ZipArchive(data, limits), limits)
    if kind == "geopackage":
        return read_geopackage(data, limits)
    return read_flatgeobuf(data, limits)


def _kmz(package: ZipArchive, limits: FileLimits) -> Outline:
    """Its doc.kml, or its only KML."""
    found = package.ending_in(".kml")
    main = [member for member in found if member.filename.lower() == "doc.kml"] or found
    if len(main) != 1:
        raise AreaError(
            f"The KMZ holds {len(main) or 'no'} KML files, and none is called doc.kml."
            if len(main) != 1 and found
            else "The KMZ holds no KML.",
            "Save the area by itself.",
        )
    return read_kml(package.read(main[0]), limits)


def _shapefile(package: ZipArchive, limits: FileLimits) -> Outline:
    """Its one .shp with its .prj."""
    found = package.ending_in(".shp")
    if not found:
        names = ", ".join(repr(shorten(member.filename, 24)) for member in package.members[:3])
        raise AreaError(
            f"The zip holds no .shp: it holds {names or 'nothing'}.", "Bring GeoJSON, KML or GeoPackage without a zip."
        )
    if len(found) > 1:
        raise AreaError(
            f"The zip holds {len(found)} Shapefiles: {shorten(found[0].filename)!r} and others.",
            "Pack the one that is the area.",
        )
    prj = package.beside(found[0], ".prj")
    if prj is None:
        raise AreaError(
            "The Shapefile has no .prj: nobody can know where its numbers are.", "Pack the .prj with the .shp."
        )
    stem = found[0].filename.rpartition("/")[2].rpartition(".")[0]
    dbf, cpg = package.beside(found[0], ".dbf"), package.beside(found[0], ".cpg")
    encoding = package.read(cpg)[:40].decode("ascii", "replace") if cpg is not None else ""
    called = names_of(package.read(dbf), encoding, limits.max_features) if dbf is not None else []
    shp, wkt = package.read(found[0]), package.read(prj).decode("utf-8", "replace")
    return read_shapefile(shp, wkt, limits, stem, called)


def _prepare(kind: str) -> None:
    """Imports and opens what the kind may need later."""
    if kind in _PLACED:
        from pyproj import CRS

        CRS.from_epsg(4326)  # PROJ's database stays open


def _place(error: BaseException) -> str:
    """File and line of ours, for the log: never a word of the file that was read."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def main() -> None:
    """Reads one request: a line of JSON with the kind and the limits, then the bytes of the file."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = FileLimits(**request["limits"])
    limit(limits.file_memory_mb, limits.file_seconds, WRITTEN_MB)
    _prepare(BY_NAME[request["kind"]].name)
    lock_down()
    answer: dict[str, Any]
    numbers = b""
    gc.disable()  # it would go over hundreds of thousands of positions again and again, and this process ends soon
    try:
        outline = read(request["kind"], sys.stdin.buffer.read(), limits)
        check_size(outline.vertices, len(outline.polygons), limits)
        plain = {field.name: getattr(outline, field.name) for field in fields(outline)}
        answer, numbers = {"outline": plain | {"polygons": lengths(outline.polygons)}}, packed(outline.polygons)
    except AreaError as error:
        answer = {"cause": error.cause, "remedy": error.remedy}
    except MemoryError:
        answer = {"fault": "memory"}
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side says that the file cannot be read
        answer = {"fault": f"{type(error).__name__} {_place(error)}"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + numbers)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
