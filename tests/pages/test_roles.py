"""What each role sees: a viewer looks, a member spends and stops own work, an administrator changes others'."""

from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.messages import ONLY_LOOKS
from pages.state.context import jobs, library, product, roster, settings
from services.access import Actor, AuditLog, Role
from services.accounting.entry import Entry
from services.cache import frame_key
from services.jobs import FETCH, Job
from services.storage import Database
from tests.actors import administrator
from tests.pages.acting import acting
from tests.pages.made import FINLAND, choices, finish, go, job_in, keep_answer, recipe_of
from tests.pages.seen import click, html_of, labels, map_that_says, texts_of
from tests.pages.test_compare import cells, known, opened

VIEWER, MEMBER, ROOT = (Actor("ada@example.org", role) for role in Role)


@pytest.fixture(autouse=True)
def without_map() -> Iterator[None]:
    with map_that_says({}):
        yield


def captions(page: AppTest) -> list[str]:
    return [caption.value for caption in page.caption]


def audit() -> list[tuple[str, str, str]]:
    found = AuditLog(Database.of(settings())).recent(administrator())
    return [(row.actor, row.action, row.subject) for row in found]


def spend(member: str, units: float) -> None:
    """A request of three planes, answered."""
    planes = ("B04", "SCL", "dataMask")
    row = Entry("demo", "S2A_1", 100, 1, planes, units, units, 5_000_000, 1.0, 1, 200, member=member)
    product().ledger.reserve(row)


def seen_again(key: str) -> Job:
    found = jobs().get(key)
    assert found is not None
    return found


@pytest.mark.parametrize("who", [VIEWER, MEMBER, ROOT], ids=lambda who: who.role.title)
def test_where_a_member_fetches_a_viewer_reads_why_not(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, who: Actor
) -> None:
    keep_answer(recipe_of(choices()), (3.0, 4.0))
    acting(monkeypatch, who)
    go(frame, "acquisitions", choices())
    fetches = [label for label in labels(frame) if label.startswith("Fetch 2 dates")]
    assert bool(fetches) is (who is not VIEWER) and (ONLY_LOOKS in captions(frame)) is (who is VIEWER)
    if who is not VIEWER:
        click(frame, fetches[0])
    assert [job.member for job in jobs().recent(FETCH)] == ([] if who is VIEWER else ["ada@example.org"])


