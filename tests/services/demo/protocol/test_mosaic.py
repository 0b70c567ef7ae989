"""SIMPLE mosaicking, and samples in the output's type."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from services.demo.orbits import Granule, degrees_of, granules_over, node_longitude, sun_angles, view_angles
from services.demo.protocol.mosaic import to_sample_type
from services.demo.protocol.process import answer
from services.demo.protocol.request import read_request
from services.demo.world import Samples, Window, render

NAMES = ("B04", "SCL", "dataMask")
SCRIPT = """//VERSION=3
function setup() {
  return {input: [{bands: ["B04", "SCL", "dataMask"], units: "DN"}], output: {bands: 3, sampleType: "UINT16"}};
}
function evaluatePixel(s) { return [s.B04, s.SCL, s.dataMask]; }
"""
EDGE = (355_000, 6_740_000, 385_000, 6_770_000)
"""In UTM zone 35: the edge of orbit 36's swath goes through."""
INSIDE = (440_000, 6_750_000, 444_000, 6_754_000)


def pixels(
    bounds: tuple[float, float, float, float],
    begin: str,
    end: str,
    size: int = 60,
    epsg: int = 32635,
    geometry: dict[str, Any] | None = None,
    processing: dict[str, Any] | None = None,
    script: str = SCRIPT,
    **chosen: Any,
) -> NDArray[np.uint16]:
    """(height, width, band) of a request."""
    area: dict[str, Any] = {"bbox": bounds, "properties": {"crs": f"http://www.opengis.net/def/crs/EPSG/0/{epsg}"}}
    if geometry:
        area["geometry"] = geometry
    data = {
        "type": "sentinel-2-l2a",
        "dataFilter": {"timeRange": {"from": begin, "to": end}, **chosen},
        "processing": processing or {},
    }
    area["bbox"] = list(bounds)
    body = {
        "input": {"bounds": area, "data": [data]},
        "output": {"width": size, "height": size, "responses": [{"format": {"type": "image/tiff"}}]},
        "evalscript": script,
    }
    content, kind = answer(read_request(body, "*/*"))
    assert kind == "image/tiff"
    image: NDArray[np.uint16] = tifffile.imread(io.BytesIO(content))
    return image


