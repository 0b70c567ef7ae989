"""The area of interest, from text, file and drawing."""

import gc
import hashlib
import json
import tracemalloc
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from sentinelhub.constants import CRS as SENTINELHUB
from sentinelhub.geo_utils import get_utm_crs, transform_point
from shapely.geometry import shape

from services.area import AOI, aoi_from_drawing, parse_aoi, read_aoi
from services.errors import AreaError
from services.formats import outline_from_text
from services.geo import to_utm
from services.settings import Settings
from tests.services.shapes import Ring, geojson, outlines

BAD_INPUTS = Path(__file__).resolve().parents[4] / "shared" / "data" / "bad_inputs"
MANIFEST = json.loads((BAD_INPUTS / "manifest.json").read_text()) if BAD_INPUTS.is_dir() else [{"file": "absent"}]
ROOMY = Settings.model_construct(max_area_km2=1e8)
FINLAND = (
    "POLYGON ((23.8 60.1, 25.8 60.2, 26.5 60.4, 26.5 60.9, 26.0 61.3, 23.6 61.3, 23.2 61.2, 23.3 60.6, 23.8 60.1))"
)


def square(longitude: float, latitude: float, size: float) -> dict[str, Any]:
    """A Polygon from its south-western corner."""
    east, north = longitude + size, latitude + size
    ring = [[longitude, latitude], [east, latitude], [east, north], [longitude, north], [longitude, latitude]]
    return {"type": "Polygon", "coordinates": [ring]}


def drawn(*geometries: dict[str, Any]) -> AOI:
    """As Leaflet hands it back."""
    return aoi_from_drawing([{"type": "Feature", "properties": {}, "geometry": one} for one in geometries])


# What an area says of itself


@settings(max_examples=40)
@given(outlines())
def test_the_area_is_that_of_an_equal_area_projection(polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), limits=ROOMY)
    flat = 0.0
    for rings in aoi.polygons:
        part = shapely.segmentize(shapely.Polygon(rings[0], rings[1:]), 0.05)
        longitude, latitude = part.centroid.coords[0]
        plane = CRS.from_proj4(f"+proj=laea +lon_0={longitude} +lat_0={latitude}")
        x, y = Transformer.from_crs(4326, plane, always_xy=True).transform(*shapely.get_coordinates(part).T)
        flat += float(shapely.set_coordinates(part, np.column_stack([x, y])).area)
    assert aoi.area_km2 == pytest.approx(flat / 1e6, rel=0.02)  # edges are geodesics here and parallels there


@given(outlines())
def test_what_lies_in_one_turn_is_as_shapely_says(polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), limits=ROOMY)
    if not aoi.crosses_antimeridian:
        oracle = shape(aoi.to_geojson()["geometry"])
        assert aoi.bounds == oracle.bounds
        assert aoi.centroid == pytest.approx(oracle.centroid.coords[0])
        assert aoi.vertices == shapely.get_num_coordinates(oracle)
    west, south, east, north = aoi.bounds
    longitude, latitude = aoi.centroid
    assert south <= latitude <= north
    assert (longitude - west) % 360 <= (east - west) % 360


@pytest.mark.parametrize(
    ("longitude", "latitude", "epsg"),
    [
        (24.5, 60.5, 32635),
        (-70.2, -33.6, 32719),
        (179.8, -17.0, 32760),
        (-179.9, -17.0, 32701),
        (0.5, -0.6, 32731),
        (5.1, 60.2, 32632),
        (16.0, 78.2, 32633),
    ],
)
def test_the_zone_is_that_of_the_centroid(longitude: float, latitude: float, epsg: int) -> None:
    aoi = parse_aoi(json.dumps(square(longitude, latitude, 0.1)))
    assert aoi.epsg == epsg
    assert get_utm_crs(*aoi.centroid).value == str(epsg)


