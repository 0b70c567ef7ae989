"""What is spent, against the demo archive, which charges by the documented formula and keeps a log of its own."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from services.catalogue import Acquisition
from services.errors import BudgetReached, QuotaSpent, ServiceFailed
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, JobStore, Progress
from services.ninepatch import Ninepatch
from services.plan import Plan
from services.recipe import Interval, Recipe
from services.runtime import Worker
from services.settings import load_settings
from services.storage import Database
from tests.actors import a_member, administrator
from tests.http.archive_log import asked
from tests.services.ledger_rows import of_pixels

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
SUMMER = Interval(date(2018, 6, 1), date(2018, 8, 1))
RECIPE = Recipe(LATTICE, TileIndex(1, 1), SUMMER, maxcc=40, area="Meadow", bands=("B02", "B03", "B04"))


def product(archive: str, home: Path, **changes: object) -> Ninepatch:
    """One process' product; those of one home share cache and ledger."""
    return Ninepatch(load_settings(**({"home": home, "provider": "demo", "demo_url": archive, "tries": 3} | changes)))


def injected(archive: str, *faults: dict[str, Any]) -> None:
    """What the next Process requests meet."""
    plain = [{"endpoint": "process"} | fault for fault in faults]
    requests.post(f"{archive}/_test/faults", json=plain, timeout=30).raise_for_status()


def hear(told: list[Plan], kept: Sequence[Acquisition], plan: Plan) -> None:
    """What is to be fetched."""
    told.append(plan)


def test_estimate_header_and_ledger_agree_and_every_request_is_one_row(archive: str, home: Path) -> None:
    ours = product(archive, home)
    _, planned = ours.estimate(RECIPE)
    ours.fetch(RECIPE, member="anna", run="run-1")
    log, rows = asked(archive), of_pixels(ours.ledger)
    assert len(rows) == len(log) == planned.requests > 2
    assert sorted(row.units or 0.0 for row in rows) == pytest.approx(sorted(entry["units"] for entry in log))
    assert sum(row.estimated for row in rows) == pytest.approx(sum(entry["units"] for entry in log), rel=0.02)
    assert all(row.estimated == pytest.approx(row.units, rel=0.02) for row in rows)
    assert planned.units == pytest.approx(sum(row.estimated for row in rows))
    assert {(row.member, row.recipe, row.run, row.status) for row in rows} == {("anna", RECIPE.digest, "run-1", 200)}
    assert {row.planes for row in rows} == {("B02", "B03", "B04", "SCL", "dataMask")}
    assert sum(row.bytes for row in rows) > 0


def test_what_the_cache_saved_is_what_it_would_have_cost(archive: str, home: Path) -> None:
    ours = product(archive, home)
    ours.fetch(RECIPE.with_(maxcc=20), member="anna")
    first = sum(entry["units"] for entry in asked(archive))
    ours.fetch(RECIPE, member="bert")
    more = sum(entry["units"] for entry in asked(archive))
    ours.fetch(RECIPE, member="cleo")
    assert asked(archive) == []
    found = {one.key: one for one in ours.ledger.sums("member", administrator())}
    assert found["anna"].saved_units == 0
    assert found["bert"].units == pytest.approx(more)
    assert found["bert"].saved_units == pytest.approx(first, rel=0.02)
    assert found["cleo"].units == 0
    assert found["cleo"].saved_units == pytest.approx(first + more, rel=0.02)
    assert found["cleo"].saved == found["anna"].planes + found["bert"].planes


def test_a_job_that_would_pass_a_budget_asks_for_nothing_and_shows_nothing(archive: str, home: Path) -> None:
    _, planned = product(archive, home).estimate(RECIPE)
    for name in ("job", "member", "team"):
        small = product(archive, home, **{f"budget_{name}_units": planned.units - 0.01})
        told: list[Plan] = []
        with pytest.raises(BudgetReached, match=f"budget_{name}_units"):
            small.fetch(RECIPE, planned=partial(hear, told), member="anna")
        assert told == [planned], "what it would have asked for is told"
        assert asked(archive) == []
        assert small.results.open(RECIPE.digest) is None
        assert small.quote(RECIPE, planned, "anna").refusal is not None
    enough = product(archive, home, budget_team_units=planned.units + 0.1)
    enough.fetch(RECIPE, member="anna")
    assert len(asked(archive)) == planned.requests


