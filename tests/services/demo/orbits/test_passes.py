"""The satellites' timetable, against identifiers of published products."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.demo.orbits.granules import tile_view
from services.demo.orbits.mgrs import tile_named
from services.demo.orbits.passes import ORBITS, PERIOD, SATELLITES, Pass, node_longitude, passes

PUBLISHED = [
    "S2A_MSIL2A_20170607T095031_N0205_R079_T34UCF_20170607T095031",
    "S2A_MSIL2A_20170610T100031_N0205_R122_T34UCF_20170610T100027",
    "S2A_MSIL2A_20170605T072621_N0205_R049_T36KWA_20170605T075534",
    "S2A_MSIL2A_20170608T075211_N0205_R092_T36KWA_20170608T080546",
    "S2A_MSIL2A_20170604T112121_N0205_R037_T29TNE_20170604T112755",
    "S2B_MSIL2A_20200911T212529_N0214_R043_T05VPG_20200913T062439",
    "S2A_MSIL2A_20220622T130301_N0510_R095_T23KQQ_20240702T184033",
    "S2A_MSIL2A_20250105T034131_N0511_R061_T48RWR_20250105T080351",
    "S2C_MSIL2A_20250123T230911_N0511_R044_T01UBS_20250124T013809",
    "S2C_MSIL2A_20250301T111031_N0511_R137_T31UCU_20250301T152054",
    "S2C_MSIL2A_20250323T014711_N0511_R017_T53SLU_20250323T051113",
    "S2C_MSIL2A_20250326T033601_N0511_R061_T48RWR_20250326T085914",
    "S2C_MSIL2A_20250527T191931_N0511_R099_T10VFL_20250528T002013",
    "S2C_MSIL2A_20250626T130311_N0511_R095_T23KQQ_20250626T172059",
    "S2C_MSIL2A_20250813T165911_N0511_R069_T14QMG_20250813T231612",
    "S2C_MSIL2A_20250831T075631_N0511_R035_T35JNM_20250831T113919",
    "S2C_MSIL2A_20250930T212541_N0511_R043_T05VPG_20250930T225512",
]


def passes_between(orbit: int, begin: datetime, days: float) -> list[Pass]:
    return list(passes(orbit, begin, begin + timedelta(days=days)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_product_has_its_pass_on_that_day_by_that_satellite(name: str) -> None:
    satellite, start, orbit, tile_name = name[:3], name[11:26], int(name[34:37]), name[39:44]
    published = datetime.strptime(start, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    around = passes_between(orbit, published - timedelta(hours=1), 0.1)
    found = [one for one in around if one.satellite.name == satellite]
    assert len(found) == 1
    # a real datatake begins where there is land, ours at the northern end of the arc
    assert timedelta(minutes=-1) < published - found[0].start < timedelta(minutes=30)
    tile = tile_named(tile_name)
    assert tile is not None
    assert tile_view(tile, orbit) is not None


def test_the_constellation_grows_from_one_to_two_and_stays_two() -> None:
    def satellites(year: int) -> set[str]:
        begin = datetime(year, 2, 1, tzinfo=UTC)
        return {one.satellite.name for orbit in range(1, 9) for one in passes_between(orbit, begin, 300)}

    assert satellites(2016) == {"S2A"}
    assert satellites(2017) == {"S2A", "S2B"}
    assert satellites(2020) == {"S2A", "S2B"}
    assert satellites(2025) == {"S2B", "S2C"}


def test_a_cycle_has_143_orbits_of_each_satellite_evenly_spaced() -> None:
    begin = datetime(2019, 5, 1, tzinfo=UTC)
    found = [one for orbit in range(1, ORBITS + 1) for one in passes_between(orbit, begin, 9.9999)]
    for satellite in SATELLITES[:2]:
        nodes = sorted(one.node for one in found if one.satellite == satellite)
        gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(nodes)]
        assert len(nodes) == ORBITS
        assert min(gaps) == pytest.approx(max(gaps), abs=0.01)
        assert min(gaps) == pytest.approx(PERIOD, abs=0.01)


def test_an_orbit_returns_every_five_days_with_two_satellites() -> None:
    nodes = sorted(one.node for one in passes_between(79, datetime(2018, 1, 1, tzinfo=UTC), 100))
    assert {later - earlier for earlier, later in pairwise(nodes)} == {timedelta(days=5)}


def test_at_the_node_it_is_half_past_ten() -> None:
    for orbit in (1, 42, 79, 143):
        node = SATELLITES[0].node(orbit)
        local = (node.hour + node.minute / 60 + node.second / 3600 + node_longitude(orbit) / 15) % 24
        assert local == pytest.approx(10.5, abs=1e-3)


def test_the_offset_comes_with_baseline_4() -> None:
    before, after = datetime(2022, 1, 10, tzinfo=UTC), datetime(2022, 2, 10, tzinfo=UTC)
    assert {one.offset for one in passes_between(79, before, 10)} == {0}
    assert {one.offset for one in passes_between(79, after, 10)} == {1000}
