"""The page of orders: the list, one order with its buttons by role, and the ways that lead on from it."""

from collections.abc import Iterator
from dataclasses import fields, replace
from unittest import mock

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.orders.order_picture import others_of
from pages.components.shared.messages import ONLY_LOOKS
from pages.state.choices import Choices, choices_of
from pages.state.context import areas, product
from pages.state.ordered import place_in, place_of, question_around
from services.access import Actor, Role
from services.area import parse_aoi
from services.errors import BudgetReached, OrderError
from services.grid import Lattice, zone_grids
from services.orders import Order, OrderBill, OrderService
from services.plan import Cost
from services.preview import StillDrawing
from services.recipe import Interval
from tests.actors import a_member
from tests.pages.acting import acting
from tests.pages.made import go, recipe_of
from tests.pages.ordering import WORKER, ended, grid_of, link_of, meadow, order_of_meadow, ordered, store, under_way
from tests.pages.seen import click, html_of, map_that_says, texts_of

VIEWER, MEMBER, ROOT = (Actor("ada@example.org", role) for role in Role)
STATES = ["done", "done", "failed", "fetching", "no data", "waiting"]


@pytest.fixture(autouse=True)
def without_maps() -> Iterator[None]:
    with map_that_says({}), mock.patch("pages.components.shared.leaflet.st_folium"):
        yield


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def links(page: AppTest) -> dict[str, str]:
    """Label and query of each link to a page."""
    return {one.proto.label: one.proto.query_string for one in page.get("page_link")}


def test_at_first_it_says_what_an_order_is(frame: AppTest) -> None:
    go(frame, "orders")
    assert "No orders yet" in html_of(frame) and "Choose an area" in links(frame)


def test_a_chosen_area_leads_to_its_bill(frame: AppTest) -> None:
    go(frame, "area", meadow())
    assert "bill=1" in links(frame)["All 24 tiles"]
    go(frame, "orders", meadow())
    assert "bill=1" in links(frame)["All 24 tiles"], "so does the empty list"


def test_below_a_bill_nobody_is_told_how_to_get_there(frame: AppTest) -> None:
    go(frame, "orders", meadow(), bill="1")
    assert "No orders yet" not in html_of(frame) and "All 24 tiles" not in links(frame)
    ordered("bob")
    frame.run()
    assert "Open" in links(frame)


def test_an_order_that_has_ended_pauses_no_more(frame: AppTest) -> None:
    row = ended("done", ["done"])
    go(frame, "orders", order=row.id)
    assert "<dt>Tiles made</dt>" in html_of(frame) and "<dt>Pauses</dt>" not in html_of(frame)
    assert "gone from the disk" in html_of(frame), "nobody has made any file here"


def test_an_area_of_two_zones_may_have_a_grid_in_each(frame: AppTest) -> None:
    aoi = parse_aoi("23.98, 60.0, 24.02, 60.02")
    areas().keep(aoi)
    chosen = Choices(interval=Interval.of_year(2017)).with_area(aoi, "600")
    own = grid_of(chosen).lattice
    go(frame, "orders", chosen, bill="1")
    (choice,) = [one for one in frame.checkbox if "34 N and 35 N" in one.label]
    grids = zone_grids(aoi, 600)
    with mock.patch("pages.components.orders.whole_area.order_bill") as bill:
        choice.check().run()
    order, link = bill.call_args.args
    assert [len(sheet.tiles) for sheet in order.sheets] == [len(grid) for grid in grids]
    assert any(lattice == own for lattice in lattices_linked(order, link)), "the page has the grid of one of them"
    assert lattices_linked(order, link) == [sheet.lattice for sheet in order.sheets], "links lead to tiles of each"
    assert f"All {sum(map(len, grids))} tiles in 2 UTM zones" in html_of(frame)


def lattices_linked(order: Order, link: str) -> list[Lattice]:
    """Of each zone the grid that the link of its last tile opens, around that tile."""
    found = []
    for sheet in order.sheets:
        recipe = order.recipe_of(sheet, sheet.tiles[-1])
        chosen, problems = choices_of(question_around(recipe, place_in(order, sheet, place_of(link))))
        assert problems == () and chosen.centre == sheet.tiles[-1]
        found.append(grid_of(chosen).lattice)
    return found


