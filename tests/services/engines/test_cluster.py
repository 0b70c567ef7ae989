"""The engine of many machines, on a real cluster of two nodes: what threads make, also where a node dies."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eolearn.core.eoexecution import EOExecutor

from services.composite import Run
from services.engines import PartReceipt, TileReceipt, bring, engine_of
from services.engines.tile_tasks import executions
from services.errors import NinepatchError, SettingsError
from services.settings import load_settings
from tests.cluster import Absent, Nodes, cluster
from tests.services.buckets import endpoint, store_variables
from tests.services.engine_driver import END, TRACES, driving, said
from tests.services.engine_parts import Made, files, five_by_five, made_by_threads, told

__all__ = ["endpoint"]


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


@pytest.fixture
def one_tile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Made], TileReceipt]:
    """What the engine makes of the receipt of a tile that some node composed."""

    def asked(made: Made) -> TileReceipt:
        part = replace(made.parts[0], tiles=made.parts[0].tiles[:1])
        executor = EOExecutor(*executions(part, made.home, Run()))
        (results,) = executor.run(workers=1, disable=True)
        made.forget()  # it was another machine's disk
        monkeypatch.setattr(pytest.importorskip("ray"), "get", lambda handle: results)
        engine = engine_of(load_settings(home=made.home, engine="ray"))
        receipt = vars(type(engine))["_receipt"](engine, part, part.tiles[0], "handle")
        assert isinstance(receipt, TileReceipt)
        return receipt

    pytest.importorskip("ray", reason="requirements-cluster.txt is not installed")
    return asked


def test_a_tile_on_another_machines_disk_is_told(tmp_path: Path, one_tile: Callable[[Made], TileReceipt]) -> None:
    told_of = one_tile(made_by_threads(tmp_path))
    assert "disk of another machine" in told_of.cause and "store" in told_of.remedy


def test_a_tile_of_another_machine_comes_by_the_store(
    tmp_path: Path, endpoint: str, one_tile: Callable[[Made], TileReceipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in store_variables(endpoint).items():
        monkeypatch.setenv(name, value)
    made = made_by_threads(tmp_path)
    told_of, tile = one_tile(made), made.parts[0].file(made.parts[0].tiles[0])
    assert told_of == made.receipts[0].tiles[0]
    assert files(tmp_path, made.parts) == {tile: made.files[tile]}
    names = [part.file(index) for part in made.parts for index in part.tiles]
    bring(load_settings(home=tmp_path), [*names, "orders/nothing.tif"])
    assert files(tmp_path, made.parts) == made.files, "for whoever takes the order over"
