"""The page of activity: all jobs and what they cost, the month, the ledger, the cache."""

from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.shared.format import ago, duration
from pages.state import member as state
from pages.state.context import forget, jobs, product
from services.accounting import Requester
from services.accounting.entry import Entry
from services.cache import Amount, FrameStore, Stored, frame_key
from services.errors import NotAllowed
from services.jobs import FETCH, FILL
from services.plan import Cost
from tests.actors import a_member
from tests.pages.made import FINLAND, choices, go, job_in, keep_answer, recipe_of
from tests.pages.ordering import ordered
from tests.pages.seen import click, html_of, labels, map_that_says, markup_of, texts_of


@pytest.fixture(autouse=True)
def without_map() -> Iterator[None]:
    with map_that_says({}):
        yield


def spend(member: str, units: float, run: str = "r", recipe: str = "0" * 16) -> None:
    """A request of three planes, answered."""
    row = Entry("demo", "S2A_1", 100, 1, ("B04", "SCL", "dataMask"), units, units, 5_000_000, 1.0, 1, 200)
    product().ledger.reserve(Entry(**(vars(row) | {"member": member, "run": run, "recipe": recipe})))


def store_frames() -> None:
    """The cache has a tile of two dates of 2017 in Finland."""
    recipe = recipe_of(choices())
    for acquisition in keep_answer(recipe, (3.0, 4.0)):
        key = frame_key(recipe, recipe.centre, acquisition)
        product().frames.write(key, {"SCL": np.ones((key.height, key.width), np.uint8)})


def test_at_first_it_says_what_will_be_here(frame: AppTest) -> None:
    go(frame, "activity")
    assert "No jobs yet" in html_of(frame)
    assert 'aria-current="step">Activity<' in html_of(frame)
    assert "0.0 of 10,000 units, 0.0 %" in html_of(frame)


def test_a_job_of_anybody_has_its_line(frame: AppTest) -> None:
    recipe = recipe_of(choices())
    job = job_in(recipe, "running", member="Ada", units=61.07, dates=35, dates_done=12, waiting="the account's limit")
    spend("Ada", 61.07, job.run)
    product().ledger.save(Requester("demo", "Ada", recipe.digest, job.run), wanted=6, price=Cost(70.0))
    go(frame, "activity")
    assert f"{FINLAND.name} · tile 35,25 · 2017 · at most 10 %" in texts_of(frame)
    html = html_of(frame)
    for words in (
        "Ada",
        "just now",
        "being made, 12 of 35 dates, held back by the account&#x27;s limit",
        "61.1 units",
        "8.9 units",
    ):
        assert f">{words}</span>" in html, words


@pytest.mark.parametrize(("state", "label"), [("failed", "Resume"), ("cancelled", "Continue")])
def test_what_ended_before_its_time_goes_on_for_who_presses_it(frame: AppTest, state: str, label: str) -> None:
    job = job_in(recipe_of(choices()), state, member="Ada", cause="The **service** <b>failed</b>.")
    go(frame, "activity")
    assert "**service**" not in "".join(element.value for element in frame.markdown)
    assert "<b>failed" not in html_of(frame)
    click(frame, label)
    found = jobs().get(job.id)
    assert found is not None and (found.state, found.member) == ("queued", "somebody") and found.run != job.run


def test_a_job_is_cancelled_from_here(frame: AppTest) -> None:
    job = job_in(recipe_of(choices()), "running", member="somebody")
    go(frame, "activity")
    click(frame, "Cancel")
    assert jobs().report(job.id) is True and "Cancelling…" in labels(frame)


def test_a_fill_is_listed_with_its_words_and_is_no_result_to_open(frame: AppTest) -> None:
    recipe = recipe_of(choices())
    fill = jobs().submit(FILL, recipe, a_member())
    go(frame, "activity")
    assert f"Fetch for comparison · {FINLAND.name} · tile 35,25 · 2017 · at most 10 %" in texts_of(frame)
    assert ">somebody</span>" in html_of(frame)
    assert "Open" not in [link.proto.label for link in frame.get("page_link")]
    click(frame, "Cancel")
    found = jobs().get(fill.id)
    assert found is not None and found.state == "cancelled" and "Continue" in labels(frame)
    go(frame, "results")
    assert not [text for text in texts_of(frame) if text.startswith("Fetch for comparison")]


def test_many_jobs_come_a_few_at_a_time(frame: AppTest) -> None:
    for limit in range(17):
        job_in(recipe_of(choices(maxcc=limit)), "queued")
    go(frame, "activity")
    assert labels(frame).count("Cancel") == 15
    click(frame, "Older jobs")
    assert labels(frame).count("Cancel") == 17 and "Older jobs" not in labels(frame)


