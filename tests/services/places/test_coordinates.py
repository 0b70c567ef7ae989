"""Coordinates in any usual writing, against the numbers that they were written from."""

import json
import math

import pytest
import utm  # type: ignore[import-untyped] # another implementation, the one of sentinelhub
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.demo.orbits.mgrs import tiles_over
from services.errors import AreaError
from services.geo import to_utm
from services.places import Point, read_point

LATITUDES = st.floats(-79.9, 83.9)
LONGITUDES = st.floats(-179.999, 179.999)


def point(text: str) -> Point:
    found = read_point(text)
    assert found is not None, text
    return found


def parts(value: float) -> tuple[int, int, float]:
    """Degrees, minutes and seconds with four decimals."""
    units = round(abs(value) * 36_000_000)
    degrees, rest = divmod(units, 36_000_000)
    minutes, seconds = divmod(rest, 600_000)
    return degrees, minutes, seconds / 10_000


def written(latitude: float, longitude: float) -> list[str]:
    """The same place in many writings, to a metre or better."""
    ns, ew = "NS"[latitude < 0], "EW"[longitude < 0]
    (d, m, s), (e, n, t) = parts(latitude), parts(longitude)
    decimals = f"{latitude:.6f}", f"{longitude:.6f}"
    plus = "-+"[math.copysign(1, latitude) > 0], "-+"[math.copysign(1, longitude) > 0]
    return [
        f"{decimals[0]}, {decimals[1]}",
        f"({decimals[0]} {decimals[1]})",
        f"{decimals[0]};{decimals[1]}",
        f"{decimals[0].replace('.', ',')} {decimals[1].replace('.', ',')}",
        f"lat: {decimals[0]}, lon: {decimals[1]}",
        f"lng={decimals[1]} lat={decimals[0]}",
        f"{decimals[0]}°, {decimals[1]}°",
        f"{abs(latitude):.6f}° {ns}, {abs(longitude):.6f}° {ew}",
        f"{ew}{abs(longitude):.6f} {ns}{abs(latitude):.6f}",
        f"{abs(latitude):.6f}".replace(".", ",") + f"° {ns} " + f"{abs(longitude):.6f}".replace(".", ",") + f"° {ew}",
        f"{d}°{m}′{s:.4f}″{ns} {e}°{n}′{t:.4f}″{ew}",
        f"{ns} {d}° {m}' {s:.4f}\" {ew} {e}° {n}' {t:.4f}\"",
        f"{ns}{d} {m + s / 60:.5f} {ew}{e} {n + t / 60:.5f}".replace(" 60.00000", " 59.99999"),
        f"geo:{decimals[0]},{decimals[1]};u=35",
        f"{plus[0]}{d:02d}{m:02d}{s:07.4f}{plus[1]}{e:03d}{n:02d}{t:07.4f}/",
        f"{latitude:+010.6f}{longitude:+011.6f}/",
        f"https://www.openstreetmap.org/#map=12/{decimals[0]}/{decimals[1]}",
        f"https://www.openstreetmap.org/?mlat={decimals[0]}&mlon={decimals[1]}#map=5/1/2",
        f"https://www.google.com/maps/@{decimals[0]},{decimals[1]},14z",
        f"https://www.google.com/maps/place/X/@1,2,14z/data=!4m5!3m4!1s0x0:0x0!8m2!3d{decimals[0]}!4d{decimals[1]}",
        f"https://maps.google.com/?q={decimals[0]}%2C{decimals[1]}",
        json.dumps({"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]}),
    ]


@given(LATITUDES, LONGITUDES)
@settings(max_examples=30, deadline=None)
def test_every_writing_comes_back_as_the_place_that_it_was_written_from(latitude: float, longitude: float) -> None:
    for text in written(latitude, longitude):
        found = point(text)
        assert (found.latitude, found.longitude) == pytest.approx((latitude, longitude), abs=2e-6), text
        assert found.note.endswith(".")


@given(LATITUDES, LONGITUDES)
@settings(max_examples=30, deadline=None)
def test_utm_positions_are_where_another_library_has_them(latitude: float, longitude: float) -> None:
    assume(abs(latitude) > 1e-6)
    east, north, zone, band = utm.from_latlon(latitude, longitude)
    hemisphere = "north" if latitude >= 0 else "south"
    for text in (f"{zone}{band} {east:.2f} {north:.2f}", f"UTM {zone} {hemisphere} {east:.2f}mE {north:.2f}mN"):
        found = point(text)
        assert found.latitude == pytest.approx(latitude, abs=1e-6), text
        away = (found.longitude - longitude + 180) % 360 - 180
        assert away * math.cos(math.radians(latitude)) == pytest.approx(0, abs=1e-6), text


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("31UDQ4825111932", 48.8582, 2.2945),  # the Eiffel tower
        ("31U DQ 48251 11932", 48.8582, 2.2945),
        ("18s uj 23394 07396", 38.8977, -77.0365),  # the White House
        ("56HLH3490052288", -33.8568, 151.2153),  # the opera of Sydney
    ],
)
def test_known_places_by_their_mgrs_squares(text: str, latitude: float, longitude: float) -> None:
    found = point(text)
    assert (found.latitude, found.longitude) == pytest.approx((latitude, longitude), abs=3e-4)
    assert "MGRS square of 1 m" in found.note


