"""What a recipe still needs, as requests."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cache import FrameKey, frame_key
from services.catalogue import Acquisition
from services.catalogue.granule import Granule
from services.errors import RecipeError
from services.geo import to_wgs84
from services.grid import Lattice, Tile, TileIndex
from services.plan import Plan, plan
from services.providers.sentinelhub import TERMS, processing_units
from services.recipe import Interval, Recipe
from services.sentinel2 import ANGLES

LATTICE = Lattice(32635, 264_000.0, 6_640_000.0, 3302.37, 3301.24)
RECIPE = Recipe(LATTICE, TileIndex(35, 25), Interval(date(2017, 1, 1), date(2018, 1, 1)))
FREE = ("SCL", "dataMask")


@dataclass(frozen=True)
class Overpass:
    """As much of an acquisition as a plan looks at."""

    key: str
    cloud_cover: float = 0.0
    unseen: frozenset[TileIndex] = frozenset()
    """Tiles that its footprint does not touch."""
    time: datetime = datetime(2017, 6, 7, tzinfo=UTC)
    remembered: dict[Hashable, Any] = field(default_factory=dict, compare=False)

    def version(self, tile: Tile) -> str:
        """As of a service that chooses among its products itself."""
        return ""

    def touches(self, tile: Tile) -> bool:
        return tile.index not in self.unseen


def planned(recipe: Recipe, overpasses: list[Overpass], present: dict[FrameKey, frozenset[str]] | None = None) -> Plan:
    """A plan for stand-ins of acquisitions."""
    return plan(recipe, cast(list[Acquisition], overpasses), present or {}, TERMS)


def key(recipe: Recipe, index: TileIndex, overpass: Overpass) -> FrameKey:
    return frame_key(recipe, index, cast(Acquisition, overpass))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Recipe, list[Overpass], dict[FrameKey, frozenset[str]]]:
    """A recipe, acquisitions that see a part of it, and what the cache has, in patterns that make trouble."""
    recipe = RECIPE.with_(
        radius=draw(st.integers(0, 2)),
        resolution=draw(st.sampled_from([10, 20])),
        bands=tuple(draw(st.permutations(["B02", "B03", "B8A"]))[: draw(st.integers(1, 3))]),
        mask=draw(st.sampled_from(["clear", "none"])),
        lattice=draw(st.sampled_from([LATTICE, Lattice(32760, 0.0, 6e6, 13_500.0, 9_000.0)])),
    )
    indices = recipe.neighbourhood.indices
    tiles = st.frozensets(st.sampled_from(indices))
    overpasses = [
        Overpass(str(number), draw(st.floats(0, 100)), draw(tiles)) for number in range(draw(st.integers(0, 3)))
    ]
    sets = draw(st.lists(st.frozensets(st.sampled_from([*recipe.planes, "B12"])), min_size=1, max_size=3))
    present = {
        key(recipe, index, overpass): draw(st.sampled_from(sets)) for overpass in overpasses for index in indices
    }
    return recipe, overpasses, present


@settings(max_examples=150, deadline=None)
@given(question=questions())
def test_each_missing_plane_is_asked_once_and_nothing_else_is(
    question: tuple[Recipe, list[Overpass], dict[FrameKey, frozenset[str]]],
) -> None:
    recipe, overpasses, present = question
    asked = Counter(
        (block.key(index), plane)
        for block in planned(*question).blocks
        for index in block.tiles
        for plane in block.planes
    )
    missing = {
        (key(recipe, index, overpass), plane)
        for overpass in overpasses
        for index in recipe.neighbourhood.indices
        if index not in overpass.unseen
        for plane in recipe.planes
        if plane not in present[key(recipe, index, overpass)]
    }
    assert asked == Counter(missing)
    seen = sum(1 for o in overpasses for index in recipe.neighbourhood.indices if index not in o.unseen)
    assert planned(*question).wanted == seen * len(recipe.planes)
    assert planned(*question).cached == planned(*question).wanted - len(missing)


@settings(max_examples=100, deadline=None)
@given(question=questions())
def test_every_request_is_one_that_the_service_takes(
    question: tuple[Recipe, list[Overpass], dict[FrameKey, frozenset[str]]],
) -> None:
    recipe, _, present = question
    width, height = recipe.lattice.size_px(recipe.resolution)
    for block in planned(*question).blocks:
        assert 1 <= block.width <= 2500
        assert 1 <= block.height <= 2500
        assert (block.width, block.height) == (block.columns * width, block.rows * height)
        assert block.planes == tuple(plane for plane in recipe.planes if plane in block.planes) != ()
        edges = [recipe.lattice.bounds(index) for index in block.tiles]
        west, south, east, north = zip(*edges, strict=True)
        assert block.bounds == (min(west), min(south), max(east), max(north))
        if block.planes == ("dataMask",):  # alone it is not free: only where its tile lacks nothing else
            for index in block.tiles:
                assert frozenset(recipe.planes) - present[block.key(index)] == {"dataMask"}


def test_a_neighbourhood_of_which_everything_is_missing_is_one_request_an_acquisition() -> None:
    found = planned(RECIPE, [Overpass(str(number)) for number in range(40)])
    assert found.requests == 40
    assert {(block.columns, block.rows, block.width, block.height) for block in found.blocks} == {(3, 3, 990, 990)}
    assert found.blocks[0].planes == ("B02", "B03", "B04", "B08", "B11", "B12", "SCL", "dataMask")
    assert found.blocks[0].tiles == RECIPE.neighbourhood.indices
    assert (found.wanted, found.cached) == (40 * 9 * 8, 0)
    assert found.pixels == 40 * 990 * 990
    assert found.units == pytest.approx(40 * 990 * 990 / 512**2 * 7 / 3)


@settings(max_examples=100, deadline=None)
@given(question=questions(), data=st.data())
def test_what_is_still_missing_of_a_request_is_what_nobody_stored_meanwhile(
    question: tuple[Recipe, list[Overpass], dict[FrameKey, frozenset[str]]], data: st.DataObject
) -> None:
    recipe, _, _ = question
    sets = data.draw(st.lists(st.frozensets(st.sampled_from([*recipe.planes, "B12"])), min_size=1, max_size=3))
    for block in planned(*question).blocks:
        assert block.remaining({}) == (block,)
        by_now = {key: data.draw(st.sampled_from(sets)) for key in block.keys}
        parts = block.remaining(by_now)
        asked = Counter((part.key(index), plane) for part in parts for index in part.tiles for plane in part.planes)
        assert asked == Counter(
            (key, plane) for key in block.keys for plane in block.planes if plane not in by_now[key]
        )
        assert {part.acquisition for part in parts} <= {block.acquisition}
        assert block.remaining(dict.fromkeys(block.keys, frozenset(recipe.planes))) == ()


@settings(max_examples=100, deadline=None)
@given(question=questions())
def test_what_one_wants_to_see_first_changes_the_order_and_nothing_else(
    question: tuple[Recipe, list[Overpass], dict[FrameKey, frozenset[str]]],
) -> None:
    found = planned(*question)
    shown = frozenset({question[0].bands[0], *FREE})
    ordered = found.prioritise(shown)

    def wanted(plan: Plan) -> Counter[tuple[FrameKey, str]]:
        return Counter((key, plane) for block in plan.blocks for key in block.keys for plane in block.planes)

    assert wanted(ordered) == wanted(found)
    assert (ordered.wanted, ordered.cached) == (found.wanted, found.cached)
    late = [not shown & {*block.planes} for block in ordered.blocks]
    assert late == sorted(late), "all that is shown is asked before anything else is"
    tiles = {key for block in found.blocks for key in block.keys}
    assert ordered.requests <= 2 * len(tiles), "tiles of a half that no rectangle joins are asked one by one"

    def paid(plan: Plan) -> int:
        """Bands of all pixels; a mask counts where it is alone."""
        return sum(block.pixels * max(1, len({*block.planes} - {"dataMask"})) for block in plan.blocks)

    assert paid(ordered) == paid(found)


def test_seen_first_costs_the_same_in_twice_as_many_requests() -> None:
    clouds = (7.0, 2.0, 5.0)
    found = planned(RECIPE, [Overpass(str(number), cloud) for number, cloud in enumerate(clouds)])
    ordered = found.prioritise(("B02", "B03", "B04", *FREE))
    assert [block.acquisition.key for block in ordered.blocks] == ["1", "2", "0", "1", "2", "0"]
    assert [block.planes for block in ordered.blocks[2:4]] == [
        ("B02", "B03", "B04", "SCL", "dataMask"),
        ("B08", "B11", "B12"),
    ]
    assert ordered.units == pytest.approx(found.units)
    assert ordered.requests == 6


def test_seen_first_is_cut_anew_and_does_not_halve_every_request() -> None:
    overpass = Overpass("a")
    shown = ("B02", "B03", "B04", *FREE)
    moved = RECIPE.with_(centre=TileIndex(36, 26))
    present = {key(RECIPE, index, overpass): frozenset(shown) for index in RECIPE.neighbourhood.indices}
    ordered = planned(moved, [overpass], present).prioritise(shown)
    assert sorted((block.planes, len(block.tiles)) for block in ordered.blocks) == [
        (shown, 2),
        (shown, 3),
        (("B08", "B11", "B12"), 9),
    ]


def test_five_by_five_tiles_at_ten_metres_fit_and_larger_ones_are_cut() -> None:
    assert planned(RECIPE.with_(radius=2), [Overpass("a")]).requests == 1
    fine = Lattice(32635, 0.0, 6e6, 6000.0, 6000.0)
    assert planned(RECIPE.with_(radius=2, lattice=fine), [Overpass("a")]).requests == 4


def test_the_least_cloudy_acquisitions_come_first() -> None:
    clouds = [3.5, 0.0, 9.1, 0.0]
    overpasses = [
        Overpass(str(number), cloud, time=datetime(2017, 6, 9 - number, tzinfo=UTC))
        for number, cloud in enumerate(clouds)
    ]
    blocks = planned(RECIPE, overpasses).blocks
    assert [block.acquisition.key for block in blocks] == ["3", "1", "0", "2"]


def test_a_neighbourhood_moved_by_one_tile_asks_for_what_is_new() -> None:
    overpass = Overpass("a")
    moved = RECIPE.with_(centre=TileIndex(36, 26))
    present = {key(RECIPE, index, overpass): frozenset(RECIPE.planes) for index in RECIPE.neighbourhood.indices}
    found = planned(moved, [overpass], present)
    assert found.cached == 4 * 8
    assert sorted(len(block.tiles) for block in found.blocks) == [2, 3]


def test_another_limit_year_mask_or_name_asks_for_nothing() -> None:
    overpass = Overpass("a")
    present = {key(RECIPE, index, overpass): frozenset(RECIPE.planes) for index in RECIPE.neighbourhood.indices}
    for other in (
        RECIPE.with_(maxcc=80),
        RECIPE.with_(interval=Interval(date(2017, 5, 1), date(2019, 1, 1))),
        RECIPE.with_(mask="none", area="Elsewhere", bands=("B04", "B03")),
    ):
        assert planned(other, [overpass], present).blocks == ()


def test_bands_that_are_added_are_asked_alone_for_all_tiles() -> None:
    overpass = Overpass("a")
    present = {key(RECIPE, index, overpass): frozenset(RECIPE.planes) for index in RECIPE.neighbourhood.indices}
    more = RECIPE.with_(bands=(*RECIPE.bands, "B05"))
    (block,) = planned(more, [overpass], present).blocks
    assert block.planes == ("B05",)
    assert len(block.tiles) == 9


def test_one_tile_that_lacks_more_does_not_break_up_the_others() -> None:
    overpass = Overpass("a")
    there = frozenset({"B02", "B03", "B04", "SCL", "dataMask"})
    present = {key(RECIPE, index, overpass): there for index in RECIPE.neighbourhood.indices}
    present[key(RECIPE, RECIPE.centre, overpass)] = there - {"B04"}
    blocks = planned(RECIPE, [overpass], present).blocks
    assert sorted((block.planes, len(block.tiles)) for block in blocks) == [(("B04",), 1), (("B08", "B11", "B12"), 9)]


def test_angles_are_asked_for_apart_in_few_pixels_and_come_with_what_one_sees() -> None:
    terms = replace(TERMS, angles=True)
    asked = RECIPE.with_(nbar=True)
    overpasses = cast(list[Acquisition], [Overpass(str(number)) for number in range(3)])
    whole = plan(asked, overpasses, {}, terms)
    bands, angles = whole.blocks[::2], whole.blocks[1::2]
    assert {block.planes for block in bands} == {RECIPE.planes} and {block.planes for block in angles} == {ANGLES}
    assert {(block.width, block.height) for block in angles} == {(12, 12)}, "nine tiles of 3300 m"
    assert whole.wanted == 3 * 9 * 12
    early = whole.prioritise(asked.with_(bands=("B02", "B03", "B04")).planes).blocks[:6]
    assert {block.planes for block in early} == {("B02", "B03", "B04", "SCL", "dataMask"), ANGLES}
    present = {block.key(index): frozenset(RECIPE.planes) for block in bands for index in block.tiles}
    assert [block.planes for block in plan(asked, overpasses, present, terms).blocks] == [ANGLES] * 3
    assert angles[0].remaining({key: frozenset(ANGLES) for key in angles[0].keys}) == ()


def test_tiles_outside_of_the_footprint_are_not_asked_for() -> None:
    lattice = Lattice(32635, 500_000.0, 6_700_000.0, 3300.0, 3300.0)
    recipe = RECIPE.with_(lattice=lattice, centre=TileIndex(1, 1))
    edge, _ = to_wgs84(32635, [500_000.0 + 2 * 3300.0], [6_705_000.0])
    east = float(edge[0]) - 0.01
    ring = ((20.0, 55.0), (east, 55.0), (east, 65.0), (20.0, 65.0), (20.0, 55.0))
    time = datetime(2017, 6, 7, tzinfo=UTC)
    swath = Acquisition(time, time, "S2A", 79, (Granule("a", time, 1.0, ((ring,),)),), 1.0, 0.6)
    (block,) = plan(recipe, [swath], {}, TERMS).blocks
    assert (block.lower_left, block.columns, block.rows) == (TileIndex(0, 0), 2, 3)
    assert plan(recipe, [swath], {}, TERMS).wanted == 6 * 8


def test_units_follow_the_published_formula() -> None:
    # A request of 631 × 1047 px and 3 bands whose answer said x-processingunits-spent: 2.5202064514160156.
    assert processing_units(631, 1047, ("B04", "B03", "B02")) == 2.5202064514160156
    assert processing_units(330, 330, RECIPE.bands) == pytest.approx(0.8308, abs=1e-4)
    assert processing_units(330, 330, (*RECIPE.bands, *FREE)) == processing_units(330, 330, (*RECIPE.bands, "SCL"))
    assert processing_units(512, 512, ("dataMask",)) == pytest.approx(1 / 3)
    assert processing_units(1, 1, ("B02",) * 3) == 0.01
    assert processing_units(1, 1, ("B02",)) == 0.005


def test_the_estimate_of_bytes_grows_with_what_is_asked() -> None:
    (few,) = planned(RECIPE.with_(bands=("B02",)), [Overpass("a")]).blocks
    found = planned(RECIPE, [Overpass("a"), Overpass("b")])
    assert few.cost.bytes < found.blocks[0].cost.bytes < 990 * 990 * 8 * 2
    assert found.bytes == 2 * found.blocks[0].cost.bytes


def test_a_tile_that_the_provider_does_not_give_in_one_request_is_refused_with_its_size() -> None:
    large = RECIPE.with_(lattice=Lattice(32635, 0.0, 0.0, 30_000.0, 30_000.0))
    with pytest.raises(RecipeError, match="3000 × 3000 px; the service gives 1 to 2500 px a side") as raised:
        planned(large, [Overpass("a")])
    assert "smaller tiles" in raised.value.remedy
    assert planned(large.with_(resolution=12), [Overpass("a")]).requests == 9
