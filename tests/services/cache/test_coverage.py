"""A part of the cache: the years and the ground that somebody names, and nothing else."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from services.area import AOI, parse_aoi
from services.cache import FrameKey, part_of_cache
from services.geo import to_utm

AREA = parse_aoi("25.0, 60.7, 25.1, 60.75", name="Meadow")
ABROAD = parse_aoi("-70.1, -30.1, -70.0, -30.0")


def key(bounds: tuple[float, float, float, float], day: str = "20170607T095031", epsg: int = 32635) -> FrameKey:
    return FrameKey("demo", "sentinel-2-l2a", epsg, bounds, 10, 10, f"S2A_R079_{day}")


def middle(aoi: AOI, epsg: int = 32635) -> tuple[float, float]:
    x, y = to_utm(epsg, *aoi.centroid)
    return float(x), float(y)


@pytest.mark.parametrize(("day", "year", "has"), [("20170101T000000", 2017, True), ("20161231", 2017, False)])
def test_a_year_is_that_of_the_acquisition(day: str, year: int, has: bool) -> None:
    assert part_of_cache(year)(key((0, 0, 1, 1), day)) is has


def test_a_frame_without_a_year_is_of_no_year_but_somewhere() -> None:
    x, y = middle(AREA)
    frame = key((x, y, x + 1, y + 1), "nonsense")
    assert not part_of_cache(2017)(frame)
    assert part_of_cache()(frame) and part_of_cache(aoi=AREA)(frame) and not part_of_cache(2017, AREA)(frame)


@settings(deadline=None)
@given(dx=st.floats(-10_000, 10_000), dy=st.floats(-10_000, 10_000))
def test_an_area_has_the_tiles_that_share_ground_with_it(dx: float, dy: float) -> None:
    x, y = middle(AREA)
    bounds = (x + dx, y + dy, x + dx + 3300, y + dy + 3300)
    assert part_of_cache(aoi=AREA)(key(bounds)) == shapely.box(*bounds).intersects(AREA.projected(32635))


def test_an_area_elsewhere_has_none_of_them() -> None:
    x, y = middle(AREA)
    assert not part_of_cache(aoi=ABROAD)(key((x, y, x + 3300, y + 3300)))
    assert not part_of_cache(aoi=AREA)(key((x, y, x + 3300, y + 3300), epsg=32719))
