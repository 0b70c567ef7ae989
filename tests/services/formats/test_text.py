"""Corners in degrees, minutes and seconds."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.area import parse_aoi
from services.errors import AreaError
from services.formats import outline_from_text
from services.formats.text import looks_like_dms, read_dms
from services.settings import Settings

BOX = ((24.5, 60.3), (25.5, 60.3), (25.5, 60.9), (24.5, 60.9), (24.5, 60.3))


@pytest.mark.parametrize(
    "text",
    [
        "60°18'00\"N 24°30'00\"E, 60°54'N 25°30'E",
        "60 18 0 N, 24 30 0 E; 60 54 0 N, 25 30 0 E",
        "N60°18.0' E24°30.0' N60°54' E25°30'",
        "n 60 18.0, e 24 30.0, n 60 54, e 25 30",
        "60°18′00″ N 24°30′00″ E\n60°54′ N 25°30′ E",
        "60º18’00”N / 24º30’00”E / 60º54’N / 25º30’E",
        "60° 18' 0'' N 24° 30' 0'' E 60° 54' N 25° 30' E",
        "60 deg 18' 0.00\" N, 24 deg 30' 0.00\" E; 60 deg 54' N, 25 deg 30' E",
        "24.5°E 60.3°N, 25.5°E 60.9°N",
        "24.5E60.3N 25.5E60.9N",
        "60.9 N 24.5 E - 60.3 N 25.5 E",
        "25.5E 60.9N 24.5E 60.3N",
        "60-18-00N 024-30-00E; 60:54:00N 025:30:00E",
        "(60.3 N, 24.5 E), (60.9 N, 25.5 E)",
        "Lat: 60.3° N, Lon: 24.5° E; Latitude 60.9° N, Longitude 25.5° E",
    ],
)
def test_two_corners_are_a_box_in_every_way_to_write_them(text: str) -> None:
    (ring,) = outline_from_text(text, Settings.model_construct()).polygons[0]
    assert [(round(x, 9), round(y, 9)) for x, y in ring] == list(BOX)


def test_three_corners_and_more_are_a_polygon_in_their_order() -> None:
    (ring,) = read_dms("60N 24E, 60N 25E, 61°30'N 25°E, 61N 24E").polygons[0]
    assert list(ring) == [(24, 60), (25, 60), (25, 61.5), (24, 61), (24, 60)]
    assert read_dms("60N 24E, 60N 25E, 61N 25E, 60N 24E").polygons[0] == (((24, 60), (25, 60), (25, 61), (24, 60)),)


def test_south_and_west_are_negative() -> None:
    (ring,) = read_dms("17°30'S 70°15'W, 17°S 70°W").polygons[0]
    assert list(ring) == [(-70.25, -17.5), (-70, -17.5), (-70, -17), (-70.25, -17), (-70.25, -17.5)]


@pytest.mark.parametrize("text", ["179°E 17°S, 179°W 16°S", "179°W 16°S, 179°E 17°S"])
def test_a_box_goes_the_short_way_across_the_180th_meridian(text: str) -> None:
    aoi = parse_aoi(text)
    assert list(aoi.bounds) == [179, -17, -179, -16]
    assert aoi.bounds == parse_aoi("179, -17, -179, -16").bounds
    assert aoi.area_km2 == pytest.approx(parse_aoi("0, -17, 2, -16").area_km2, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("60°18'N 24°30'E", "one point"),
        ("60,5°N 24,5°E, 61°N 25°E", "comma in '60,5'"),
        ("60 18,5 N 24 30 E", "comma in '18,5'"),
        ("60°60'N 24°E, 61°N 25°E", "60 minutes"),
        ("60°18'75.5\"N 24°E, 61°N 25°E", "75.5 seconds"),
        ("90°30'N 24°E, 61°N 25°E", r"latitude .*90°30'.* more than 90"),
        ("60°N 180°00'01\"E, 61°N 25°E", "longitude .* more than 180"),
        ("60°18', 24°30'E", '"60°18\'" has no letter'),
        ("60 18 0, 24 30 0 E; 60 54 0 N, 25 30 0 E", "'60 18 0' has no letter"),
        ("N60 18 0, 24 30 0; N60 54 0, E25 30 0", "'24 30 0' has no letter"),
        ("24.5°, 60.3°, 25.5°, 60.9°", "'24.5°' has no letter"),
        ("60°N 24°E, 61°N", "'61° N' has no partner: the text has 3"),
        ("60°N 61°N 24°E 25°E", "two latitudes"),
        ("24°E 25°E 60°N 61°N", "two longitudes"),
        ("-60°N 24°E, 61°N 25°E", "a sign and the letter N"),
        ("60°N 24°O, 61°N 25°O", "letter O"),
        ("60.5°18'N 24°E, 61°N 25°E", "decimals is not the last"),
        ("18'N 24°E, 61°N 25°E", "mark"),
        ("60°18''N 24°E, 61°N 25°E", "mark"),
        ("60°°N 24°E, 61°N 25°E", "mark"),
        ("60 18 0 5 N 24 E, 61 N 25 E", "more than degrees, minutes and seconds"),
        ("60°N 24°E to 61°N 25°E", "'to' is no part"),
        ("60° с.ш. 24° в.д.", "'с.ш.' is no part"),
        ("N N60 E24", "no number between them"),
        ("60N 24E N", "'N' has no number before it"),
        ("N60 E24 N", "'N' has no number behind it"),
        ("60°N 24°E, 61°N 24°E", "same longitude"),
        ("60°N 24°E, 60°N 25°E", "same latitude"),
        ("0°N 0°E, 1°N 180°E", "no box of less than half the Earth"),
        ("9" * 400 + "°N 24°E", "more than 90"),
    ],
)
def test_what_is_wrong_is_named_with_the_remedy(text: str, words: str) -> None:
    with pytest.raises(AreaError, match=words) as raised:
        outline_from_text(text, Settings.model_construct())
    assert raised.value.remedy


@pytest.mark.parametrize(
    "text", ["24, 60, 25, 61", "+24, 6e1, 25., 61", "2.4E1 6.0E1 2.5E1 6.1E1", "nan, 60, 25, 61", "Helsinki", ""]
)
def test_other_texts_are_left_to_other_readers(text: str) -> None:
    assert not looks_like_dms(text)


MILLISECONDS = 3_600_000
STYLES = ("marks", "primes", "spaces", "minutes", "degrees", "hyphens")


def written(milliseconds: int, letters: str, style: str, *, leads: bool) -> str:
    """A coordinate as people write it, from whole thousandths of a second of arc: exact, and not by our code."""
    letter = letters[milliseconds < 0]
    degrees, rest = divmod(abs(milliseconds), MILLISECONDS)
    minutes, seconds = divmod(rest, 60_000)
    second = f"{seconds // 1000}.{seconds % 1000:03}"
    numbers = {
        "marks": f"{degrees}°{minutes}'{second}\"",
        "primes": f"{degrees}° {minutes:02}′ {second}″",
        "spaces": f"{degrees} {minutes} {second}",
        "minutes": f"{degrees}°{float(Fraction(rest, 60_000)):.9f}'",
        "degrees": f"{float(Fraction(abs(milliseconds), MILLISECONDS)):.12f}°",
        "hyphens": f"{degrees:03}-{minutes:02}-{second}",
    }[style]
    return f"{letter}{numbers}" if leads else f"{numbers}{letter}"


@given(
    st.lists(
        st.tuples(
            st.integers(-90 * MILLISECONDS, 90 * MILLISECONDS), st.integers(-180 * MILLISECONDS, 180 * MILLISECONDS)
        ),
        min_size=3,
        max_size=6,
    ),
    st.sampled_from(STYLES),
    st.booleans(),
    st.booleans(),
    st.sampled_from([", ", "; ", "\n", " ", " / "]),
)
def test_what_is_written_is_what_is_read(
    corners: list[tuple[int, int]], style: str, leads: bool, swapped: bool, between: str
) -> None:
    words = []
    for latitude, longitude in corners:
        pair = [written(latitude, "NS", style, leads=leads), written(longitude, "EW", style, leads=leads)]
        words += pair[::-1] if swapped else pair
    (ring,) = read_dms(between.join(words)).polygons[0]
    assert len(ring) == len(corners) + (corners[0] != corners[-1])
    for (x, y), (latitude, longitude) in zip(ring, corners, strict=False):
        assert abs(Fraction(x) - Fraction(longitude, MILLISECONDS)) < Fraction(1, 10**9)
        assert abs(Fraction(y) - Fraction(latitude, MILLISECONDS)) < Fraction(1, 10**9)


@given(st.text(alphabet="0123456789.,;/ -+°'\"′″NSEWOnsewdeg\n()", max_size=60))
def test_no_such_text_ends_in_anything_but_an_outline_or_a_sentence(text: str) -> None:
    try:
        assert len(read_dms(text).polygons) == 1
    except AreaError as error:
        assert error.cause


@pytest.mark.parametrize(
    "text",
    ["x N" + " " * 99_000 + "x", "1" * 90_000 + ",x N", "60 N" + "\n" * 90_000 + "x", "1N " * 30_000, "1N " * 90_000],
)
def test_a_text_that_goes_on_and_on_takes_no_time(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(AreaError):
        parse_aoi(text)
    assert time.process_time() - begun < 5, "what grows with the square of the length takes minutes"
