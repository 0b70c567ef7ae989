"""The dates as the strip shows them, what it hears, and the veto of one as a person makes it."""

import json
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.acquisitions.date_strip import FaceView, _plain, date_strip, faces_of
from pages.components.acquisitions.veto_form import ANOTHER, REASONS, veto_form, vetoes_list
from pages.state import session
from services.catalogue import choose
from services.grid import Lattice, TileIndex
from services.preview import DateSummary
from services.recipe import LONGEST, Interval, Recipe, Veto
from tests.pages import made
from tests.pages.seen import click, component_that_tells, html_of, texts_of

FACE = FaceView("S2A_R079_20170607T095031", "2017-06-07", "S2A", 79, 3.2, 0.81, "kept", thumbnail="/a.png")
OVER = replace(FACE, clouds=12.34, state="over", words="12.34 % > 10 %", clear=None, thumbnail="")
GONE = replace(FACE, state="gone", words="The file B03.tif is not there any more.")
HAZE = Veto(FACE.key, "Haze or thin cloud")


def test_only_dates_that_are_there_are_picked_and_each_pick_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    picks: list[str] = []
    ticks: list[tuple[str, bool]] = []
    with component_that_tells(monkeypatch, "pages.components.acquisitions.date_strip", "s") as tell:
        date_strip("s", [FACE], "", on_pick=picks.append, on_tick=lambda face, used: ticks.append((face.key, used)))
        tell([1, FACE.key], [2, "c"], [3, ""])
        tell([1, FACE.key], [2, "c"], [3, ""], [4, FACE.key])
        tell([5, FACE.key, "exclude"], [6, FACE.key, "use"], [7, "c", "use"], [8, FACE.key, "burn"])
    assert picks == [FACE.key, "", FACE.key]
    assert ticks == [(FACE.key, False), (FACE.key, True)]


def test_a_face_says_of_a_date_what_the_catalogue_and_the_recipe_say() -> None:
    recipe = made.recipe_of(made.choices())
    found = made.keep_answer(recipe, [3.0, 12.3, 5.0, 4.0, 2.0], slivers=(3,))
    found = (*found[:4], replace(found[4], gone="The file B03.tif is not there any more."))
    recipe = recipe.with_(vetoes=[Veto(found[2].key, "haze: thin")], least_coverage=1)
    dates = [
        DateSummary(**vars(choice), clear=0.5, data=0.75, thumbnail=number != 1)
        for number, choice in enumerate(choose(found, recipe))
    ]
    faces = faces_of(dates, recipe, lambda face: f"/pictures/{face.acquisition.date}.png")
    assert [(face.key, face.date, face.state, face.words, face.thumbnail) for face in faces] == [
        (found[0].key, "2017-06-07", "kept", "", "/pictures/2017-06-07.png"),
        (found[1].key, "2017-06-12", "over", "12.3 % > 10 %", ""),
        (found[2].key, "2017-06-17", "vetoed", "haze: thin", "/pictures/2017-06-17.png"),
        (found[3].key, "2017-06-22", "sliver", "covers 0.5 % < 1 %", "/pictures/2017-06-22.png"),
        (found[4].key, "2017-06-27", "gone", "The file B03.tif is not there any more.", "/pictures/2017-06-27.png"),
    ]
    assert [face.clouds for face in faces] == pytest.approx([3.0, 12.3, 5.0, 4.0, 2.0])


def run(call: str) -> AppTest:
    """A page that calls one function of this module."""
    script = f"from tests.pages.acquisitions import test_date_strip\ntest_date_strip.{call}"
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    return page


def strip_page() -> None:
    strange = replace(OVER, key="S2A", date="2017-07-02", state="vetoed", words="<b>haze</b>")
    date_strip("s", [FACE, strange], "S2A", on_pick=print, on_tick=print, label="Dates of 2017", caption="Two dates")


def test_the_strip_gets_its_dates_as_plain_words() -> None:
    (element,) = run("strip_page()").get("bidi_component")
    data = json.loads(element.proto.json or element.proto.mixed.json)
    first, second = data.pop("faces")
    assert data == {"label": "Dates of 2017", "caption": "Two dates", "picked": "S2A", "heard": ["", 0]}
    assert (first["month"], second["month"]) == ("June 2017", "July 2017")
    assert first["bars"] == [["scene cloud cover", "3 %", "", 0.032], ["clear in this picture", "81 %", "", 0.81]]
    assert second["bars"][1] == ["clear in this picture", "–", "", None]
    assert (first["words"], second["words"]) == (["used", ""], ["excluded", "<b>haze</b>"])
    assert first["name"] == "2017-06-07, S2A: scene cloud cover 3 %, clear in this picture 81 %; used"
    sliver = _plain(replace(FACE, clear=0.0, data=0.04))
    assert sliver["bars"][1] == ["clear in this picture", "0 %", ", 4 % with data", 0.0]
    assert "clear in this picture 0 %, 4 % with data; used" in sliver["name"]
    assert second["name"].endswith("clear in this picture not known; excluded (<b>haze</b>)")


