"""A home that version 0.3 left, opened by the present one: rows, areas, frames and result, and a copy of what was."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli
from tests.compatibility.before import MADE_BY_0_3, unpack
from tests.compatibility.conftest import Terminal, surroundings

EXPECTED: dict[str, Any] = json.loads((MADE_BY_0_3 / "expected.json").read_text(encoding="utf-8"))
RECIPE = MADE_BY_0_3 / "recipe.json"


@pytest.fixture
def home(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home, and this process on it."""
    for name, value in surroundings(bare).items():
        monkeypatch.setenv(name, value)
    return unpack(bare, MADE_BY_0_3)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that a file of the database holds of its time."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f'SELECT * FROM "{name}" ORDER BY id').fetchall()
            for name in ("jobs", "requests", "fetches", "library")
        }


def test_jobs_and_ledger_say_what_they_said(terminal: Terminal) -> None:
    said = terminal("jobs")["jobs"]
    assert [{key: now[key] for key in then} for now, then in zip(said, EXPECTED["jobs"], strict=True)] == (
        EXPECTED["jobs"]
    )
    assert {job["state"] for job in said} == {"done", "failed", "cancelled"}
    sums = terminal("ledger")["sums"]
    assert [{key: now[key] for key in then} for now, then in zip(sums, EXPECTED["sums"], strict=True)] == [
        pytest.approx(then) for then in EXPECTED["sums"]
    ]


def test_the_tables_were_copied_before_they_were_changed(home: Path, terminal: Terminal) -> None:
    before = rows(home / "jobs.sqlite")
    terminal("jobs")
    (copy,) = (home / "backups").iterdir()
    assert copy.name.startswith("before-6-")
    assert rows(copy) == before
    assert [row[1] for row in before["library"]] == ["Märkä suo"]


def test_its_result_is_handed_out_and_its_frames_serve_without_a_request(terminal: Terminal, tmp_path: Path) -> None:
    words = ("--recipe", str(RECIPE), "--out", str(tmp_path / "out"))
    assert terminal("estimate", "--recipe", str(RECIPE))["planes_cached"] == 32
    said = terminal("fetch", *words)
    assert (said["requests"], said["acquisitions"]) == (0, 4)
    assert said["files"] and all(Path(file).exists() for file in said["files"])


def test_a_backup_of_it_comes_back_in_an_empty_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(*words: str) -> Any:
        done = CliRunner().invoke(cli.app, [*words, "--json"])
        assert done.exit_code == 0, done.exception or done.stderr
        return json.loads(done.stdout)

    told = say("backup", str(tmp_path / "one.tar"), "--cache")
    assert (told["jobs"], told["library"], told["areas"]) == (5, 1, 1)
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path / "new"))
    say("restore", str(tmp_path / "one.tar"))
    assert [job["id"] for job in say("jobs")["jobs"]] == [job["id"] for job in EXPECTED["jobs"]]
    shutil.copytree(home / "catalogue", tmp_path / "new/catalogue")  # its answers are had again, here without asking
    said = say("fetch", "--recipe", str(RECIPE), "--out", str(tmp_path / "out"))
    assert (said["requests"], said["planes_cached"]) == (0, 32), "the result is made again of the frames"
