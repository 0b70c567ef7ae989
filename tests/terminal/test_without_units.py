"""A provider that counts no units in the terminal: people read GB and requests, machines keep all of their keys."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from services.accounting import Ledger
from services.accounting.entry import Entry
from services.jobs import FETCH, JobStore
from services.storage import Database
from tests.actors import a_member
from tests.services.providers.tiny_provider import HEADER, register
from tests.services.scenes import recipe

RECIPE = recipe(px=20, provider="tiny", maxcc=25)
SIZE = 3 * (9 * 400 * (3 * 2 + 2) + 5 * HEADER)
"""Bytes of three dates: nine tiles of 20 × 20 px, three bands of two bytes, SCL and dataMask, a head of each plane."""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recipe, in a home where the tiny archive is chosen."""
    register(monkeypatch)
    for name, value in (("HOME", str(tmp_path / "home")), ("PROVIDER", "tiny"), ("MEMBER", "anna")):
        monkeypatch.setenv(f"NINEPATCH_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    written = tmp_path / "recipe.json"
    written.write_text(RECIPE.to_json())
    return written


def run(*words: str) -> str:
    """What it prints."""
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def plain(*words: str) -> Any:
    """What machines read."""
    return json.loads(run(*words, "--json"))


def test_the_estimate_is_in_megabytes_and_requests(file: Path) -> None:
    said = run("estimate", "--recipe", str(file))
    assert SIZE == 86_520 and "It costs 87 kB, 15 requests, free." in said
    assert "units" not in said and "quota" not in said
    told = plain("estimate", "--recipe", str(file))
    assert (told["units"], told["bytes"], told["requests"], told["month_spent_bytes"]) == (None, SIZE, 15, 0)
    assert [told[name] for name in told if name.endswith("_percent")] == [None] * 4


def test_a_fetch_and_its_ledger_tell_bytes_and_requests(file: Path, tmp_path: Path) -> None:
    said = run("fetch", "--recipe", str(file), "--out", str(tmp_path / "out"))
    assert "units" not in said and str(SIZE) in said
    again = plain("fetch", "--recipe", str(file), "--out", str(tmp_path / "out"))
    assert (again["units"], again["requests"], again["bytes"]) == (0.0, 0, 0)
    shown = run("ledger")
    assert "units" not in shown and "0.0" not in shown
    cells = [cell.strip() for cell in next(line for line in shown.splitlines() if "anna" in line).split("│")]
    assert cells[1:-1] == ["anna", "15", "0", "0", f"{SIZE / 1e3:.0f} kB", "135", "135", f"{SIZE / 1e3:.0f} kB"]
    assert f"Tiny archive: {SIZE / 1e3:.0f} kB, 15 requests, free in " in shown
    told = plain("ledger")
    assert told["received"] == {"requests": 15, "bytes": SIZE}
    assert [(one["bytes"], one["expected_bytes"], one["saved_bytes"]) for one in told["sums"]] == [(SIZE, SIZE, SIZE)]


def test_a_ledger_with_units_of_before_shows_both(file: Path, tmp_path: Path) -> None:
    row = Entry("demo", "S2A_1", 9, 9, ("B04",), 61.1, 61.1, 5_000_000, 1.0, 1, 200, "", "bert", requests=1)
    Ledger(Database(tmp_path / "home")).reserve(row)
    run("fetch", "--recipe", str(file), "--out", str(tmp_path / "out"))
    lines = run("ledger").splitlines()
    anna, bert = (next(line for line in lines if name in line) for name in ("anna", "bert"))
    assert "61.1" in bert and "5.0 MB" in bert
    assert "–" in anna and " kB" in anna


def test_jobs_have_no_units_that_nobody_counts(tmp_path: Path) -> None:
    store = JobStore(Database(tmp_path / "home"))
    job = store.submit(FETCH, RECIPE, a_member("anna"))
    store.report(job.id, done=1, total=3, requests=5, expected_requests=15, bytes=29_000)
    (line,) = [line for line in run("jobs").splitlines() if "anna" in line]
    assert " 5 of 15 " in line and " 29 kB " in line and "0.0" not in line
    (told,) = plain("jobs")["jobs"]
    assert (told["requests"], told["expected_requests"], told["bytes"], told["units"]) == (5, 15, 29_000, 0.0)
