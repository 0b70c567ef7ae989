"""What the table of years and limits hears: each thing that somebody did once, in order, and nothing else."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.components.compare.matrix_table import CellView, Fetch, Select, unheard

KNOWN = {(2017, 10), (2018, 10), (2018, 20)}


def told(*events: list[Any], table: str = "a") -> dict[str, Any]:
    return {"table": table, "events": list(events)}


def test_what_was_told_twice_is_heard_once() -> None:
    first = [1, "fetch", [[2017, 10]]]
    heard, events = unheard(told(first), ("", 0), KNOWN)
    assert (heard, events) == (("a", 1), [Fetch(2017, 10)])
    heard, events = unheard(told(first, [2, "select", [[2018, 10]]], [3, "select", []]), heard, KNOWN)
    assert (heard, events) == (("a", 3), [Select(((2018, 10),)), Select(())])
    assert unheard(told(first), heard, KNOWN) == (("a", 3), [])


def test_a_table_that_was_put_up_again_counts_from_one() -> None:
    heard, events = unheard(told([1, "select", [[2017, 10], [2018, 20]]], table="b"), ("a", 7), KNOWN)
    assert (heard, events) == (("b", 1), [Select(((2017, 10), (2018, 20)))])


def test_nothing_is_heard_of_cells_that_are_not_there() -> None:
    assert unheard(None, ("a", 1), KNOWN) == (("a", 1), [])
    assert unheard(told([1, "fetch", [[1999, 10]]]), ("", 0), KNOWN) == (("a", 1), [])
    assert unheard(told([1, "spend", [[2017, 10]]]), ("", 0), KNOWN) == (("a", 1), [])
    three = [1, "select", [[2017, 10], [2018, 10], [2018, 20]]]
    assert unheard(told(three), ("", 0), KNOWN)[1] == []


def test_the_table_gets_its_cells_as_plain_words() -> None:
    script = (
        "from pages.components.compare.matrix_table import matrix_table\n"
        "from tests.pages.compare.test_matrix_table import CELL\n"
        "matrix_table('m', columns=[10], rows=[2018], cells=[CELL], selected=[(2018, 10)], size=(990, 990),"
        " caption='Pictures', on_event=print)"
    )
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    (element,) = page.get("bidi_component")
    data = json.loads(element.proto.json or element.proto.mixed.json)
    assert data["cells"] == [
        {"year": 2018, "limit": 10, "state": "missing", "picture": "", "alt": "", "words": ["31 dates"]}
        | {"bill": "40 requests, 62.1 units", "progress": None}
    ]
    assert (data["selected"], data["heard"], data["caption"]) == ([[2018, 10]], ["", 0], "Pictures")


CELL = CellView(2018, 10, "missing", words=("31 dates",), bill="40 requests, 62.1 units")
