"""Bytes and texts of unknown kind."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import AreaError
from services.formats import outline_from_text, stem_of, suffix_of
from services.formats.text import decoded
from services.settings import Settings

LIMITS = Settings.model_construct()
SMALL = Settings.model_construct(max_upload_mb=1, max_vertices=1_000)
BOX = ((24.0, 60.0), (25.0, 60.0), (25.0, 61.0), (24.0, 61.0), (24.0, 60.0))
POLYGON = '{"type": "Polygon", "coordinates": [[[24, 60], [25, 60], [25, 61], [24, 61], [24, 60]]]}'


@pytest.mark.parametrize(
    "text",
    [
        "24, 60, 25, 61",
        "24 60 25 61",
        "24;60;25;61",
        " [24.0, 60.0, 25.0, 61.0]\n",
        "(24,60,25,61)",
        "+24, 6e1, 25., 61",
        POLYGON,
        f"\ufeff  {POLYGON}",
        "POLYGON ((24 60, 25 60, 25 61, 24 61, 24 60))",
        "SRID=4326;POLYGON ((24 60, 25 60, 25 61, 24 61, 24 60))",
    ],
)
def test_the_ways_to_write_a_box_are_all_read(text: str) -> None:
    assert outline_from_text(text, LIMITS).polygons == ((BOX,),)


def test_a_typographic_minus_is_a_minus() -> None:
    assert outline_from_text("−25, −61, −24, −60", LIMITS).polygons[0][0][0] == (-25.0, -61.0)


def test_a_box_may_cross_the_180th_meridian() -> None:
    ring = outline_from_text("179, -17, -179, -16", LIMITS).polygons[0][0]
    assert {x for x, _ in ring} == {179.0, -179.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n\ufeff ", "empty"),
        ("\ufeff", "empty"),
        ("Helsinki", "'Helsinki' is no area"),
        ("<kml><Placemark/></kml>", "XML"),
        ("24, 60, 25", "3 numbers; a box has 4"),
        ("24", "one number; a box has 4"),
        ("23,5, 60,1, 24,5, 61,2", "point in decimals"),
        ("24, 60, 25, north", "'north' is not a number"),
        ("24, 60, 25, 1e999", "Infinity is not a finite number"),
        ("24, 6_0, 25, 61", "not a number"),
        ("24, 61, 25, 60", "The south, 61, is north of the north, 60"),
        ("-100, 0, 100, 1", "no box of less than half the Earth"),
        ("500, 60, 400, 61", "no box"),
        ("[[24, 60], [25, 60], [25, 61]]", "bare list of coordinates"),
        ("24, 60,\0 25, 61", "NUL"),
        ("nan, 60, 25, 61", "no area"),
        ("1 " * 500, "is no area"),
    ],
)
def test_other_texts_are_refused_with_the_cause(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        outline_from_text(text, LIMITS)
    assert raised.value.remedy


@given(st.text(max_size=60) | st.text(alphabet="0123456789,; .-+eE[]()", max_size=60))
def test_no_text_ends_in_anything_but_an_outline_or_a_sentence(text: str) -> None:
    try:
        assert outline_from_text(text, LIMITS).polygons
    except AreaError as error:
        assert error.cause


def test_what_is_larger_than_the_limits_is_refused_before_it_is_read() -> None:
    many = json.dumps({"type": "MultiPolygon", "coordinates": [[]] * 250_000})
    with pytest.raises(AreaError, match=r"500,00. values: more than an area of 1,000 vertices"):
        outline_from_text(many, SMALL)
    with pytest.raises(AreaError, match=r"1\.1 MB"):
        outline_from_text("POLYGON" + " " * 1_100_000 + "((24 60))", SMALL)


def test_text_is_utf_8_with_or_without_its_mark() -> None:
    assert decoded("é".encode()) == "é"
    assert decoded(b"\xef\xbb\xbf" + "é".encode()) == "é"


@pytest.mark.parametrize(
    ("data", "words"), [(b"\xff\xfe{\0", "it is UTF-16"), ("é".encode("latin-1"), "byte 0 is 0xe9")]
)
def test_other_encodings_are_refused_with_the_cause(data: bytes, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        decoded(data)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("name", "stem", "suffix"),
    [
        ("Southern Finland.geojson", "Southern Finland", ".geojson"),
        ("../../etc/passwd.JSON", "passwd", ".json"),
        ("C:\\Users\\me\\aoi.v2.wkt", "aoi.v2", ".wkt"),
        (".geojson", "", ".geojson"),
        ("aoi", "aoi", ""),
        ("a\nb\0.json", "a b", ".json"),
    ],
)
def test_a_file_name_only_gives_a_name_and_a_kind(name: str, stem: str, suffix: str) -> None:
    assert (stem_of(name), suffix_of(name)) == (stem, suffix)
