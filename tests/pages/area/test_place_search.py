"""The search for a place as the page hears it: picked, written whole, or asked online."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.area import place_search
from services.places import Answer, Geocoder, suggest
from tests.pages.seen import address, click, html_of, map_that_says, markup_of, texts_of

FOUND = Answer(
    "Liesjärvi *National* Park, Finland", "national park", 24.0, 61.0, (23.8, 60.6, 24.1, 61.1), "Data © Somebody."
)


@pytest.fixture
def browser(frame: AppTest) -> Iterator[Callable[..., AppTest]]:
    """What somebody does in the field: a button stands for it that tells the next event."""
    told: dict[str, Any] = {}
    numbers = count(1)

    def stand_in(*, key: str, data: dict[str, Any], on_told_change: Callable[[], None]) -> None:
        def happen() -> None:
            st.session_state[key] = {"told": {"sender": "a", "events": [[next(numbers), *told["event"]]]}}
            on_told_change()

        told["data"] = data
        st.button("tell", on_click=happen)

    with map_that_says({}), mock.patch.object(place_search, "_component", stand_in):
        frame.run()
        frame.segmented_control(key="area_way").set_value("Place").run()

        def tell(*event: object) -> AppTest:
            told["event"] = event
            click(frame, "tell")
            assert not frame.exception
            return frame

        tell.data = lambda: told["data"]  # type: ignore[attr-defined] # what the browser is told
        yield tell


def pick(text: str) -> tuple[str, int]:
    return "pick", suggest(text).places[0].number


def test_a_picked_place_is_offered_and_then_used(browser: Any) -> None:
    page = browser(*pick("Lake Saimaa"))
    assert page.text_input(key="offer_name").value == "Lake Saimaa, Finland"
    assert "area" not in address(page), "it is only offered"
    assert "Lake Saimaa, Finland is a lake." in texts_of(page)
    assert browser.data()["said"].startswith("Lake Saimaa, Finland is shown on the map.")
    before = browser.data()["round"]
    click(page, "Use this area")
    assert "EPSG:32635" in html_of(page) and address(page)["area"]
    assert browser.data()["round"] == before + 1, "ready for another name"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("aland islands", "Åland"),
        ("helsingfors", "Helsinki, Uusimaa, Finland"),
        ("52.37, 4.89", "52.3700° N, 4.8900° E"),
        ("35VLG8400071000", "60.1594° N, 24.9100° E"),
    ],
)
def test_words_that_are_written_whole_are_read(browser: Any, words: str, name: str) -> None:
    assert browser("words", words).text_input(key="offer_name").value == name


def test_a_point_is_the_centre_tile_of_the_team_grid(browser: Any) -> None:
    page = browser("words", "52.37, 4.89")
    click(page, "Use this area")
    assert address(page)["grid"] == "3300" and "Tile number 0 of 1." in markup_of(page)
    page.segmented_control(key="area_way").set_value("Text").run()
    page.text_area(key="area_text").set_value("geo:60.17,24.94").run()
    click(page, "Show on the map")
    assert page.text_input(key="offer_name").value == "60.1700° N, 24.9400° E"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (("words", "Russia"), "Russia measures 16,9"),
        (("words", "helsnki"), "Helsinki — City, Uusimaa, Finland"),
        (("words", "<b>Atlantis</b> :red[x]"), "is called '<b>Atlantis</b> :red[x]'"),
        (("words", "100, 200"), "The latitude 100 is not between"),
        (("pick", 10**9), "There is no place number 1000000000"),
    ],
)
def test_what_is_no_area_is_told_beside_the_field_and_nothing_is_offered(
    browser: Any, event: tuple[str, object], words: str
) -> None:
    page = browser(*event)
    assert any(words in text for text in texts_of(page))
    assert "<b>Atlantis" not in markup_of(page) and ":red[" not in markup_of(page)
    assert "This area cannot be used" in html_of(page)
    assert "Use this area" not in [button.label for button in page.button]
    page = browser("words", "Estonia")
    assert "This area cannot be used" not in html_of(page)
    assert page.text_input(key="offer_name").value == "Estonia"


def test_without_a_geocoder_nothing_is_asked_online(browser: Any) -> None:
    assert browser.data()["online"] == ""
    page = browser("online", "Liesjärvi")
    assert "Use this area" not in [button.label for button in page.button]
    assert "GeoNames (CC BY 4.0)" in markup_of(page) and "no statement" in markup_of(page)


def test_online_answers_are_shown_as_plain_words_with_whose_they_are(browser: Any) -> None:
    with (
        mock.patch.object(place_search, "geocoder_of", lambda _: Geocoder("https://geo.example.org/search")),
        mock.patch.object(Geocoder, "search", lambda _, text: (FOUND,) if text == "Liesjärvi" else ()),
    ):
        page = browser("online", "Liesjärvi")
        assert browser.data()["online"] == "geo.example.org" and browser.data()["said"].startswith("1 found by")
        (button,) = [one for one in page.button if one.label.startswith("Liesj")]
        assert button.label == r"Liesjärvi \*National\* Park, Finland \(national park\)"
        assert "Data © Somebody." in texts_of(page)
        button.click().run()
        assert page.text_input(key="offer_name").value == FOUND.name
        page = browser("online", "nothing of that name")
        assert browser.data()["said"] == "geo.example.org found nothing."
