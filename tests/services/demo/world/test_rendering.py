"""The simulated world: the same everywhere it is asked, and true to what satellites see."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Transformer

from services.demo.world import PLANES, Window, cloud_cover, render

ROOT = Path(__file__).resolve().parents[4]
FINLAND = (24.97, 60.87)
SEVEN = ("B02", "B03", "B04", "B08", "B11", "B12", "SCL")
CLOUDS = (8, 9, 10)


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:50:31").replace(tzinfo=UTC)


def around(longitude: float, latitude: float, side: int, pixel: float = 10, zone: int | None = None) -> Window:
    """A square window in UTM on whole pixels."""
    epsg = zone or (32600 if latitude >= 0 else 32700) + int((longitude + 180) // 6) % 60 + 1
    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform(longitude, latitude)
    left, low = (np.floor(v / 60 / pixel) * 60 * pixel for v in (x, y))
    return Window(epsg, (left, low, left + side * pixel, low + side * pixel), side, side)


def cut(window: Window, column: int, row: int, width: int, height: int) -> Window:
    """Some pixels of a window."""
    west, _, _, north = window.bounds
    left, top = west + column * window.dx, north - row * window.dy
    return Window(window.epsg, (left, top - height * window.dy, left + width * window.dx, top), width, height)


def clear_day(window: Window, first: str, days: int = 120) -> datetime:
    """The first day on or after `first` with less than 1 % of clouds over the window."""
    start = datetime.fromisoformat(first).timetuple().tm_yday
    year = first[:4]
    for day in range(start, start + days):
        then = moment(
            datetime.strptime(f"{year} {(day - 1) % 365 + 1}", "%Y %j").replace(tzinfo=UTC).date().isoformat()
        )
        if cloud_cover(window, then) < 1:
            return then
    raise AssertionError("no clear day")


def digest(planes: dict[str, NDArray[np.generic]]) -> str:
    sha = hashlib.sha256()
    for band in sorted(planes):
        sha.update(planes[band].tobytes())
    return sha.hexdigest()


def test_another_process_makes_the_same_bytes() -> None:
    window, then = around(*FINLAND, 300), moment("2018-05-16")
    program = (
        "from tests.services.demo.world.test_rendering import *\n"
        "print(digest(render(around(*FINLAND, 300), moment('2018-05-16'), PLANES)))"
    )
    other = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest(render(window, then, PLANES))


@pytest.mark.parametrize(("day", "pixel"), [("2018-05-16", 10), ("2018-02-11", 10), ("2018-05-08", 300)])
def test_a_part_of_a_window_has_the_pixels_of_the_whole(day: str, pixel: float) -> None:
    window, then = around(*FINLAND, 500, pixel), moment(day)
    whole = render(window, then, PLANES)
    for column, row, width, height in ((0, 0, 100, 90), (123, 57, 301, 333), (499, 1, 1, 400)):
        part = render(cut(window, column, row, width, height), then, PLANES)
        for band in PLANES:
            assert (part[band] == whole[band][row : row + height, column : column + width]).all(), band


def test_a_window_off_the_native_grid_takes_the_nearest_pixels() -> None:
    window, then = around(*FINLAND, 400), moment("2018-05-16")
    whole = render(window, then, ("B04",))["B04"]
    west, south, _, _ = window.bounds
    tile = Window(window.epsg, (west + 203.7, south + 101.2, west + 3506.0, south + 3402.4), 330, 330)
    found = render(tile, then, ("B04",))["B04"]
    columns = ((203.7 + (np.arange(330) + 0.5) * tile.dx) // 10).astype(int)
    rows = 399 - ((101.2 + (np.arange(330) + 0.5) * tile.dy) // 10).astype(int)[::-1]
    assert (found == whole[rows[:, None], columns]).all()


@pytest.mark.parametrize(("longitude", "latitude"), [(24.0, 60.8), (12.0, 45.0), (-60.0, -15.0), (180.0, -16.8)])
def test_the_world_goes_on_over_a_border_of_zones(longitude: float, latitude: float) -> None:
    """The same places, looked up in the grids of both zones, differ only where a pixel's centre falls otherwise."""
    zones = [around(longitude + side, latitude, 200).epsg for side in (-0.001, 0.001)]
    assert zones[0] != zones[1]
    then = clear_day(around(longitude - 0.001, latitude, 500), "2018-06-01")
    planes = []
    for zone in zones:
        window = around(longitude, latitude, 500, zone=zone)
        planes.append((window, render(window, then, ("B04", "B08"))))
    rng = np.random.default_rng(7)
    lon, lat = longitude + rng.uniform(0.005, 0.02, 4000), latitude + rng.uniform(0.005, 0.02, 4000)
    values = []
    for window, bands in planes:
        x, y = Transformer.from_crs(4326, window.epsg, always_xy=True).transform((lon + 180) % 360 - 180, lat)
        column = ((x - window.bounds[0]) // 10).astype(int)
        row = ((window.bounds[3] - y) // 10).astype(int)
        values.append(np.stack([bands[band][row, column].astype(float) for band in ("B04", "B08")]))
    close = np.abs(values[0] - values[1]) < 0.15 * values[0] + 60
    assert close.mean() > 0.85
    assert np.abs(values[0].mean(axis=1) / values[1].mean(axis=1) - 1).max() < 0.02
    assert np.corrcoef(values[0].ravel(), values[1].ravel())[0, 1] > 0.93


@pytest.mark.parametrize("epsg", [4326, 3857])
def test_other_projections_show_the_same_places(epsg: int) -> None:
    utm = around(*FINLAND, 480)
    then = clear_day(utm, "2018-06-01")
    to_there = Transformer.from_crs(utm.epsg, epsg, always_xy=True)
    inner = (utm.bounds[0] + 900, utm.bounds[1] + 900, utm.bounds[2] - 900, utm.bounds[3] - 900)
    window = Window(epsg, to_there.transform_bounds(*inner), 300, 300)
    found = render(window, then, ("B08", "SCL"))
    parts = (np.arange(300) + 0.5) / 300
    x = window.bounds[0] + parts * (window.bounds[2] - window.bounds[0])
    y = window.bounds[3] - parts * (window.bounds[3] - window.bounds[1])
    back = Transformer.from_crs(epsg, utm.epsg, always_xy=True).transform(*np.meshgrid(x, y))
    whole = render(utm, then, ("B08", "SCL"))
    column = ((back[0] - utm.bounds[0]) // 10).astype(int)
    row = ((utm.bounds[3] - back[1]) // 10).astype(int)
    expected = whole["B08"][row, column].astype(float)
    assert np.corrcoef(found["B08"].ravel(), expected.ravel())[0, 1] > 0.85
    assert (found["SCL"] == whole["SCL"][row, column]).mean() > 0.9


@pytest.mark.parametrize("pixel", [20, 40, 160])
def test_coarse_pixels_have_the_mean_of_the_fine_ones(pixel: int) -> None:
    fine = around(*FINLAND, 960)
    then = clear_day(fine, "2018-07-01")
    side = 9600 // pixel
    coarse = Window(fine.epsg, fine.bounds, side, side)
    bands = ("B03", "B04", "B08", "B11")
    one, two = render(fine, then, bands), render(coarse, then, bands)
    for band in bands:
        assert two[band].mean() == pytest.approx(one[band].mean(), rel=0.08), band


def test_bands_of_20_and_60_m_have_square_blocks_on_the_zone_grid() -> None:
    window = around(*FINLAND, 360)
    shifted = cut(window, 1, 0, 359, 358)
    planes = render(shifted, moment("2018-05-16"), PLANES)
    for band in PLANES:
        size = 1 if band in {"B02", "B03", "B04", "B08"} else 6 if band in {"B01", "B09"} else 2
        inner = planes[band][int(shifted.bounds[3]) // 10 % size :, -(int(shifted.bounds[0]) // 10) % size :]
        inner = inner[: len(inner) // size * size, : inner.shape[1] // size * size]
        blocks = inner.reshape(len(inner) // size, size, -1, size)
        assert (blocks == blocks[:, :1, :, :1]).all(), band
        if size == 1:
            assert (np.diff(inner.astype(int), axis=1) != 0).mean() > 0.5


@pytest.mark.parametrize(
    "window",
    [
        Window(32633, (400_000, 9_300_000, 403_000, 9_303_000), 30, 30),
        Window(32735, (-2_000_000, 100_000, -1_997_000, 103_000), 30, 30),
        Window(4326, (179.99, 84.0, 180.01, 84.02), 30, 30),
        Window(4326, (-180.0, -90.0, 180.0, 90.0), 72, 36),
        Window(3857, (-2e7, -2e7, 2e7, 2e7), 40, 40),
    ],
)
def test_no_place_is_refused(window: Window) -> None:
    planes = render(window, moment("2018-06-16"), ("B04", "SCL"))
    assert planes["B04"].min() >= 1
    assert np.isin(planes["SCL"], range(2, 12)).all()


def test_threads_get_the_same_pixels() -> None:
    window, days = around(12.4, 45.1, 300), [f"2019-0{month}-11" for month in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda day: digest(render(window, moment(day), SEVEN)), days))
    assert together == [digest(render(window, moment(day), SEVEN)) for day in days]
