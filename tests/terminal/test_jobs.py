"""The list of jobs in the terminal: all members', and what can be done with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.errors import JobError, ServiceFailed
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, JobStore
from services.recipe import Interval, Recipe
from services.storage import Database
from terminal.jobs import jobs
from tests.actors import a_member

RECIPE = Recipe(Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), TileIndex(1, 1), Interval.of_year(2017))
Listed = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobStore:
    """Of the home that the terminal uses."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "250")
    return JobStore(Database(tmp_path))


@pytest.fixture
def listed(capsys: pytest.CaptureFixture[str]) -> Listed:
    """What a machine reads."""

    def run(**words: Any) -> list[dict[str, Any]]:
        plain: dict[str, Any] = {"cancel": "", "resume": "", "limit": 20, "as_json": True}
        jobs(**(plain | words))
        found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["jobs"]
        return found

    return run


def test_jobs_of_all_members_are_listed_the_newest_first(store: JobStore, listed: Listed) -> None:
    assert listed() == []
    store.submit(FETCH, RECIPE, a_member("anna"))
    store.submit(FETCH, RECIPE.with_(maxcc=20), a_member("bert"))
    assert [(job["member"], job["state"]) for job in listed()] == [("bert", "queued"), ("anna", "queued")]
    assert [job["what"] for job in listed(limit=1)] == ["s2l2a_area_x1-y1_2017_cc20"]


def test_a_job_is_stopped_and_goes_on(store: JobStore, listed: Listed) -> None:
    job = store.submit(FETCH, RECIPE, a_member("anna"))
    assert [one["state"] for one in listed(cancel=job.id)] == ["cancelled"]
    assert (found := store.get(job.id)) is not None
    assert found.state == "cancelled"
    assert [one["state"] for one in listed(resume=job.id)] == ["queued"]
    assert (found := store.get(job.id)) is not None
    assert found.state == "queued"
    with pytest.raises(JobError):
        listed(cancel="no such job")


def test_a_fill_is_listed_beside_fetches_with_its_words(
    store: JobStore, listed: Listed, capsys: pytest.CaptureFixture[str]
) -> None:
    store.submit(FETCH, RECIPE, a_member("anna"))
    fill = store.submit(FILL, RECIPE, a_member("bert"))
    assert [job["kind"] for job in listed()] == [FILL, FETCH]
    jobs(cancel="", resume="", limit=20, as_json=False)
    assert "Fetch for comparison" in capsys.readouterr().out
    assert [one["state"] for one in listed(cancel=fill.id)] == ["cancelled"]


def test_people_see_why_a_job_failed_and_no_name_steers_their_terminal(
    store: JobStore, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store.submit(FETCH, RECIPE, a_member("[bold]\x1b[31manna"))
    store.claim("nobody", (FETCH,))
    store.report(job.id, done=3, total=8, units=1234.56)
    store.finish(job.id, "failed", ServiceFailed("Down for good.", "Ask again."))
    jobs(cancel="", resume="", limit=20, as_json=False)
    shown = capsys.readouterr().out
    for words in (job.id, "[bold] [31manna", "failed", "3 of 8", "1,234.6"):
        assert words in shown
    assert "\x1b" not in shown
    assert "Down for" in shown


def test_where_there_is_none_it_says_so(store: JobStore, capsys: pytest.CaptureFixture[str]) -> None:
    jobs(cancel="", resume="", limit=20, as_json=False)
    assert "no jobs" in capsys.readouterr().out
