"""The coordinate system that a file names by a text in WKT: an EPSG code, or the numbers brought to degrees here.

Runs where files are read, apart from everything: the text is handed to PROJ, whose network is off.
"""

import math
from dataclasses import replace

import numpy as np

from services.densify import densify
from services.errors import AreaError
from services.formats.outline import WGS84, Outline, Rings
from services.text import shorten

LONGEST = 20_000
"""Characters of a coordinate system's text."""
SURE = 90
"""Percent at which PROJ is believed that a coordinate system is that of an EPSG code."""


def resolve_crs(outline: Outline, wkt: str) -> Outline:
    """The outline with its EPSG code, or in degrees where there is none. Raises AreaError for a text that is no map's.

    `outline.epsg` is passed over; the text decides.
    """
    from pyproj import CRS  # costs a fifth of a second, which only some files need
    from pyproj.exceptions import CRSError

    unknown = AreaError(
        f"The coordinate system {shorten(wkt)!r} is not known, or not one of a map.",
        "Save the file in EPSG:4326, longitude and latitude.",
    )
    try:
        crs = CRS.from_wkt(wkt if len(wkt) <= LONGEST else "")
        if len(crs.axis_info) != 2 or not (crs.is_projected or crs.is_geographic):
            raise unknown
        epsg = crs.to_epsg(min_confidence=SURE)
    except CRSError:
        raise unknown from None
    if epsg is not None:
        return _with(outline, outline.polygons, epsg)
    note = f"The coordinates were brought from {shorten(crs.name)!r} to longitude and latitude."
    return _with(outline, _in_degrees(outline, crs), WGS84, note)


def _in_degrees(outline: Outline, crs: object) -> tuple[Rings, ...]:
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        transformer = Transformer.from_crs(crs, WGS84, always_xy=True)
        polygons = densify(outline.polygons, lambda positions: np.column_stack(transformer.transform(*positions.T)))
    except ProjError:
        raise AreaError(
            "The coordinates cannot be brought to longitude and latitude.", "Check the coordinate system of the file."
        ) from None
    if not all(math.isfinite(x) and math.isfinite(y) for rings in polygons for ring in rings for x, y in ring):
        raise AreaError(
            "Some coordinates lie outside of the coordinate system that the file names.", "Check the file's projection."
        )
    return polygons


def _with(outline: Outline, polygons: tuple[Rings, ...], epsg: int, *notes: str) -> Outline:
    return replace(outline, polygons=polygons, epsg=epsg, notes=(*outline.notes, *notes))
