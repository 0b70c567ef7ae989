"""GeoJSON, strict or not, against shapely's own reader."""

import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.errors import AreaError
from services.formats import FileLimits, outline_from_text, outline_of
from services.formats.geojson import MAX_FEATURES, read_geojson
from tests.services.shapes import Ring, geojson, outlines

RING = [[24, 60], [25, 60], [25, 61], [24, 60]]
POLYGON: dict[str, Any] = {"type": "Polygon", "coordinates": [RING]}
TRIANGLE = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 60.0))


def feature(geometry: object = POLYGON, **properties: object) -> dict[str, Any]:
    """A Feature with its properties."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: object, **members: object) -> dict[str, Any]:
    """A FeatureCollection with further members."""
    return {"type": "FeatureCollection", "features": list(features), **members}


@given(outlines())
def test_multipolygons_are_read_to_the_last_digit(polygons: list[list[Ring]]) -> None:
    text = json.dumps(geojson(polygons))
    outline = read_geojson(text)
    mine = [[list(ring) for ring in rings] for rings in outline.polygons]
    oracle = shapely.from_geojson(text)
    assert mine == [
        [list(ring.coords) for ring in (part.exterior, *part.interiors)] for part in shapely.get_parts([oracle])
    ]


@pytest.mark.parametrize(
    "plain",
    [
        POLYGON,
        feature(),
        collection(feature()),
        {"type": "MultiPolygon", "coordinates": [[RING]]},
        {"type": "GeometryCollection", "geometries": [POLYGON]},
        feature({"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "coordinates": [[RING]]}]}),
        collection(collection(feature())),
        {"type": "Feature", "properties": None, "geometry": POLYGON},
        {"type": "Feature", "geometry": POLYGON},
        POLYGON | {"bbox": "nonsense", "coordinates": ((tuple(map(tuple, RING)),))},
    ],
    ids=lambda plain: plain["type"],
)
def test_polygons_are_found_wherever_they_are(plain: dict[str, Any]) -> None:
    assert outline_of(plain).polygons == ((TRIANGLE,),)
    assert read_geojson(json.dumps(plain)).polygons == ((TRIANGLE,),)


@pytest.mark.parametrize(
    ("plain", "name"),
    [
        (feature(name="Åland"), "Åland"),
        (feature(NAME="Åland", title="no"), "Åland"),
        (feature(name=17, title="Åland"), "Åland"),
        (feature(name="", title=None), ""),
        (collection(feature(name="Åland"), name="layer"), "Åland"),
        (collection(feature(), name="layer"), "layer"),
        (collection(feature(name="one"), feature(name="two"), name="layer"), "layer"),
        (collection(feature(name="one"), feature({"type": "Point", "coordinates": [1, 2]}, name="two")), "one"),
        (feature(name={"a": 1}), ""),
        (feature(name="<script>alert(1)</script>\n"), "<script>alert(1)</script>"),
    ],
)
def test_the_name_is_that_of_the_one_feature_or_of_the_collection(plain: dict[str, Any], name: str) -> None:
    assert outline_of(plain).name == name


def test_what_stands_beside_the_polygons_is_said() -> None:
    outline = outline_of(
        collection(
            feature({"type": "Point", "coordinates": [1, 2]}),
            feature(None),
            feature({"type": "Polygon", "coordinates": [[[*position, 5] for position in RING]]}),
        )
    )
    assert outline.polygons == ((TRIANGLE,),)
    assert outline.notes == (
        "Only polygons are used; left out: a Point and an empty Feature.",
        "Heights were left out.",
    )
    assert outline.features == 1


def crs(name: object, kind: object = "name") -> dict[str, Any]:
    """A polygon with the member of GeoJSON 2008."""
    return POLYGON | {"crs": {"type": kind, "properties": {"name": name}}}


@pytest.mark.parametrize(
    ("name", "epsg"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("urn:ogc:def:crs:OGC::CRS84", 4326),
        ("CRS84", 4326),
        ("EPSG:3067", 3067),
        ("urn:ogc:def:crs:EPSG::3067", 3067),
        ("urn:ogc:def:crs:EPSG:6.9:32635", 32635),
        ("http://www.opengis.net/def/crs/EPSG/0/3067", 3067),
        ("http://www.opengis.net/gml/srs/epsg.xml#3067", 3067),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326),
        ("https://www.opengis.net/def/crs/OGC/0/CRS84h", 4326),
        ("CRS:84", 4326),
    ],
)
def test_a_coordinate_system_is_known_by_its_name(name: str, epsg: int) -> None:
    outline = outline_of(crs(name))
    assert (outline.epsg, outline.notes) == (epsg, ())


@pytest.mark.parametrize("code", [3067, "3067", " 3067 "])
def test_a_coordinate_system_may_be_a_code_of_epsg(code: object) -> None:
    assert outline_of(POLYGON | {"crs": {"type": "EPSG", "properties": {"code": code}}}).epsg == 3067


@pytest.mark.parametrize("nothing", [None, {}])
def test_an_empty_coordinate_system_is_none(nothing: object) -> None:
    outline = outline_of(POLYGON | {"crs": nothing})
    assert (outline.epsg, outline.notes) == (4326, ())


@pytest.mark.parametrize("plain", [feature(crs("EPSG:3067")), feature(POLYGON) | {"crs": crs("EPSG:3067")["crs"]}])
def test_a_coordinate_system_inside_of_a_feature_or_geometry_counts(plain: dict[str, Any]) -> None:
    assert outline_of(plain).epsg == 3067
    assert outline_of({"type": "FeatureCollection", "features": [plain, plain]}).epsg == 3067


def test_two_coordinate_systems_are_refused_by_name() -> None:
    with pytest.raises(AreaError, match=r"several coordinate systems \(crs\): EPSG:3067 and EPSG:3857"):
        outline_of({"type": "FeatureCollection", "features": [feature(crs("EPSG:3067")), feature(crs("EPSG:3857"))]})


def test_the_horizontal_part_of_a_system_with_heights_is_used_and_that_is_said() -> None:
    outline = outline_of(crs("urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::5783"))
    assert outline.epsg == 25832
    assert outline.notes == ("The coordinate system has heights: only its horizontal part counts.",)


@pytest.mark.parametrize(
    ("coordinates", "note"),
    [
        ([[RING], [[]]], "an empty polygon"),
        ([[RING], []], "an empty polygon"),
        ([[RING, []]], "an empty ring"),
        ([[RING, [], []], [[], RING]], "2 empty rings and an empty polygon"),
    ],
)
def test_empty_rings_among_good_ones_are_left_out_and_that_is_said(coordinates: list[Any], note: str) -> None:
    outline = outline_of({"type": "MultiPolygon", "coordinates": coordinates})
    assert outline.polygons == ((TRIANGLE,),)
    assert outline.notes == (f"Only polygons are used; left out: {note}.",)


def test_nothing_but_empty_rings_is_no_polygon() -> None:
    with pytest.raises(AreaError, match="holds no polygon: it is an empty polygon"):
        outline_of({"type": "Polygon", "coordinates": [[]]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"type": "Topology", "objects": {}}', "TopoJSON"),
        ('{"rings": [[[24, 60], [25, 60], [25, 61]]], "spatialReference": {"wkid": 4326}}', "Esri JSON"),
        ('{"geometryType": "esriGeometryPolygon", "features": []}', "Esri JSON"),
        (f"{json.dumps(POLYGON)}\n{json.dumps(POLYGON)}\n", "a sequence of GeoJSON objects"),
        (f"\x1e{json.dumps(POLYGON)}\n\x1e{json.dumps(POLYGON)}\n", "a sequence of GeoJSON objects"),
        ('<?xml version="1.0"?><wfs:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2"/>', "GML"),
    ],
)
def test_cousins_of_the_format_are_refused_by_name_with_what_to_do(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        outline_from_text(text, FileLimits())
    assert "GeoJSON" in raised.value.remedy or "FeatureCollection" in raised.value.remedy


def test_where_the_name_means_latitude_first_the_order_taken_is_said() -> None:
    outline = outline_of(crs("urn:ogc:def:crs:EPSG::4326"))
    assert outline.epsg == 4326
    assert "longitude first" in outline.notes[0]


@pytest.mark.parametrize(
    "plain",
    [
        crs("http://localhost/secret", "link"),
        crs("http://localhost/secret", "URL"),
        crs("http://localhost/secret"),
        crs("EPSG:"),
        crs("EPSG:4326\nEPSG:3067"),
        crs(None),
        crs("EPSG:3067", 5),
        POLYGON | {"crs": "EPSG:3067"},
        POLYGON | {"crs": []},
        POLYGON | {"crs": {"type": "name", "properties": "EPSG:3067"}},
    ],
)
def test_a_coordinate_system_that_is_a_link_or_unknown_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(AreaError, match="coordinate system"):
        outline_of(plain)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read.*line 1"),
        ('{"type": "Polygon",}', "cannot be read"),
        ('{"type": "Polygon"}{"type": "Polygon"}', "a sequence of GeoJSON objects"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("{}", "not GeoJSON"),
        ('{"type": 5}', "not GeoJSON"),
        ('{"type": "Topology"}', "This is TopoJSON"),
        ('{"type": "Polygon"}', "coordinates of a Polygon are null"),
        ('{"type": "Polygon", "coordinates": []}', "empty"),
        ('{"type": "Polygon", "coordinates": 5}', "Polygon are 5"),
        ('{"type": "Polygon", "coordinates": [5]}', "ring are 5"),
        ('{"type": "Polygon", "coordinates": [[5]]}', "5 is not a position"),
        ('{"type": "Polygon", "coordinates": [[[5]]]}', r"\[5\] is not a position"),
        ('{"type": "Polygon", "coordinates": [[[24, "60"]]]}', "'60' is not a finite number"),
        ('{"type": "Polygon", "coordinates": [[[24, null]]]}', "null is not a finite"),
        ('{"type": "Polygon", "coordinates": [[[24, NaN]]]}', "NaN"),
        ('{"type": "Polygon", "coordinates": [[[24, -Infinity]]]}', "-Infinity"),
        ('{"type": "Polygon", "coordinates": [[[24, 1e999]]]}', "1e999"),
        ('{"type": "Polygon", "coordinates": [[[24, 1' + "0" * 5000 + "]]]}", "1000"),
        ('{"type": "FeatureCollection"}', "features of the FeatureCollection are null"),
        ('{"type": "FeatureCollection", "features": {}}', "features"),
        ('{"type": "FeatureCollection", "features": [5]}', "not GeoJSON: it is 5"),
        ('{"type": "GeometryCollection", "geometries": null}', "geometries"),
        ('{"type": "Point", "coordinates": [1, 2]}', "it is a Point"),
        (json.dumps(collection(*[feature()] * (MAX_FEATURES + 1))), "1,001 features; at most 1,000"),
        ('{"type": "GeometryCollection", "geometries": [' * 50 + "]}" * 50, "deeper than 8"),
    ],
    ids=lambda text: text[:40],
)
def test_other_texts_are_refused_with_the_cause(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        read_geojson(text)
    assert raised.value.remedy


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["Polygon", "Feature", "name", "x"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "features", "geometry", "geometries"]), inner)
    ),
    max_leaves=20,
)


@given(JSON, st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection", "GeometryCollection"]))
def test_no_json_ends_in_anything_but_polygons_or_a_sentence(inner: object, kind: str) -> None:
    plain = {"type": kind, "coordinates": inner, "geometry": inner, "features": inner, "geometries": inner}
    try:
        read_geojson(json.dumps(plain))
    except AreaError as error:
        assert error.cause
