"""One file for jobs and ledger, that grows up from any older version and is never taken for empty."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.accounting import Ledger, Requester
from services.accounting.entry import FETCHES, REQUESTS
from services.area import library
from services.errors import StorageError
from services.gallery.entry import GALLERY
from services.gallery.gallery import STARS
from services.jobs import FETCH, JobStore, queue
from services.plan import Cost
from services.storage import Database, WorkerLock, database
from services.storage.database import STEPS
from tests.actors import a_member, administrator

OLD = """
    CREATE TABLE jobs (id VARCHAR NOT NULL, kind VARCHAR NOT NULL, recipe TEXT NOT NULL, state VARCHAR NOT NULL,
        phase TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL, units FLOAT NOT NULL,
        bytes INTEGER NOT NULL, cause TEXT NOT NULL, remedy TEXT NOT NULL, cancel BOOLEAN NOT NULL,
        worker VARCHAR NOT NULL, created FLOAT NOT NULL, started FLOAT, finished FLOAT, PRIMARY KEY (id));
    CREATE INDEX ix_jobs_state ON jobs (state);
    INSERT INTO jobs VALUES ('aa', 'fetch', '{}', 'queued', '', 0, 0, 0.0, 0, '', '', 0, '', 1500000000.0, NULL, NULL);
    INSERT INTO jobs VALUES
        ('bb', 'fetch', '{}', 'failed', 'fetching', 3, 8, 4.5, 99, 'Why.', 'Do.', 1, 'w', 1400000000.0, 1.0, 2.0);
"""
"""What the first version wrote."""


def old_file(home: Path) -> Path:
    """A database of the first version, which wrote no version."""
    path = home / "jobs.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD)
    return path


def test_an_old_file_keeps_its_jobs_and_they_can_be_carried_out(tmp_path: Path) -> None:
    old_file(tmp_path)
    store = JobStore(Database(tmp_path))
    failed = store.get("bb")
    assert failed is not None
    assert (failed.state, failed.units, failed.cause, failed.member, failed.waiting) == ("failed", 4.5, "Why.", "", "")
    assert [job.id for job in store.recent()] == ["aa", "bb"]
    with closing(WorkerLock(tmp_path)) as worker:
        claimed = store.claim(worker.name, (FETCH,))
    assert claimed is not None
    assert claimed.id == "aa"
    assert store.resume("bb", a_member()).state == "queued"


@pytest.mark.parametrize("version", range(len(STEPS) + 1))
def test_every_older_version_becomes_the_present_one(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Database(tmp_path / "fresh")
    if version:
        with monkeypatch.context() as past:
            past.setattr(database, "STEPS", STEPS[:version])
            Database(tmp_path / "old")
    Database(tmp_path / "old")
    Database(tmp_path / "old")
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    found = []
    for name in ("fresh", "old"):
        with closing(sqlite3.connect(tmp_path / name / "jobs.sqlite")) as connection:
            found.append(connection.execute(query).fetchall())
            assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert found[0] == found[1]


BEFORE_BYTES = """
    INSERT INTO requests VALUES
        (1, 1795000000, '2026-11', 'anna', 'aa', 'r', 'ours', 'S2A', 9, 9, 'B04', 2, 2, 70, 1, 3, 200, ''),
        (2, 1795000000, '2026-11', 'anna', 'aa', 'r', 'ours', 'S2A', 9, 9, 'B04', 2, 0, 5, 1, 1, 503, 'ServiceFailed'),
        (3, 1795000000, '2026-11', 'anna', 'aa', 'r', 'ours', 'S2A', 9, 9, 'B04', 4, NULL, 0, 0, 0, 0, '');
    INSERT INTO fetches VALUES (1, 1795000000, '2026-11', 'anna', 'aa', 'r', 'ours', 27, 18, 6, 4);
    INSERT INTO jobs (id, kind, recipe, state, phase, done, total, units, bytes, cause, remedy, cancel, worker, created)
        VALUES ('aa', 'fetch', '{}', 'done', '', 3, 8, 4.5, 99, '', '', 0, '', 1500000000);
"""
"""A team's rows of the version before bytes and requests were counted."""


def test_a_ledger_of_before_bytes_were_counted_keeps_its_sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as past:
        past.setattr(database, "STEPS", STEPS[:5])
        Database(tmp_path)
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection:
        connection.executescript(BEFORE_BYTES)
    ledger, asker = Ledger(Database(tmp_path)), Requester("ours", "anna", "aa", "r")
    assert ledger.spending(asker).run == Cost(6.0, 3, 75)
    (told,) = ledger.sums("month", administrator())
    assert (told.requests, told.failed, told.units, told.saved, told.saved_units) == (3, 2, 6.0, 18, 4.0)
    assert (told.bytes, told.expected_bytes, told.saved_bytes) == (75, 0, 0)
    job = JobStore(Database(tmp_path)).get("aa")
    assert job is not None
    assert (job.requests, job.expected_requests, job.asked) == (3, 8, (3, 8))


@pytest.mark.parametrize(
    "table", [queue._jobs, REQUESTS, FETCHES, library.AREAS, GALLERY, STARS], ids=lambda table: table.name
)
def test_the_program_names_exactly_the_columns_that_there_are(table: sa.Table, tmp_path: Path) -> None:
    Database(tmp_path)
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection:
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
    assert {column.name for column in table.columns} == there


def test_a_file_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={len(STEPS) + 1}")
    with pytest.raises(StorageError, match=f"version {len(STEPS) + 1}"):
        Database(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (2,)


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_file(tmp_path)
    monkeypatch.setattr(database, "STEPS", (*STEPS, ("CREATE TABLE more (id)", "this is no SQL")))
    with pytest.raises(StorageError):
        Database(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
        assert "member" not in {row[1] for row in connection.execute("PRAGMA table_info(jobs)")}


def test_many_who_open_an_old_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    old_file(tmp_path)
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: Database(tmp_path), range(6)))
    assert all(one.whole() for one in opened)
    assert len(JobStore(Database(tmp_path)).recent()) == 2


def test_what_is_written_is_on_the_disk_when_it_is_told(tmp_path: Path) -> None:
    with Database(tmp_path).transaction(write=True) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL (SQLite documentation)"


def test_a_transaction_that_raises_keeps_nothing(tmp_path: Path) -> None:
    opened = Database(tmp_path)
    with pytest.raises(KeyError), opened.transaction(write=True) as connection:
        connection.exec_driver_sql(f"PRAGMA user_version={len(STEPS)}")
        connection.exec_driver_sql("CREATE TABLE other (id)")
        raise KeyError
    with opened.transaction() as connection:
        assert not sa.inspect(connection).has_table("other")


def test_a_damaged_file_is_one_sentence_and_not_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match=r"jobs\.sqlite"):
        Database(tmp_path)


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        Database(tmp_path / "file" / "home")