@settings(max_examples=40)
@given(outlines())
def test_metres_are_sentinelhubs(polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), limits=ROOMY)
    if not aoi.crosses_antimeridian:
        utm = SENTINELHUB(str(aoi.epsg))
        oracle = [
            transform_point((x, y), SENTINELHUB.WGS84, utm) for x, y in shapely.get_coordinates(aoi.geometry).tolist()
        ]
        assert shapely.get_coordinates(aoi.projected(aoi.epsg)) == pytest.approx(np.array(oracle), abs=1e-6)


def test_across_the_180th_meridian_the_bounds_wrap_and_the_metres_are_one_piece() -> None:
    aoi = parse_aoi("179.5, -17, -179.5, -16", name="Taveuni")
    assert aoi.bounds == (179.5, -17.0, -179.5, -16.0)
    assert aoi.crosses_antimeridian
    assert abs(aoi.centroid[0]) == pytest.approx(180)
    there = aoi.projected(aoi.epsg)
    assert there.geom_type == "Polygon"
    assert there.area == pytest.approx(aoi.area_km2 * 1e6, rel=0.01)
    assert len(aoi.to_geojson()["geometry"]["coordinates"]) == 2
    assert "The area crosses the 180th meridian, and is cut in two there." in aoi.notes


def test_parts_on_both_sides_of_the_world_have_the_narrow_bounds() -> None:
    aoi = drawn(square(178, -17, 1), square(-177, -17, 1), square(180.5, -15, 1))
    assert (aoi.bounds[0], aoi.bounds[2]) == (178, -176)
    assert len(aoi.polygons) == 3


def test_the_digest_is_that_of_name_and_polygons() -> None:
    aoi = parse_aoi(FINLAND, name="Southern Finland")
    assert parse_aoi(json.dumps(aoi.to_geojson())).digest == aoi.digest
    assert parse_aoi(FINLAND, name="Northern Finland").digest != aoi.digest
    assert parse_aoi(FINLAND.replace("26.0", "26.1"), name="Southern Finland").digest != aoi.digest
    turned = FINLAND.replace("POLYGON ((23.8 60.1, ", "POLYGON ((").replace("23.8 60.1))", "25.8 60.2))")
    turned = turned.replace("23.3 60.6, ", "23.3 60.6, 23.8 60.1, ")
    assert parse_aoi(turned, name="Southern Finland").digest == aoi.digest  # the same ring from another corner on
    assert aoi.digest == hashlib.sha256(repr((aoi.name, aoi.polygons)).encode()).hexdigest()[:12]
    assert parse_aoi("24.5, 60.3, 25.5, 60.9", name="It's").digest == "0b5d9b98c017"  # links to stored areas rely on it
    assert {aoi: 1}[parse_aoi(FINLAND, name="Southern Finland")] == 1


def test_another_name_changes_nothing_else() -> None:
    aoi = parse_aoi(FINLAND)
    before = (aoi.geometry, aoi.projected(aoi.epsg), aoi.digest)
    named = aoi.called("Elsewhere", ("Said.",))
    fresh = AOI("Elsewhere", aoi.polygons, ("Said.",))
    assert named == fresh
    assert (named.digest, named.outline_digest) == (fresh.digest, aoi.outline_digest)
    assert (named.bounds, named.area_km2, named.epsg) == (fresh.bounds, fresh.area_km2, fresh.epsg)
    assert (named.geometry, named.projected(aoi.epsg)) == before[:2]
    assert aoi.digest == before[2] != named.digest


@settings(max_examples=40)
@given(outlines())
def test_what_is_drawn_has_the_same_corners_and_lines_that_are_straight_in_degrees(polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), limits=ROOMY)
    there = shapely.boundary(aoi.drawn(aoi.epsg))
    assert there.distance(shapely.boundary(aoi.projected(aoi.epsg))) == 0
    for rings in aoi.polygons:
        for (west, south), (east, north) in pairwise(rings[0]):
            if abs(west) == 180 == abs(east):
                continue  # where it was cut
            x, y = to_utm(aoi.epsg, west + 0.37 * (east - west), south + 0.37 * (north - south))
            assert there.distance(shapely.Point(float(x), float(y))) < 0.1


