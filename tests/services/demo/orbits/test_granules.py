"""Granules, their footprints, and which pixels they cover, against every pixel's own position."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import Polygon, box

from services.demo.orbits.geometry import SWATH_KM, sun_angles, track_position
from services.demo.orbits.granules import (
    Granule,
    TileView,
    granule_with_id,
    granules_over,
    pixels_of,
    tile_view,
    tile_views,
)
from services.demo.orbits.mgrs import degrees_of, exists, tile_named
from services.demo.orbits.passes import node_longitude
from services.demo.world import Window, transformer

LAHTI = box(25.6, 60.95, 25.7, 61.0)


def year(area: Polygon, number: int) -> list[Granule]:
    begin, end = datetime(number, 1, 1, tzinfo=UTC), datetime(number + 1, 1, 1, tzinfo=UTC)
    return list(granules_over(area, begin, end))


def days(granules: list[Granule]) -> int:
    return len({one.time.date() for one in granules})


def test_a_year_at_60_north_has_as_many_dates_as_there_were_satellites_for() -> None:
    assert 65 <= days(year(LAHTI, 2016)) <= 80
    assert 110 <= days(year(LAHTI, 2017)) <= 140
    assert 140 <= days(year(LAHTI, 2019)) <= 150
    assert 140 <= days(year(LAHTI, 2025)) <= 150


def test_at_the_equator_a_place_is_seen_every_five_days_or_twice_that() -> None:
    for longitude in (10.0, 20.0, 31.3, 42.7):
        assert days(year(box(longitude, 0.1, longitude + 0.01, 0.11), 2019)) in (73, 74, 146, 147)


def test_there_is_nothing_in_the_future_and_nothing_before_the_first_satellite() -> None:
    now = datetime.now(UTC)
    found = list(granules_over(LAHTI, now - timedelta(days=20), now + timedelta(days=100)))
    assert found
    assert all(one.time <= now for one in found)
    assert not list(granules_over(LAHTI, datetime(2010, 1, 1, tzinfo=UTC), datetime(2015, 6, 30, tzinfo=UTC)))


def test_there_is_no_image_in_the_polar_night() -> None:
    months = {one.time.month for one in year(box(25.0, 70.5, 25.1, 70.6), 2019)}
    assert 12 not in months
    assert 6 in months


def test_it_is_day_in_every_image() -> None:
    for one in year(box(20, 66, 20.1, 66.1), 2019):
        assert float(sun_angles(one.time, *one.view.tile.centre)[0]) <= 87


def test_granules_of_one_pass_are_seconds_apart_and_share_their_datatake() -> None:
    area = box(24.0, 59.5, 26.5, 61.5)
    passage = [one for one in year(area, 2017) if one.time.date().isoformat() == "2017-06-07"]
    assert len(passage) >= 4
    assert len({one.passage.start for one in passage}) == 1
    times = sorted({one.time for one in passage})
    assert timedelta(seconds=10) < times[-1] - times[0] < timedelta(seconds=60)


def test_an_id_leads_back_to_its_granule() -> None:
    for one in year(LAHTI, 2018)[:20]:
        assert granule_with_id(one.id) == one
        assert granule_with_id(f"{one.id}.SAFE") == one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "S2A",
        "S2A_MSIL2A_20170607T095031_N0205_R079_T35VLG_20170607T095340",
        "S2A_MSIL2A_20170607T094544_N0205_R200_T35VLG_20170607T095350",
        "S2A_MSIL2A_20179999T094544_N0205_R079_T35VLG_20170607T095350",
        "S2A_MSIL2A_20170607T094544_N0205_R079_T61VLG_20170607T095350",
    ],
)
def test_an_id_of_nothing_leads_nowhere(text: str) -> None:
    assert granule_with_id(text) is None


@given(st.sampled_from(["35VLG", "33UUP", "36KWA", "01KAB", "60LZH", "31XDL", "19FDU", "34NCF"]), st.data())
@settings(max_examples=40)
def test_a_footprint_is_the_part_of_the_tile_inside_the_swath(name: str, data: st.DataObject) -> None:
    tile = tile_named(name)
    assert tile is not None
    assert exists(tile)
    one = data.draw(st.sampled_from(tile_views(tile)))
    west, south, east, north = tile.bounds
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    x, y = rng.uniform(west, east, 300), rng.uniform(south, north, 300)
    longitudes, latitudes = degrees_of(tile.epsg, x, y)
    _, across = track_position((longitudes - node_longitude(one.orbit) + 180) % 360 - 180, latitudes)
    clear = np.abs(np.abs(across) - SWATH_KM / 2) > 0.01
    inside = shapely.contains_xy(one.footprint, x, y)
    assert (inside == (np.abs(across) < SWATH_KM / 2))[clear].all()


def test_a_footprint_across_the_180th_meridian_is_cut_there() -> None:
    tile = tile_named("01KAB")
    assert tile is not None
    shapes = [one.footprint_wgs84 for one in tile_views(tile)]
    assert any(len(shape.geoms) == 2 for shape in shapes)
    for shape in shapes:
        assert shape.is_valid
        west, _, east, _ = shape.bounds
        assert -180 <= west <= east <= 180
        assert all(part.bounds[2] - part.bounds[0] < 3 for part in shape.geoms)


def test_an_orbit_on_the_other_side_of_the_earth_does_not_see_the_tile() -> None:
    tile = tile_named("35VLG")
    assert tile is not None
    assert tile_view(tile, 7) is None
    assert {one.orbit for one in tile_views(tile)} == {36, 79, 122}


def view_of(name: str, orbit: int) -> TileView:
    tile = tile_named(name)
    assert tile is not None
    return next(one for one in tile_views(tile) if one.orbit == orbit)


def positions(window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = window.bounds
    x = west + (np.arange(window.width) + 0.5) * (east - west) / window.width
    y = north - (np.arange(window.height) + 0.5) * (north - south) / window.height
    xs, ys = np.meshgrid(x, y)
    return degrees_of(window.epsg, xs, ys)


def covered(view: TileView, window: Window) -> NDArray[np.bool_]:
    found = pixels_of(view, window)
    return np.ones((window.height, window.width), bool) if found is None else found


@pytest.mark.parametrize(
    "window",
    [
        Window(32635, (310000, 6600000, 400000, 6690000), 300, 300),
        Window(32635, (250000, 6560000, 450000, 6720000), 200, 160),
        Window(32634, (620000, 6600000, 700000, 6680000), 160, 160),
        Window(4326, (23.0, 59.5, 26.5, 60.5), 350, 200),
        Window(3857, (2.6e6, 8.3e6, 2.9e6, 8.5e6), 300, 200),
    ],
)
@pytest.mark.parametrize("orbit", [36, 79, 122])
def test_a_pixel_is_covered_where_its_middle_is_in_the_tile_and_the_swath(window: Window, orbit: int) -> None:
    view = view_of("35VLG", orbit)
    longitudes, latitudes = positions(window)
    across = track_position((longitudes - node_longitude(orbit) + 180) % 360 - 180, latitudes)[1]
    x, y = transformer(4326, 32635).transform(longitudes, latitudes)
    west, south, east, north = view.tile.bounds
    wanted = (np.abs(across) <= SWATH_KM / 2) & (x >= west) & (x < east) & (y > south) & (y <= north)
    edges = [np.abs(np.abs(across) - SWATH_KM / 2) * 1000, np.abs(x - west), np.abs(x - east)]
    edges += [np.abs(y - south), np.abs(y - north)]
    clear = np.min(edges, axis=0) > 5  # metres, a hundredth of these pixels
    assert (covered(view, window) == wanted)[clear].all()
    assert wanted.any()


def test_a_window_inside_both_needs_no_mask() -> None:
    assert pixels_of(view_of("35VLG", 79), Window(32635, (340000, 6620000, 349900, 6629900), 990, 990)) is None


def test_windows_that_meet_agree_along_their_edge() -> None:
    view = view_of("35VLG", 36)
    whole = covered(view, Window(32635, (300000, 6600000, 360000, 6660000), 600, 600))
    quarter = covered(view, Window(32635, (330000, 6630000, 360000, 6660000), 300, 300))
    assert (whole[:300, 300:] == quarter).all()
