"""The coordinate system that a file names: an EPSG code, or the numbers brought to degrees here.

Texts in WKT are read where files are read, apart from everything: PROJ is handed them there, and its network is off.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from services.errors import AreaError
from services.formats.outline import WGS84, Outline, Position, Rings
from services.text import quoted

if TYPE_CHECKING:
    from pyproj import CRS

LONGEST = 20_000
"""Characters of a coordinate system's text."""
SURE = 90
"""Percent at which PROJ is believed that a coordinate system is that of an EPSG code."""
_NO_DATUM = ("unknown", "unnamed", "not specified", "undefined", "custom", "user")
"""How the names of datums begin that are none."""
_REALIZATIONS = ("ITRF", "ETRF", "IGS", "IGb", "WGS 84 (")
"""How the names of systems begin that differ from one another by less than a pixel."""
NEAR = 5.0
"""Metres: half a pixel."""
_CANDIDATES = 8
"""Datums that are compared."""
_NAMED = 3


def open_proj() -> None:
    """Import what is needed here and open PROJ's database, before nothing can be opened any more."""
    from pyproj import CRS

    import services.densify  # noqa: F401 - with numpy

    CRS.from_epsg(WGS84)


def resolve_crs(outline: Outline, wkt: str) -> Outline:
    """The outline with its EPSG code, or in degrees where there is none. Raises AreaError for a text that is no map's.

    `outline.epsg` is passed over; the text decides.
    """
    from pyproj import CRS  # costs a fifth of a second, which only some files need
    from pyproj.exceptions import CRSError

    unknown = AreaError(
        f"The coordinate system {quoted(wkt)} is not known, or not one of a map.",
        "Save the file in EPSG:4326, longitude and latitude.",
    )
    try:
        crs, notes = horizontal(CRS.from_wkt(wkt if len(wkt) <= LONGEST else ""))
        epsg = crs.to_epsg(min_confidence=SURE)
    except CRSError:
        raise unknown from None
    if not is_of_a_map(crs):
        raise unknown
    outline = replace(outline, notes=(*outline.notes, *notes))
    if epsg is not None:
        return replace(outline, epsg=epsg)
    refuse_degrees(outline, crs)
    note = f"The coordinates were brought from {quoted(crs.name)} to longitude and latitude."
    polygons = _in_degrees(outline, crs)
    return replace(
        outline, polygons=polygons, epsg=WGS84, notes=(*outline.notes, note, *_doubts(crs, polygons[0][0][0]))
    )


def resolve_code(outline: Outline, epsg: int) -> Outline:
    """The outline with an EPSG code: the one of its horizontal part where the code is of a system with heights.

    A code that is not known is kept: it is refused with all others that are not.
    """
    if epsg == WGS84:
        return replace(outline, epsg=epsg)
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs, notes = horizontal(CRS.from_epsg(epsg))
    except CRSError:
        return replace(outline, epsg=epsg)
    return replace(outline, epsg=crs.to_epsg() or epsg, notes=(*outline.notes, *notes))


def horizontal(crs: "CRS") -> "tuple[CRS, tuple[str, ...]]":
    """The part of a coordinate system that is on the map, and the note where there was another part, of heights."""
    if crs.is_compound:
        flat, *heights = crs.sub_crs_list
        named = f" ({quoted(heights[0].name)})" if heights else ""
        return flat, (f"The coordinate system {quoted(crs.name)} has heights{named}: only its horizontal part counts.",)
    if len(crs.axis_info) == 3 and (crs.is_geographic or crs.is_projected):
        note = f"The coordinate system {quoted(crs.name)} has heights: only its horizontal part counts."
        return crs.to_2d(), (note,)
    return crs, ()


def is_of_a_map(crs: "CRS") -> bool:
    """Whether it has two axes, of a projection or of longitude and latitude."""
    return len(crs.axis_info) == 2 and (crs.is_projected or crs.is_geographic)


