"""A copy holds every row of one moment, is checked, and is there before anything is changed for good."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from services.accounting import Ledger
from services.accounting.entry import Entry
from services.errors import StorageError
from services.jobs import FETCH, JobStore
from services.storage import Database, database
from services.storage.database import STEPS
from tests.actors import a_member
from tests.services.databases import Place
from tests.services.jobs.test_queue import RECIPE
from tests.services.ledger_rows import entries
from tests.services.storage.test_database import old_file

ENTRY = Entry("ours", "S2A_1", 100, 9, ("B04",), 2.0, member="anna", recipe="aaaa", run="run-1", bytes=2**40)


def filled(place: Place, rows: int = 3) -> Database:
    """One with a job and rows of the ledger."""
    opened = place.open()
    JobStore(opened).submit(FETCH, RECIPE, a_member("Öja"))
    for _ in range(rows):
        Ledger(opened).reserve(ENTRY)
    return opened


def copies(home: Path) -> list[str]:
    """Their names, without the moment."""
    return sorted(path.name.rsplit("-", 1)[0] for path in (home / "backups").glob("*"))


def test_a_copy_of_either_engine_is_a_file_that_opens_as_the_team_left_it(place: Place, tmp_path: Path) -> None:
    opened = filled(place)
    home = tmp_path / "elsewhere"
    told = opened.copy(home / "jobs.sqlite")
    assert (told["jobs"], told["requests"], told["library"]) == (1, 3, 0)
    assert (home / "jobs.sqlite").stat().st_mode & 0o777 == 0o600
    again = Database(home)
    assert again.whole() and again.counts() == opened.counts() == told
    assert JobStore(again).recent() == JobStore(opened).recent()
    assert entries(Ledger(again)) == entries(Ledger(opened))


def test_rows_move_to_either_engine_and_new_ones_are_numbered_after_them(place: Place, tmp_path: Path) -> None:
    other = filled(Place(tmp_path / "other", ""))
    opened = filled(place, 1)
    opened.take(other)
    assert opened.counts() == other.counts()
    assert JobStore(opened).recent() == JobStore(other).recent()
    assert Ledger(opened).reserve(ENTRY) == 4


def test_what_is_written_during_a_copy_is_whole_in_it_or_not_at_all(place: Place, tmp_path: Path) -> None:
    opened = filled(place)
    with opened.transaction(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM requests")
        told = opened.copy(tmp_path / "copy.sqlite")
    assert told["requests"] == 3
    assert opened.copy(tmp_path / "copy.sqlite")["requests"] == 0


def test_a_migration_copies_first_what_there_is(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as past:
        past.setattr(database, "STEPS", STEPS[:5])
        place.open()
        place.run("INSERT INTO library VALUES ('aa', 'A', 'a', 'anna', 1, 1, 1, 1, 1, '', '', 0)")
        assert not (place.home / "backups").exists(), "there was nothing to lose"
    place.open()
    (copy,) = (place.home / "backups").glob("before-5-*.sqlite")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (5,)
        assert connection.execute("SELECT name FROM library").fetchall() == [("A",)]
    place.open()
    assert copies(place.home) == ["before-5"]


def test_a_file_of_the_first_version_is_copied_too_and_the_last_three_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        monkeypatch.setattr(database, "stamp", lambda number=number: f"moment{number}")
        (tmp_path / "jobs.sqlite").unlink(missing_ok=True)
        (tmp_path / "jobs.lock").unlink(missing_ok=True)
        old_file(tmp_path)
        Database(tmp_path)
    kept = sorted(path.name for path in (tmp_path / "backups").glob("*"))
    assert kept == [f"before-0-moment{number}.sqlite" for number in (2, 3, 4)]


def test_a_migration_whose_copy_cannot_be_written_is_not_begun(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    (tmp_path / "backups").write_text("no folder")
    with pytest.raises(StorageError, match="cannot be written"):
        Database(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)


def test_a_day_has_one_copy_and_the_newest_days_are_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = filled(place)
    for day in ("20261129", "20261129", "20261130", "20261201"):
        monkeypatch.setattr(database, "stamp", lambda day=day: f"{day}T030000Z")
        opened.keep_daily(2)
    found = sorted(path.name for path in (place.home / "backups").glob("*"))
    assert found == ["daily-20261130.sqlite", "daily-20261201.sqlite"]
    opened.keep_daily(0)


def cut(path: Path) -> None:
    """The second half is gone."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    """No byte is left."""
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    """The first page is another's."""
    path.write_bytes(b"\xff" * 4096 + path.read_bytes()[4096:])


@pytest.mark.parametrize("damage", [cut, emptied, overwritten, Path.unlink])
def test_a_damaged_or_lost_file_is_refused_with_the_newest_copy_and_no_empty_one_is_made(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    opened = filled(Place(tmp_path, ""), 200)
    opened.keep_daily(1)
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    del opened
    for beside in tmp_path.glob("jobs.sqlite-*"):
        beside.unlink()
    damage(tmp_path / "jobs.sqlite")
    left = (tmp_path / "jobs.sqlite").read_bytes() if (tmp_path / "jobs.sqlite").exists() else None
    for _ in range(2):
        with pytest.raises(StorageError, match=r"database is (damaged|gone).*jobs\.sqlite\)") as raised:
            Database(tmp_path)
        assert "cli.py restore --force" in raised.value.remedy and "backups/daily-" in raised.value.remedy
    assert left == ((tmp_path / "jobs.sqlite").read_bytes() if (tmp_path / "jobs.sqlite").exists() else None)
