"""The ledger adds up, by whomever it is asked; nothing that may have been charged is forgotten."""

import csv
import io
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting import Ledger, Requester
from services.accounting.entry import REQUESTS, Entry
from services.accounting.ledger import Spending, month_of
from services.errors import BudgetReached, InputError, QuotaSpent
from services.plan import Cost
from services.storage import Database
from tests.actors import administrator
from tests.services.databases import Place
from tests.services.ledger_rows import entries

ROOT = Path(__file__).resolve().parents[3]
ASKER = Requester("ours", "anna", "aaaa", "run-1")
NOVEMBER, DECEMBER = 1_795_000_000.0, 1_796_500_000.0
"""18 November 2026 and 5 December 2026."""


def entry(**changes: object) -> Entry:
    """A request of anna's that has not been answered."""
    plain = Entry("ours", "S2A_1", 100, 9, ("B04", "SCL", "dataMask"), 2.0, member="anna", recipe="aaaa", run="run-1")
    return replace(plain, **changes)  # type: ignore[arg-type] # by name


def answered(units: float = 2.0, **changes: object) -> Entry:
    """One that has."""
    return entry(**({"units": units, "bytes": 1000, "seconds": 0.5, "tries": 1, "status": 200} | changes))


class Clock:
    """Says what it is told."""

    now = NOVEMBER

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(place: Place, clock: Clock) -> Ledger:
    return Ledger(place.open(), clock)


def test_what_is_written_is_read_again_by_another(ledger: Ledger, place: Place) -> None:
    ledger.reserve(answered(tries=3, error="ServiceFailed", status=503))
    (found,) = entries(Ledger(place.open()))
    assert found == answered(tries=3, error="ServiceFailed", status=503, time=NOVEMBER, month="2026-11")


def test_a_month_is_one_of_utc() -> None:
    assert [month_of(seconds) for seconds in (0, NOVEMBER, DECEMBER)] == ["1970-01", "2026-11", "2026-12"]


def test_an_open_request_counts_at_its_estimate_until_it_is_answered(ledger: Ledger) -> None:
    number = ledger.reserve(entry(estimated=4.0, expected_bytes=900), None)
    assert ledger.spending(ASKER) == Spending(Cost(4.0, 1, 900), Cost(4.0, 1, 900), Cost(4.0, 1, 900), 0)
    ledger.settle(number, answered(units=3.5, requests=5))
    assert ledger.spending(ASKER) == Spending(Cost(3.5, 5, 1000), Cost(3.5, 5, 1000), Cost(3.5, 5, 1000), 0)
    assert [one.units for one in entries(ledger)] == [3.5]


def test_what_was_on_its_way_when_a_worker_ended_is_told(ledger: Ledger, clock: Clock) -> None:
    ledger.settle(ledger.reserve(entry()), answered(2.5))
    on_its_way = ledger.reserve(entry())
    assert ledger.lost("run-1", clock.now + 1) == Cost(2.0, 1, 0)
    assert ledger.lost("run-1", clock.now).requests == 0, "of the worker of now"
    assert ledger.lost("run-2", clock.now + 1).requests == 0
    ledger.settle(on_its_way, answered(2.5))
    assert ledger.lost("run-1", clock.now + 1).requests == 0


def test_a_request_that_was_never_sent_is_taken_out(ledger: Ledger) -> None:
    number = ledger.reserve(entry(), None)
    ledger.settle(number, entry(error="Cancelled"))
    assert entries(ledger) == ()


def test_spending_is_of_the_run_the_member_and_the_team_in_this_month_at_this_provider(
    ledger: Ledger, clock: Clock
) -> None:
    ledger.reserve(answered(1.0, error="QuotaSpent"))
    clock.now = DECEMBER
    ledger.reserve(answered(2.0))
    ledger.reserve(answered(4.0, run="run-2"))
    ledger.reserve(answered(8.0, run="run-3", member="bert", error="QuotaSpent"))
    ledger.reserve(answered(16.0, run="run-4", provider="theirs"))
    assert ledger.spending(ASKER) == Spending(Cost(3.0, 2, 2000), Cost(6.0, 2, 2000), Cost(14.0, 3, 3000), 1)
    assert ledger.month_cost("ours").units == 14.0
    assert ledger.month_cost("ours", "2026-11").units == 1.0
    assert ledger.month_cost("nobody's") == Cost()


def test_what_is_refused_is_not_written(ledger: Ledger) -> None:
    ledger.reserve(answered())

    def refuse(spent: Spending) -> None:
        assert spent.team.units == 2.0
        raise BudgetReached("No.")

    with pytest.raises(BudgetReached):
        ledger.reserve(entry(), refuse)
    assert len(entries(ledger)) == 1


