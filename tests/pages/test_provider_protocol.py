"""A provider of another kind on the pages: its costs are told in its own words, and no page knows it."""

import re

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.state.choices import Choices
from pages.state.context import areas, forget, jobs, product
from services.accounting import Requester
from services.accounting.entry import Entry
from services.jobs import FETCH
from services.plan import Cost
from services.recipe import Interval, Recipe
from tests.pages.made import FINLAND, choices, go, job_in, recipe_of
from tests.pages.seen import click, html_of, texts_of
from tests.services.providers.tiny_provider import HEADER, TinySource, register

SIZE = 2 * 9 * (330 * 330 * (6 * 2 + 2) + 8 * HEADER)
"""Bytes of two dates: nine tiles of 330 × 330 px, six bands of two bytes, SCL and dataMask, a head of each plane."""


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
    assert SIZE == 27_443_952
    for words in (
        "2 dates × 9 tiles × 6 bands",
        "<dt>Download</dt><dd>about 27.4 MB, 144 requests, free</dd>",
        "<b>Cost</b> 27.4 MB, 144 requests, free",
        "does not hold it back",
    ):
        assert words in html, words
    assert not any(word in html.lower() for word in (" units", "processing unit", "of the month", "of the budget"))
    assert "Fetch 2 dates · 27.4 MB, 144 requests, free" in [button.label for button in frame.button]
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
    assert "<dt>Received</dt><dd>27.4 MB</dd>" in html
    go(frame, "activity")
    html = html_of(frame)
    assert "Quota of" not in html and " units" not in html.lower() and ">Units" not in html
    assert "Tiny archive: 27.4 MB, 144 requests, free." in [caption.value for caption in frame.caption]
    numbers = ("144", "0", "27.4 MB", "144", "0", "0 bytes")
    assert re.findall(r"<td[^>]*>(.*?)</td>", html.partition("<td>Ada</td>")[2])[: len(numbers)] == [*numbers]
    assert spent.bytes == SIZE


def test_a_ledger_of_several_providers_has_units_and_bytes(frame: AppTest, recipe: Recipe) -> None:
    product().fetch(recipe, member="Ada")
    row = Entry("demo", "S2A_1", 100, 1, ("B04",), 61.1, 61.1, 5_000_000, 1.0, 1, 200, member="Bob", requests=1)
    product().ledger.reserve(row)
    go(frame, "activity")
    html = html_of(frame)
    for name, units, received in (("Ada", "–", "27.4 MB"), ("Bob", "61.1", "5.0 MB")):
        line = next(part for part in html.split("<tr") if f"<td>{name}</td>" in part)
        assert f">{units}</td>" in line and f">{received}</td>" in line and ">0.0</td>" not in line
    assert "Units saved" in html
    assert "Demo archive: 61.1 units." in [caption.value for caption in frame.caption]


def test_a_job_is_told_in_requests_and_bytes(frame: AppTest, recipe: Recipe) -> None:
    far = {"done": 4, "total": 36, "requests": 16, "expected_requests": 144, "bytes": 3_100_000, "expected": SIZE}
    job = job_in(recipe, "running", member="Ada", **far)
    product().ledger.save(Requester("tiny", "Ada", recipe.digest, job.run), 16, Cost(bytes=9_000_000))
    go(frame, "results", choices())
    html = html_of(frame)
    assert "<dd>16 of 144</dd>" in html and "<dd>3.1 MB of about 27.4 MB</dd>" in html and "Units" not in html
    go(frame, "activity")
    html = html_of(frame)
    assert '<span data-name="Spent">3.1 MB</span>' in html and '<span data-name="Saved">9.0 MB</span>' in html


def test_a_large_download_needs_a_second_press_that_says_how_large(
    frame: AppTest, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_CONFIRM_GB", "0.02")
    st.cache_resource.clear()
    forget()
    go(frame, "acquisitions", choices())
    click(frame, "Fetch 2 dates")
    assert jobs().recent(FETCH) == () and "Download 27.4 MB?" in html_of(frame)
    assert "It is much for one picture." in texts_of(frame) and "quota" not in html_of(frame).lower()
    click(frame, "Confirm")
    assert [job.recipe for job in jobs().recent(FETCH)] == [recipe.to_json()]


def test_the_budget_in_gb_is_on_the_bill_and_on_the_page_of_activity(
    frame: AppTest, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, gb in (("TEAM", "0.1"), ("MEMBER", "0.2"), ("JOB", "0.05")):
        monkeypatch.setenv(f"NINEPATCH_BUDGET_{name}_GB", gb)
    st.cache_resource.clear()
    forget()
    spent = Entry("tiny", "S2A_1", 100, 1, ("B04",), 0.0, 0.0, 50_000_000, 1.0, 1, 206, "", "Bob", run="r")
    product().ledger.reserve(spent)
    go(frame, "acquisitions", choices())
    assert "<dt>Of the budget</dt><dd>27.4 %; 50.0 % of 100 MB a month are used</dd>" in html_of(frame)
    product().ledger.reserve(spent)
    frame.run()
    refusal = "27.4 MB more would pass the 100 MB that the team may download a month: 100 MB are downloaded."
    assert any(refusal in text for text in texts_of(frame))
    assert not any(button.label.startswith("Fetch") for button in frame.button)
    go(frame, "activity")
    html = html_of(frame)
    assert "100 MB of 100 MB, 100.0 %" in html and "0 bytes of 200 MB, 0.0 %" in html
    assert "One job may download at most 50.0 MB." in [caption.value for caption in frame.caption]


def test_words_on_the_page_are_those_of_a_provider_of_files(frame: AppTest, recipe: Recipe) -> None:
    go(frame, "acquisitions", choices())
    html = html_of(frame)
    assert "the head of a file, or some of the pixels of one band" in html
    assert "<dt>Quota</dt>" not in html and "requests and units" not in html


def test_a_comparison_is_filled_at_its_price_in_bytes(frame: AppTest, recipe: Recipe) -> None:
    go(frame, "compare", choices())
    texts = " ".join((html_of(frame), *texts_of(frame), *(button.label for button in frame.button)))
    assert "requests, free" in texts and " units" not in texts


@pytest.mark.parametrize("page", ["area", "acquisitions", "results"])
def test_a_link_with_tiles_that_the_provider_does_not_give_is_refused_by_its_limit(frame: AppTest, page: str) -> None:
    areas().keep(FINLAND.aoi)
    go(frame, page, Choices(interval=Interval.of_year(2017)).with_area(FINLAND.aoi, "30000"))
    if page == "area":
        assert [field.value for field in frame.number_input if field.label.startswith("Tile size")] == [30_000]
    else:
        assert any("3000 × 3000 px; the service gives 1 to 2500 px a side" in text for text in texts_of(frame))
