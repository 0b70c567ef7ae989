"""An outline in another coordinate system brought to longitude and latitude."""

from dataclasses import replace
from functools import partial

import numpy as np
from pyproj import CRS
from pyproj.exceptions import ProjError

from services.densify import densify
from services.errors import AreaError
from services.formats import WGS84, Outline, horizontal, is_of_a_map, refuse_degrees
from services.geo.coordinates import Positions, flat
from services.geo.crs import transformer


def to_degrees(outline: Outline) -> Outline:
    """With its numbers in longitude and latitude. Raises AreaError where the EPSG code is not known."""
    if outline.epsg == WGS84 or not outline.vertices:
        return outline
    unknown = AreaError(
        f"The coordinate system EPSG:{outline.epsg} is not known, or not one of a map.",
        "Give longitude and latitude in degrees.",
    )
    try:
        crs, heights = horizontal(CRS.from_epsg(outline.epsg))
        if not is_of_a_map(crs):
            raise unknown
        refuse_degrees(outline, crs)
        positions = flat(ring for rings in outline.polygons for ring in rings)
        plain = crs.to_epsg() or outline.epsg
        degrees = _degrees(plain, positions)
    except ProjError:
        raise unknown from None
    if not np.isfinite(degrees).all():
        worst = positions[~np.isfinite(degrees).all(axis=1)][0]
        raise AreaError(
            f"The coordinates {worst[0]:.8g}, {worst[1]:.8g} are outside of EPSG:{outline.epsg}.",
            "Check the coordinate system of the file.",
        )
    polygons = densify(outline.polygons, partial(_degrees, plain))
    note = f"The coordinates were brought from EPSG:{outline.epsg} to longitude and latitude."
    return replace(outline, polygons=polygons, epsg=WGS84, notes=(*outline.notes, *heights, note))


def _degrees(epsg: int, positions: Positions) -> Positions:
    return np.column_stack(transformer(epsg, WGS84).transform(*positions.T))