def test_an_outline_of_short_lines_is_drawn_as_it_is_projected() -> None:
    aoi = parse_aoi("24.5, 60.3, 24.51, 60.31")
    assert aoi.drawn(aoi.epsg) is aoi.projected(aoi.epsg)


def test_an_outline_of_endless_lines_is_drawn_in_steps_that_can_be_counted() -> None:
    comb = [(24 + n / 2000, 60 + n % 2) for n in range(8000)]
    aoi = parse_aoi(json.dumps({"type": "Polygon", "coordinates": [[*comb, (28, 59), (24, 59), comb[0]]]}))
    assert shapely.get_num_coordinates(aoi.drawn(aoi.epsg)) < 220_000


def test_the_memory_of_a_large_area_is_about_what_it_says() -> None:
    turns = np.linspace(0, 2 * np.pi, 20_000, endpoint=False).tolist()
    ring = [(25 + np.cos(turn) * (1 + 0.1 * np.sin(97 * turn)), 61 + 0.5 * np.sin(turn)) for turn in turns]
    text = json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    parse_aoi(text)
    gc.collect()
    tracemalloc.start()
    try:
        aoi = parse_aoi(text)
        before = (aoi.digest, aoi.outline_digest, aoi.centroid, aoi.projected(aoi.epsg), aoi.name)
        gc.collect()
        python = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    shapes = 2 * shapely.get_num_coordinates(before[3]) * 16  # of GEOS, which Python does not count
    assert 0.6 < (python + shapes) / aoi.memory_bytes < 1.1


def test_the_projection_to_its_own_zone_is_that_to_any_zone() -> None:
    aoi = parse_aoi(FINLAND)
    x, y = Transformer.from_crs(4326, aoi.epsg, always_xy=True).transform(*np.array(aoi.polygons[0][0]).T)
    assert shapely.get_coordinates(aoi.projected(aoi.epsg)).tolist() == [[*place] for place in zip(x, y, strict=True)]
    there = aoi.projected(aoi.epsg + 1).bounds[0]
    assert there < aoi.projected(aoi.epsg).bounds[0] - 200_000


@settings(max_examples=40)
@given(outlines())
def test_an_area_written_as_geojson_is_read_back_the_same(polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), name="Åland", limits=ROOMY)
    again = parse_aoi(json.dumps(aoi.to_geojson()), limits=ROOMY)
    assert again.name == "Åland"
    assert shapely.normalize(again.geometry).equals_exact(shapely.normalize(aoi.geometry), 1e-9)


# Names and notes


def test_the_name_is_the_given_one_or_the_texts_or_the_files_or_the_places() -> None:
    feature = {"type": "Feature", "properties": {"name": "Åland"}, "geometry": square(20, 60, 0.1)}
    text = json.dumps(feature)
    assert parse_aoi(text, name=" My\narea ").name == "My area"
    assert parse_aoi(text).name == "Åland"
    assert read_aoi(text.encode(), "archipelago.geojson").name == "Åland"
    assert read_aoi(json.dumps(square(20, 60, 0.1)).encode(), "x/archipelago.geojson").name == "archipelago"
    assert parse_aoi("20, -61.01, 20.1, -60.91").name == "Area at 61.0° S, 20.1° E"
    assert drawn(square(-20, 60, 0.1)).name == "Area at 60.0° N, 19.9° W"


def test_an_area_of_west_norway_is_in_one_zone() -> None:
    aoi = parse_aoi("5, 60, 7, 61")
    assert (aoi.epsg, aoi.plain_epsg, aoi.notes) == (32632, 32632, ())
    assert parse_aoi("4.6, 60, 6.2, 61").notes == ()
    assert parse_aoi("2, 60, 6, 61").notes == (
        "The area lies in UTM zones 31 to 32; all of it is gridded in zone 32, EPSG:32632, where its middle is.",
    )


