"""Where and how large."""

from typing import Any

import pytest

from services.demo.protocol.payload import ApiError, JsonObject
from services.demo.protocol.request import Bounds, read_bounds

UTM = "http://www.opengis.net/def/crs/EPSG/0/32635"
PATCH = [360000, 6720000, 363300, 6723300]


def read(bounds: dict[str, Any], output: dict[str, Any] | None = None) -> Bounds:
    return read_bounds(JsonObject(bounds, "input->bounds"), JsonObject(output or {}, "output"))


def patch(**output: Any) -> Bounds:
    return read({"bbox": PATCH, "properties": {"crs": UTM}}, output)


def test_the_size_is_given_or_calculated_or_256() -> None:
    assert patch(width=330, height=165).window.height == 165
    assert (patch(resx=10, resy=20).window.width, patch(resx=10, resy=20).window.height) == (330, 165)
    assert (patch().window.width, patch().window.height) == (256, 256)


@pytest.mark.parametrize(
    ("crs", "epsg", "bbox"),
    [
        (None, 4326, [25, 60, 25.1, 60.1]),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, [25, 60, 25.1, 60.1]),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", 4326, [25, 60, 25.1, 60.1]),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", 3857, [2.8e6, 8.4e6, 2.81e6, 8.41e6]),
        (UTM, 32635, PATCH),
        ("http://www.opengis.net/def/crs/EPSG/0/32736", 32736, [500000, 7500000, 510000, 7510000]),
    ],
)
def test_these_reference_systems_are_known(crs: str | None, epsg: int, bbox: list[float]) -> None:
    bounds: dict[str, Any] = {"bbox": bbox}
    if crs:
        bounds["properties"] = {"crs": crs}
    found = read(bounds)
    assert found.window.epsg == epsg
    assert found.area.area > 0


def test_the_area_across_the_180th_meridian_has_two_parts() -> None:
    crs = "http://www.opengis.net/def/crs/EPSG/0/32760"
    area = read({"bbox": [810000, 8110000, 840000, 8140000], "properties": {"crs": crs}}).area
    assert len(area.geoms) == 2
    west, _, east, _ = area.bounds
    assert (west, east) == (-180, 180)


def test_a_geometry_alone_gives_its_extent() -> None:
    triangle = {"type": "Polygon", "coordinates": [[[25, 60], [25.1, 60], [25, 60.1], [25, 60]]]}
    found = read({"geometry": triangle})
    assert found.clip is not None
    assert found.window.bounds == pytest.approx((25, 60, 25.1, 60.1))


@pytest.mark.parametrize(
    ("bounds", "output", "message"),
    [
        ({}, {}, "should have a `bbox` or a `geometry`"),
        ({"bbox": [1, 2, 3]}, {}, "array of 4 numbers"),
        ({"bbox": [25, 60, 25, 60.1]}, {}, "with an area"),
        ({"bbox": [25.1, 60, 25, 60.1]}, {}, "with an area"),
        ({"bbox": PATCH, "properties": {"crs": "EPSG:32635"}}, {}, "CRS `EPSG:32635` is not supported"),
        ({"bbox": PATCH, "properties": {"crs": UTM.replace("35", "99")}}, {}, "is not supported"),
        ({"bbox": [1e9, 1e9, 1.1e9, 1.1e9], "properties": {"crs": UTM}}, {}, "not on Earth"),
        ({"bbox": [25, 100, 25.1, 100.1]}, {}, "not on Earth"),
        ({"bbox": [25, 60, 25.1, 60.1]}, {"width": 0}, "smaller than allowed 1"),
        ({"bbox": [25, 60, 25.1, 60.1]}, {"width": 10.5}, "whole number"),
        ({"bbox": [25, 60, 25.1, 60.1]}, {"resx": -1}, "above 0"),
    ],
)
def test_nonsense_is_refused(bounds: dict[str, Any], output: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError, match=message):
        read(bounds, output)


def test_width_and_resolution_together_are_refused_in_the_words_of_the_service() -> None:
    with pytest.raises(ApiError) as caught:
        patch(width=10, resx=10)
    assert caught.value.message == "Only width and height or resx and resy can be set at the same time."


def test_more_than_2500_px_are_refused_in_the_words_of_the_service() -> None:
    with pytest.raises(ApiError) as caught:
        read({"bbox": [360000, 6720000, 386240, 6730000], "properties": {"crs": UTM}}, {"resx": 10, "resy": 10})
    assert caught.value.message == "`width = 2624`, calculated from resx, is larger than allowed 2500."
    assert caught.value.parameter == "output->resx"
    with pytest.raises(ApiError, match="larger than allowed 2500"):
        patch(width=100, height=2501)


@pytest.mark.parametrize(
    "bounds",
    [
        {"bbox": [0, 0, 4, 4]},
        {"bbox": [400000, 6000000, 800000, 6400000], "properties": {"crs": UTM}},
    ],
)
def test_pixels_coarser_than_1500_m_are_refused_in_the_words_of_the_service(bounds: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as caught:
        read(bounds, {"width": 256, "height": 256})
    assert (
        "meters per pixel exceeds the limit 1500.00 meters per pixel of the collection S2L2A." in caught.value.message
    )
    assert caught.value.code == "COMMON_EXCEPTION"


def test_degrees_given_as_a_resolution_of_ten_are_too_coarse() -> None:
    with pytest.raises(ApiError, match="exceeds the limit 1500"):
        read({"bbox": [25, 60, 25.1, 60.1]}, {"resx": 10, "resy": 10})