def test_processes_that_ask_at_once_never_pass_a_limit_together(place: Place) -> None:
    code = """if True:
        import sys; from pathlib import Path
        from services.accounting import Budget, Ledger; from services.accounting.entry import Entry
        from services.plan import Cost
        from services.errors import BudgetReached
        from services.storage import Database
        ledger, budget = Ledger(Database(Path(sys.argv[1]), sys.argv[2])), Budget(team=20.0)
        entry = Entry("ours", "S2A_1", 100, 9, ("B04",), 2.0, member=sys.argv[3], recipe="a", run=sys.argv[3])
        for _ in range(8):
            try:
                ledger.reserve(entry, lambda spent: budget.check(Cost(2.0), spent, entry.member))
            except BudgetReached:
                pass
    """
    others = [subprocess.Popen([sys.executable, "-c", code, *place.words, name], cwd=ROOT) for name in "abc"]
    assert [other.wait(120) for other in others] == [0, 0, 0]
    assert len(entries(Ledger(place.open()))) == 10


rows = st.lists(
    st.builds(
        answered,
        st.floats(0, 100, width=32),
        member=st.sampled_from(["anna", "bert", "=cmd()"]),
        recipe=st.sampled_from(["aaaa", "bbbb"]),
        error=st.sampled_from(["", "ServiceFailed"]),
        tiles=st.integers(1, 25),
        planes=st.sampled_from([("B04",), ("B02", "B03", "SCL")]),
        bytes=st.integers(0, 2**33),
    ),
    max_size=12,
)


@given(rows, st.sampled_from(["member", "recipe", "month"]))
def test_sums_are_the_sums_of_the_rows(tmp_path_factory: pytest.TempPathFactory, written: list[Entry], by: str) -> None:
    ledger = Ledger(Database(tmp_path_factory.mktemp("ledger")), Clock())
    for one in written:
        ledger.reserve(one)
    expected: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0, 0, 0])
    for one in written:
        total = expected["2026-11" if by == "month" else getattr(one, by)]
        add = (1, bool(one.error), one.units or 0.0, one.bytes, one.tiles * len(one.planes))
        total[:] = [a + b for a, b in zip(total, add, strict=True)]
    found = ledger.sums(by, administrator())
    assert {one.key: [one.requests, one.failed, pytest.approx(one.units), one.bytes, one.planes] for one in found} == (
        expected
    )
    if by != "month":
        assert [one.units for one in found] == sorted((one.units for one in found), reverse=True)


def test_sums_of_one_month_leave_the_others_out(ledger: Ledger, clock: Clock) -> None:
    ledger.reserve(answered(1.0))
    clock.now = DECEMBER
    ledger.reserve(answered(2.0))
    assert [(one.key, one.units) for one in ledger.sums("month", administrator())] == [
        ("2026-12", 2.0),
        ("2026-11", 1.0),
    ]
    assert [one.units for one in ledger.sums("member", administrator(), "2026-11")] == [1.0]
    assert ledger.sums("member", administrator(), "2026-10") == ()
    with pytest.raises(InputError, match="colour"):
        ledger.sums("colour", administrator())


def test_what_the_cache_saved_is_the_price_less_what_was_asked_in_this_run(ledger: Ledger) -> None:
    ledger.reserve(answered(2.1, estimated=2.0))
    ledger.reserve(answered(0.0, estimated=5.0, error="ServiceFailed", status=503))
    ledger.reserve(answered(9.0, estimated=9.0, run="another"))
    ledger.save(ASKER, wanted=100, price=Cost(10.0))
    (found,) = ledger.sums("member", administrator())
    assert found.saved == 100 - 9 * 3
    assert found.saved_units == pytest.approx(8.0)


def test_pages_of_the_catalogue_count_in_sums_and_neither_as_planes_nor_as_what_the_cache_saved(ledger: Ledger) -> None:
    pages = entry(acquisition="", pixels=0, tiles=0, planes=(), estimated=0.5)
    ledger.reserve(answered(2.0, requests=1))
    for error in ("", "ServiceFailed"):
        asked = {"units": 0.4, "bytes": 50, "tries": 2, "status": 200, "requests": 1, "error": error}
        ledger.reserve(replace(pages, **asked))  # type: ignore[arg-type] # by name
    ledger.save(ASKER, wanted=100, price=Cost(10.0))
    (found,) = ledger.sums("member", administrator())
    assert (found.requests, found.catalogue, found.failed, found.planes, found.bytes) == (3, 2, 1, 27, 1100)
    assert (round(found.units, 9), found.saved, round(found.saved_units, 9)) == (2.8, 73, 8.0)
    assert ledger.spending(ASKER).run == Cost(2.8, 3, 1100)
    assert ledger.fetched("run-1") == (Cost(2.0, 1, 1000), 27) and ledger.fetched("run-2") == (Cost(), 0)
    told = [row["kind"] for row in csv.DictReader(io.StringIO(ledger.csv(administrator()), newline=""))]
    assert told == [one.kind for one in entries(ledger)] == ["pixels", "catalogue", "catalogue"]