@given(st.floats(-55, 80), st.floats(-179, 179))
@settings(max_examples=30, deadline=None)
def test_squares_of_100_km_are_where_the_satellites_tiles_have_them(latitude: float, longitude: float) -> None:
    for tile in tiles_over(longitude, latitude, longitude + 0.01, latitude + 0.01):
        found = point(tile.name)
        west, _, _, north = tile.bounds
        x, y = to_utm(tile.epsg, found.longitude, found.latitude)
        assert (x, y) == pytest.approx((west + 50_000, north - 50_000), abs=60), "tiles lie on multiples of 60 m"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("52.37, 4.89", "Read as latitude first: latitude 52.37, longitude 4.89."),
        ("52,37 4,89", "decimal commas"),
        ("52,37", "comma stands between the two"),
        ("139.7, 35.7", "139.7 can be no latitude, so it is read as longitude first"),
        ("56S 334000 6251000", "south: as a band S would not reach there"),
        ("35VLG8471", "middle of the MGRS square of 1 km"),
    ],
)
def test_what_may_be_read_in_two_ways_says_how_it_was_read(text: str, words: str) -> None:
    assert words in point(text).note


@pytest.mark.parametrize(
    ("text", "cause", "remedy"),
    [
        ("100, 200", "The latitude 100 is not between -90 and 90 degrees", "Write latitude, then longitude"),
        ("52, 190", "The longitude 190 is not between", "Write -170 if you mean the same meridian"),
        ("95°N 4°E", "more than 90 degrees", "Write"),
        ("52°61'N 4°E", "61 minutes; there are 60", "Write"),
        ("geo:52.37,4.89;crs=utm", "reference system 'utm'", "wgs84"),
        ("geo:north", "is no geo URI", "geo:52.37,4.89"),
        ("https://maps.app.goo.gl/abc", "has no coordinates in it", "copy the address"),
        ("61V 384000 6671000", "UTM zone 61; there are 60", "35V 384000 6671000"),
        ("35A 384000 6671000", "latitude band A; bands are C to X", "35V"),
        ("35C 384000 6671000", "the band C reaches from -80° to -72°", "Correct the band or the northing"),
        ("35V 84000 6671000", "eastings are 100,000", "35V"),
        ("35VZZ8400071000", "Zone 35 has no square ZZ", "35V"),
        ("35VLG840007100", "has 9 digits", "35V"),
        ('{"type": "Point", "coordinates": ["a", 1]}', "has no coordinates", "longitude, latitude"),
        ('{"type": "Point", "coordinates": [4.89, 152.37]}', "The latitude 152.37", "Write"),
        ("lat 52, lat 4", "two values of one kind", "Write"),
        ("+5261+00400/", "61 minutes", "Write"),
    ],
)
def test_what_is_no_place_on_earth_names_the_value_and_what_to_do(text: str, cause: str, remedy: str) -> None:
    with pytest.raises(AreaError) as raised:
        read_point(text)
    assert cause in raised.value.cause and remedy in raised.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "", "Helsinki", "FI-18", "24.5, 60.3, 25.5, 60.9", "60°18'N 24°30'E, 60°54'N 25°30'E",
        "POLYGON ((1 2, 3 4, 5 6))",
        '{"type": "Polygon", "coordinates": []}', "{", "52.37", "1 2 3", "52.37, 4.89, 7", "Rue 8, 4", "x" * 100_000,
    ],
)  # fmt: skip
def test_other_texts_are_left_to_others(text: str) -> None:
    assert read_point(text) is None


@given(st.text("0123456789 .,;:+-°NSEW'\"{}[]()abcglotuz/?=#@−′", max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_is_answered_with_a_fault(text: str) -> None:
    try:
        found = read_point(text)
    except AreaError as error:
        assert error.cause and error.remedy
    else:
        assert found is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180)


def test_a_feature_gives_the_point_its_name() -> None:
    feature = {"type": "Feature", "properties": {"name": "Weir"}, "geometry": {"type": "Point", "coordinates": [5, 52]}}
    assert point(json.dumps(feature)).title == "Weir"
    assert point(json.dumps({"type": "FeatureCollection", "features": [feature]})).title == "Weir"
    assert point("52.37, 4.89").title == "52.3700° N, 4.8900° E"
