"""A link asks nothing of a provider that counts before somebody presses, and says what it would take."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.state.choices import Choices
from pages.state.context import jobs, product
from services.access import Actor, Role
from services.accounting.entry import Entry
from services.jobs import LOOK
from services.recipe import Interval, Recipe
from tests.pages.made import choices, go, keep_answer, recipe_of
from tests.pages.seen import click, html_of, labels, texts_of

ASK = "Ask the catalogue"
PAGES = ("acquisitions", "results", "compare")


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chosen provider is an account; nobody answers there."""
    for name, value in {
        "PROVIDER": "private",
        "BASE_URL": "http://127.0.0.1:9",
        "TOKEN_URL": "http://127.0.0.1:9/token",
        "CLIENT_ID": "us",
        "CLIENT_SECRET": "hush",
    }.items():
        monkeypatch.setenv(f"NINEPATCH_{name}", value)


def opened(page: AppTest, name: str, chosen: Choices, **query: str) -> AppTest:
    """Open a page by a link, in a session that has shown nothing before."""
    page.query_params.update(chosen.question() | query)
    page.switch_page(f"{name}.py").run()
    assert not page.exception, page.exception
    return page


def looks() -> list[str]:
    """The intervals that jobs ask for, the earliest first."""
    return sorted(Recipe.from_json(job.recipe).interval.label for job in jobs().recent(LOOK, limit=100))


@pytest.mark.usefixtures("counting")
@pytest.mark.parametrize("name", PAGES)
def test_a_link_asks_nothing_and_says_what_asking_takes(frame: AppTest, name: str) -> None:
    opened(frame, name, choices())
    for _ in range(2):
        assert looks() == [] and ASK in labels(frame) and "Asking the catalogue" not in html_of(frame)
        frame.run()
    assert "The catalogue has not been asked for" in html_of(frame) and "2017" in html_of(frame)
    year = product().search_price((recipe_of(choices()),), "").cost
    count, units = (1, year.units) if name != "compare" else (3, 3 * year.units)
    told = f"About {count * year.requests} catalogue requests, {units:,.2f} units of private"
    assert any(text.startswith(told) and "of a month's 10,000 requests" in text for text in texts_of(frame)), told
    click(frame, ASK)
    assert looks() == (["2017"] if name != "compare" else ["2015", "2016", "2017"])
    assert ASK not in labels(frame)


@pytest.mark.usefixtures("counting")
def test_a_step_of_the_masthead_and_other_days_are_the_press(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    assert looks() == ["2017"], "the link was to the page of areas, and the step is a press"
    other = AppTest.from_file(frame._script_path, default_timeout=60)
    opened(other, "acquisitions", choices(interval=Interval.of_year(2016)))
    assert looks() == ["2017"]
    other.slider(key="dates_limit").set_value(40).run()
    assert looks() == ["2017"] and ASK in labels(other), "another limit is the same question"
    other.button_group(key="dates_year").set_value(2018).run()
    assert looks() == ["2017", "2018"] and ASK not in labels(other)
    other.button_group(key="dates_year").set_value(2016).run()
    assert looks() == ["2016", "2017", "2018"], "it was chosen here by now"


@pytest.mark.usefixtures("counting")
def test_a_year_that_is_added_to_a_comparison_is_asked_for_and_those_of_the_link_are_not(frame: AppTest) -> None:
    opened(frame, "compare", choices(), years="2016,2017")
    frame.button_group(key="comparison_years").set_value([2016, 2017, 2019]).run()
    assert looks() == ["2019"] and ASK in labels(frame)


@pytest.mark.usefixtures("counting")
def test_what_is_known_or_being_asked_by_somebody_is_shown_at_once(frame: AppTest) -> None:
    jobs().submit(LOOK, recipe_of(choices()).with_(area="Area", maxcc=100), Actor("Ada", Role.MEMBER))
    keep_answer(recipe_of(choices(interval=Interval.of_year(2018))), (3.0,))
    opened(frame, "acquisitions", choices(interval=Interval.of_year(2018)))
    assert ASK not in labels(frame) and len(looks()) == 1


def test_where_nobody_pays_a_link_shows_its_dates_without_a_press(frame: AppTest) -> None:
    opened(frame, "acquisitions", choices())
    assert looks() == ["2017"] and ASK not in labels(frame)


@pytest.mark.parametrize("name", PAGES)
def test_a_viewer_asks_nothing_wherever_pixels_come_from(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("pages.state.member.actor", lambda: Actor("vera", Role.VIEWER))
    go(frame, name, choices())
    assert looks() == [] and ASK not in labels(frame)
    assert "A member of this server may ask it" in " ".join(caption.value for caption in frame.caption)


@pytest.mark.usefixtures("counting")
def test_a_month_without_requests_left_is_said_in_the_place_of_the_press(frame: AppTest) -> None:
    row = Entry("private", "S2A_1", 1, 1, ("B04",), 0.0, 0.0, 1, 1.0, 1, 200, requests=10_000)
    product().ledger.reserve(row)
    opened(frame, "acquisitions", choices())
    said = "would pass the 10,000 that the account may be asked a month: 10,000 are asked."
    assert ASK not in labels(frame) and any(said in text for text in texts_of(frame))
