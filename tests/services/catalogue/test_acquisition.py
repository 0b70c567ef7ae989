"""Granules of one overpass become one acquisition, with the clouds over the neighbourhood's share of each."""

import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json, join
from services.catalogue.granule import Granule
from services.errors import BadResponse
from services.grid import Lattice, TileBlock, TileIndex
from tests.services.granule_items import EPSG, START, item

LATTICE = Lattice(EPSG, 390_000.0, 6_738_000.0, 3300.0, 3300.0)
PLACE = LATTICE.neighbourhood(TileIndex(1, 1), 1)
WEST, SOUTH, EAST, NORTH = PLACE.bounds
SIDE = EAST - WEST
WHOLE = (WEST - 50_000, SOUTH - 50_000, EAST + 50_000, NORTH + 50_000)


def part(from_x: float, to_x: float, from_y: float = -1.0, to_y: float = 2.0) -> tuple[float, float, float, float]:
    """A rectangle in sides of the neighbourhood, from its south-western corner."""
    return WEST + from_x * SIDE, SOUTH + from_y * SIDE, WEST + to_x * SIDE, SOUTH + to_y * SIDE


def only(items: list[dict[str, Any]], place: TileBlock = PLACE) -> Acquisition:
    """The one acquisition that the items are."""
    (found,) = join(items, place)
    return found


def test_one_granule_over_all_is_one_acquisition() -> None:
    found = only([item(WHOLE, clouds=3.02)])
    assert found.time == found.end == START
    assert (found.satellite, found.orbit, found.date) == ("S2A", 79, "2017-06-07")
    assert (found.cloud_cover, found.coverage) == (3.02, 1.0)
    assert found.key == "S2A_R079_20170607T095031"


def test_granules_seconds_apart_are_one_acquisition() -> None:
    found = only(
        [
            item(part(-1, 0.5), clouds=10, tile="35VLG"),
            item(part(0.5, 2), clouds=30, tile="35VMG", seconds=14.5),
        ]
    )
    assert [granule.product["tile"] for granule in found.granules] == ["35VLG", "35VMG"]
    assert found.end - found.time == timedelta(seconds=14)
    assert found.cloud_cover == pytest.approx(20, abs=1e-4)
    assert found.coverage == pytest.approx(1, abs=1e-6)


def test_clouds_are_weighted_by_the_part_of_the_neighbourhood_that_each_covers() -> None:
    found = only([item(part(-1, 2), clouds=0, tile="35VLG"), item(part(0.75, 2), clouds=100, tile="35VMG")])
    assert found.cloud_cover == pytest.approx(100 * 0.25 / 1.25, abs=1e-3)


rectangles = st.tuples(
    st.floats(-1, 0.9), st.floats(-1, 0.9), st.floats(0.1, 2), st.floats(0.1, 2), st.integers(0, 100)
).filter(lambda box: min(box[2], 1) - max(box[0], 0) > 0.01 and min(box[3], 1) - max(box[1], 0) > 0.01)


@settings(max_examples=60, deadline=None)
@given(st.lists(rectangles, min_size=1, max_size=4))
def test_weights_and_coverage_are_those_of_plain_arithmetic(
    boxes: list[tuple[float, float, float, float, int]],
) -> None:
    items = [
        item(part(x0, x1, y0, y1), clouds=clouds, tile=f"35V{'ABCD'[number]}G")
        for number, (x0, y0, x1, y1, clouds) in enumerate(boxes)
    ]
    found = only(items)
    shares = [(min(x1, 1) - max(x0, 0)) * (min(y1, 1) - max(y0, 0)) for x0, y0, x1, y1, _ in boxes]
    expected = sum(share * box[4] for share, box in zip(shares, boxes, strict=True)) / sum(shares)
    assert found.cloud_cover == pytest.approx(expected, abs=1e-2)
    covered = 0.0
    xs = sorted({min(max(x, 0.0), 1.0) for box in boxes for x in (box[0], box[2])} | {0.0, 1.0})
    ys = sorted({min(max(y, 0.0), 1.0) for box in boxes for y in (box[1], box[3])} | {0.0, 1.0})
    for (x0, x1), (y0, y1) in itertools.product(itertools.pairwise(xs), itertools.pairwise(ys)):
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        covered += (x1 - x0) * (y1 - y0) * any(b[0] < x < b[2] and b[1] < y < b[3] for b in boxes)
    assert found.coverage == pytest.approx(covered, abs=1e-3)


