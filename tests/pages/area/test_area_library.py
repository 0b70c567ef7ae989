"""The library in the page: empty, saved, used, renamed, deleted, searched; and what others do meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from pages.components.area.area_library import AT_ONCE, words
from pages.components.shared.format import spoken
from pages.state.context import areas, library
from services.area import Entry, parse_aoi
from services.recipe import EXAMPLES
from tests.actors import administrator
from tests.pages.seen import address, click, html_of, labels, markup_of, texts_of

EVIL = '![x](http://x.example/a.png) <img src=x onerror=alert(1)> :red[r] *"'
FINLAND, PO = EXAMPLES[0].aoi, EXAMPLES[1].aoi


@pytest.fixture
def page() -> AppTest:
    """Not yet run."""
    return AppTest.from_file(str(Path(__file__).resolve().parents[1] / "library_app.py"), default_timeout=60)


def box(number: int, name: str) -> Entry:
    """Somebody else saved it."""
    return library().save(
        parse_aoi(f"{number / 10}, 60, {number / 10 + 0.05}, 60.05", name=name), administrator("Ada *L*")
    )


def listed(page: AppTest) -> list[str]:
    """The names in the list, from the top."""
    return [image.split('"')[0] for image in html_of(page).split('alt="Outline of ')[1:]]


def test_an_empty_library_says_what_to_do(page: AppTest) -> None:
    page.run()
    assert "Nobody has saved an area yet" in html_of(page)
    assert any("Save for the team" in text for text in texts_of(page))
    assert not page.text_input and "Save for the team" not in labels(page), "no area is chosen"


def test_the_chosen_area_is_saved_once_and_its_name_follows(page: AppTest) -> None:
    click(page.run(), FINLAND.name)
    click(page, "Save for the team")
    assert [(entry.name, entry.member) for entry in library().search()] == [(FINLAND.name, "somebody")]
    assert "Save for the team" not in labels(page) and listed(page) == [FINLAND.name]
    assert f"Saved for the team as {FINLAND.name}" in texts_of(page)
    assert any(text.startswith("Chosen now · 20,817 km² · 60.7° N, 24.9° E\n") for text in texts_of(page))
    library().rename(FINLAND.outline_digest, EVIL, administrator())
    page.run()
    assert f"Saved for the team as {EVIL}" in texts_of(page)
    click(page, "Rename it for the team")
    assert [entry.name for entry in library().search()] == [FINLAND.name]


def test_a_saved_area_is_used_and_comes_to_the_top(page: AppTest) -> None:
    first = box(1, "One")
    box(2, "Two")
    page.run()
    assert listed(page) == ["Two", "One"]
    assert "0.1° E\nSaved by Ada *L*, just now" in "".join(texts_of(page))
    click(page, "Use *One*")
    assert listed(page) == ["One", "Two"]
    opened = areas().open(address(page)["area"])
    assert opened is not None and opened == library().open(first.id)
    assert "Saved for the team as One" in texts_of(page)


def test_the_chosen_area_used_again_keeps_its_grid(page: AppTest) -> None:
    box(1, "One")
    click(page.run(), "Use *One*")
    page.session_state["choices"] = page.session_state["choices"].with_grid("660")
    click(page.run(), "Use *One*")
    assert page.session_state["choices"].question()["grid"] == "660"


def test_a_rename_is_for_all_and_a_taken_name_is_refused_beside_it(page: AppTest) -> None:
    one = box(1, "One")
    box(2, "Two")
    page.run()
    click(page, "Rename *One*")
    assert page.text_input(key="library_name").value == "One"
    page.text_input(key="library_name").set_value(" TWO ")
    page.button(key="library_rename").click().run()
    assert "The library cannot do this" in html_of(page)
    assert "Another area of the library is called Two." in texts_of(page)
    page.text_input(key="library_name").set_value(EVIL)
    page.button(key="library_rename").click().run()
    assert "The library cannot do this" not in html_of(page)
    assert library().open(one.id).name == EVIL and EVIL in texts_of(page)
    assert "library_name" not in [field.key for field in page.text_input]


def test_a_rename_can_be_left(page: AppTest) -> None:
    box(1, "One")
    click(page.run(), "Rename")
    page.text_input(key="library_name").set_value("")
    page.button(key="library_rename").click().run()
    assert "The library cannot do this" in html_of(page)
    click(page, "Leave it")
    assert "The library cannot do this" not in html_of(page) and listed(page) == ["One"]
    click(page, "Rename")
    assert page.text_input(key="library_name").value == "One"


def test_what_is_deleted_was_confirmed_and_links_to_it_still_open(page: AppTest) -> None:
    box(1, "One")
    click(page.run(), "Use *One*")
    click(page, "Delete *One*")
    assert "Delete it for the whole team?" in html_of(page)
    click(page, "Keep it")
    assert listed(page) == ["One"] and "Delete it for the whole team?" not in html_of(page)
    click(page, "Delete *One*")
    assert len(library().search()) == 1, "nothing is gone before the second press"
    click(page, "Delete *One*")
    assert library().search() == () and "Nobody has saved an area yet" in html_of(page)
    assert areas().open(address(page)["area"]) is not None and "Save for the team" in labels(page)


def test_what_somebody_deleted_meanwhile_is_told(page: AppTest) -> None:
    entry = box(1, "One")
    page.run()
    library().delete(entry.id, administrator())
    click(page, "Use *One*")
    assert "The library cannot do this" in html_of(page) and "area" not in address(page)
    assert any("somebody deleted it" in text for text in texts_of(page))


@pytest.mark.parametrize("others", [0, 1])
def test_a_rename_of_what_somebody_deleted_meanwhile_is_told(page: AppTest, others: int) -> None:
    entry = box(1, "One")
    for number in range(others):
        box(number + 2, "Two")
    page.run()
    click(page, "Rename *One*")
    library().delete(entry.id, administrator())
    page.text_input(key="library_name").set_value("Another")
    page.button(key="library_rename").click().run()
    assert any("somebody deleted it" in text for text in texts_of(page))


def test_a_search_finds_and_says_when_there_is_nothing(page: AppTest) -> None:
    for number, name in enumerate(["Åland", "Uusimaa", "100 %"]):
        box(number, name)
    page.run()
    for text, found in (("ALAND", ["Åland"]), ("%", ["100 %"]), ("", ["100 %", "Uusimaa", "Åland"]), ("x", [])):
        page.text_input(key="library_search").set_value(text).run()
        assert listed(page) == found
    assert "No area has that in its name" in html_of(page)


def test_many_areas_come_a_few_at_a_time(page: AppTest) -> None:
    for number in range(AT_ONCE + 3):
        box(number, f"Area {number}")
    assert len(listed(page.run())) == AT_ONCE
    click(page, "Show more")
    assert len(listed(page)) == AT_ONCE + 3 and "Show more" not in labels(page)


def test_names_are_words_and_no_markup(page: AppTest) -> None:
    box(1, EVIL)
    page.run()
    assert EVIL in texts_of(page)
    assert "<img src=x" not in markup_of(page) and "&lt;img src=x onerror" in html_of(page)


@pytest.mark.parametrize("name", [EVIL, "a*b_c`d", "# x", "1. x", "~~x~~", "\\", "x\\", "&amp;", "(x)", "$x$", "Åland"])
def test_a_spoken_name_has_every_sign_as_it_is(name: str) -> None:
    children = MarkdownIt("commonmark").enable(["strikethrough"]).parseInline(spoken("Use", name))[0].children or []
    kinds = [child.type for child in children if child.type not in {"text", "text_special"}]
    assert kinds == ["em_open", "em_close"]
    assert "".join(child.content for child in children) == f"Use {name}"


def test_words_of_an_area_in_the_south_and_west() -> None:
    entry = Entry("0" * 12, "a", "Ada", 1000.0, 1000.0, 0.04567, -70.04, -33.46, "M0 0Z")
    assert words(entry, 1000.0 + 7200) == "0.0457 km² · 33.5° S, 70.0° W\nSaved by Ada, 2.0 h ago"
    assert words(replace(entry, area_km2=1234.5), 1000.0).startswith("1,234 km² · ")
