"""Providers in the terminal: which there are, whether one works, and what a catalogue lacks of the days."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli
from services.providers import choice
from tests.services.providers.tiny_provider import register_open

WORDS = ("--aoi", "24.0, 60.5, 24.4, 60.7", "--radius", "0", "--tile-size", "300")
HOLE = "The first catalogue has next to nothing of 2015 to 2017."


@pytest.fixture(autouse=True)
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of open data, of which the first has a hole."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_PROVIDER", "open-1")
    monkeypatch.setenv("NINEPATCH_DEMO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("NINEPATCH_TRIES", "1")
    choice._first_answer.cache_clear()
    register_open(monkeypatch, "http://127.0.0.1:9", "http://127.0.0.1:9", holes=(HOLE, ""))


def run(*words: str, status: int = 0) -> Any:
    """What the terminal says for machines."""
    done = CliRunner().invoke(cli.app, [*words, "--json"])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("words", "checked"),
    [
        ((), []),
        (("--check",), ["open-1"]),
        (("--check", "open-2"), ["open-2"]),
        (("open-2", "--check"), ["open-2"]),
    ],
)
def test_the_chosen_one_or_the_named_one_is_checked(words: tuple[str, ...], checked: list[str]) -> None:
    said = run("providers", *words)
    assert [step["provider"] for step in said["check"]] == checked
    assert all(step["ok"] for step in said["check"])
    assert [one["name"] for one in said["providers"] if one["chosen"]] == ["open-1"]
    assert said["why"] == "Open catalogue 1 is what the settings name."


def test_all_open_ones_are_checked_and_whether_they_agree() -> None:
    """The tiny archive has no dates of now, so there is nothing on which they could."""
    steps = run("providers", "--check", "open", status=4)["check"]
    assert [(step["provider"], step["step"], step["ok"]) for step in steps] == [
        ("open-1", "catalogue", True),
        ("open-2", "catalogue", True),
        ("open-2", "agreement", False),
    ]


def test_people_see_each_step_and_a_failed_one_is_status_4() -> None:
    done = CliRunner().invoke(cli.app, ["providers", "--check", "open"])
    assert "works  open-2 catalogue: The tiny archive answers." in done.output
    for name in ("demo", "auto"):
        failed = run("providers", "--check", name, status=4)["check"][-1]
        assert (failed["provider"], failed["ok"]) == ("demo", False)
        assert "127.0.0.1:9" in failed["sentence"]


def test_an_unknown_one_is_wrong_input() -> None:
    done = CliRunner().invoke(cli.app, ["providers", "--check", "nowhere"])
    assert "nowhere" in str(done.exception)


def test_a_hole_is_said_with_the_catalogue_that_has_the_days() -> None:
    lacking = run("acquisitions", *WORDS, "--year", "2017")["notes"]
    assert lacking == [HOLE, "Open catalogue 2 may have these days: add --provider open-2."]
    assert run("acquisitions", *WORDS, "--year", "2017", "--provider", "open-2")["notes"] == []
    assert run("acquisitions", *WORDS, "--year", "2018")["notes"] == []


def told(*words: str) -> str:
    """What people are told beside a command's answer."""
    return CliRunner().invoke(cli.app, [*words, "--json"]).stderr


@pytest.mark.parametrize("command", ["estimate", "fetch"])
def test_a_hole_is_said_beside_the_bill_and_the_picture(command: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "out")) if command == "fetch" else ()
    said = told(command, *WORDS, *out, "--year", "2017")
    assert said.splitlines() == [HOLE, "Open catalogue 2 may have these days: add --provider open-2."]


def test_what_was_found_at_the_start_is_said_where_nobody_names_a_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_PROVIDER", "auto")
    words = ("estimate", *WORDS, "--year", "2018")
    assert "Open catalogue 1 is asked nevertheless" in told(*words, "--provider", "open")
    assert "so the demo archive is used" in told(*words)
    assert told(*words, "--provider", "open-2") == ""
