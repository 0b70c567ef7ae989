"""UTM zones, against sentinelhub's and pyproj's own answers."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentinelhub.constants import CRS
from sentinelhub.geo_utils import transform_point

from services.geo import central_meridian, plain_epsg, to_utm, to_wgs84, utm_epsg


@given(longitude=st.floats(-180, 180), latitude=st.floats(-80, 84))
def test_the_plain_zone_contains_its_longitude(longitude: float, latitude: float) -> None:
    epsg = plain_epsg(longitude, latitude)
    away = (longitude - central_meridian(epsg) + 180) % 360 - 180
    assert -3 <= away <= 3 + 1e-9
    assert epsg // 100 == (326 if latitude >= 0 else 327)


@given(
    longitude=st.floats(-179.9, 179.9) | st.sampled_from([0, 2.9, 3, 6, 9, 11.9, 12, 20.9, 21, 32.9, 33, 41.9, 42]),
    latitude=st.floats(-79, 83.9) | st.sampled_from([55.9, 56, 60, 63.9, 64, 71.9, 72, 78]),
)
def test_the_zone_is_sentinelhubs_also_in_norway_and_svalbard(longitude: float, latitude: float) -> None:
    assert str(utm_epsg(longitude, latitude)) == CRS.get_utm_from_wgs84(longitude, latitude).value


@given(longitude=st.floats(-179.9, 179.9), latitude=st.floats(-79, 55))
def test_the_plain_zone_is_the_same_where_neither_norway_nor_svalbard_is(longitude: float, latitude: float) -> None:
    assert plain_epsg(longitude, latitude) == utm_epsg(longitude, latitude)


@pytest.mark.parametrize("epsg", [32601, 32631, 32660, 32701, 32734, 32760])
def test_the_central_meridian_is_that_of_the_register(epsg: int) -> None:
    operation = pyproj.CRS.from_epsg(epsg).to_json_dict()["conversion"]
    parameters = {parameter["name"]: parameter["value"] for parameter in operation["parameters"]}
    assert central_meridian(epsg) == parameters["Longitude of natural origin"]


@pytest.mark.parametrize(
    ("longitude", "latitude", "epsg", "plain"),
    [
        (-180.0, 1.0, 32601, 32601),
        (180.0, 1.0, 32601, 32601),
        (179.999, -1.0, 32760, 32760),
        (24.0, 60.0, 32635, 32635),
        (23.999999, 60.0, 32634, 32634),
        (5.0, 60.5, 32632, 32631),  # 32V
        (365.0, 60.5, 32632, 32631),
        (15.0, 78.0, 32633, 32633),
        (7.0, 78.0, 32631, 32632),  # 31X
        (11.0, 78.0, 32633, 32632),  # 33X
        (30.0, 78.0, 32635, 32636),  # 35X
        (41.0, 78.0, 32637, 32637),
        (5.0, -60.5, 32731, 32731),
        (0.0, 0.0, 32631, 32631),
        (-540.0, 1.0, 32601, 32601),
    ],
)
def test_zones_have_their_exceptions_and_plain_ones_have_none(
    longitude: float, latitude: float, epsg: int, plain: int
) -> None:
    assert (utm_epsg(longitude, latitude), plain_epsg(longitude, latitude)) == (epsg, plain)


@given(longitude=st.floats(23, 28), latitude=st.floats(-79, 83))
def test_metres_are_those_of_the_projection(longitude: float, latitude: float) -> None:
    x, y = to_utm(32635, longitude, latitude)
    oracle = pyproj.Proj(proj="utm", zone=35, ellps="WGS84")(longitude, latitude)
    assert (float(x), float(y)) == pytest.approx(oracle, abs=1e-6)
    if latitude > 0:
        degrees = (longitude, latitude)
        assert (float(x), float(y)) == pytest.approx(transform_point(degrees, CRS.WGS84, CRS("32635")), abs=1e-6)


@pytest.mark.parametrize(("epsg", "longitude"), [(32660, 180.4), (32601, -180.4), (32635, 24.5)])
def test_degrees_go_on_beyond_the_180th_meridian(epsg: int, longitude: float) -> None:
    x, y = to_utm(epsg, np.array([longitude]), np.array([-16.5]))
    back, latitude = to_wgs84(epsg, x, y)
    assert back == pytest.approx(longitude)
    assert latitude == pytest.approx(-16.5)
