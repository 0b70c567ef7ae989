"""Metrics: what the stores have, in a text that Prometheus' own parser reads."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.accounting import Ledger
from services.accounting.entry import Entry
from services.cache import FrameKey
from services.jobs import FETCH, JobStore
from services.ninepatch import Ninepatch
from services.observing import Metrics, diagnose
from services.settings import load_settings
from services.storage import Database
from tests.actors import a_member
from tests.services.buckets import endpoint, with_bucket
from tests.services.scenes import recipe

__all__ = ["endpoint"]
ROOT = Path(__file__).resolve().parents[3]
RECIPE = recipe()
ASKED = Entry("demo", "S2A_1", 100, 9, ("B04",), 2.0, member="ada", recipe="aa", run="r")


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (s.name, *(s.labels[key] for key in sorted(s.labels, reverse=True))): s.value
        for family in families
        for s in family.samples
    }


@pytest.fixture
def watched(tmp_path: Path) -> tuple[Metrics, JobStore, Ledger]:
    settings = load_settings(home=tmp_path, provider="demo")
    product, jobs = Ninepatch(settings), JobStore(Database.of(settings))
    return Metrics(product, jobs), jobs, product.ledger


def test_jobs_and_costs_are_those_of_the_stores(watched: tuple[Metrics, JobStore, Ledger]) -> None:
    metrics, jobs, ledger = watched
    jobs.submit(FETCH, RECIPE, a_member())
    ledger.reserve(replace(ASKED, tries=1, status=200, units=2.5, bytes=70, seconds=1.5, requests=1))
    ledger.reserve(replace(ASKED, tries=2, status=503, units=0.0, error="ServiceFailed", seconds=4.0))
    found = values(metrics)
    assert (found["ninepatch_jobs", "queued"], found["ninepatch_jobs", "done"]) == (1, 0)
    assert (found["ninepatch_units", "demo"], found["ninepatch_units_left", "demo"]) == (2.5, 9997.5)
    assert found["ninepatch_received_bytes", "demo"] == 70
    assert found["ninepatch_errors_total", "demo", "ServiceFailed"] == 1
    assert (found["ninepatch_request_seconds_sum", "demo"], found["ninepatch_request_seconds_count", "demo"]) == (
        5.5,
        2,
    )
    assert found["ninepatch_well", "worker"] == 0 == found["ninepatch_workers",]
    assert found["ninepatch_limit_bytes", "frames"] == 50e9 and found["ninepatch_bytes", "disk_free"] > 0


def test_what_all_machines_share_is_told_where_there_is_a_store(
    watched: tuple[Metrics, JobStore, Ledger], endpoint: str, tmp_path: Path
) -> None:
    assert not [name for name, *_ in values(watched[0]) if "store" in name]
    product = Ninepatch(with_bucket(endpoint, tmp_path.name, home=tmp_path / "other", provider="demo"))
    key, band = FrameKey("demo", "c", 32635, (0.0, 0.0, 100.0, 100.0), 10, 10, "S2A_1"), np.ones((10, 10), np.uint16)
    product.frames.write_fetched({key: {"B04": band}})
    found, stored = values(Metrics(product, JobStore(product.database))), product.frames.stored()
    assert stored is not None and found["ninepatch_store_bytes", "frames"] == stored.bytes > 0
    assert found["ninepatch_store_bytes", "orders"] == 0
    (told,) = (one.said for one in diagnose(product.settings) if one.topic == "store")
    assert told.endswith(f"it holds {stored.bytes} bytes of frames in 1 objects, and 0 bytes of orders.")


def test_nobody_is_named_and_no_question_told(watched: tuple[Metrics, JobStore, Ledger]) -> None:
    metrics, jobs, ledger = watched
    jobs.submit(FETCH, RECIPE, a_member("ada"))
    ledger.reserve(replace(ASKED, tries=1, status=200, units=2.5))
    text = metrics.text().decode()
    assert "ada" not in text and RECIPE.digest not in text


def test_the_dashboard_asks_for_what_there_is(watched: tuple[Metrics, JobStore, Ledger]) -> None:
    metrics, _, ledger = watched
    ledger.reserve(replace(ASKED, tries=1, status=503, units=0.0, error="ServiceFailed"))
    metrics.answers.labels("files", "200").observe(0.1)
    known = {name for name, *_ in values(metrics)}
    dashboard = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"ninepatch_\w+", target["expr"])
    }
    assert len(asked) > 8 and asked <= known
