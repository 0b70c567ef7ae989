"""The engine of many machines, on a real cluster of two nodes: what threads make, also where a node dies."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eolearn.core.eoexecution import EOExecutor

from services.composite import Run
from services.engines import PartReceipt, engine_of
from services.engines.tile_tasks import executions
from services.errors import NinepatchError, SettingsError
from services.settings import load_settings
from tests.cluster import Absent, Nodes, cluster
from tests.services.engine_driver import END, TRACES, driving, said
from tests.services.engine_parts import files, five_by_five, made_by_threads, told


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    try:
        with cluster(1, 1) as running:
            yield running
    except Absent as why:
        pytest.skip(str(why))


def test_a_node_that_dies_on_the_way_costs_time_alone_and_a_second_run_can_be_stopped(
    nodes: Nodes, tmp_path: Path
) -> None:
    """Both in one process, for it takes a while to join. One tile has no frames, and is told in the same words."""
    made = made_by_threads(tmp_path)
    made.forget()
    _, second = nodes.raylets
    environment = dict(nodes.environment) | {"NINEPATCH_RAY_ADDRESS": nodes.address}
    with driving(tmp_path, "ray", "stop", inside=nodes.inside, environment=environment) as driver:
        trace = tmp_path / TRACES / str(second)
        until = time.monotonic() + 60
        while not trace.exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert trace.exists(), "the second node composes"
        nodes.kill(second)
        lines = said(driver)
        assert driver.wait() == 0
    receipts = [PartReceipt.from_json(line) for line in lines[:3]]
    assert sorted(receipts, key=lambda receipt: receipt.number) == made.receipts
    assert lines[3:] == [END, f"1 {END}"]
    assert files(tmp_path, made.parts) == made.files
    traces = {trace.name for trace in (tmp_path / TRACES).iterdir()} - {"1"}  # who has lost its raylet is another's
    assert len(traces) == 2, "the first node composed, too"


@pytest.mark.parametrize(
    ("address", "mode", "said"),
    [
        ("", "token", "The engine ray has no address."),
        ("auto", "token", "The engine ray has no address."),
        ("127.0.0.1:9", "", "RAY_AUTH_MODE is not set: anybody"),
    ],
)
def test_a_cluster_is_joined_only_by_its_address_and_where_it_is_guarded(
    address: str, mode: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="requirements-cluster.txt is not installed")
    monkeypatch.setenv("RAY_AUTH_MODE", mode)
    engine = engine_of(load_settings(home=tmp_path, engine="ray", ray_address=address))
    with pytest.raises(SettingsError) as caught:
        told(engine, five_by_five()[1])
    assert said in caught.value.cause and caught.value.remedy


def test_without_the_extra_the_engine_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "services.engines.cluster", None)
    with pytest.raises(NinepatchError) as caught:
        engine_of(load_settings(home=tmp_path, engine="ray"))
    assert "Ray is not installed" in caught.value.cause and "requirements-cluster.txt" in caught.value.remedy


def test_a_tile_that_a_node_wrote_to_its_own_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = pytest.importorskip("ray", reason="requirements-cluster.txt is not installed")
    made = made_by_threads(tmp_path)
    engine, part = engine_of(load_settings(home=tmp_path, engine="ray")), made.parts[0]
    executor = EOExecutor(*executions(replace(part, tiles=part.tiles[:1]), tmp_path, Run()))
    (results,) = executor.run(workers=1, disable=True)
    monkeypatch.setattr(ray, "get", lambda handle: results)
    asked = vars(type(engine))["_receipt"]
    assert not asked(engine, part, part.tiles[0], "handle").cause
    made.forget()
    told_of = asked(engine, part, part.tiles[0], "handle")
    assert "disk of another machine" in told_of.cause and "store" in told_of.remedy