def form_page(*vetoes: Veto, maxcc: int = 10, face: FaceView = FACE) -> None:
    """The form of a date that is kept but for a veto, and the list."""
    if "begun" not in st.session_state:
        st.session_state["begun"] = True
        session.change(vetoes=vetoes, interval=RECIPE.interval)
    veto = next((veto for veto in session.read().vetoes if veto.acquisition == face.key), None)
    shown = replace(face, state="vetoed", words=veto.reason) if veto else face
    veto_form(RECIPE.with_(maxcc=maxcc), shown)
    vetoes_list([face])


def vetoed(page: AppTest) -> list[tuple[str, str]]:
    return [(veto.acquisition, veto.reason) for veto in page.session_state["choices"].vetoes]


def test_a_date_is_left_out_for_a_reason_of_ours_and_taken_in_again() -> None:
    page = run("form_page(test_date_strip.OTHER)")
    assert page.selectbox[0].options == [*REASONS, ANOTHER]
    page.selectbox[0].select("Smoke or dust").run()
    click(page, "Exclude this date")
    assert vetoed(page) == [(FACE.key, "Smoke or dust"), (OTHER.acquisition, OTHER.reason)]
    assert "Excluded: Smoke or dust" in texts_of(page) and not page.selectbox
    click(page, "Use it again")
    assert vetoed(page) == [(OTHER.acquisition, OTHER.reason)]
    assert page.selectbox


def test_a_reason_in_own_words_is_put_in_order_and_shown_as_text() -> None:
    page = run("form_page()")
    page.selectbox[0].select(ANOTHER).run()
    assert page.text_input[0].max_chars == LONGEST
    page.text_input[0].input("  <b>thin</b>   *smoke* ").run()
    click(page, "Exclude this date")
    assert vetoed(page) == [(FACE.key, "<b>thin</b> *smoke*")]
    assert "Excluded: <b>thin</b> *smoke*" in texts_of(page) and "S2A: <b>thin</b> *smoke*" in texts_of(page)
    assert "smoke" not in html_of(page)


@pytest.mark.parametrize("words", ["   ", "\u202e"])
def test_no_veto_without_a_reason_that_can_be_read(words: str) -> None:
    page = run("form_page()")
    page.selectbox[0].select(ANOTHER).run()
    page.session_state["veto_words"] = words
    click(page, "Exclude this date")
    assert vetoed(page) == []
    assert "This choice is not possible" in html_of(page)
    assert any("reason of an excluded date" in text for text in texts_of(page))
    page.session_state["veto_words"] = "Contrails"
    click(page, "Exclude this date")
    assert vetoed(page) == [(FACE.key, "Contrails")]
    assert "This choice is not possible" not in html_of(page)


def test_a_date_over_the_limit_says_which_limit_would_take_it_in() -> None:
    page = run("form_page(face=test_date_strip.OVER)")
    (sentence,) = texts_of(page)
    assert sentence == "It is over the max. cloud cover: 12.34 % > 10 %. A maximum of 13 % would use it."
    assert [button.label for button in page.button] == ["Use this date all the same"] and not page.selectbox
    assert "12.3 %" in html_of(page) and "not cached" in html_of(page)


def test_a_date_whose_file_is_gone_says_so_and_not_that_a_limit_would_take_it_in() -> None:
    page = run("form_page(face=test_date_strip.GONE)")
    assert texts_of(page) == ["It is excluded: The file B03.tif is not there any more."]
    assert not page.button and not page.selectbox


def test_a_vetoed_date_that_is_too_cloudy_says_both() -> None:
    page = run("form_page(test_date_strip.HAZE, maxcc=3)")
    assert texts_of(page)[:2] == [
        "Excluded: Haze or thin cloud",
        "Its scene cloud cover is over the maximum of 3 % too.",
    ]


def test_all_vetoes_are_listed_oldest_first_and_those_of_elsewhere_say_so() -> None:
    page = run("form_page(test_date_strip.HAZE, test_date_strip.OTHER, test_date_strip.ODD)")
    assert "3 dates are excluded" in html_of(page)
    assert texts_of(page)[1:] == [
        "somewhere: cloud (not among these dates)",
        "S2B: snow (not among these dates)",
        "S2A: Haze or thin cloud",
    ]
    click(page, "Use 2016-05-01 again")
    assert vetoed(page) == [(FACE.key, HAZE.reason), ("somewhere", "cloud")]
    click(page, "Use all again")
    assert vetoed(page) == [] and "excluded" not in html_of(page)


RECIPE = Recipe(Lattice(32635, 300000.0, 6600000.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))
OTHER, ODD = Veto("S2B_R036_20160501T100031", "snow"), Veto("somewhere", "cloud")
