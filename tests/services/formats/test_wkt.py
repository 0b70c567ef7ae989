"""Well-known text, against shapely's own writer and reader."""

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from services.errors import AreaError
from services.formats import Outline
from services.formats.wkt import looks_like_wkt, read_wkt
from tests.services.shapes import Ring, outlines

TRIANGLE = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 60.0))
WRITTEN = "24 60, 25 60, 25 61, 24 60"


def as_shapely_reads(text: str) -> list[list[list[tuple[float, float]]]]:
    """The rings of the polygons in a text, by GEOS."""
    shape = shapely.force_2d(shapely.from_wkt(text))
    polygons = [part for part in shapely.get_parts([shape]).tolist() if isinstance(part, Polygon)]
    return [[list(ring.coords) for ring in (part.exterior, *part.interiors)] for part in polygons]


def positions(outline: Outline) -> list[list[list[tuple[float, float]]]]:
    """As nested lists."""
    return [[list(ring) for ring in rings] for rings in outline.polygons]


@given(polygons=outlines(), heights=st.booleans())
def test_what_shapely_writes_is_read_as_shapely_reads_it(polygons: list[list[Ring]], heights: bool) -> None:
    shape: Any = MultiPolygon([Polygon(rings[0], rings[1:]) for rings in polygons])
    text = shapely.to_wkt(shapely.force_3d(shape, 7.5) if heights else shape, rounding_precision=17)
    outline = read_wkt(text)
    assert positions(outline) == as_shapely_reads(text)
    assert outline.notes == (("Heights were left out.",) if heights else ())


@given(polygons=outlines())
def test_collections_give_their_polygons_and_name_the_rest(polygons: list[list[Ring]]) -> None:
    parts: list[Any] = [Polygon(rings[0], rings[1:]) for rings in polygons]
    shape = shapely.GeometryCollection([Point(1, 2), *parts, LineString([(0, 0), (1, 1)])])
    text = shapely.to_wkt(shape, rounding_precision=17)
    outline = read_wkt(text)
    assert positions(outline) == as_shapely_reads(text)
    assert outline.notes == ("Only polygons are used; left out: a Point and a LineString.",)


@pytest.mark.parametrize(
    "text",
    [
        f"POLYGON (({WRITTEN}))",
        f"polygon(({WRITTEN}))",
        f"POLYGON Z (({WRITTEN.replace(',', ' 3,')} 3))",
        f"POLYGONZM (({WRITTEN.replace(',', ' 3 4,')} 3 4))",
        f"POLYGON M (({WRITTEN.replace(',', ' 3,')} 3))",
        f"  MULTIPOLYGON\n(((\t{WRITTEN})))  ;",
        f"GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POLYGON (({WRITTEN}))), POLYGON EMPTY)",
        "POLYGON ((+2.4E1 60., 25 .6e2, 25 61, 24 60))",
    ],
)
def test_the_ways_to_write_a_triangle_are_all_read(text: str) -> None:
    assert read_wkt(text).polygons == ((TRIANGLE,),)


def test_a_coordinate_system_before_the_text_is_kept() -> None:
    assert read_wkt(f"SRID=3067;POLYGON (({WRITTEN}))").epsg == 3067
    assert read_wkt(f"srid = 0 ; POLYGON (({WRITTEN}))").epsg == 4326


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("POINT (24 60)", "no polygon: it is a Point"),
        ("MULTIPOINT ((1 2), (3 4))", "no polygon: it is a MultiPoint"),
        ("CIRCULARSTRING (0 0, 1 1, 2 0)", "CircularString"),
        ("POLYGON EMPTY", "empty"),
        ("GEOMETRYCOLLECTION EMPTY", "empty"),
        ("POLYGO ((1 2))", "'POLYGO' is no type"),
        ("POLYGON ((24 60, 25 60", "ends too early"),
        ("POLYGON", "ends too early"),
        (f"POLYGON (({WRITTEN})) POINT (1 2)", "'POINT' near character"),
        ("POLYGON ((24 60, 25, 25 61, 24 60))", "unexpected ',' near"),
        ("POLYGON ((24 60 1 2 3, 25 60, 25 61))", "unexpected '3'"),
        ("POLYGON ((24 sixty, 25 60))", "unexpected 'sixty'"),
        ("POLYGON ((24 60; 25 60))", "unexpected ';'"),
        ("POLYGON ((24 60, 25 1e999, 25 61))", "1e999 is not a finite number"),
        ("POLYGON ((24 60, 25 NaN, 25 61))", "NaN is not a finite number"),
        ("GEOMETRYCOLLECTION (" * 100_000, "deeper than 8"),
        ("POLYGON " + "(" * 100_000, "unexpected '\\('"),
        ("SRID=4326;", "ends too early"),
    ],
)
def test_other_texts_are_refused_with_the_cause(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        read_wkt(text)
    assert raised.value.remedy


@given(st.text(alphabet="POLYGN MUTI(),0123456789.-eEZ;=SRD\n", max_size=80))
def test_no_text_ends_in_anything_but_polygons_or_a_sentence(text: str) -> None:
    try:
        read_wkt(text)
    except AreaError as error:
        assert error.cause


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("POLYGON ((1 2", True),
        ("MULTIPOLYGON Z (((", True),
        ("POLYGON EMPTY", True),
        ("SRID=4326;POLYGON", True),
        ("Helsinki", False),
        ("24, 60, 25, 61", False),
        ('{"type": 1}', False),
        ("west (24)", True),
    ],
)
def test_a_text_is_taken_for_wkt_by_its_word_and_bracket(text: str, answer: bool) -> None:
    assert looks_like_wkt(text) is answer
