"""Which pixels a granule covers, against every pixel's own position."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.demo.coverage import pixels_of
from services.demo.degrees import degrees_of
from services.demo.granules import View, views
from services.demo.mgrs import tile_named, transformer
from services.demo.orbits import SWATH_KM, track_position
from services.demo.satellites import node_longitude
from services.demo.world import Window


def view_of(name: str, orbit: int) -> View:
    tile = tile_named(name)
    assert tile is not None
    return next(one for one in views(tile) if one.orbit == orbit)


def positions(window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = window.bounds
    x = west + (np.arange(window.width) + 0.5) * (east - west) / window.width
    y = north - (np.arange(window.height) + 0.5) * (north - south) / window.height
    xs, ys = np.meshgrid(x, y)
    return degrees_of(window.epsg, xs, ys)


def covered(view: View, window: Window) -> NDArray[np.bool_]:
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