def test_a_viewer_compares_and_reads_what_is_missing(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    known(2017, 2018)
    acting(monkeypatch, VIEWER)
    opened(frame)
    assert {cell.state for cell in cells(frame).values()} == {"empty"}
    assert all("To fetch:" in cell.words[-1] for cell in cells(frame).values())
    assert ONLY_LOOKS in captions(frame) and not [one for one in labels(frame) if one.startswith("Fetch")]


def test_a_viewer_opens_a_picture_that_is_made_and_downloads(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_of(choices())
    keep_answer(recipe, (3.0, 4.0))
    finish(recipe)
    acting(monkeypatch, VIEWER)
    go(frame, "results", result=recipe.digest)
    assert f'href="/files/{recipe.digest}/' in html_of(frame) and not frame.exception
    assert jobs().recent(FETCH) == ()


@pytest.mark.parametrize(
    ("who", "own", "others"), [(VIEWER, False, False), (MEMBER, True, False), (ROOT, True, True)], ids=str
)
def test_jobs_are_stopped_by_who_asked_or_by_an_administrator(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, who: Actor, own: bool, others: bool
) -> None:
    mine = job_in(recipe_of(choices(maxcc=1)), "queued", member=who.name)
    theirs = job_in(recipe_of(choices(maxcc=2)), "queued", member="bert@example.org")
    acting(monkeypatch, who)
    go(frame, "activity")
    keys = {button.key for button in frame.button}
    assert (f"cancel-{mine.id}" in keys, f"cancel-{theirs.id}" in keys) == (own, others)


def test_stopping_anothers_job_asks_first_says_what_it_cost_and_is_recorded(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(recipe_of(choices()), "running", member="<b>Bert</b>", units=61.07)
    acting(monkeypatch, ROOT)
    for page in ("activity", "results"):
        go(frame, page, choices())
        click(frame, "Cancel")
        assert not seen_again(job.id).cancel, "nothing happens before the second press"
        assert "Cancel the job of &lt;b&gt;Bert&lt;/b&gt;?" in html_of(frame)
        assert "61.1 units are spent and stay spent." in texts_of(frame)
        click(frame, "Not now")
        assert "Cancel the job" not in html_of(frame)
    go(frame, "activity")
    click(frame, "Cancel")
    click(frame, "Cancel the job")
    assert seen_again(job.id).cancel and "Cancelling…" in labels(frame)
    assert audit() == [("ada@example.org", "job stopped", job.id)]


@pytest.mark.parametrize("who", [VIEWER, MEMBER, ROOT], ids=lambda who: who.role.title)
def test_a_resume_is_a_members_and_in_their_name(frame: AppTest, monkeypatch: pytest.MonkeyPatch, who: Actor) -> None:
    job = job_in(recipe_of(choices()), "failed", member="bert@example.org")
    acting(monkeypatch, who)
    go(frame, "activity")
    assert ("Resume" in labels(frame)) is (who is not VIEWER)
    if who is not VIEWER:
        click(frame, "Resume")
        assert seen_again(job.id).member == "ada@example.org"


@pytest.mark.parametrize("who", [VIEWER, MEMBER], ids=lambda who: who.role.title)
def test_others_than_administrators_see_their_own_ledger_and_clear_nothing(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, who: Actor
) -> None:
    monkeypatch.setenv("NINEPATCH_BUDGET_MEMBER_UNITS", "500")
    spend("ada@example.org", 2.0)
    spend("bert@example.org", 40.0)
    acting(monkeypatch, who)
    go(frame, "activity")
    html = html_of(frame)
    assert "Your usage" in html and "bert@example.org" not in html
    assert '<td class="np-number">2.0</td>' in html and '<td class="np-number">42.0</td>' not in html
    assert "Clear…" not in labels(frame) and "An administrator may clear a part of it." in captions(frame)
    assert ("Your budget" in html) is (who is MEMBER)
    assert "Members and audit log" not in [link.proto.label for link in frame.get("page_link")]
    go(frame, "members")
    assert "This is not for you to do" in html_of(frame) and not frame.dataframe and "Audit log" not in html_of(frame)


def test_clearing_says_what_it_would_cost_again_and_is_recorded(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of(choices())
    for acquisition in keep_answer(recipe, (3.0, 4.0)):
        key = frame_key(recipe, recipe.centre, acquisition)
        product().frames.write(key, {"SCL": np.ones((key.height, key.width), np.uint8)})
    spend("bert@example.org", 30.0)  # of three planes, so that one is 10 units
    acting(monkeypatch, ROOT)
    go(frame, "activity")
    click(frame, "Clear…")
    assert any("would cost about 20.0 units" in text for text in texts_of(frame))
    click(frame, "Remove")
    assert product().frames.stock().planes == 0
    assert audit() == [("ada@example.org", "cache cleared", "all years, everywhere")]


def test_areas_are_saved_by_members_and_changed_by_their_owner(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    library().save(FINLAND.aoi, Actor("bert@example.org", Role.MEMBER))
    for who, changes in ((VIEWER, False), (MEMBER, False), (ROOT, True)):
        with monkeypatch.context() as patch:
            acting(patch, who)
            go(frame, "area")
            frame.segmented_control(key="area_way").set_value("Team").run()
            keys = {button.key for button in frame.button}
            assert (f"rename-{FINLAND.aoi.outline_digest}" in keys) is changes, who
            assert f"use-{FINLAND.aoi.outline_digest}" in keys


def test_an_administrator_sees_members_what_they_spent_and_the_audit_log(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_BUDGET_MEMBER_UNITS", "500")
    monkeypatch.setenv("NINEPATCH_MEMBERS", "@example.org, guest@partner.test")
    spend("bert@example.org", 40.0)
    spend("<i>eve</i>", 3.0)
    acting(monkeypatch, ROOT)
    go(frame, "members")
    frame.text_input(key="member_form_name").set_value("Carl@Elsewhere.test")
    frame.selectbox(key="member_form_role").set_value("member")
    frame.text_input(key="member_form_units").set_value("50")
    click(frame, "Save")
    assert roster().role("carl@elsewhere.test") is Role.MEMBER
    html = html_of(frame)
    for told in (
        ("carl@elsewhere.test", "member", "0.0", "50 units (own)"),
        ("guest@partner.test", "member", "0.0", "500 units"),
        ("bert@example.org", "40.0", "500 units"),
        ("&lt;i&gt;eve&lt;/i&gt;", "3.0"),
    ):
        row = next(part for part in html.split("<tr>") if f"<td>{told[0]}</td>" in part)
        assert all(f">{cell}</td>" in row for cell in told), (told, row)
    assert "@example.org (member)" in " ".join(captions(frame))
    assert "member added" in html and 'href="/audit.csv" download' in html
    assert "bert@example.org" in frame.selectbox(key="member_form_who").options, "by the domain"
    frame.selectbox(key="member_form_who").set_value("carl@elsewhere.test").run()
    assert frame.text_input(key="member_form_units").value == "50"
    frame.selectbox(key="member_form_role").set_value("removed")
    click(frame, "Save")
    assert roster().role("carl@elsewhere.test") is None and "member removed" in html_of(frame)


def test_a_wrong_budget_is_named_and_nothing_is_written(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    acting(monkeypatch, ROOT)
    go(frame, "members")
    frame.text_input(key="member_form_name").set_value("carl@elsewhere.test")
    frame.text_input(key="member_form_gb").set_value("many")
    click(frame, "Save")
    assert any("got &#x27;many&#x27;" in text or "got 'many'" in text for text in texts_of(frame))
    assert roster().listed(ROOT) == () and audit() == []
