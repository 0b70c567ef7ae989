"""Running totals equal the sums over the rows, whatever is written, in whatever order, and whoever began."""

import uuid
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import Ledger, Requester
from services.accounting.entry import Entry
from services.plan import Cost
from services.storage import Database
from services.storage import database as module
from tests.services.databases import Place

PLAIN = Entry("ours", "S2A_1", 100, 9, ("B04", "SCL"), 2.0, member="anna", recipe="aaaa", run="run-1")
SUMMED = """SELECT SUM(CAST(ROUND(COALESCE(units, estimated) * 1000000000) AS BIGINT)), SUM(MAX(requests, 1)),
    SUM(CASE WHEN units IS NULL THEN expected_bytes ELSE bytes END), SUM(error = 'QuotaSpent') FROM requests"""
"""The independent sum over the rows, in SQLite's words."""

units = st.floats(0, 1000).map(lambda units: round(units, 6))
rows = st.builds(
    lambda **changes: replace(PLAIN, **changes),
    provider=st.sampled_from(["ours", "theirs"]),
    member=st.sampled_from(["anna", "bert", ""]),
    run=st.sampled_from(["run-1", "run-2"]),
    estimated=units,
    expected_bytes=st.integers(0, 10**12),
)
ends: st.SearchStrategy[dict[str, Any] | None] = st.one_of(
    st.none(),
    st.just({}),  # it was never sent
    st.fixed_dictionaries(
        {
            "units": units,
            "bytes": st.integers(0, 10**12),
            "requests": st.integers(0, 9),
            "tries": st.just(1),
            "status": st.sampled_from([200, 403]),
            "error": st.sampled_from(["", "QuotaSpent", "ServiceFailed"]),
        }
    ),
)


@given(written=st.lists(st.tuples(rows, st.sampled_from([1e9, 1.7e9]), ends), max_size=12), chance=st.randoms())
def test_totals_are_the_sums_over_the_rows(
    tmp_path_factory: pytest.TempPathFactory, written: list[Any], chance: Random
) -> None:
    database = Database(tmp_path_factory.mktemp("any"))
    open_rows = []
    for entry, moment, end in written:
        open_rows.append((Ledger(database, repeat(moment).__next__).reserve(entry), entry, end))
    chance.shuffle(open_rows)
    for number, entry, end in open_rows:
        if end is not None:
            Ledger(database).settle(number, replace(entry, **end))
    with database.transaction() as connection:
        for table, keys in (("month_totals", "provider, month, member"), ("run_totals", "run")):
            summed = connection.exec_driver_sql(f"{SUMMED.replace('SELECT', f'SELECT {keys},')} GROUP BY {keys}").all()
            kept = connection.exec_driver_sql(f"SELECT * FROM {table} WHERE requests").all()
            assert sorted(map(tuple, kept)) == sorted(map(tuple, summed))


def test_totals_of_rows_of_before_are_made_by_the_migration(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = next(n for n, step in enumerate(module.STEPS) if "month_totals" in step[0])
    steps = module.STEPS
    monkeypatch.setattr(module, "STEPS", steps[:before])
    place.open()
    for member, charged, error in (("anna", 1.5, ""), ("anna", 0.25, "QuotaSpent"), ("bert", None, "")):
        values = f"'ours', '2026-11', '{member}', 'aaaa', 'run-1', 'S2A_1', 100, 9, 'B04', 2.0, {charged or 'NULL'}"
        place.run(
            "INSERT INTO requests (time, provider, month, member, recipe, run, acquisition, pixels, tiles, planes, "
            f"estimated, units, bytes, seconds, tries, status, error, requests, expected_bytes) "
            f"VALUES (1.8e9, {values}, 700, 0.5, 1, 200, '{error}', 3, 900)"
        )
    monkeypatch.setattr(module, "STEPS", steps)
    spent = Ledger(place.open(), lambda: 1_795_000_000.0).spending(Requester("ours", "anna", "aaaa", "run-1"))
    assert spent.member == Cost(1.75, 6, 1400) and spent.team == spent.run == Cost(3.75, 9, 2300)
    assert spent.refused == 1


def test_what_is_spent_is_read_from_the_totals_alone(tmp_path: Path) -> None:
    ledger = Ledger(Database(tmp_path))
    ledger.reserve(PLAIN)
    with ledger._database.transaction(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM requests")
    assert ledger.spending(Requester("ours", "anna", uuid.uuid4().hex, "run-1")).member == Cost(2.0, 1, 0)
