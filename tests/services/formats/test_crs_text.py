"""Coordinate systems by their texts: codes, heights, datums that nobody knows, and numbers that do not fit."""

import math

import pytest
from pyproj import CRS, Geod, Transformer

from services.errors import AreaError
from services.formats import Outline
from services.formats.crs_text import horizontal, resolve_code, resolve_crs
from services.geo import to_degrees

GERMANY = CRS.from_epsg(31467)
"""A system in metres on the ellipsoid of Bessel, whose datum is DHDN."""
ESRI = GERMANY.to_wkt("WKT1_ESRI")
NAMELESS = ESRI.replace("D_Deutsches_Hauptdreiecksnetz", "unknown").replace("DHDN", "unnamed")
SUSPECTED = r"coordinate system \(crs\) is .* look like degrees: 24.61, 60.21"
VERTICAL = (
    ',VERTCS["NAP",VDATUM["Normaal_Amsterdams_Peil"],PARAMETER["Vertical_Shift",0.0],PARAMETER["Direction",1.0],'
    'UNIT["Meter",1.0]]'
)


def outline(*positions: tuple[float, float]) -> Outline:
    """A polygon of the positions."""
    return Outline(((positions,),))


def around(crs: CRS, longitude: float, latitude: float) -> Outline:
    """A kilometre square at a place, in metres of a system."""
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(longitude, latitude)
    return outline((x, y), (x + 1000, y), (x + 1000, y + 1000), (x, y))


@pytest.mark.parametrize("epsg", [3067, 25832, 2154, 3857, 28992, 4258])
def test_what_another_program_wrote_is_known_by_its_code(epsg: int) -> None:
    for version in ("WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"):
        assert resolve_crs(outline((4e5, 6e6)), CRS.from_epsg(epsg).to_wkt(version)).epsg == epsg, version


@pytest.mark.parametrize(
    "text",
    [
        CRS.from_epsg(28992).to_wkt("WKT1_ESRI") + VERTICAL,
        CRS.from_epsg(7415).to_wkt("WKT1_GDAL"),
        CRS.from_epsg(7415).to_wkt("WKT2_2019"),
        CRS.from_epsg(7415).to_wkt("WKT1_ESRI"),
    ],
)
def test_of_a_compound_system_the_horizontal_part_is_used_and_that_is_said(text: str) -> None:
    found = resolve_crs(outline((120_000, 480_000)), text)
    assert found.epsg == 28992
    (note,) = found.notes
    assert "has heights ('NAP" in note and note.endswith("only its horizontal part counts.")


def test_the_same_by_code_and_for_three_dimensions() -> None:
    assert resolve_code(outline((120_000, 480_000)), 7415).epsg == 28992
    assert resolve_code(outline((24, 60)), 4979).epsg == 4326
    flat, notes = horizontal(CRS.from_epsg(3067))
    assert (flat.to_epsg(), notes) == (3067, ())
    assert resolve_code(outline((24, 60)), 999_999).epsg == 999_999, "it is refused later, with all others"
    found = to_degrees(Outline(around(CRS.from_epsg(28992), 5, 52).polygons, epsg=7415))
    assert found.polygons[0][0][0] == pytest.approx((5, 52), abs=1e-6)
    assert "has heights" in found.notes[0]


def test_an_unknown_datum_is_said_with_what_it_could_be_and_how_far_that_is() -> None:
    found = resolve_crs(around(GERMANY, 10, 50), NAMELESS)
    (note,) = (note for note in found.notes if "datum" in note)
    assert "'Bessel 1841'" in note and "it could be DHDN" in note and "compare the area with the map" in note
    read, meant = found.polygons[0][0][0], (10, 50)
    away = Geod(ellps="WGS84").inv(*read, *meant)[2]
    assert 100 < away < 200
    assert f"up to {away:,.0f} m away" in note


@pytest.mark.parametrize(
    "text",
    [
        ESRI,
        CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=26.3 +datum=WGS84").to_wkt("WKT1_ESRI"),
        CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=9.1 +ellps=bessel +towgs84=598.1,73.7,418.2").to_wkt("WKT1_GDAL"),
        CRS.from_proj4("+proj=laea +lat_0=61 +lon_0=25 +datum=NAD83").to_wkt("WKT2_2019"),
    ],
)
def test_a_datum_that_is_known_or_has_its_shift_is_not_talked_of(text: str) -> None:
    found = resolve_crs(around(CRS.from_wkt(text), 10, 50), text)
    assert not any("datum" in note for note in found.notes)


def test_a_datum_of_a_name_that_nobody_knows_is_not_talked_of_where_all_it_could_be_is_the_same_place() -> None:
    plain = CRS.from_epsg(3067).to_wkt("WKT1_ESRI").replace("D_ETRS_1989", "D_EUREF_OF_TOWN")
    text = plain.replace('"Central_Meridian",27.0', '"Central_Meridian",26.3').replace("ETRS_1989_TM35FIN", "Town")
    found = resolve_crs(around(CRS.from_wkt(text), 26, 62), text)
    assert not any("datum" in note for note in found.notes)


@pytest.mark.parametrize("epsg", [3857, 3067, 25832, 2264])
def test_degrees_that_claim_a_projection_are_told_so(epsg: int) -> None:
    degrees = outline((24.61, 60.21), (24.83, 60.2), (24.86, 60.33))
    with pytest.raises(AreaError, match=SUSPECTED):
        to_degrees(Outline(degrees.polygons, epsg=epsg))
    with pytest.raises(AreaError, match=SUSPECTED):
        resolve_crs(degrees, NAMELESS)


def test_numbers_without_a_place_are_refused() -> None:
    with pytest.raises(AreaError, match="outside of the coordinate system"):
        resolve_crs(outline((1e30, 1e30), (math.pi * 1e30, 1e30), (1e30, 2e30)), NAMELESS)