def refuse_degrees(outline: Outline, crs: "CRS") -> None:
    """Raises AreaError where the numbers are said to be of a projection, and all could be degrees."""
    positions = (position for rings in outline.polygons for ring in rings for position in ring)
    if crs.is_projected and all(abs(x) <= 180 and abs(y) <= 90 for x, y in positions):
        x, y = outline.polygons[0][0][0]
        raise AreaError(
            f"The coordinate system (crs) is {quoted(crs.name)}, whose unit is the {crs.axis_info[0].unit_name}, "
            f"and the coordinates look like degrees: {x:.8g}, {y:.8g}.",
            "Give the coordinate system that they are in: EPSG:4326 for longitude and latitude.",
        )


def _in_degrees(outline: Outline, crs: "CRS") -> tuple[Rings, ...]:
    import numpy as np
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    from services.densify import densify

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


def _doubts(crs: "CRS", place: Position) -> tuple[str, ...]:
    """The note on a datum that nobody knows, with what it could be at a place, and how far from there that is.

    A datum that has a name is passed over where all that it could be is the same place: countries have names of their
    own for what differs from WGS 84 by centimetres.
    """
    if crs.is_bound or crs.datum is None or _is_known(crs.datum.name):
        return ()
    found = sorted(_candidates(crs, place), reverse=True)[:_NAMED]
    away = found[0][0] if found else math.inf
    if away < NEAR and not _is_nameless(crs.datum.name):
        return ()
    ellipsoid = quoted(crs.ellipsoid.name.replace("_", " ")) if crs.ellipsoid else "none"
    could = f"; it could be {' or '.join(name for _, name in found)}, up to {away:,.0f} m away" if found else ""
    return (
        f"The datum {quoted(crs.datum.name)} of the coordinate system is unknown (its ellipsoid is {ellipsoid}) and "
        f"was taken for WGS 84{could}: compare the area with the map.",
    )


def _is_nameless(name: str) -> bool:
    return name.replace("_", " ").strip().lower().removeprefix("d ").startswith(_NO_DATUM)


def _is_known(name: str) -> bool:
    from pyproj.crs import Datum  # type: ignore[attr-defined]  # it is there, and not in the list of names
    from pyproj.exceptions import CRSError

    for spelt in () if _is_nameless(name) else (name, name.replace("_", " ")):
        try:
            Datum.from_name(spelt)
        except CRSError:
            continue
        return True
    return False


def _candidates(crs: "CRS", place: Position) -> Iterator[tuple[float, str]]:
    """Systems of longitude and latitude on the same ellipsoid that are used at a place: their distance, and name."""
    from pyproj import CRS, Geod, Transformer
    from pyproj.aoi import AreaOfInterest
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType
    from pyproj.exceptions import ProjError

    x, y = place
    listed = query_crs_info("EPSG", [PJType.GEOGRAPHIC_2D_CRS], AreaOfInterest(x, y, x, y))
    named = [info for info in listed if not info.name.startswith(_REALIZATIONS) and not info.deprecated]
    near = [other for other in map(CRS.from_epsg, (info.code for info in named)) if _same_ellipsoid(other, crs)]
    for other in near[:_CANDIDATES]:
        try:
            there = Transformer.from_crs(other, WGS84, always_xy=True).transform(x, y, errcheck=True)
        except ProjError:
            continue
        yield Geod(ellps="WGS84").inv(x, y, *there)[2], other.name


def _same_ellipsoid(one: "CRS", other: "CRS") -> bool:
    return (
        one.ellipsoid is not None
        and other.ellipsoid is not None
        and math.isclose(one.ellipsoid.semi_major_metre, other.ellipsoid.semi_major_metre, abs_tol=0.5)
        and math.isclose(one.ellipsoid.inverse_flattening, other.ellipsoid.inverse_flattening, abs_tol=1e-4)
    )
