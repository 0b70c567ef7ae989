"""Where pixels come from, chosen on the first page: it is in the link, in the question and in the masthead."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.state.choices import last_year
from services.providers import choice
from tests.pages.made import choices, go, recipe_of
from tests.pages.seen import address, click, html_of, markup_of, texts_of
from tests.services.providers.tiny_provider import register_open

HOLE = "The first catalogue has next to nothing of 2015 to 2017."
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of open data, of which the first has a hole; the demo archive is the default."""
    register_open(monkeypatch, NOBODY, NOBODY, holes=(HOLE, ""))


def captions(page: AppTest) -> list[str]:
    return [element.value for element in page.caption]


def test_it_offers_what_can_be_asked_and_says_what_is_the_default(frame: AppTest) -> None:
    go(frame, "area")
    (radio,) = frame.radio
    assert radio.options == ["Open data: Open catalogue 1", "Open data: Open catalogue 2", "Demo archive (simulated)"]
    assert radio.value == "demo"
    assert "Demo archive is what the settings name." in captions(frame)


def test_an_account_is_offered_where_it_has_credentials(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    account = '[{"name": "copernicus", "client_id": "us", "client_secret": "hush"}]'
    monkeypatch.setenv("NINEPATCH_PROVIDERS", account)
    go(frame, "area")
    assert frame.radio[0].options[-1] == "Copernicus Data Space (account)"
    assert "hush" not in markup_of(frame)


def test_the_chosen_one_is_in_the_link_the_question_and_the_masthead(frame: AppTest) -> None:
    go(frame, "area", choices())
    assert "Simulated data" in html_of(frame)
    assert "provider" not in address(frame), "as before, where the setting names it"
    frame.radio[0].set_value("open-2").run()
    assert address(frame)["provider"] == "open-2"
    assert "Pixels: Open catalogue 2" in html_of(frame) and "Simulated data" not in html_of(frame)
    frame.switch_page("acquisitions.py").run()
    assert "Pixels: Open catalogue 2" in html_of(frame)
    assert recipe_of(choices(provider="open-2")).provider == "open-2"


def test_a_link_of_another_provider_opens_it(frame: AppTest) -> None:
    chosen = choices(provider="open-1")
    go(frame, "area", chosen)
    assert address(frame) == chosen.question()
    assert frame.radio[0].value == "open-1"


def test_a_link_to_an_unknown_provider_says_so_and_keeps_the_rest(frame: AppTest) -> None:
    link = choices().question() | {"provider": "nowhere"}
    go(frame, "area", None, **link)
    said = texts_of(frame)
    assert any("'nowhere'; known here are demo, " in text for text in said)
    assert any("Demo archive is asked instead" in text for text in said)
    assert address(frame) == choices().question()


def test_where_the_default_was_found_at_the_start_links_name_it(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_PROVIDER", "auto")
    choice._first_answer.cache_clear()
    go(frame, "area")
    assert address(frame)["provider"] == "demo"
    assert any("so the demo archive is used: simulated pixels" in text for text in captions(frame))
    go(frame, "area", choices(provider="open-2"))
    assert not any("so the demo archive is used" in text for text in captions(frame)), "it is not the one that is used"


def test_a_hole_is_said_and_the_other_catalogue_asked_in_one_press(frame: AppTest) -> None:
    go(frame, "acquisitions", choices(provider="open-1"))
    assert HOLE in texts_of(frame)
    click(frame, "Ask Open catalogue 2 instead")
    assert HOLE not in texts_of(frame)
    assert address(frame) == choices(provider="open-2").question()


def test_an_example_of_a_year_that_the_catalogue_lacks_is_of_last_year(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_PROVIDER", "open-1")
    go(frame, "area")
    click(frame, "**Southern Finland**")
    assert address(frame)["year"] == last_year().label
