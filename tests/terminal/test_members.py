"""Members and the audit log in the terminal, whose user is an administrator by their hand on the home."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from services.access import AuditLog, Role, Roster
from services.errors import InputError
from services.jobs import FETCH, JobStore
from services.settings import load_settings
from services.storage import Database
from tests.actors import a_member, administrator
from tests.terminal.test_jobs import RECIPE

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command by its words, and what it printed; its error is raised."""
    for name, value in (("HOME", str(tmp_path)), ("MEMBERS", "@example.org"), ("MEMBER", "root")):
        monkeypatch.setenv(f"NINEPATCH_{name}", value)
    monkeypatch.setenv("COLUMNS", "250")

    def given(*words: str) -> str:
        done = CliRunner().invoke(app, words)
        if done.exception is not None:
            raise done.exception
        return done.output

    return given


def roster(home: Path) -> Roster:
    return Roster(load_settings(home=home), Database(home))


def test_somebody_is_added_with_a_budget_changed_and_removed(run: Run, tmp_path: Path) -> None:
    run("members", "add", "Ada@Partner.test", "--role", "viewer", "--units", "50")
    assert roster(tmp_path).role("ada@partner.test") is Role.VIEWER
    run("members", "add", "ada@partner.test", "--gb", "2.5")
    assert roster(tmp_path).role("ada@partner.test") is Role.VIEWER, "the role stays where none is given"
    (ada,) = json.loads(run("members", "list", "--json"))["members"]
    assert (ada["id"], ada["role"], ada["units"], ada["gb"]) == ("ada@partner.test", "viewer", 50.0, 2.5)
    run("members", "add", "ada@partner.test", "--role", "administrator", "--units", "all")
    (ada,) = json.loads(run("members", "list", "--json"))["members"]
    assert (ada["role"], ada["units"], ada["gb"], ada["added_by"]) == ("administrator", None, 2.5, "root")
    run("members", "remove", "ada@partner.test")
    assert roster(tmp_path).role("ada@partner.test") is None


def test_one_of_a_domain_is_thrown_out_and_the_others_stay(run: Run) -> None:
    run("members", "remove", "bert@example.org")
    assert "refused" in run("members", "role", "bert@example.org")
    assert run("members", "role", "carl@example.org").strip() == "member"
    listed = run("members", "list")
    assert "@example.org" in listed and "removed" in listed


def test_it_is_said_where_the_settings_give_more(run: Run) -> None:
    assert "By the settings it is member" in run("members", "add", "carl@example.org", "--role", "viewer")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("carl@example.org", "--role", "chief"), "chief"),
        (("carl@example.org", "--units", "many"), "many"),
        (("carl@example.org", "--gb", "nan"), "nan"),
        (("@example.org",), "@example.org"),
    ],
)
def test_a_wrong_word_is_named_and_nothing_changes(run: Run, tmp_path: Path, words: tuple[str], named: str) -> None:
    with pytest.raises(InputError, match=named):
        run("members", "add", *words)
    assert roster(tmp_path).listed(administrator()) == ()


def test_the_audit_log_has_what_was_done_here(run: Run, tmp_path: Path) -> None:
    assert "Nothing was recorded" in run("audit")
    job = JobStore(Database(tmp_path)).submit(FETCH, RECIPE, a_member("anna"))
    run("jobs", "--cancel", job.id)
    run("jobs", "--resume", job.id, "--member", "bert")
    run("members", "remove", "carl@example.org")
    told = json.loads(run("audit", "--json"))["audit"]
    assert [(row["actor"], row["role"], row["action"], row["subject"]) for row in told] == [
        ("root", "administrator", "member removed", "carl@example.org"),
        ("bert", "administrator", "job resumed", job.id),
        ("root", "administrator", "job stopped", job.id),
    ]
    assert (found := JobStore(Database(tmp_path)).get(job.id)) is not None and found.member == "bert"
    rows = list(csv.DictReader(io.StringIO(run("audit", "--csv"), newline="")))
    assert [row["action"] for row in rows] == [row["action"] for row in reversed(told)]
    assert run("audit", "--limit", "1").count("member removed") == 1
    AuditLog(Database(tmp_path)).refused("[bold]eve\x1b[31m", "No role.")
    assert "[bold]eve [31m" in run("audit")
