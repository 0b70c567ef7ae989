"""A provider of another kind on the pages: its costs are told in its own words, and no page knows it."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.state.choices import Choices
from pages.state.context import areas, jobs, product
from services.jobs import FETCH
from services.recipe import Interval, Recipe
from tests.pages.made import FINLAND, choices, go, recipe_of
from tests.pages.seen import click, html_of, texts_of
from tests.services.ledger_rows import entries
from tests.services.providers.tiny_provider import TinySource, register


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> TinySource:
    """The far end of the chosen provider."""
    monkeypatch.setenv("NINEPATCH_PROVIDER", "tiny")
    return register(monkeypatch)


@pytest.fixture
def recipe(source: TinySource) -> Recipe:
    """A question to it, of which the dates are known."""
    found = recipe_of(choices())
    product().search(found)
    return found


def test_the_bill_is_in_questions_and_bytes(frame: AppTest, recipe: Recipe, source: TinySource) -> None:
    go(frame, "acquisitions", choices())
    html = html_of(frame)
    assert recipe.provider == "tiny"
    for words in ("2 dates × 9 tiles × 6 bands", "<dd>144</dd>", "does not hold it back"):
        assert words in html, words
    assert "<dt>Units</dt>" not in html and "Processing unit" not in html and "of the month" not in html.lower()
    assert any(button.label.startswith("Fetch 2 dates · 27") and "MB" in button.label for button in frame.button)
    click(frame, "Fetch 2 dates")
    assert [job.recipe for job in jobs().recent(FETCH)] == [recipe.to_json()]
    assert source.blocks == [], "nothing is asked for before the worker does"


def test_the_picture_says_where_it_is_from_and_what_it_cost(frame: AppTest, recipe: Recipe) -> None:
    _, spent = product().fetch(recipe, member="Ada", watched=True)
    go(frame, "results", choices())
    html = html_of(frame)
    assert "Arithmetic of 2017, by nobody" in html
    assert f"<dd>{spent.requests:,}</dd>" in html
    assert "processing units" not in html
    go(frame, "activity")
    assert "Quota of" not in html_of(frame)
    assert f"{spent.requests:,}" in html_of(frame) or f"{len(entries(product().ledger)):,}" in html_of(frame)


@pytest.mark.parametrize("page", ["area", "acquisitions", "results"])
def test_a_link_with_tiles_that_the_provider_does_not_give_is_refused_by_its_limit(frame: AppTest, page: str) -> None:
    areas().keep(FINLAND.aoi)
    go(frame, page, Choices(interval=Interval.of_year(2017)).with_area(FINLAND.aoi, "30000"))
    if page == "area":
        assert [field.value for field in frame.number_input if field.label.startswith("Tile size")] == [30_000]
    else:
        assert any("3000 × 3000 px; the service gives 1 to 2500 px a side" in text for text in texts_of(frame))
