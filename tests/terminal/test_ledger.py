"""The ledger in the terminal: sums for people and machines, rows for spreadsheets."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from services.accounting import Ledger, Requester
from services.accounting.entry import Entry
from services.errors import InputError
from services.plan import Cost
from services.storage import Database
from terminal.ledger import ledger

NOTHING: dict[str, Any] = {"month": "", "by": "", "csv": False, "as_json": False}


@pytest.fixture(autouse=True)
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Two requests: anna's in November, bert's in December, who saved what anna had fetched."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for member, now, units in (("anna", 1_795_000_000.0, 250.0), ("bert", 1_796_500_000.0, 1000.0)):
        made = Ledger(Database(tmp_path), lambda now=now: now)  # type: ignore[misc] # bound to this round's
        planes = ("B04", "SCL", "dataMask")
        made.reserve(Entry("demo", "S2A_1", 9, 9, planes, units, units, 7, 1.0, 1, 200, "", member, "aaaa", member))
        made.save(Requester("demo", member, "aaaa", member), 27 if member == "anna" else 54, Cost(1250.0))
    return made


def run(capsys: pytest.CaptureFixture[str], **words: Any) -> str:
    ledger(**(NOTHING | words))
    return capsys.readouterr().out


def test_machines_read_the_sums_and_the_quota(capsys: pytest.CaptureFixture[str]) -> None:
    plain = json.loads(run(capsys, month="2026-11", as_json=True))
    assert [(one["key"], one["units"]) for one in plain["sums"]] == [("anna", 250.0)]
    quota = {"provider": "demo", "month": "2026-11", "units": 250.0, "quota": 10_000.0}
    assert plain["quota"] == quota | {"requests": 1, "requests_quota": 0}
    plain = json.loads(run(capsys, by="month", as_json=True))
    assert [(one["key"], one["units"]) for one in plain["sums"]] == [("2026-12", 1000.0), ("2026-11", 250.0)]


def test_people_see_who_spent_and_who_saved(capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, month="2026-12")
    (line,) = [line for line in shown.splitlines() if "bert" in line]
    assert "1,000.0" in line
    assert " 27 " in line
    assert "anna" not in shown
    assert "1,000.0 of 10,000 units in 2026-12 (10.0 %)" in shown


def test_people_see_the_month_of_each_provider_that_was_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_PROVIDER", "planetary-computer")
    assert run(capsys, month="2026-12").splitlines()[-2:] == [
        "Planetary Computer: 0 bytes, 0 requests, free in 2026-12",
        "Demo archive: 1,000.0 of 10,000 units in 2026-12 (10.0 %)",
    ]


def test_spreadsheets_get_the_requests_or_the_sums(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(run(capsys, csv=True), newline="")))
    assert [(row["member"], row["units"]) for row in rows] == [("anna", "250"), ("bert", "1000")]
    sums = list(csv.DictReader(io.StringIO(run(capsys, csv=True, by="recipe"), newline="")))
    assert [(row["key"], row["units"], row["requests"]) for row in sums] == [("aaaa", "1250", "2")]


@pytest.mark.parametrize(
    ("words", "named"),
    [({"month": "November"}, "November"), ({"month": "2026-13"}, "2026-13"), ({"by": "colour"}, "colour")],
)
def test_wrong_words_are_named(words: dict[str, str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=named):
        run(capsys, **words)