def test_a_budget_reached_on_the_way_stops_cleanly_and_the_resume_asks_for_the_rest(archive: str, home: Path) -> None:
    _, planned = product(archive, home).estimate(RECIPE)
    each = planned.units / planned.requests
    ours = product(archive, home, budget_member_units=planned.units + 0.1 * each, connections=1)
    seen: list[Progress] = []

    def another_job(progress: Progress) -> None:
        """The same member's, in another process, which costs as much as two requests of this one."""
        if progress.done == 1 and not any(step.done == 1 for step in seen):
            row = of_pixels(ours.ledger)[0]
            for _ in range(2):
                ours.ledger.reserve(type(row)("demo", "S2A_9", 1, 1, ("B04",), each, each, tries=1, member="anna"))
        seen.append(progress)

    with pytest.raises(BudgetReached, match="anna may spend a month"):
        ours.fetch(RECIPE, report=another_job, member="anna")
    paid = asked(archive)
    assert len(paid) == planned.requests - 2
    assert sum(row.units or 0.0 for row in of_pixels(ours.ledger)) <= planned.units + 0.1 * each
    assert not [row for row in of_pixels(ours.ledger) if row.units is None], "nothing is left open"

    product(archive, home, budget_member_units=2 * planned.units).fetch(RECIPE, member="anna")
    assert len(asked(archive)) == 2


def test_a_job_stopped_by_a_budget_is_resumed_once_there_is_one(archive: str, home: Path) -> None:
    store = JobStore(Database(home))
    _, planned = product(archive, home).estimate(RECIPE)
    job = store.submit(FETCH, RECIPE, a_member("anna"))
    for budget, state in ((0.01, "failed"), (0.0, "done")):
        with closing(Worker(product(archive, home, budget_job_units=budget).settings)) as worker:
            claimed = store.claim(worker.name, (FETCH,))
            assert claimed is not None
            worker.carry_out(claimed)
        (ended,) = store.recent()
        assert (ended.state, ended.dates, ended.expected) == (state, planned.requests, planned.bytes)
        assert ("budget_job_units" in ended.remedy) == (state == "failed")
        store.resume(job.id, a_member())
    assert ended.units == pytest.approx(planned.units, rel=0.02)
    assert ended.dates_done == ended.dates
    assert {row.run for row in of_pixels(product(archive, home).ledger)} == {ended.run}
    assert ended.run != job.run


def test_failed_tries_are_in_the_ledger_with_what_they_were_charged(archive: str, home: Path) -> None:
    ours = product(archive, home, connections=1, tries=5)
    postponed = {"status": 429, "headers": {"Retry-After": "10"}}
    injected(archive, {"status": 503}, {"reset": True}, {"cut": 0.5, "whole": True}, postponed)
    ours.fetch(RECIPE, member="anna")
    log, rows = asked(archive), of_pixels(ours.ledger)
    assert sum(row.tries for row in rows) == len(log) == len(rows) + 4
    assert {(row.status, row.error) for row in rows} == {(200, "")}
    assert sum(row.units or 0.0 for row in rows) == pytest.approx(sum(entry["units"] for entry in log))


def test_a_request_that_failed_for_good_is_a_row_that_says_so(archive: str, home: Path) -> None:
    ours = product(archive, home, connections=1)
    injected(archive, {"status": 500, "times": 3})
    with pytest.raises(ServiceFailed):
        ours.fetch(RECIPE, member="anna")
    (row,) = of_pixels(ours.ledger)
    assert (row.tries, row.status, row.error, row.units, row.member) == (3, 500, "ServiceFailed", 0.0, "anna")
    (total,) = ours.ledger.sums("member", administrator())
    assert (total.requests, total.catalogue, total.failed) == (2, 1, 1)


def test_a_quota_that_is_spent_stops_the_asking_and_all_that_is_cached_goes_on(archive: str, home: Path) -> None:
    ours = product(archive, home, connections=1)
    ours.fetch(RECIPE.with_(maxcc=20), member="anna")
    asked(archive)
    body = {"error": {"status": 403, "message": "…", "code": "ACCESS_INSUFFICIENT_PROCESSING_UNITS"}}
    injected(archive, {"status": 403, "body": body, "times": 50})
    with pytest.raises(QuotaSpent):
        ours.fetch(RECIPE, member="anna")
    requests.post(f"{archive}/_test/faults", json=[{"endpoint": "catalog", "status": 500}], timeout=30)
    refused = of_pixels(ours.ledger)[-1]
    assert (refused.tries, refused.status, refused.error, refused.units) == (1, 403, "QuotaSpent", 0.0)
    log = asked(archive)
    assert len([entry for entry in log if entry["status"] == 403]) == 1
    result, spent = ours.fetch(RECIPE.with_(maxcc=20, mask="none"), member="bert")
    assert (spent.requests, spent.units) == (0, 0.0)
    assert result.of_kind("picture")
    assert asked(archive) == []


def test_the_ledger_holds_no_secret(home: Path) -> None:
    secret = "hush-hush-of-nobody"
    settings = load_settings(
        home=home,
        provider="private",
        base_url="http://127.0.0.1:9",
        token_url="http://127.0.0.1:9/token",
        client_id="somebody-of-ours",
        client_secret=secret,
        tries=1,
    )
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        Ninepatch(settings).fetch(RECIPE.with_(provider="private"), member="anna")
    stored = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert secret.encode() not in stored
    assert b"somebody-of-ours" not in stored
    assert json.dumps([row.error for row in of_pixels(Ninepatch(settings).ledger)]) == "[]"