def test_an_area_too_wide_for_one_zone_is_ordered_in_all_of_them(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_MAX_REACH_KM", "200")
    aoi = parse_aoi("23.9, 60.0, 31.1, 60.002")
    areas().keep(aoi)
    chosen = Choices(interval=Interval.of_year(2017)).with_area(aoi, "")
    go(frame, "area", chosen)
    assert any("part in UTM zone 35 N" in one.value for one in frame.caption)
    with mock.patch("pages.components.orders.whole_area.order_bill") as bill:
        go(frame, "orders", chosen, bill="1")
    order, _ = bill.call_args.args
    assert [sheet.lattice.epsg for sheet in order.sheets] == [32634, 32635, 32636]


def test_a_large_bill_is_counted_beside_the_page_and_what_was_wrong_is_told_once(frame: AppTest) -> None:
    counting = mock.Mock(side_effect=StillDrawing)
    with (
        mock.patch.object(OrderService, "known", lambda orders, order: True),
        mock.patch.object(
            OrderService, "progress", lambda orders, order, who: ("Deciding the dates of 24 tiles", 0.25)
        ),
        mock.patch.object(OrderService, "bill", counting),
    ):
        go(frame, "orders", meadow(), bill="1")
        (bar,) = frame.get("progress")
        assert (bar.proto.text, bar.proto.value) == ("Deciding the dates of 24 tiles …", 25)
        counting.side_effect = OrderError("The sky fell.", "Wait.")
        frame.run()
        asked = counting.call_count
        assert "The sky fell." in texts_of(frame)
        frame.run()
        assert "The sky fell." in texts_of(frame) and counting.call_count <= asked + 1


def test_bill_and_order_say_that_view_angles_are_evened_out(frame: AppTest) -> None:
    numbers = {one.name: 1 for one in fields(OrderBill)} | {"refusal": None}
    costs = {"search": Cost(), "spent": Cost(), "pixels": Cost(20.0, 1300, 10**6), "angles": Cost(16.04, 1200, 0)}
    bill = OrderBill(**numbers | costs)  # type: ignore[arg-type] # of every field
    evened = replace(meadow(), nbar=True)
    with (
        mock.patch.object(OrderService, "known", lambda orders, order: True),
        mock.patch.object(OrderService, "bill", lambda orders, order, who, patience: bill),
    ):
        for chosen, said in ((meadow(), False), (evened, True)):
            go(frame, "orders", chosen, bill="1")
            line = "<dt>View angles</dt><dd>evened out (NBAR), 1,200 small requests more: 16.0 units</dd>"
            assert (line in html_of(frame)) is said
    order = Order.of_grid(recipe_of(evened), grid_of(evened))
    row = store().submit(order, a_member("ada@example.org"), cap=0.0, share=0.8, link=link_of(evened))
    go(frame, "orders", order=row.id)
    assert "<dt>View angles</dt><dd>evened out (NBAR)</dd>" in html_of(frame)


def test_orders_of_everybody_have_their_line(frame: AppTest) -> None:
    row = ordered("bob")
    go(frame, "orders")
    assert f"order={row.id}" in links(frame)["Open"]
    assert any("24 tiles · 2017 · at most 10 %" in text for text in texts_of(frame))
    assert "Waiting for its turn" in html_of(frame) and "by bob" in html_of(frame)


def test_an_order_says_how_far_it_is(frame: AppTest) -> None:
    row = under_way(STATES, units=123.4, requests=17)
    go(frame, "orders", order=row.id)
    seen = html_of(frame)
    for words in ("Being made", "12 of 24", "123.4 of 500 units", "where 80 % of the account", "Done 2", "Failed 1"):
        assert words in seen, words
    assert seen.index(">Failed<") < seen.index(">Being fetched<") < seen.index(">Done<"), "what failed comes first"
    assert "The service kept failing. Try again later." in seen


@pytest.mark.parametrize(
    ("who", "owner", "offered"),
    [
        (VIEWER, "ada@example.org", False),
        (MEMBER, "ada@example.org", True),
        (MEMBER, "bob", False),
        (ROOT, "bob", True),
    ],
    ids=["viewer", "own", "of another", "administrator"],
)
def test_who_may_change_an_order_sees_how(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, who: Actor, owner: str, offered: bool
) -> None:
    row = under_way(STATES, owner)
    acting(monkeypatch, who)
    go(frame, "orders", order=row.id)
    assert {"Pause", "Cancel"}.issubset(labels(frame)) is offered
    assert (ONLY_LOOKS in [one.value for one in frame.caption]) is (who is VIEWER)


def test_it_is_paused_goes_on_and_is_cancelled(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ordered()
    acting(monkeypatch, MEMBER)
    go(frame, "orders", order=row.id)
    for press, state in (
        ("Pause", "paused"),
        ("Go on", "queued"),
        ("Cancel", "cancelled"),
        ("Go on with it", "queued"),
    ):
        click(frame, press)
        assert store().found(row.id).state == state


def test_what_stopped_a_paused_order_is_told_and_it_goes_on_under_a_larger_cap(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = under_way(STATES, units=490.0)
    told = BudgetReached("20.0 more units would pass the 500.0.", "Go on with a larger cap.")
    store().wait(row.id, "a larger cap", 0.0, told, by=WORKER)
    acting(monkeypatch, MEMBER)
    go(frame, "orders", order=row.id)
    assert "Paused, waiting for a larger cap" in html_of(frame)
    assert {"20.0 more units would pass the 500.0.", "Go on with a larger cap."}.issubset(texts_of(frame))
    assert "<dt>Time left</dt>" not in html_of(frame), "time does not count while nothing is done"
    (cap,) = [field for field in frame.number_input if field.label.startswith("Hard cap")]
    cap.set_value(700)
    click(frame, "Go on")
    assert (store().found(row.id).state, store().found(row.id).cap) == ("queued", 700.0)


def test_a_small_pictures_tile_and_cost_are_not_said_of_a_whole_area(frame: AppTest) -> None:
    go(frame, "area", meadow())
    assert "<b>Tile</b>" in html_of(frame)
    go(frame, "orders", meadow(), bill="1")
    assert "<b>Year</b>" in html_of(frame) and "<b>Tile</b>" not in html_of(frame)


def test_anothers_order_ends_by_a_second_press(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ordered("bob")
    acting(monkeypatch, ROOT)
    go(frame, "orders", order=row.id)
    click(frame, "Cancel")
    assert store().found(row.id).state == "queued" and "Cancel the order of bob?" in html_of(frame)
    click(frame, "Cancel the order")
    assert store().found(row.id).state == "cancelled"


def test_an_order_that_has_ended_is_removed_by_a_second_press(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ended("gaps", STATES[:3])
    acting(monkeypatch, MEMBER)
    go(frame, "orders", order=row.id)
    click(frame, "Remove…")
    assert store().found(row.id) is not None and "with all of its files?" in html_of(frame)
    click(frame, "Remove the order")
    assert not product().orders.list() and "No orders yet" in html_of(frame)


def test_gaps_are_told_and_tried_again(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ended("gaps", STATES[:3])
    acting(monkeypatch, MEMBER)
    go(frame, "orders", order=row.id)
    assert "Done with gaps" in html_of(frame)
    click(frame, "Try 1 failed part again")
    assert store().found(row.id).state == "queued"
    assert [part.state for part in product().orders.parts(row.id)] == ["done", "done", "waiting"]


def test_orders_of_the_same_tiles_are_found_for_a_comparison(frame: AppTest) -> None:
    row = ended("done", ["done"])
    assert others_of(row) == {}
    twin = order_of_meadow()
    other = replace(twin, recipe=twin.recipe.with_(maxcc=40))
    here = store().submit(other, a_member("bob"), cap=0, share=1)
    assert others_of(row) == {}, "it has no picture yet"
    store().claim("a worker")
    store().finish(here.id, "done", by="a worker")
    assert list(others_of(row)) == [here.id]


def test_an_unknown_order_is_said(frame: AppTest) -> None:
    go(frame, "orders", order="0" * 16)
    assert "There is no such order here" in html_of(frame) and "All orders" in links(frame)


def test_the_link_to_a_picture_asks_the_orders_question_tile_by_tile() -> None:
    """What the link opens has the order's every choice; only its place and the rule of dates are its own."""
    row = ordered()
    sheet = row.order.sheets[0]
    recipe = row.order.recipe_of(sheet, sheet.tiles[9])
    chosen, problems = choices_of(question_around(recipe, place_of(row.link)))
    found = chosen.recipe()
    assert problems == () and found is not None
    assert found == recipe.with_(radius=1, date_rule="tile")
    assert found.lattice == order_of_meadow().sheets[0].lattice
