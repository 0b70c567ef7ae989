"""UTM zones, against sentinelhub's and pyproj's own answers."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentinelhub.constants import CRS
from sentinelhub.geo_utils import get_utm_crs, transform_point

from services.geo import central_meridian, to_utm, to_wgs84, utm_epsg


@given(longitude=st.floats(-180, 180), latitude=st.floats(-80, 84))
def test_the_zone_contains_its_longitude(longitude: float, latitude: float) -> None:
    epsg = utm_epsg(longitude, latitude)
    away = (longitude - central_meridian(epsg) + 180) % 360 - 180
    assert -3 <= away <= 3 + 1e-9
    assert epsg // 100 == (326 if latitude >= 0 else 327)


@given(longitude=st.floats(-179.9, 179.9), latitude=st.floats(-79, 55))
def test_the_zone_is_sentinelhubs_where_neither_norway_nor_svalbard_is(longitude: float, latitude: float) -> None:
    assert str(utm_epsg(longitude, latitude)) == get_utm_crs(longitude, latitude).value


@pytest.mark.parametrize("epsg", [32601, 32631, 32660, 32701, 32734, 32760])
def test_the_central_meridian_is_that_of_the_register(epsg: int) -> None:
    operation = pyproj.CRS.from_epsg(epsg).to_json_dict()["conversion"]
    parameters = {parameter["name"]: parameter["value"] for parameter in operation["parameters"]}
    assert central_meridian(epsg) == parameters["Longitude of natural origin"]


@pytest.mark.parametrize(
    ("longitude", "latitude", "epsg"),
    [
        (-180.0, 1.0, 32601),
        (180.0, 1.0, 32601),
        (179.999, -1.0, 32760),
        (24.0, 60.0, 32635),
        (23.999999, 60.0, 32634),
        (5.0, 60.5, 32631),  # 32V in MGRS
        (15.0, 78.0, 32633),
        (0.0, 0.0, 32631),
        (-540.0, 1.0, 32601),
    ],
)
def test_zones_are_the_plain_ones(longitude: float, latitude: float, epsg: int) -> None:
    assert utm_epsg(longitude, latitude) == epsg


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
