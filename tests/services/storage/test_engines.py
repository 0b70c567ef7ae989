"""PostgreSQL in the place of the embedded file: the same tables, the same exclusion, and a server that goes away."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from services.accounting import Ledger, Requester
from services.accounting import entry as accounts
from services.accounting.entry import Entry
from services.area import library
from services.errors import SettingsError, StorageError
from services.gallery.entry import GALLERY
from services.gallery.gallery import STARS
from services.jobs import queue
from services.settings import Settings
from services.storage import Database, database, postgres
from services.storage.database import STEPS
from tests.actors import administrator
from tests.services.databases import Place, new_schema

ROOT = Path(__file__).resolve().parents[3]
ENTRY = Entry("ours", "S2A_1", 100, 9, ("B04",), 2.0, member="anna", recipe="aaaa", run="run-1")


@pytest.fixture
def team(tmp_path: Path, schema: str) -> Place:
    """One on PostgreSQL."""
    return Place(tmp_path, schema)


def described(place: Place) -> dict[str, object]:
    """Columns, keys and indexes of all tables."""
    with place.open().transaction() as connection:
        found = sa.inspect(connection)
        return {
            name: (
                [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)],
                found.get_pk_constraint(name)["constrained_columns"],
                [(index["name"], index["column_names"]) for index in found.get_indexes(name)],
            )
            for name in found.get_table_names()
        }


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_every_older_version_becomes_the_present_one(
    version: int, tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, old = (Place(tmp_path, new_schema(postgres)) for _ in range(2))
    with monkeypatch.context() as past:
        past.setattr(database, "STEPS", STEPS[:version])
        before = described(old)
    assert before != described(fresh) == described(old)
    assert old.rows("SELECT version FROM schema_version") == [(len(STEPS),)]


@pytest.mark.parametrize(
    "table",
    [queue._jobs, accounts.REQUESTS, accounts.FETCHES, library.AREAS, GALLERY, STARS],
    ids=lambda table: table.name,
)
def test_the_program_names_exactly_the_columns_that_there_are(table: sa.Table, team: Place) -> None:
    with team.open().transaction() as connection:
        there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    assert {column.name for column in table.columns} == there


def test_many_who_open_an_empty_database_at_once_make_its_tables_once(team: Place) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: team.open(), range(6)))
    assert all(one.whole() for one in opened)


def test_a_database_of_a_newer_program_is_refused_and_left_alone(team: Place) -> None:
    team.run(f"UPDATE schema_version SET version = {len(STEPS) + 1}")
    with pytest.raises(StorageError, match=f"version {len(STEPS) + 1}"):
        team.open()


def test_a_step_that_fails_leaves_the_tables_as_they_were(team: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = described(team)
    with monkeypatch.context() as later:
        later.setattr(database, "STEPS", (*STEPS, ("CREATE TABLE more (id INTEGER)", "this is no SQL")))
        with pytest.raises(StorageError):
            team.open()
    assert described(team) == before


def test_sums_of_what_is_past_32_bits_are_whole_numbers(place: Place) -> None:
    ledger = Ledger(place.open())
    for _ in range(3):
        ledger.reserve(replace(ENTRY, units=1.5, bytes=3 * 2**31, tries=1, status=200))
    spent = ledger.spending(Requester("ours", "anna", "aaaa", "run-1")).team
    assert (spent.bytes, type(spent.bytes), type(spent.requests)) == (9 * 2**31, int, int)
    (told,) = ledger.sums("member", administrator())
    assert (type(told.bytes), type(told.requests), type(told.planes)) == (int, int, int)


def test_who_writes_sees_all_that_was_written_while_it_waited(place: Place) -> None:
    first, seen = place.open(), []
    waits = threading.Event()

    def read() -> None:
        waits.set()
        with place.open().transaction(write=True) as connection:
            seen.append(connection.execute(sa.select(sa.func.count()).select_from(accounts.REQUESTS)).scalar())

    other = threading.Thread(target=read)
    with first.transaction(write=True) as connection:
        other.start()
        waits.wait()
        other.join(0.3)
        values = asdict(ENTRY) | {"planes": "B04"}
        connection.execute(sa.insert(accounts.REQUESTS).values(values))
    other.join()
    assert seen == [1]


def test_a_transaction_that_raises_keeps_nothing(place: Place) -> None:
    with pytest.raises(KeyError), place.open().transaction(write=True) as connection:
        connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
        raise KeyError
    with place.open().transaction() as connection:
        assert not sa.inspect(connection).has_table("other")


def test_connections_that_the_server_closed_are_made_anew(team: Place) -> None:
    opened = team.open()
    ledger = Ledger(opened)
    ledger.reserve(ENTRY)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ninepatch' AND pid <> "
    with pytest.raises(StorageError), opened.transaction(write=True) as connection:
        connection.exec_driver_sql(f"{end} pg_backend_pid()")
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    ledger.reserve(ENTRY)
    assert team.rows("SELECT count(*) FROM requests") == [(2,)]


def test_a_server_that_is_started_again_is_waited_for(team: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(team.open())
    engine = postgres._servers[team.url]._engine
    connect, failures = engine.connect, iter(range(2))

    def refused() -> sa.Connection:
        if next(failures, None) is not None:
            raise OperationalError("", {}, ConnectionError("connection refused"))
        return connect()

    monkeypatch.setattr(engine, "connect", refused)
    ledger.reserve(ENTRY)
    assert team.rows("SELECT count(*) FROM requests") == [(1,)]


def test_a_forked_process_leaves_its_parents_connections_alone(team: Place) -> None:
    code = """if True:
        import os, sys; from pathlib import Path
        from services.storage import Database
        opened = Database(Path(sys.argv[1]), sys.argv[2])
        def backend():
            with opened.transaction() as connection:
                return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        before = backend()
        child = os.fork()
        if not child:
            os._exit(backend() == before)
        assert os.waitpid(child, 0)[1] == 0
        assert backend() == before
    """
    subprocess.run([sys.executable, "-c", code, *team.words], cwd=ROOT, check=True, timeout=120)


def test_a_server_that_cannot_be_reached_is_one_sentence_without_the_password(tmp_path: Path, schema: str) -> None:
    host, _, _ = schema.rpartition("@")
    for url, said in (
        ("postgresql://ann:hid%40den@127.0.0.1:9/team", "refused"),
        (schema.replace("tests:", "tests:hid%40den", 1), "password authentication failed"),
        (f"{host}{schema[len(host) :].replace('/postgres?', '/nowhere?')}", 'database "nowhere" does not exist'),
    ):
        with pytest.raises(StorageError, match=said) as raised:
            Database(tmp_path, url)
        assert not any(word in str(raised.value) for word in ("hid", schema.split(":")[2].split("@")[0]))


@pytest.mark.parametrize(
    "url",
    [
        *("mysql://ann:hidden@host/team", "hidden", "postgresql://ann:hidden@host:port/team"),
        "postgresql://ann:half@hidden@host/team",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="database_url") as raised:
        Database.of(Settings(home=tmp_path, database_url=url))  # type: ignore[arg-type] # pydantic makes it a secret
    assert "hidden" not in str(raised.value)
    assert "hidden" not in repr(Settings(home=tmp_path, database_url=url))  # type: ignore[arg-type] # the same


def test_an_act_whose_connection_is_lost_is_done_again_and_once(team: Place) -> None:
    ledger, left = Ledger(team.open()), [1, 1, 0]

    def lose() -> None:
        with team.open().transaction() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'ninepatch' AND pid <> pg_backend_pid()"
            )

    number = ledger.reserve(ENTRY, lambda _: lose() if left.pop(0) else None)
    assert left == []
    assert team.rows("SELECT id FROM requests") == [(number,)]
    with pytest.raises(StorageError, match="terminating connection"):
        ledger.reserve(ENTRY, lambda _: lose())
    assert team.rows("SELECT id FROM requests") == [(number,)]
