"""The way to an area by the name of a country or region."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.area import all_places
from tests.pages.seen import address, click, html_of, map_that_says, markup_of, texts_of


@pytest.fixture
def picker(frame: AppTest) -> Any:
    with map_that_says({}):
        frame.run()
        frame.segmented_control(key="area_way").set_value("Place").run()
        assert not frame.exception
        yield frame


def pick(page: AppTest, name: str) -> None:
    """As the browser does with what is in the list and with what is not."""
    box = field(page)
    box.options += [name] * (name not in box.options)  # AppTest knows of no new options
    box.set_value(name).run()
    assert not page.exception


def field(page: AppTest) -> Any:
    (found,) = [box for box in page.selectbox if box.label == "Country or region"]
    return found


def test_all_places_are_in_the_list_and_none_is_chosen(picker: AppTest) -> None:
    assert field(picker).value is None
    assert field(picker).options == [place.label for place in all_places()]
    assert "Made with Natural Earth" in markup_of(picker) and "no statement" in markup_of(picker)
    assert "1:10 million" in field(picker).help


def test_a_region_is_offered_and_then_used(picker: AppTest) -> None:
    pick(picker, "Uusimaa, Finland")
    assert picker.text_input(key="offer_name").value == "Uusimaa, Finland"
    assert "area" not in address(picker), "it is only offered"
    click(picker, "Use this area")
    assert "EPSG:32635" in html_of(picker) and address(picker)["area"]
    assert field(picker).value is None, "ready for another name"


def test_a_name_may_be_written_without_its_accents(picker: AppTest) -> None:
    pick(picker, "aland islands")
    assert picker.text_input(key="offer_name").value == "Åland"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Russia", "Russia measures 16,9"),
        ("northern", "places are called 'northern'"),
        ("<b>Atlantis</b> :red[x]", "no country or region called '<b>Atlantis</b> :red[x]'"),
    ],
)
def test_what_is_no_area_is_told_beside_the_field_and_nothing_is_offered(
    picker: AppTest, name: str, words: str
) -> None:
    pick(picker, name)
    assert any(words in text for text in texts_of(picker))
    assert "<b>Atlantis" not in markup_of(picker) and ":red[" not in markup_of(picker)
    assert "This area cannot be used" in html_of(picker)
    assert "Use this area" not in [button.label for button in picker.button]
    pick(picker, "Estonia")
    assert "This area cannot be used" not in html_of(picker)
    assert picker.text_input(key="offer_name").value == "Estonia"