def test_an_area_over_several_zones_says_which_one_is_used() -> None:
    notes = parse_aoi(FINLAND).notes
    assert notes == (
        "The area lies in UTM zones 34 to 35; all of it is gridded in zone 35, EPSG:32635, where its middle is.",
    )
    assert parse_aoi("18, 60, 24, 60.1").notes == ()


def test_what_was_done_to_the_outline_is_said() -> None:
    text = json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": square(24.2, 60, 0.1)},
        {"type": "Feature", "properties": {}, "geometry": square(24.25, 60, 0.1)},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
    ]})  # fmt: skip
    assert parse_aoi(text).notes == (
        "Only polygons are used; left out: a Point.",
        "Polygons overlap; what they share counts once.",
        "2 features were joined to one area.",
    )


def test_a_drawing_some_turns_away_comes_back() -> None:
    aoi = drawn(square(24.2 - 360, 60, 0.1))
    assert aoi.bounds == pytest.approx((24.2, 60, 24.3, 60.1))
    assert "-335.8° is 24.2°" in aoi.notes[0]


# Refusals


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("POINT (24 60)", "holds no polygon: it is a Point"),
        ("LINESTRING (24 60, 25 61)", "LineString"),
        ("POLYGON EMPTY", "empty"),
        ("POLYGON (EMPTY)", "it is an empty polygon"),
        ('{"type": "Polygon", "coordinates": [[]]}', "it is an empty polygon"),
        ("", "empty"),
        ("24, 60, 24, 61", "2 different corners"),
        ("POLYGON ((24 60, 25 60, 26 60, 24 60))", "has no area"),
        ("24, 60, 24.00001, 60.00001", r"0\.622 m²; one pixel has 100 m²"),
        ("0, 40, 20, 60", "3,149,651 km²; at most 500,000 km²"),
        ("POLYGON ((24 60, 25 61, 25 60, 24 61, 24 60))", r"crosses or touches itself at 60\.5° N, 24\.5° E"),
        ("POLYGON ((60 100, 61 100, 61 101, 60 100))", "latitude before longitude"),
        ("386000, 6671000, 386100, 6671100", "metres of a map projection"),
        ("0, 83, 1, 84.5", r"reaches to 84\.5° N"),
        ("0, -80.5, 1, -79", r"reaches to 80\.5° S"),
        ("SRID=999999;POLYGON ((24 60, 25 60, 25 61, 24 60))", "EPSG:999999 is not known"),
    ],
)
def test_an_unusable_area_is_refused_with_the_cause_and_a_remedy(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        parse_aoi(text)
    assert raised.value.remedy.endswith(".")
    assert raised.value.cause.endswith(".")


def test_the_limits_are_those_of_the_settings() -> None:
    small = Settings.model_construct(max_area_km2=10.0, max_vertices=10)
    with pytest.raises(AreaError, match="at most 10 km²"):
        parse_aoi("24, 60, 24.1, 60.1", limits=small)
    ring = [[24 + np.cos(turn) / 99, 60 + np.sin(turn) / 99] for turn in np.linspace(0, 6.2, 11)]
    with pytest.raises(AreaError, match="11 vertices; at most 10"):
        parse_aoi(json.dumps({"type": "Polygon", "coordinates": [ring]}), limits=small)
    with pytest.raises(AreaError, match="11 vertices; at most 10"):
        aoi_from_drawing([{"type": "Polygon", "coordinates": [ring]}], limits=small)


def test_how_far_an_area_may_reach_is_a_setting() -> None:
    aoi = parse_aoi("20, 0, 40, 1")  # its zone's middle is 33° E: 13° of the equator, some 1,450 km, from its edge
    assert aoi.epsg == 32636
    with pytest.raises(AreaError, match=r"1,4\d\d km from the middle of UTM zone 36, where at most 1,000 km") as raised:
        aoi.check_reach(Settings.model_construct(max_reach_km=1000))
    assert "max_reach_km" in raised.value.remedy
    aoi.check_reach()
    wide = parse_aoi("0, 0, 50, 0.01")
    with pytest.raises(AreaError, match="too wide"):
        wide.check_reach()
    wide.check_reach(Settings.model_construct(max_reach_km=4000))


def test_thousands_of_polygons_are_refused_before_they_are_joined() -> None:
    many = [square(24 + k % 100 / 50, 60 + k // 100 / 200, 0.001)["coordinates"] for k in range(10_001)]
    with pytest.raises(AreaError, match="10,001 polygons; at most 10,000"):
        parse_aoi(json.dumps({"type": "MultiPolygon", "coordinates": many}))


def test_a_drawing_of_no_polygon_is_refused() -> None:
    with pytest.raises(AreaError, match="it is a LineString"):
        drawn({"type": "LineString", "coordinates": [[24, 60], [25, 61]]})
    with pytest.raises(AreaError, match="empty"):
        aoi_from_drawing([])


NUMBERS = st.one_of(
    st.floats(-200, 200), st.floats(-1200, 1200), st.sampled_from([-180.0, 180.0, 0.0, 90.0, -90.0, 84.0])
)


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.lists(st.tuples(NUMBERS, st.floats(-91, 91) | NUMBERS), max_size=7), max_size=3), max_size=3),
    st.booleans(),
)
def test_whatever_the_numbers_there_is_a_valid_area_or_a_sentence(coordinates: list[Any], repaired: bool) -> None:
    text = json.dumps({"type": "MultiPolygon", "coordinates": coordinates})
    try:
        with pytest.MonkeyPatch.context() as patch:  # a process for each example would take long
            patch.setattr("services.area.aoi.outline_from_file", lambda *_: outline_from_text(text, ROOMY))
            aoi = read_aoi(b"", "a.json", limits=ROOMY) if repaired else parse_aoi(text, limits=ROOMY)
    except AreaError as error:
        assert error.cause
        assert error.remedy
    else:
        assert aoi.geometry.is_valid
        assert aoi.projected(aoi.epsg).is_valid
        assert aoi.area_km2 > 0


