"""Everything that an archive was asked is in the ledger, number by number; it keeps a log of its own."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from services.accounting import Ledger
from services.errors import BudgetReached, Cancelled, RequestRefused
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, LOOK, Job, JobStore, Progress
from services.ninepatch import Ninepatch
from services.providers.sentinelhub import DEMO_TOKEN_PATH
from services.recipe import Interval, Recipe
from services.runtime import Worker
from services.settings import Settings, load_settings
from services.storage import Database
from terminal.providers import check_steps
from tests.actors import a_member, administrator
from tests.http.middleman import middleman
from tests.services.ledger_rows import entries

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
YEAR, JUNE = Interval.of_year(2018), Interval(date(2018, 6, 1), date(2018, 6, 21))
RECIPE = Recipe(LATTICE, TileIndex(1, 1), JUNE, radius=0, maxcc=90, area="Meadow", bands=("B04",), provider="ours")


def settings_of(archive: str, home: Path, **changes: object) -> Settings:
    """An account at the archive, which counts."""
    ours: dict[str, Any] = {"name": "ours", "base_url": archive, "token_url": archive + DEMO_TOKEN_PATH}
    ours |= {"client_id": "demo", "client_secret": "demo", "requests_per_minute": 1e6, "units_per_minute": 1e6}
    return load_settings(home=home, provider="ours", providers=[ours | changes], tries=4)


def log_of(archive: str) -> list[dict[str, Any]]:
    """What it was asked, in order, but for tokens."""
    log: list[dict[str, Any]] = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
    return [entry for entry in log if entry["endpoint"] != "token"]


def tries_of(ledger: Ledger) -> Counter[str]:
    """How often each kind of request was sent, by the ledger."""
    told: Counter[str] = Counter()
    for row in entries(ledger):
        told[{"catalogue": "catalog", "pixels": "process"}[row.kind]] += row.tries
    return told


def carried_out(worker: Worker, store: JobStore, kind: str, recipe: Recipe) -> Job:
    """The job of a question of anna's, at its end."""
    store.submit(kind, recipe, a_member("anna"))
    claimed = store.claim(worker.name, (kind,))
    assert claimed is not None
    worker.carry_out(claimed)
    ended = store.get(claimed.id)
    assert ended is not None and ended.state == "done", ended
    return ended


def test_all_that_the_archive_was_asked_over_a_journey_is_in_the_ledger(archive: str, home: Path) -> None:
    with middleman(archive) as between:
        settings = settings_of(between.url, home)
        store, worker = JobStore(Database(home)), Worker(settings)
        again: list[dict[str, Any]] = [
            {"status": 429, "headers": {"Retry-After": "5"}},
            {"status": 503, "body": "busy"},
            {"cut": 0.5, "whole": True},
        ]
        faults = [{"endpoint": name} | one for name in ("catalog", "process") for one in again]
        requests.post(f"{archive}/_test/faults", json=faults, timeout=30).raise_for_status()
        ledger, product = Ledger(Database(home)), Ninepatch(settings)
        look = carried_out(worker, store, LOOK, RECIPE.with_(interval=YEAR))
        asked = log_of(archive)
        pages = [row for row in entries(ledger) if row.kind == "catalogue"]
        assert {entry["endpoint"] for entry in asked} == {"catalog"} and len(pages) == len(entries(ledger)) >= 3
        assert {(row.member, row.run, row.planes, row.status) for row in pages} == {("anna", look.run, (), 200)}
        fetched = carried_out(worker, store, FETCH, RECIPE)
        worker.close()
        for kept in (RECIPE.with_(maxcc=30), RECIPE.with_(interval=YEAR)):
            product.search(kept, member="bert")
    log = log_of(archive)
    assert tries_of(ledger) == Counter(entry["endpoint"] for entry in log)
    assert Counter(entry["endpoint"] for entry in log)["catalog"] == len(pages) + 1 + len(again), "answers are kept"
    assert ledger.month_cost("ours").units == pytest.approx(sum(entry["units"] for entry in log), rel=0.02)
    assert sum(row.units or 0.0 for row in pages) == pytest.approx(sum(entry["units"] for entry in asked))
    expected = product.provider(RECIPE).search_cost(RECIPE.neighbourhood, YEAR)
    assert expected.requests / 2 <= len(pages) <= expected.requests * 2
    (told,) = ledger.sums("member", administrator())
    assert (told.key, told.catalogue, told.requests) == ("anna", len(pages) + 1, len(entries(ledger)))
    result = product.results.open(RECIPE.digest)
    assert result is not None and result.requests == fetched.requests == told.requests - told.catalogue


def test_a_request_that_would_pass_the_months_requests_is_not_sent(archive: str, home: Path) -> None:
    refused = Ninepatch(settings_of(archive, home, requests_per_month=1))
    told = r"more requests would pass the 1 that the account may be asked a month: 0 are asked"
    with pytest.raises(BudgetReached, match=told):
        refused.search(RECIPE.with_(interval=YEAR), member="anna")
    assert log_of(archive) == []
    product = Ninepatch(settings_of(archive, home, requests_per_month=4))
    _, planned = product.estimate(RECIPE, member="anna")
    quoted = product.price(RECIPE, planned, "anna")
    assert planned.requests > 3 and quoted.quota_requests == 4 and quoted.spent_request_share == 0.25
    assert quoted.request_share == planned.requests / 4
    with pytest.raises(BudgetReached, match="requests_per_month"):
        product.fetch(RECIPE, member="bert")
    assert [entry["endpoint"] for entry in log_of(archive)] == ["catalog"]


def test_a_result_has_the_cost_of_its_whole_attempt_whoever_carried_it_out(archive: str, home: Path) -> None:
    product, stored = Ninepatch(settings_of(archive, home)), []

    def report(progress: Progress) -> None:
        stored.append(progress.done)

    narrow = Ninepatch(product.settings.model_copy(update={"connections": 1}))
    with pytest.raises(Cancelled):
        narrow.fetch(RECIPE, report, lambda: max(stored, default=0) >= 2, member="anna", run="run-1")
    before = tries_of(product.ledger)["process"]
    result, spent = product.fetch(RECIPE, member="anna", run="run-1")
    log = [entry for entry in log_of(archive) if entry["endpoint"] == "process"]
    assert 2 <= before < len(log) == result.requests == spent.requests
    assert result.units == pytest.approx(sum(entry["units"] for entry in log))
    assert result.bytes == sum(entry["bytes"] for entry in log)
    assert (result.planes_fetched, result.planes_cached) == (product.estimate(RECIPE)[1].wanted, 0)


def test_a_check_of_the_account_is_in_the_ledger_too(archive: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(archive, home)
    steps = check_steps(settings, "ours")
    assert [(step["step"], step["ok"]) for step in steps] == [("token", True), ("catalogue", True)]
    (row,), (entry,) = entries(Ledger(Database(home))), log_of(archive)
    assert (row.kind, row.tries, row.units, entry["endpoint"]) == ("catalogue", 1, entry["units"], "catalog")


def test_a_page_that_is_refused_is_a_row_and_costs_nothing(archive: str, home: Path) -> None:
    product = Ninepatch(settings_of(archive, home))
    fault = {"endpoint": "catalog", "status": 400, "body": {"code": 400, "description": "No."}}
    requests.post(f"{archive}/_test/faults", json=[fault], timeout=30).raise_for_status()
    with pytest.raises(RequestRefused):
        product.search(RECIPE, member="anna")
    (row,) = entries(product.ledger)
    assert (row.kind, row.status, row.error, row.units, row.tries) == ("catalogue", 400, "RequestRefused", 0.0, 1)