@given(st.integers(0, 100), st.integers(1, 4))
def test_a_mean_of_equal_clouds_is_not_a_hair_more(clouds: int, granules: int) -> None:
    cuts = [part(-1, 0.1 + 0.31 * number) for number in range(granules)]
    found = only([item(cut, clouds=clouds, tile=f"35V{'ABCD'[number]}G") for number, cut in enumerate(cuts)])
    assert found.cloud_cover == clouds


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(shuffled: random.Random) -> None:
    items = [
        item(part(-1, 0.5), tile="35VLG"),
        item(part(0.4, 2), tile="35VMG", seconds=15),
        item(WHOLE, satellite="S2B", datatake="20170607T095529"),
        item(WHOLE, orbit=122, seconds=86_400 * 3, datatake="20170610T100031"),
        item(WHOLE, tile="35VLG", baseline="0500", made="20230101T000000"),
    ]
    expected = join(items, PLACE)
    shuffled.shuffle(items)
    assert join(items, PLACE) == expected


def test_another_satellite_orbit_or_day_is_another_acquisition() -> None:
    items = [
        item(WHOLE, seconds=5 * 86_400, datatake="20170612T095031"),
        item(WHOLE, satellite="S2B", seconds=60),
        item(WHOLE, orbit=122, seconds=6000, datatake="20170607T113031"),
        item(WHOLE),
    ]
    found = join(items, PLACE)
    assert [(one.satellite, one.orbit, one.date) for one in found] == [
        ("S2A", 79, "2017-06-07"),
        ("S2B", 79, "2017-06-07"),
        ("S2A", 122, "2017-06-07"),
        ("S2A", 79, "2017-06-12"),
    ]
    assert len({one.key for one in found}) == 4


def test_a_datatake_holds_together_where_a_granule_between_is_elsewhere() -> None:
    items = [item(part(-1, 0.5), tile="35VLG"), item(part(0.5, 2), tile="35VLC", seconds=300)]
    assert len(join(items, PLACE)) == 1


def test_granules_beside_the_neighbourhood_are_left_out() -> None:
    beside = (EAST, SOUTH, EAST + 100_000, NORTH)
    assert join([item(beside)], PLACE) == ()
    assert len(only([item(WHOLE), item(beside, tile="35VMG", seconds=15)]).granules) == 1


def test_a_granule_that_was_processed_again_counts_once_in_its_newest_version() -> None:
    old = item(WHOLE, clouds=40, baseline="0205", made="20170607T095340")
    new = item(WHOLE, clouds=5, baseline="0500", made="20230811T101112")
    again = item(WHOLE, clouds=7, baseline="0500", made="20230901T101112", suffix=".SAFE")
    for items in ([old, new, again], [again, new, old]):
        found = only(items)
        assert [granule.id for granule in found.granules] == [again["id"]]
        assert found.cloud_cover == 7


def test_two_parts_of_a_granule_both_stay() -> None:
    north = item(part(-1, 2, 0.5, 2), made="20170607T095340", clouds=10)
    south = item(part(-1, 2, -1, 0.5), made="20170607T095355", clouds=20, seconds=15)
    assert only([north, south]).coverage == pytest.approx(1, abs=1e-6)


def test_times_come_with_and_without_a_fraction_and_names_with_and_without_a_suffix() -> None:
    plain = item(WHOLE)
    plain["properties"]["datetime"] = "2017-06-07T09:53:40.024Z"
    plain["id"] += ".SAFE"
    plain["geometry"] = {"type": "Polygon", "coordinates": plain["geometry"]["coordinates"][0]}
    found = only([plain])
    assert found.time == datetime(2017, 6, 7, 9, 53, 40, 24_000, tzinfo=UTC)
    assert found.key == "S2A_R079_20170607T095031"