# Files that are broken or hostile


@pytest.mark.timeout(5)
@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: str(entry["file"]))
def test_a_bad_file_ends_as_it_must(shared_data: Path, entry: dict[str, str]) -> None:
    data = (shared_data / "bad_inputs" / entry["file"]).read_bytes()
    try:
        aoi = read_aoi(data, entry["upload_as"])
    except AreaError as error:
        assert entry["expected"] in {"reject", "either"}, f"{entry['why']}: {error}"
        assert error.cause.endswith(".")
        assert error.remedy.endswith(".")
        assert len(str(error)) < 300
        assert not any(unicodedata.category(character) in {"Cc", "Cf"} for character in str(error))
    else:
        assert entry["expected"] in {"accept", "either"}, entry["why"]
        assert aoi.geometry.is_valid
        assert 0.4 < aoi.area_km2 < 125
        assert (aoi.bounds[2] - aoi.bounds[0]) % 360 < 1
        assert not any(unicodedata.category(character) in {"Cc", "Cf"} for character in aoi.name)
        assert "/" not in aoi.name or "beacon" in aoi.name  # a path is a name's last part; markup stays a word


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("61_bowtie.geojson", "repaired"),
        ("65_mixed_types.geojson", "left out: a Point"),
        ("67_unclosed_ring.geojson", "closed"),
        ("70_hole_outside_shell.geojson", "repaired"),
        ("71_z_coordinates.geojson", "Heights"),
        ("72_antimeridian.geojson", "cut in two"),
        ("78_named_crs_3067.geojson", "EPSG:3067"),
        ("81_multi_utm_zone.geojson", "UTM zones 34 to 35"),
        ("84_overlapping_multipolygon.geojson", "counts once"),
    ],
)
def test_what_was_mended_in_a_file_is_said(shared_data: Path, file: str, words: str) -> None:
    notes = read_aoi((shared_data / "bad_inputs" / file).read_bytes(), file).notes
    assert any(words in note for note in notes), notes