def passes_over(bounds: tuple[float, float, float, float], begin: datetime, days: float) -> list[Granule]:
    """One granule of each pass over the middle of a window in UTM zone 35, oldest first."""
    longitude, latitude = degrees_of(32635, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    place = shapely.Point(float(longitude), float(latitude))
    found = granules_over(place.buffer(0.001), begin, begin + timedelta(days=days))
    return list({one.passage: one for one in sorted(found, key=lambda one: one.time)}.values())


def around(granule: Granule) -> tuple[str, str]:
    """A time range that holds the whole pass and no other."""
    return tuple(  # type: ignore[return-value]
        f"{granule.time + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}" for seconds in (-60, 60)
    )


JULY = datetime(2018, 7, 1, tzinfo=UTC)


def test_a_single_pass_gives_the_worlds_own_pixels() -> None:
    granule = passes_over(INSIDE, JULY, 10)[0]
    image = pixels(INSIDE, *around(granule))
    world = render(Window(32635, INSIDE, 60, 60), granule.passage.start, ["B04", "SCL"])
    assert np.array_equal(image[..., 0], world["B04"])
    assert np.array_equal(image[..., 1], world["SCL"])
    assert (image[..., 2] == 1).all()


ANGLES = ("sunZenithAngles", "sunAzimuthAngles", "viewZenithMean", "viewAzimuthMean")
ANGLES_SCRIPT = f"""//VERSION=3
function setup() {{
  return {{input: [{{bands: {list(ANGLES)}, units: "DEGREES"}}], output: {{bands: 4, sampleType: "UINT16"}}}};
}}
function evaluatePixel(s) {{ return [{", ".join(f"100 * s.{name}" for name in ANGLES)}]; }}
"""


def test_angles_lie_where_they_are_whatever_is_asked_for_and_are_those_of_the_pass() -> None:
    granule = passes_over(INSIDE, JULY, 10)[0]
    wide = (435_000, 6_745_000, 450_000, 6_760_000)
    whole, part = (
        pixels(bounds, *around(granule), size=size, script=ANGLES_SCRIPT)
        for bounds, size in ((wide, 15), ((440_000, 6_750_000, 444_000, 6_754_000), 4))
    )
    np.testing.assert_array_equal(part, whole[6:10, 5:9])
    assert len(np.unique(whole.reshape(-1, 4), axis=0)) == 9, "pixels of 5 km"
    longitude, latitude = (float(one) for one in degrees_of(32635, 442_500, 6_752_500))
    zenith, azimuth = sun_angles(granule.time, longitude, latitude)
    np.testing.assert_allclose(part[0, 0, :2] / 100, [float(zenith), float(azimuth)], atol=0.1)
    zenith, azimuth = view_angles(longitude - node_longitude(granule.view.orbit), latitude)
    np.testing.assert_allclose(part[0, 0, 2:] / 100, [float(zenith), float(azimuth)], atol=0.006)


def test_outside_the_swath_there_is_nothing() -> None:
    granule = next(
        one for one in passes_over((505_000, 6_740_000, 506_000, 6_741_000), JULY, 20) if one.view.orbit == 36
    )
    image = pixels(EDGE, *around(granule), size=150)
    mask = image[..., 2] == 1
    assert 0.05 < mask.mean() < 0.95
    assert (image[~mask] == 0).all()
    assert (image[mask][:, 1] > 0).all()


def test_no_scene_at_all_is_zeros_and_not_an_error() -> None:
    assert not pixels(INSIDE, "2012-01-01T00:00:00Z", "2012-02-01T00:00:00Z").any()


def test_the_other_pass_fills_what_the_first_leaves_open() -> None:
    first, second = (
        next(one for one in passes_over(INSIDE, JULY, 20) if one.view.orbit == orbit) for orbit in (36, 79)
    )
    begin, end = min(around(first)[0], around(second)[0]), max(around(first)[1], around(second)[1])
    early, late = sorted((first, second), key=lambda one: one.time)
    images = {one: pixels(EDGE, *around(one), size=100) for one in (early, late)}
    for order, top, below in (("mostRecent", late, early), ("leastRecent", early, late)):
        merged = pixels(EDGE, begin, end, size=100, mosaickingOrder=order)
        over = images[top][..., 2:] == 1
        assert np.array_equal(merged, np.where(over, images[top], images[below]))
    assert (images[first][..., 2] == 0).any()


def test_least_cloudy_comes_first() -> None:
    granules = passes_over(INSIDE, JULY, 15)
    clearest = min(granules, key=lambda one: one.cloud_cover)
    begin, end = around(granules[0])[0], around(granules[-1])[1]
    assert np.array_equal(
        pixels(INSIDE, begin, end, mosaickingOrder="leastCC"),
        pixels(INSIDE, *around(clearest), mosaickingOrder="leastCC"),
    )


def test_a_tile_above_the_cloud_limit_has_no_data_and_at_the_limit_it_has() -> None:
    granule = next(one for one in passes_over(INSIDE, JULY, 60) if 1 < one.cloud_cover < 99)
    covers = [
        one.cloud_cover for one in granules_over(shapely.box(25.8, 60.85, 26.0, 60.95), granule.time, granule.time)
    ]
    top = max([granule.cloud_cover, *covers])
    assert pixels(INSIDE, *around(granule), maxCloudCoverage=top)[..., 2].all()
    lowest = min([granule.cloud_cover, *covers])
    assert not pixels(INSIDE, *around(granule), maxCloudCoverage=max(lowest - 0.01, 0)).any()


def test_a_geometry_masks_inside_the_box() -> None:
    west, south, east, north = INSIDE
    triangle = {"type": "Polygon", "coordinates": [[[west, south], [east, south], [west, north], [west, south]]]}
    granule = passes_over(INSIDE, JULY, 10)[0]
    whole, clipped = pixels(INSIDE, *around(granule)), pixels(INSIDE, *around(granule), geometry=triangle)
    rows, columns = np.mgrid[0:60, 0:60]
    inside = columns + 0.5 < rows + 0.5
    clear = columns != rows
    assert np.array_equal(clipped[inside & clear], whole[inside & clear])
    assert not clipped[~inside & clear].any()


def test_without_harmonization_newer_baselines_carry_their_offset() -> None:
    for year, offset in ((2020, 0), (2023, 1000)):
        granule = passes_over(INSIDE, datetime(year, 7, 1, tzinfo=UTC), 10)[0]
        plain = pixels(INSIDE, *around(granule))
        raw = pixels(INSIDE, *around(granule), processing={"harmonizeValues": False})
        assert np.array_equal(raw[..., 0], plain[..., 0] + offset)
        assert np.array_equal(raw[..., 1:], plain[..., 1:])


def test_windows_that_meet_are_parts_of_one_picture() -> None:
    granule = next(one for one in passes_over(INSIDE, JULY, 20) if one.view.orbit == 36)
    whole = pixels(EDGE, *around(granule), size=100)
    west, south, east, north = EDGE
    middle = (west + east) // 2
    left = pixels((west, south, middle, south + (east - west) // 2), *around(granule), size=50)
    assert np.array_equal(left, whole[50:, :50])
    assert north - south == east - west


@pytest.mark.parametrize("epsg", [4326, 3857, 32634])
def test_other_reference_systems_see_the_same_place(epsg: int) -> None:
    from pyproj import Transformer

    granule = passes_over(INSIDE, JULY, 10)[0]
    x, y = Transformer.from_crs(32635, epsg, always_xy=True).transform(442_000, 6_752_000)
    step = 0.0002 if epsg == 4326 else 20.0
    image = pixels((x - step, y - step, x + step, y + step), *around(granule), size=2, epsg=epsg)
    assert (image[..., 2] == 1).all()


LIMITS = {"INT8": (-128, 127), "UINT8": (0, 255), "INT16": (-32768, 32767), "UINT16": (0, 65535)}


@given(
    st.sampled_from(list(LIMITS)),
    st.one_of(
        arrays.arrays(np.float32, 20, elements=st.floats(-1e5, 1e5, width=32)),
        arrays.arrays(np.uint16, 20),
        arrays.arrays(np.uint8, 20),
    ),
)
def test_integers_are_rounded_and_clamped(sample_type: str, plane: Samples) -> None:
    low, high = LIMITS[sample_type]
    wanted = [min(max(round(float(value)), low), high) for value in plane]
    assert to_sample_type(plane, sample_type).tolist() == wanted
    assert to_sample_type(plane, sample_type).dtype == np.dtype(sample_type.lower())


def test_auto_spreads_nothing_to_one_over_a_byte() -> None:
    plane = np.array([-1, 0, 0.25, 0.5, 1, 2], np.float32)
    assert to_sample_type(plane, "AUTO").tolist() == [0, 0, 64, 128, 255, 255]


def test_floats_stay_as_they_are() -> None:
    plane = np.array([0.1234, 1.5], np.float32)
    assert to_sample_type(plane, "FLOAT32") is plane
    assert to_sample_type(np.array([7], np.uint16), "FLOAT32").tolist() == [7.0]
    assert to_sample_type(np.array([1], np.uint8), "FLOAT32").dtype == np.float32


@pytest.mark.parametrize("sample_type", LIMITS)
def test_what_fits_is_not_changed(sample_type: str) -> None:
    assert to_sample_type(np.array([0, 11, 100], np.uint8), sample_type).tolist() == [0, 11, 100]