def test_what_another_run_fetched_meanwhile_is_saved_as_what_was_cached_is(ledger: Ledger) -> None:
    cached, shared, asked = 27, 54, 27
    ledger.reserve(answered(2.0))
    for number in range(2):
        ledger.reserve(answered(2.0, run="run-2", member="bert", recipe="bbbb", acquisition=f"S2A_{number}"))
    ledger.save(ASKER, wanted=cached + shared + asked, price=Cost(8.0))
    assert ledger.saved(["run-1"]) == {"run-1": Cost(8.0 - 2.0)}
    assert {one.key: (one.planes, one.saved) for one in ledger.sums("member", administrator())} == {
        "anna": (asked, cached + shared),
        "bert": (shared, 0),
    }


def test_a_fetch_from_an_empty_cache_saves_nothing_and_the_same_again_saves_all(ledger: Ledger) -> None:
    ledger.save_again(ASKER)
    assert ledger.sums("recipe", administrator()) == ()
    ledger.reserve(answered(2.0))
    ledger.save(ASKER, wanted=27, price=Cost(2.0))
    assert [(one.saved, one.saved_units) for one in ledger.sums("recipe", administrator())] == [(0, 0.0)]
    ledger.save_again(replace(ASKER, run="run-2", member="bert"))
    assert [(one.key, one.saved, one.saved_units) for one in ledger.sums("member", administrator())] == [
        ("anna", 0, 0.0),
        ("bert", 27, 2.0),
    ]


def test_the_table_for_spreadsheets_has_each_request_and_carries_nothing_out(ledger: Ledger) -> None:
    ledger.reserve(answered(2.5, member="=HYPERLINK(1)", tries=2))
    ledger.reserve(entry(), None)
    first, second = csv.DictReader(io.StringIO(ledger.csv(administrator(), "2026-11"), newline=""))
    assert first["member"] == "'=HYPERLINK(1)"
    assert (first["units"], first["tries"], first["status"], first["planes"]) == ("2.5", "2", "200", "B04 SCL dataMask")
    assert first["time"] == "2026-11-18T11:06:40+00:00"
    assert (second["units"], second["status"]) == ("", "0")
    assert len(ledger.csv(administrator(), "2026-10").splitlines()) == 1


def test_no_column_could_hold_a_secret() -> None:
    names = {column.name for column in REQUESTS.columns}
    assert not {name for name in names if any(word in name for word in ("token", "secret", "client", "url", "header"))}


def test_a_spent_quota_is_counted(ledger: Ledger) -> None:
    ledger.reserve(answered(0.0, status=403, error=QuotaSpent.__name__))
    assert ledger.spending(ASKER).refused == 1


def test_the_table_comes_in_pieces_that_are_the_whole(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounting.ledger._ROWS", 2)
    for number in range(5):
        ledger.reserve(answered(acquisition=f"S2A_{number}"))
    pieces = list(ledger.csv_lines(administrator(), "2026-11"))
    assert len(pieces) == 1 + 3
    rows = list(csv.DictReader(io.StringIO("".join(pieces), newline="")))
    assert [row["acquisition"] for row in rows] == [f"S2A_{number}" for number in range(5)]
    assert list(csv.DictReader(io.StringIO("".join(ledger.csv_lines(administrator(), "2026-10")), newline=""))) == []


def test_what_the_cache_saved_is_known_of_each_attempt(ledger: Ledger) -> None:
    for number, wanted in enumerate((27, 54)):
        requester = replace(ASKER, run=f"run-{number}")
        ledger.reserve(answered(run=requester.run))
        ledger.save(requester, wanted, price=Cost(10.0))
    assert ledger.saved(["run-0", "run-1", "run-2"]) == {"run-0": Cost(), "run-1": Cost(8.0)}
    assert ledger.saved([]) == {}


def test_what_a_part_of_the_cache_would_cost_again_is_told_by_what_such_planes_cost(ledger: Ledger) -> None:
    for units, size, error in ((6.0, 600, ""), (3.0, 301, ""), (99.0, 9, "ServiceFailed")):
        ledger.reserve(answered(units, bytes=size, tiles=1, planes=("B04", "SCL", "dataMask"), error=error))
    ledger.reserve(answered(1.0, provider="other", planes=("B04",), tiles=1))
    assert ledger.cost_again({"ours": 4, "unknown": 7}) == {"ours": Cost(6.0, bytes=601)}, "6 planes cost 9 units"
    assert ledger.cost_again({}) == {}
