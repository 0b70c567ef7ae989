"""The bill: what is asked for before anything is asked, and the second press that a dear picture needs."""

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.state.context import default, forget, jobs, product
from services.accounting.entry import Entry
from services.jobs import FETCH
from services.recipe import Recipe
from tests.pages.made import choices, finish, go, job_in, keep_answer, recipe_of
from tests.pages.seen import click, html_of, labels, markup_of, texts_of

Put = Callable[..., None]
CLOUDS = (3.0, 55.5, 9.0)
UNITS = 2 * 990 * 990 / 512**2 * 7 / 3
"""Two dates, each in two requests, the picture's bands first; six bands and SCL, dataMask is free."""


def spend(recipe: Recipe, units: float, member: str = "somebody") -> None:
    """Somebody has spent so much this month."""
    row = Entry("demo", "S2A_1", 100, 9, ("B04",), units, units, 1000, 1.0, 1, 200)
    product().ledger.reserve(Entry(**(vars(row) | {"member": member, "recipe": recipe.digest, "run": "r"})))


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Changes settings of the process."""

    def change(**settings: object) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"NINEPATCH_{name.upper()}", str(value))
        st.cache_resource.clear()
        forget()

    return change


@pytest.fixture
def recipe() -> Recipe:
    """Two of three dates are under the limit."""
    found = recipe_of(choices())
    keep_answer(found, CLOUDS)
    return found


def test_it_says_how_much_of_everything(frame: AppTest, recipe: Recipe) -> None:
    spend(recipe, 1234.0)
    go(frame, "acquisitions", choices())
    html, quota = html_of(frame), default().provider.limits.units_per_month
    for words in (
        "2 dates × 9 tiles × 6 bands, 10 m by nearest neighbour",
        "0 of 144",
        "<dd>4</dd>",
        f"{UNITS:.1f} processing units",
        f"{UNITS / quota:.1%}".replace("%", " %") + "; 12.3 % of 10,000 units are used",
        "does not hold it back",
    ):
        assert words in html, words


@pytest.mark.parametrize("limit", [UNITS + 1, 0])
def test_what_is_not_dear_needs_one_press(frame: AppTest, recipe: Recipe, limit: float, put: Put) -> None:
    put(confirm_units=limit)
    go(frame, "acquisitions", choices())
    click(frame, "Fetch 2 dates")
    assert [job.id for job in jobs().recent(FETCH)] == [recipe.digest]


def test_what_is_dear_needs_a_second_press_that_says_the_price(frame: AppTest, recipe: Recipe, put: Put) -> None:
    put(confirm_units=1)
    go(frame, "acquisitions", choices())
    click(frame, "Fetch 2 dates")
    assert jobs().recent(FETCH) == ()
    assert f"Spend {UNITS:,.0f} units?" in html_of(frame)
    click(frame, "Not now")
    assert jobs().recent(FETCH) == () and "Confirm" not in labels(frame)
    click(frame, "Fetch 2 dates")
    click(frame, "Confirm")
    assert [job.id for job in jobs().recent(FETCH)] == [recipe.digest]
    assert 'aria-current="step">3 Results<' in html_of(frame)


def test_a_confirmation_is_for_one_price(frame: AppTest, recipe: Recipe, put: Put) -> None:
    put(confirm_units=1)
    go(frame, "acquisitions", choices())
    click(frame, "Fetch 2 dates")
    frame.slider(key="dates_limit").set_value(100).run()
    assert "Confirm" not in labels(frame) and any(label.startswith("Fetch 3 dates") for label in labels(frame))


def test_a_budget_that_refuses_has_its_sentence_and_no_button(frame: AppTest, recipe: Recipe, put: Put) -> None:
    put(budget_team_units=100)
    spend(recipe, 95.0, "Ada")
    go(frame, "acquisitions", choices())
    assert "A budget is used up" in html_of(frame)
    assert any(
        "would pass the 100.0 that the team may spend a month: 95.0 are spent" in text for text in texts_of(frame)
    )
    assert not any(label.startswith("Fetch") for label in labels(frame))


def test_a_spent_budget_hides_no_picture_that_is_there(frame: AppTest, recipe: Recipe, put: Put) -> None:
    put(budget_team_units=100)
    put(confirm_units=1)
    spend(recipe, 105.0, "Ada")
    finish(recipe)
    go(frame, "acquisitions", choices())
    click(frame, "Show the picture")
    assert 'aria-current="step">3 Results<' in html_of(frame)


def test_a_job_of_somebody_else_is_watched_and_not_asked_again(frame: AppTest, recipe: Recipe) -> None:
    job = job_in(recipe, "running", member="*Ada* <b>")
    go(frame, "acquisitions", choices())
    assert "*Ada* <b> asks for the same picture now." in texts_of(frame)
    assert "Ada" not in markup_of(frame)
    click(frame, "Watch it being made")
    assert "*Ada* <b> asked for it." in texts_of(frame)
    assert [(one.id, one.run) for one in jobs().recent(FETCH)] == [(job.id, job.run)]


def test_a_job_goes_by_the_name_of_who_presses(frame: AppTest, recipe: Recipe, put: Put) -> None:
    put(member="Grace")
    go(frame, "acquisitions", choices())
    click(frame, "Fetch 2 dates")
    assert [job.member for job in jobs().recent(FETCH)] == ["Grace"]


def test_a_login_outweighs_every_other_name(logged_in: str, frame: AppTest, recipe: Recipe, put: Put) -> None:
    put(member="Grace")
    go(frame, "acquisitions", choices())
    click(frame, "Fetch 2 dates")
    assert [job.member for job in jobs().recent(FETCH)] == [logged_in]
