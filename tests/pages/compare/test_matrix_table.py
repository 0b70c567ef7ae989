"""What the table of years and limits hears: each thing that somebody did once, in order, and nothing else."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.compare.matrix_table import CellView, Fetch, Select, event_of, matrix_table
from services.recipe import Variant
from tests.pages.seen import component_that_tells

KNOWN = {Variant(2017, 10), Variant(2018, 10), Variant(2018, 20), Variant(2018, 20, "demo")}


def test_each_thing_that_somebody_did_is_heard_once_and_then_what_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[object] = []
    fetch, select = [1, "fetch", [[2017, 10]]], [2, "select", [[2018, 10]]]
    with component_that_tells(monkeypatch, "pages.components.compare.matrix_table", "m") as tell:
        cells = [CellView(one.year, one.maxcc, "missing", source=one.provider) for one in KNOWN]
        shown = {"columns": [10, 20], "rows": [2017, 2018], "selected": [], "size": (9, 9), "caption": ""}
        matrix_table("m", cells=cells, **shown, on_event=events.append, on_heard=lambda: events.append("heard"))  # type: ignore[arg-type]
        tell(fetch)
        tell(fetch, select)
    assert events == [Fetch(Variant(2017, 10)), "heard", Select((Variant(2018, 10),)), "heard"]


def test_nothing_is_heard_of_cells_that_are_not_there() -> None:
    assert event_of("fetch", [(1999, 10)], KNOWN) is None
    assert event_of("spend", [(2017, 10)], KNOWN) is None
    assert event_of("select", [(2017, 10), (2018, 10), (2018, 20)], KNOWN) is None
    assert event_of("select", [(2017, 10), (2018, 20)], KNOWN) == Select((Variant(2017, 10), Variant(2018, 20)))
    assert event_of("fetch", [(2017, 10, "demo")], KNOWN) is None
    two = Select((Variant(2018, 20), Variant(2018, 20, "demo")))
    assert event_of("select", [(2018, 20, ""), (2018, 20, "demo")], KNOWN) == two
    assert event_of("select", [], KNOWN) == Select(())


def test_the_table_gets_its_cells_as_plain_words() -> None:
    script = (
        "from pages.components.compare.matrix_table import matrix_table\n"
        "from services.recipe import Variant\n"
        "from tests.pages.compare.test_matrix_table import CELL\n"
        "matrix_table('m', columns=[10], rows=[2018], cells=[CELL], selected=[Variant(2018, 10)], size=(990, 990),"
        " caption='Pictures', on_event=print)"
    )
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    (element,) = page.get("bidi_component")
    data = json.loads(element.proto.json or element.proto.mixed.json)
    assert data["cells"] == [
        {"year": 2018, "limit": 10, "state": "missing", "picture": "", "alt": "", "words": ["31 dates"]}
        | {"bill": "40 requests, 62.1 units", "progress": None, "source": ""}
    ]
    assert (data["selected"], data["heard"], data["caption"]) == ([[2018, 10, ""]], ["", 0], "Pictures")
    assert data["sources"] == [["", ""]], "a row a year"


CELL = CellView(2018, 10, "missing", words=("31 dates",), bill="40 requests, 62.1 units")
