"""What a comparison lacks, fetched from the demo archive into the cache, by hand and by a worker."""

from contextlib import closing
from datetime import date

import pytest

from services.errors import Cancelled
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, Job, JobStore, Progress
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from services.runtime import Worker
from services.storage import Database
from tests.actors import a_member
from tests.http.archive_log import asked
from tests.services.ledger_rows import of_pixels

LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
SUMMER = Interval(date(2018, 6, 1), date(2018, 8, 1))
RECIPE = Recipe(LATTICE, TileIndex(1, 1), SUMMER, maxcc=40, area="Meadow", bands=("B04", "B03", "B02"))


def carried_out(product: Ninepatch, kind: str = FILL, member: str = "anna") -> Job:
    """The job of that kind, queued, claimed and done by a worker."""
    store = JobStore(Database.of(product.settings))
    key = store.submit(kind, RECIPE, a_member(member)).id
    with closing(Worker(product.settings)) as worker:
        job = store.claim(worker.name, (FETCH, FILL))
        assert job is not None and job.id == key
        worker.carry_out(job)
    found = store.get(key)
    assert found is not None
    return found


def test_a_fill_fetches_what_is_missing_and_makes_no_files(product: Ninepatch, archive: str) -> None:
    kept, planned = product.estimate(RECIPE)
    spent = product.fill(RECIPE, member="anna", run="run-1")
    log, rows = asked(archive), of_pixels(product.ledger)
    assert len(log) == len(rows) == spent.requests == planned.requests == len(kept) > 2
    assert sum(row.units or 0.0 for row in rows) == pytest.approx(sum(entry["units"] for entry in log))
    assert {(row.member, row.run, row.recipe) for row in rows} == {("anna", "run-1", RECIPE.digest)}
    assert product.results.open(RECIPE.digest) is None
    assert not product.results.folder(RECIPE.digest).exists()
    assert product.estimate(RECIPE)[1].requests == 0


def test_a_second_fill_and_a_lower_limit_ask_nothing_and_are_saved(product: Ninepatch, archive: str) -> None:
    product.fill(RECIPE, member="anna")
    paid = sum(entry["units"] for entry in asked(archive))
    assert product.fill(RECIPE, member="bert", run="run-2").requests == 0
    assert product.fill(RECIPE.with_(maxcc=20), member="bert").requests == 0
    assert asked(archive) == []
    assert product.ledger.saved(("run-2",))["run-2"].units == pytest.approx(paid, rel=0.02)


def test_a_fetch_after_it_asks_only_for_the_other_bands(product: Ninepatch, archive: str) -> None:
    product.fill(RECIPE)
    asked(archive)
    six = RECIPE.with_(bands=("B02", "B03", "B04", "B08", "B11", "B12"))
    _, spent = product.fetch(six)
    kept, _ = product.estimate(six)
    assert spent.planes_fetched == 3 * 9 * len(kept)
    assert len(asked(archive)) == len(kept)


def test_a_stop_keeps_what_was_paid_for(product: Ninepatch, archive: str) -> None:
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        product.fill(RECIPE, report=seen.append, cancelled=lambda: bool(seen) and seen[-1].done >= 2)
    paid = [entry for entry in asked(archive) if entry["status"] == 200]
    _, planned = product.estimate(RECIPE)
    assert len(paid) >= 2 and planned.requests > 0
    product.fill(RECIPE)
    assert len(asked(archive)) == planned.requests


def test_a_sketch_is_made_of_what_a_fill_brought_and_asks_nobody(product: Ninepatch, archive: str) -> None:
    product.fill(RECIPE)
    asked(archive)
    preview = product.preview_service.preview(RECIPE, "true", side=330)
    assert product.previews.file(preview.digest, preview.picture) is not None
    kept, _ = product.estimate(RECIPE)
    assert preview.numbers.dates == len(kept)
    assert asked(archive) == []


def test_a_worker_fills_and_writes_how_far_it_is(product: Ninepatch, archive: str) -> None:
    kept, planned = product.estimate(RECIPE)
    job = carried_out(product)
    assert (job.state, job.kind, job.dates, job.dates_done) == ("done", FILL, len(kept), len(kept))
    assert (job.done, job.total) == (planned.requests, planned.requests)
    assert job.units == pytest.approx(sum(entry["units"] for entry in asked(archive)), rel=0.02)
    assert {row.run for row in of_pixels(product.ledger)} == {job.run}
    again = carried_out(product, member="bert")
    assert (again.state, again.total, again.units) == ("done", 0, 0.0)
    assert carried_out(product, kind=FETCH).state == "done"
    assert asked(archive) == []


def test_a_fill_stopped_by_a_budget_is_resumed_for_the_rest(product: Ninepatch, archive: str) -> None:
    store = JobStore(Database.of(product.settings))
    small = Ninepatch(product.settings.model_copy(update={"budget_job_units": 0.01}))
    failed = carried_out(small)
    assert (failed.state, "budget_job_units" in failed.remedy) == ("failed", True)
    assert asked(archive) == []
    assert store.resume(failed.id, a_member()).state == "queued"
    assert carried_out(product).state == "done"
    assert len(asked(archive)) == len(product.estimate(RECIPE)[0])
