"""What the viewer of pictures is given, and what of it Python hears."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.viewer import ENLARGE, MOST_CORNERS, Marked, Picture, marked_of, modes_of
from pages.state.comparison import MODES

ONE = Picture("/a.png", "A picture", "2017, ≤ 10 %")
OTHER = Picture("/b.png", "Another picture", "2020, ≤ 10 %", "23 dates")
CHANGE = Picture("/c.png", "What changed", "B04")


def given(script: str) -> dict[str, Any]:
    """What the component gets, where the page is `script`."""
    start = "from tests.pages.shared.test_viewer import CHANGE, ONE, OTHER\n"
    start += "from pages.components.shared.viewer import viewer\n"
    page = AppTest.from_string(start + "import streamlit as st\n" + script, default_timeout=60).run()
    assert not page.exception
    (element,) = page.get("bidi_component")
    data: dict[str, Any] = json.loads(element.proto.json or element.proto.mixed.json)
    return data


def test_one_picture_is_only_enlarged() -> None:
    assert modes_of(None) == (ENLARGE,)
    data = given("viewer('v', ONE, size=(990, 660), mode='swipe')")
    assert (data["mode"], data["size"]) == (ENLARGE, [990, 660])
    assert data["pictures"]["right"] is None and data["pictures"]["difference"] is None


def test_two_pictures_have_a_difference_only_where_there_is_one() -> None:
    assert modes_of(OTHER) == ("swipe", "side", "flicker")
    assert modes_of(OTHER, CHANGE) == tuple(MODES) == ("swipe", "side", "flicker", "difference")


@pytest.mark.parametrize(("asked", "shown"), [("flicker", "flicker"), ("difference", "swipe"), ("<b>", "swipe")])
def test_a_mode_that_is_not_possible_becomes_the_first_one(asked: str, shown: str) -> None:
    data = given(f"st.text(viewer('v', ONE, OTHER, size=(9, 9), mode={asked!r}))")
    assert data["mode"] == shown


def test_words_go_as_they_are_and_pictures_by_their_address() -> None:
    data = given("viewer('v', ONE, OTHER, CHANGE, size=(9, 9))")
    expected = {
        "src": "/b.png",
        "alt": "Another picture",
        "title": "2020, ≤ 10 %",
        "caption": "23 dates",
        "full": "",
        "squares": "",
        "notice": "",
    }
    assert data["pictures"]["right"] == expected
    assert [name for name, _ in data["modes"]] == list(MODES)


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("pixel", []),
        ("pixel", [[0.5, 1.0]]),
        ("pixel", [[0.5, float("nan")]]),
        ("pixel", [[True, 0.5]]),
        ("pixel", [["0.5", "0.5"]]),
        ("polygon", [[0.1, 0.1], [0.2, 0.2]]),
        ("polygon", [[0.1, 0.1]] * (MOST_CORNERS + 1)),
        ("clear", [[0.1, 0.1]]),
        ("<b>", []),
        (None, None),
    ],
)
def test_a_browser_may_say_anything_and_marks_only_places(kind: object, places: object) -> None:
    assert marked_of(kind, places) is None


def test_what_is_marked_is_a_pixel_a_polygon_or_neither() -> None:
    assert marked_of("pixel", [[0, 0.25]]) == Marked("pixel", ((0.0, 0.25),))
    assert marked_of("polygon", [[0, 0], [0.5, 0], [0, 0.5]]) == Marked("polygon", ((0, 0), (0.5, 0), (0, 0.5)))
    assert marked_of("clear", []) == Marked("clear", ())