def test_a_name_that_tells_nothing_is_joined_by_time_and_keyed_by_the_day() -> None:
    items = [item(part(-1, 0.5)), item(part(0.5, 2), seconds=20), item(WHOLE, seconds=6000)]
    for number, plain in enumerate(items):
        plain["id"] = f"granule-{number}"
        plain["properties"]["sat:relative_orbit"] = 79
    found = join(items, PLACE)
    assert [len(one.granules) for one in found] == [2, 1]
    assert found[0].key == "S2A_R079_20170607"


def test_an_item_without_clouds_counts_as_cloudy() -> None:
    assert only([item(WHOLE, clouds=None)]).cloud_cover == 100


def test_the_footprint_across_the_180th_meridian_is_one_place_however_it_is_written() -> None:
    lattice = Lattice(32701, 178_000.0, 8_116_000.0, 3300.0, 3300.0)
    place = lattice.neighbourhood(TileIndex(0, 0), 1)
    west, south, east, north = place.bounds
    assert place.bounds_wgs84[0] > place.bounds_wgs84[2]
    whole = item((west - 10_000, south - 10_000, east + 10_000, north + 10_000), epsg=32701)
    ring = whole["geometry"]["coordinates"][0][0]
    assert {x > 0 for x, _ in ring} == {True, False}
    for turned in (ring, [[x % 360, y] for x, y in ring], [[x % 360 - 360, y] for x, y in ring]):
        whole["geometry"]["coordinates"] = [[turned]]
        found = only([whole], place)
        assert found.coverage == pytest.approx(1, abs=1e-6)
        assert all(map(found.touches, place.tiles))


def test_a_tile_is_touched_where_ground_is_shared() -> None:
    found = only([item(part(-1, 0.5))])
    touched = [found.touches(tile) for tile in PLACE.tiles]
    assert touched == [True, True, False] * 3
    edge = only([item((WEST - 1000, SOUTH, WEST + 3300, NORTH))])
    assert [edge.touches(tile) for tile in PLACE.tiles] == [True, False, False] * 3


def test_the_footprint_is_where_its_granules_are() -> None:
    found = only([item(part(-1, 0.5)), item(part(0.4, 2), tile="35VMG")])
    degrees = [Granule.from_item(plain).geometry for plain in (item(part(-1, 0.5)), item(part(0.4, 2)))]
    assert found.footprint.equals(degrees[0].union(degrees[1]))


def test_an_acquisition_survives_json() -> None:
    found = join([item(part(-1, 0.5)), item(part(0.4, 2), tile="35VMG", seconds=14), item(WHOLE, orbit=36)], PLACE)
    again = acquisitions_from_json(acquisitions_to_json(found))
    assert again == found
    assert hash(again) == hash(found)
    assert json.loads(acquisitions_to_json(found))[0]["satellite"] == "S2A"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain.pop("geometry"),
        lambda plain: plain.update(geometry=None),
        lambda plain: plain.update(geometry={"type": "Point", "coordinates": [24, 60]}),
        lambda plain: plain.update(geometry={"type": "Polygon", "coordinates": []}),
        lambda plain: plain.update(geometry={"type": "Polygon", "coordinates": [[[24, 60], [25, 61]]]}),
        lambda plain: plain.update(geometry={"type": "Polygon", "coordinates": [[[24, 60], [25, 61]] * 6000]}),
        lambda plain: plain.update(geometry={"type": "Polygon", "coordinates": [[["a", 60]] * 4]}),
        lambda plain: plain.update(geometry={"type": "Polygon", "coordinates": [[[float("nan"), 60]] * 4]}),
        lambda plain: plain.update(properties=None),
        lambda plain: plain["properties"].pop("datetime"),
        lambda plain: plain["properties"].update(datetime="yesterday"),
        lambda plain: plain["properties"].update(datetime=7),
        lambda plain: plain["properties"].update({"eo:cloud_cover": "3"}),
        lambda plain: plain["properties"].update({"eo:cloud_cover": 101}),
        lambda plain: plain["properties"].update({"eo:cloud_cover": float("nan")}),
        lambda plain: plain.update(id=None),
        lambda plain: plain.update(id="a\nb"),
    ],
)
def test_an_item_that_is_no_granule_is_a_bad_response(spoil: Any) -> None:
    plain = item(WHOLE)
    spoil(plain)
    with pytest.raises(BadResponse, match="not a granule"):
        join([plain], PLACE)
