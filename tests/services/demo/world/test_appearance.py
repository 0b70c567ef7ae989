"""What the simulated world looks like: classes and bands agree, seasons pass, clouds come and go as over Finland."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from services.demo.world import PLANES, Window, cloud_cover, render
from tests.services.demo.world.test_rendering import CLOUDS, FINLAND, around, clear_day, moment

GRANULE = Window(32635, (300_000, 6_690_240, 409_800, 6_800_040), 5490, 5490)


def overpass(days: int) -> datetime:
    return datetime(2016, 1, 2, 9, 50, 31, tzinfo=UTC) + timedelta(days=days)


def reflectance(planes: dict[str, NDArray[np.generic]], band: str) -> NDArray[np.float64]:
    return planes[band].astype(float) / 10_000


def test_bands_are_dn_and_masks_are_bytes() -> None:
    planes = render(around(*FINLAND, 120), moment("2018-05-16"), PLANES)
    for band in PLANES:
        assert planes[band].shape == (120, 120)
        assert planes[band].dtype == (np.uint16 if band.startswith("B") else np.uint8)
        if band.startswith("B"):
            assert planes[band].min() >= 1, band
            assert planes[band].max() <= 20_000, band
    assert planes["CLD"].max() <= 100
    assert planes["SNW"].max() <= 100


def test_what_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="B10"):
        render(around(*FINLAND, 10), moment("2018-05-16"), ("B04", "B10"))


def test_a_summer_day_has_green_land_and_dark_water() -> None:
    window = around(*FINLAND, 600)
    planes = render(window, clear_day(window, "2018-06-20"), PLANES)
    classes = planes["SCL"]
    assert (classes == 11).sum() == 0
    assert (classes == 6).mean() > 0.05
    assert (classes == 4).mean() > 0.4
    near, red, short = (reflectance(planes, band) for band in ("B08", "B04", "B11"))
    index = (near - red) / (near + red)
    assert np.median(index[classes == 4]) > 0.6
    assert np.median(near[classes == 6]) < 0.03
    assert np.median(short[classes == 6]) < 0.03
    edge, ridge = (np.median(reflectance(planes, band)[classes == 4]) for band in ("B05", "B07"))
    assert ridge > 1.8 * edge


def test_a_winter_day_has_snow_on_land_and_ice_on_lakes() -> None:
    window = around(*FINLAND, 600)
    summer = render(window, clear_day(window, "2018-06-20"), ("SCL",))["SCL"]
    planes = render(window, clear_day(window, "2018-02-01"), PLANES)
    snow = planes["SCL"] == 11
    assert snow.mean() > 0.4
    assert np.median(reflectance(planes, "B03")[snow]) > 0.4
    assert np.median(reflectance(planes, "B11")[snow]) < 0.2
    assert snow[summer == 6].mean() > 0.9
    assert np.median(planes["SNW"][snow]) > 80


def test_seasons_are_the_other_way_round_in_the_south() -> None:
    def greenness(latitude: float, day: str) -> float:
        window = around(12.4 if latitude > 0 else 25.0, latitude, 300, 20)
        planes = render(window, clear_day(window, day), ("B04", "B08"))
        red, near = reflectance(planes, "B04"), reflectance(planes, "B08")
        return float(np.median((near - red) / (near + red)))

    assert greenness(45.0, "2018-06-10") > greenness(45.0, "2018-01-05") + 0.1
    assert greenness(-31.0, "2018-06-20") < greenness(-31.0, "2018-12-01") - 0.05


def test_deserts_are_bright_and_bare_and_rain_forests_dark_and_green() -> None:
    classes, red = {}, {}
    for name, place in (("desert", (22.0, 23.0)), ("forest", (-60.0, -3.0))):
        window = around(*place, 300)
        planes = render(window, clear_day(window, "2018-01-10", 300), ("B04", "SCL"))
        classes[name], red[name] = planes["SCL"], np.median(reflectance(planes, "B04"))
    assert (classes["desert"] == 5).mean() > 0.8
    assert (classes["forest"] == 4).mean() > 0.6
    assert red["desert"] > 4 * red["forest"]


def test_years_differ_a_little() -> None:
    window = around(*FINLAND, 500)
    one, two = (render(window, clear_day(window, f"{year}-07-05"), ("B04", "SCL")) for year in (2018, 2019))
    land = np.isin(one["SCL"], (4, 5)) & np.isin(two["SCL"], (4, 5))
    changed = np.abs(reflectance(one, "B04") - reflectance(two, "B04"))[land] > 0.025
    assert 0.005 < changed.mean() < 0.4
    assert (one["SCL"] == 6).sum() == pytest.approx((two["SCL"] == 6).sum(), rel=0.02)


def cloudy_days(low: float, high: float, count: int, window: Window) -> list[datetime]:
    found = [then for days in range(135, 240) if low < cloud_cover(window, then := overpass(days)) < high]
    return found[:: max(1, len(found) // count)][:count]


def test_clouds_are_bright_and_their_shadows_lie_away_from_the_sun() -> None:
    window = around(*FINLAND, 700)
    shifts = []
    for then in cloudy_days(15, 45, 6, window):
        planes = render(window, then, ("B02", "B04", "SCL"))
        cloud, shadow = planes["SCL"] == 9, planes["SCL"] == 3
        if cloud.mean() < 0.02 or shadow.mean() < 0.01:
            continue
        assert np.median(reflectance(planes, "B02")[cloud]) > 0.35
        assert np.median(reflectance(planes, "B04")[shadow]) < 0.15
        spectrum = np.fft.fft2(cloud.astype(float)).conj() * np.fft.fft2(shadow.astype(float))
        down, right = np.unravel_index(np.fft.ifft2(spectrum).real.argmax(), cloud.shape)
        shifts.append(((down + 350) % 700 - 350, (right + 350) % 700 - 350))
    assert len(shifts) >= 3
    assert np.median([down for down, _ in shifts]) < -20, "before noon in the north shadows fall to the north"
    assert np.median([right for _, right in shifts]) < 40, "and to the west"


def test_cloud_cover_is_the_share_of_cloud_pixels() -> None:
    window = Window(32635, (370_000, 6_700_000, 430_000, 6_760_000), 600, 600)
    for days in range(200, 290, 6):
        classes = render(window, overpass(days), ("SCL",))["SCL"]
        assert cloud_cover(window, overpass(days)) == pytest.approx(100 * np.isin(classes, CLOUDS).mean(), abs=5)


def test_the_year_over_finland_has_its_clear_and_its_cloudy_days() -> None:
    covers = np.array([cloud_cover(GRANULE, overpass(days)) for days in range(0, 1460, 3)])
    assert 0.17 < (covers <= 10).mean() < 0.33
    assert 0.25 < (covers >= 90).mean() < 0.42
    assert abs(np.corrcoef(covers[1:], covers[:-1])[0, 1]) < 0.25


def test_weather_is_that_of_a_region() -> None:
    """Granules side by side agree mostly, those a thousand kilometres apart do not."""

    def covers(shift: float) -> NDArray[np.float64]:
        west, south, east, north = GRANULE.bounds
        there = Window(32635, (west, south - shift, east, north - shift), 5490, 5490)
        return np.array([cloud_cover(there, overpass(days)) for days in range(0, 600, 2)])

    here = covers(0)
    assert np.corrcoef(here, covers(100_000))[0, 1] > 0.75
    assert abs(np.corrcoef(here, covers(2_000_000))[0, 1]) < 0.3
