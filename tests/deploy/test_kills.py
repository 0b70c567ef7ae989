"""Pages, worker and proxy are killed while a member's job runs, and started again as their manager would.

The member's browser stays open, and shows the picture in the end; what was paid for is paid once and in the ledger.
"""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services.runtime.worker import LEAVE_SECONDS
from tests.browser.visit import PICTURE
from tests.demo_archive import recording_archive
from tests.deploy.conftest import Browsing
from tests.deploy.issuers import quick_issuer
from tests.deploy.machine import stopped
from tests.deploy.site import Site, opened_question, site
from tests.http.middleman import Middleman, middleman

CONNECTIONS = 2
LATENCY = 0.2
"""Seconds that each answer takes, so that the job lasts until everything has died once."""
SPAN = {"maxcc": "100", "from": "2018-05-01", "to": "2018-08-20"}


@pytest.fixture(scope="module")
def between() -> Iterator[Middleman]:
    """Counts what is asked of an archive that takes its time."""
    with recording_archive(latency=LATENCY) as url, middleman(url) as counting:
        yield counting


def again(between: Middleman) -> int:
    """How many requests have been asked for more than once."""
    with between.told:
        return len(between.asked) - len(set(between.asked))


def wait_for(between: Middleman, more: int) -> None:
    """Until so many more have been asked for: the job goes on."""
    with between.told:
        wanted = len(between.asked) + more
    assert between.wait_for(wanted, seconds=90), len(between.asked)


def kill_pages_proxy_and_worker(here: Site, between: Middleman) -> None:
    """Each once, at a moment of its own; the worker is told to end first, and killed later."""
    wait_for(between, 10)
    here.services["web"].kill()
    here.services["web"].wait()
    wait_for(between, 10)  # nobody sees it, and it goes on
    here.services["web"] = here.machine.start("web")
    here.kill_proxy()
    wait_for(between, 5)
    here.start_proxy()
    worker = here.services["worker"]
    worker.send_signal(signal.SIGTERM)
    assert stopped(worker, LEAVE_SECONDS + 15) < LEAVE_SECONDS + 10 and worker.returncode == 0
    assert again(between) == 0
    here.services["worker"] = here.machine.start("worker")
    wait_for(between, 10)
    assert again(between) == 0, "what was in flight when it was told to end has been stored"
    here.services["worker"].kill()
    here.services["worker"].wait()
    here.services["worker"] = here.machine.start("worker")
    here.until_well()


@pytest.mark.timeout(400)
def test_a_job_outlives_them_all_and_nothing_paid_is_lost(
    host: None, between: Middleman, browsing: Browsing, tmp_path: Path
) -> None:
    with site(tmp_path, between.url, quick_issuer, connections=CONNECTIONS) as here:
        browser = browsing(here.certificate)
        bert = here.visit(browser, "bert@example.org")
        opened_question(bert, tmp_path, SPAN)
        bert.button("Fetch").click()
        expect(bert.button("Cancel")).to_be_visible()
        kill_pages_proxy_and_worker(here, between)
        bert.page.locator(PICTURE).wait_for(timeout=180_000)
        bert.page.reload()
        bert.page.locator(PICTURE).wait_for()
        browser.close()
        with closing(sqlite3.connect(f"file:{here.machine.home}/jobs.sqlite?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT member, units, tries FROM requests WHERE pixels > 0").fetchall()
            jobs = database.execute("SELECT state, member FROM jobs WHERE kind = 'fetch'").fetchall()
    assert jobs == [("done", "bert@example.org")]
    assert again(between) <= CONNECTIONS, "what was in flight when it was killed"
    asked = len(between.asked)
    assert {member for member, _, _ in rows} == {"bert@example.org"}
    assert asked <= len(rows) <= asked + CONNECTIONS, "a row is written before its request is sent"
    answered = [row for row in rows if row[1] is not None]
    assert len(answered) >= len(set(between.asked)), "each that the picture needs is in the ledger with its units"
