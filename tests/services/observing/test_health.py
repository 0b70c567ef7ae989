"""Health: each part that is missing is said, and whether people can still look."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.accounting import Ledger
from services.accounting.entry import Entry
from services.errors import StorageError
from services.jobs import JobStore
from services.observing import HealthReport, examine, health
from services.observing.health import FAILURES
from services.sandbox import Confinement
from services.settings import Settings, load_settings
from services.storage import Database, WorkerLock
from tests.ports import free_port
from tests.services.buckets import endpoint, with_bucket

__all__ = ["endpoint"]

ASKED = Entry("demo", "S2A_1", 100, 9, ("B04",), 2.0, member="ada", recipe="aa", run="r")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path, provider="demo")


def report(settings: Settings) -> HealthReport:
    database = Database.of(settings)
    return examine(settings, lambda: JobStore(database), lambda: Ledger(database))


def ill(found: HealthReport) -> list[str]:
    return [part.name for part in found.parts if not part.well]


def test_without_a_worker_nothing_can_be_done(settings: Settings) -> None:
    found = report(settings)
    assert (ill(found), found.status, found.ready) == (["worker"], "failing", False)
    lock = WorkerLock(settings.home)
    assert (ill(report(settings)), report(settings).status) == ([], "ok")
    lock.close()


def test_a_short_disk_and_a_failing_provider_leave_something_to_look_at(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, ledger = WorkerLock(settings.home), Ledger(Database.of(settings))
    for number in range(FAILURES):
        assert ill(report(settings)) == [], number
        ledger.reserve(replace(ASKED, tries=1, error="ServiceFailed", units=0.0))
    failing = report(settings)
    assert (ill(failing), failing.status, failing.ready) == (["provider"], "degraded", False)
    assert "ServiceFailed" in failing.parts[-1].sentence
    ledger.reserve(replace(ASKED, tries=1, status=200, units=1.0))
    assert report(settings).ready
    low = SimpleNamespace(total=10**12, free=10**9 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: low)
    assert (ill(report(settings)), report(settings).status) == (["disk"], "degraded")
    monkeypatch.setattr(health, "is_writable", lambda _: False)
    assert (ill(report(settings)), report(settings).status) == (["disk"], "failing")
    lock.close()


def test_a_database_that_cannot_be_opened_is_a_part_that_is_not_well(settings: Settings) -> None:
    def broken() -> JobStore:
        raise StorageError("It is damaged.", "Restore it.")

    lock = WorkerLock(settings.home)
    found = examine(settings, broken, lambda: Ledger(Database.of(settings)))
    assert (ill(found), found.status) == (["jobs"], "failing")
    assert str(settings.home) not in " ".join(part.sentence for part in found.parts)
    lock.close()


def test_a_store_that_is_gone_leaves_pages_and_what_is_near(settings: Settings, endpoint: str) -> None:
    assert not [part for part in report(settings).parts if part.name == "store"], "where there is none"
    lock = WorkerLock(settings.home)
    changes = {"home": settings.home, "provider": "demo"}
    assert report(with_bucket(endpoint, "health", **changes)).status == "ok"
    gone = report(with_bucket(f"http://127.0.0.1:{free_port()}", "health", **changes))
    assert (ill(gone), gone.status) == (["store"], "degraded")
    lock.close()


@pytest.mark.parametrize(("missing", "status"), [((), "ok"), (("landlock",), "ok"), (("seccomp",), "degraded")])
def test_a_reader_of_files_that_is_not_confined_is_a_part_that_is_not_well(
    missing: tuple[str, ...], status: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.observing.health.confinement", lambda: Confinement(missing))
    monkeypatch.setattr(sys, "platform", "linux")
    lock = WorkerLock(settings.home)
    found = report(settings)
    sentence = next(part.sentence for part in found.parts if part.name == "reader")
    assert found.status == status
    assert all(f"by {name}" in sentence.lower() for name in missing)
    lock.close()
