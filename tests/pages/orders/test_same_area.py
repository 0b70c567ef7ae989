"""The orders of one area by years and limits, on the page of one of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.orders.order_picture import others_of
from pages.components.orders.year_table import OrderCell, year_table
from pages.state.context import settings
from services.orders import OrderRow
from services.recipe import Interval
from tests.actors import a_member
from tests.pages.made import go
from tests.pages.ordering import WORKER, ended, link_of, meadow, order_of_meadow, store
from tests.pages.seen import component_that_tells, html_of, map_that_says, sent_to, viewed


@pytest.fixture(autouse=True)
def without_maps() -> Iterator[None]:
    with map_that_says({}), mock.patch("pages.components.shared.leaflet.st_folium"):
        yield


def other(state: str = "done", *, pictured: bool = True, **choices: Any) -> OrderRow:
    """An order of the same tiles with other choices, which has ended so, or goes on."""
    twin = order_of_meadow()
    order = replace(twin, recipe=twin.recipe.with_(**choices))
    row = store().submit(order, a_member("bob"), cap=0, share=1, link=link_of(meadow()))
    if state != "queued":
        store().claim(WORKER)
        store().finish(row.id, state, by=WORKER)
        picture(row.id, there=pictured)
    return store().found(row.id)


def picture(key: str, *, there: bool = True) -> None:
    """Its mosaic is on this machine; nobody looks into it here."""
    if there:
        place = settings().home / "orders" / key / f"mosaic_{order_of_meadow().sheets[0].lattice.epsg}.tif"
        place.parent.mkdir(parents=True)
        place.touch()


def finished() -> OrderRow:
    """The order of 2017, at most 10 % clouds, whose page is opened."""
    row = ended("done", ["done"], units=12.3)
    picture(row.id)
    return row


def cells_of(page: AppTest) -> dict[tuple[int, int], dict[str, Any]]:
    """By year and limit."""
    return {(cell["year"], cell["limit"]): cell for cell in sent_to(page, "order_years")["cells"]}


def query_of(address: str) -> dict[str, list[str]]:
    """Of a link in the table."""
    return parse_qs(address.removeprefix("?"))


def test_years_and_limits_have_their_orders_and_the_others_the_way_to_their_bill(frame: AppTest) -> None:
    row, later = finished(), other(interval=Interval.of_year(2019), maxcc=35)
    go(frame, "orders", order=row.id)
    table, cells = sent_to(frame, "order_years"), cells_of(frame)
    assert (table["rows"], table["columns"]) == ([2016, 2017, 2018, 2019, 2020], [10, 20, 35, 40, 60])
    assert len(cells) == 25, "every place has a cell"
    here, there = cells[2017, 10], cells[2019, 35]
    assert (here["state"], here["current"], here["words"], here["beside"]) == ("here", True, "Done · 12.3 units", "")
    assert (there["state"], there["current"]) == ("here", False)
    chosen = {"radius": ["1"]}
    assert {"order": [later.id], **chosen}.items() <= query_of(there["go"]).items(), "what is chosen stays"
    assert {"order": [row.id], "with": [later.id], **chosen}.items() <= query_of(there["beside"]).items()
    assert f"/order/{later.id}/overview/32635/true.png" in there["picture"] and "small=1" in there["picture"]
    assert "Overview of 2019, at most 35 %, True colour, north up" in there["alt"] and "imulated" in there["alt"]
    for place, question in (((2016, 10), {"year": ["2016"]}), ((2018, 40), {"year": ["2018"], "maxcc": ["40"]})):
        asked = query_of(cells[place]["go"])
        assert cells[place]["state"] == "missing"
        assert question.items() <= asked.items() and asked["bill"] == ["1"] and asked["grid"] == ["6x4"]


def test_an_order_that_goes_on_says_how_far_it_is(frame: AppTest) -> None:
    row = finished()
    going = other("queued", maxcc=20)
    store().claim(WORKER)
    part = {"epsg": 32635, "x": 0, "y": 0, "columns": 4, "rows": 4}
    states = [("done", 7), ("no data", 1), ("fetching", 4), ("waiting", 12)]
    rows = [{**part, "number": n, "state": state, "tiles": tiles} for n, (state, tiles) in enumerate(states)]
    store().put_parts(going.id, rows, WORKER)
    go(frame, "orders", order=row.id)
    cell = cells_of(frame)[2017, 20]
    assert (cell["state"], cell["words"], cell["beside"]) == ("making", "Being made, 33 %", "")
    assert cell["progress"] == pytest.approx(8 / 24)


@pytest.mark.parametrize(
    ("state", "pictured", "words"),
    [("done", False, "Done"), ("failed", True, "Did not work"), ("cancelled", True, "Cancelled")],
)
def test_an_order_without_a_picture_here_is_a_state_that_leads_to_it(
    frame: AppTest, state: str, *, pictured: bool, words: str
) -> None:
    row, one = finished(), other(state, pictured=pictured, maxcc=20)
    go(frame, "orders", order=row.id)
    cell = cells_of(frame)[2017, 20]
    assert (cell["state"], cell["words"], query_of(cell["go"])["order"]) == ("empty", words, [one.id])


def test_orders_of_the_same_tiles_that_differ_otherwise_are_below_the_table(frame: AppTest) -> None:
    row = finished()
    one = other(mask="strict", method="medoid", maxcc=20)
    go(frame, "orders", order=row.id)
    assert cells_of(frame)[2017, 20]["state"] == "missing"
    (link,) = [link.proto for link in frame.get("page_link") if "other cloud mask and method" in link.proto.label]
    assert link.label.startswith("2017, at most 20 %") and f"order={one.id}" in link.query_string
    assert "The same tiles, ordered otherwise" in html_of(frame)
    assert list(others_of(row)) == [one.id], "and it can be compared"


def test_an_order_whose_place_is_unknown_leads_to_no_bill(frame: AppTest) -> None:
    row = store().submit(order_of_meadow(), a_member("ada@example.org"), cap=0, share=1)
    go(frame, "orders", order=row.id)
    assert {cell["go"] for cell in cells_of(frame).values() if cell["state"] == "missing"} == {""}


def test_a_link_shows_both_orders_beside_each_other_and_another_choice_changes_it(frame: AppTest) -> None:
    row, one, two = finished(), other(maxcc=20), other(maxcc=40)
    with mock.patch("pages.components.orders.order_picture.lay"):
        go(frame, "orders", None, order=row.id, **{"with": one.id})
        assert f"/{one.id}/" in viewed(frame)["pictures"]["right"]["src"]
        assert sent_to(frame, "order_years")["shown"] == f"{row.id} {one.id}"
        frame.selectbox(f"order_other_{row.id}").select(two.id).run()
        assert f"/{two.id}/" in viewed(frame)["pictures"]["right"]["src"]
        assert frame.query_params["with"] in (two.id, [two.id])


def test_the_page_goes_where_a_link_of_the_table_leads_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    here = OrderCell(2017, 10, "here", {"order": "a"}, beside={"order": "b", "with": "a"})
    address = mock.Mock()
    monkeypatch.setattr("streamlit.query_params", address)
    with component_that_tells(monkeypatch, "pages.components.orders.year_table", "t") as tell:
        year_table("t", [10], [2017], [here], size=(3, 2), caption="", shown="b ")
        tell([1, "go", "?order=c"], [2, "stay", "?order=a"])
        assert not address.from_dict.called
        tell([3, "go", "?order=b&with=a"])
    address.from_dict.assert_called_once_with({"order": "b", "with": "a"})