def test_a_job_of_another_version_does_not_break_the_page(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_of(choices())
    with monkeypatch.context() as patch:
        patch.setattr(type(recipe), "to_json", lambda self: '{"version": 99}')
        jobs().submit(FETCH, recipe, a_member())
    go(frame, "activity")
    assert "a picture of another version of the program" in texts_of(frame)


def test_the_ledger_sums_by_what_is_chosen_and_names_are_plain_text(frame: AppTest) -> None:
    recipe = recipe_of(choices())
    job_in(recipe, "done", member="Ada")
    spend("Ada", 1200.5, recipe=recipe.digest)
    spend("<img src=x> **Bob**", 3.0)
    go(frame, "activity")
    html = html_of(frame)
    assert "<td>Ada</td>" in html and '<td class="np-number">1,200.5</td>' in html
    assert "&lt;img src=x&gt; **Bob**" in html and "<img src=x>" not in markup_of(frame)
    assert "1,203.5 of 10,000 units, 12.0 %" in html
    frame.segmented_control(key="ledger_by").set_value("recipe").run()
    assert f"<td>{FINLAND.name} · tile 35,25 · 2017 · at most 10 %</td>" in html_of(frame)
    month = product().ledger.month
    frame.selectbox(key="ledger_month").set_value(month).run()
    assert f'href="/ledger/recipe.csv?month={month}" download' in html_of(frame)
    assert f'href="/ledger/requests.csv?month={month}" download' in html_of(frame)


def test_budgets_are_shown_where_they_are_set(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, units in (("TEAM", "400"), ("MEMBER", "100"), ("JOB", "50")):
        monkeypatch.setenv(f"NINEPATCH_BUDGET_{name}_UNITS", units)
    st.cache_resource.clear()
    forget()
    spend("somebody", 98.0)
    spend("Ada", 102.0)
    go(frame, "activity")
    html = html_of(frame)
    assert "200.0 of 400 units, 50.0 %" in html and "98.0 of 100 units, 98.0 %" in html
    assert html.count("np-meter np-full") == 1
    assert any("at most 50 units" in caption.value for caption in frame.caption)


def test_a_typed_name_is_who_asks_from_then_on(frame: AppTest) -> None:
    keep_answer(recipe_of(choices()), (3.0,))
    go(frame, "activity", choices())
    frame.text_input(key="member_name").set_value("  Ada\u2028 *Lovelace*  ").run()
    assert "/member?name=Ada%20%2ALovelace%2A" in html_of(frame)
    frame.switch_page("acquisitions.py").run()
    click(frame, "Fetch 1 date")
    assert [job.member for job in jobs().recent(FETCH)] == ["Ada *Lovelace*"]
    assert "*Lovelace*" not in markup_of(frame)


def test_who_is_signed_in_types_no_name(logged_in: str, frame: AppTest) -> None:
    go(frame, "activity")
    assert f"Signed in as {logged_in}" in texts_of(frame) and not frame.text_input
    assert f"<span>{logged_in}</span>" in html_of(frame) and "/auth/logout" in html_of(frame)


def test_nobody_acts_who_did_not_come_through_the_gate(
    logged_in: str, frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame.user.update({"email": logged_in, "is_logged_in": True})
    monkeypatch.setattr(state, "handed_on", lambda headers: None)
    with pytest.raises(NotAllowed, match="not logged in"):
        state.actor()


def test_the_cache_tells_its_size_and_how_often_it_helped(frame: AppTest) -> None:
    store_frames()
    spend("Ada", 2.0, "run")
    product().ledger.save(Requester("demo", "Ada", "0" * 16, "run"), wanted=12, price=Cost(8.0))
    go(frame, "activity")
    html = html_of(frame)
    assert "<dt>Cached bands</dt><dd>2</dd>" in html and "of 50.0 GB" in html
    assert "75 %: 9 of 12 bands" in html
    assert f"stored {product().frames.stock().oldest:%Y-%m-%d}" in html


def test_what_all_machines_share_is_told_beside_what_is_near(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameStore, "stored", lambda _: Stored(3, 5 * 10**9))
    monkeypatch.setattr(FrameStore, "amount", lambda *_: Amount(7, 0, {}, 2 * 10**9))
    go(frame, "activity")
    assert "<dt>Store of all machines</dt><dd>5.0 GB of bands, and 0 bytes of orders</dd>" in html_of(frame)
    click(frame, "Clear…")
    assert "Remove 7 cached bands, 0 bytes here and 2.0 GB in the store of all machines?" in html_of(frame)


def test_a_part_is_cleared_after_a_second_press_that_says_how_much(frame: AppTest) -> None:
    store_frames()
    go(frame, "activity", choices())
    frame.selectbox(key="stock_year").set_value("2018").run()
    click(frame, "Clear…")
    assert "Remove 0 cached bands" in html_of(frame)
    click(frame, "Not now")
    frame.selectbox(key="stock_year").set_value("2017").run()
    frame.checkbox(key="stock_here").set_value(True).run()
    click(frame, "Clear…")
    frame.switch_page("area.py").run()
    frame.switch_page("activity.py").run()
    assert "Remove 2 cached bands" in html_of(frame)
    assert f"All that was acquired in 2017, in {FINLAND.name}." in texts_of(frame)
    assert product().frames.stock().planes == 2, "nothing is gone before the second press"
    click(frame, "Remove")
    assert product().frames.stock().planes == 0
    assert any(text.startswith("2 cached bands and") for text in texts_of(frame))


def test_without_an_area_there_is_no_clearing_by_area(frame: AppTest) -> None:
    go(frame, "activity")
    assert frame.checkbox(key="stock_here").disabled


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (89, "89 s ago"), (90, "2 min ago"), (7200, "2.0 h ago"), (864000, "10 days ago")],
)
def test_how_long_ago_has_two_digits_that_matter(seconds: float, words: str) -> None:
    assert ago(seconds) == words
    assert duration(19) == "19 s"


def test_orders_under_way_are_counted_and_lead_on(frame: AppTest) -> None:
    go(frame, "activity")
    assert not [one for one in frame.get("page_link") if "whole areas" in one.proto.label], "none is under way"
    ordered()
    go(frame, "activity")
    assert "1 order of whole areas under way" in [one.proto.label for one in frame.get("page_link")]
