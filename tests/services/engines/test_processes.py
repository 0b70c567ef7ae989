"""The engine of many processes: what threads make, whatever happens to its processes."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import pytest

from services.composite import Run
from services.engines import ComposePart, Engine, PartReceipt, engine_of
from services.engines.pooled import HandingExecutor
from services.engines.tile_tasks import executions
from services.errors import Cancelled
from services.settings import load_settings
from tests.services.engine_driver import driving
from tests.services.engine_parts import Made, deadly, files, made_by_threads, told

SECRET = "a secret of this test"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """By threads."""
    return made_by_threads(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def running(made: Made) -> Iterator[Engine]:
    """Of one process: one pool for all tests, since it takes seconds to start."""
    engine = engine_of(load_settings(home=made.home, engine="processes", workers=1))
    yield engine
    engine.close()


@pytest.fixture
def engine(made: Made, running: Engine) -> Engine:
    """The same, in a home without orders."""
    made.forget()
    return running


def test_processes_make_the_same_files_and_receipts_as_threads(made: Made, engine: Engine) -> None:
    assert told(engine, made.parts) == made.receipts
    assert files(made.home, made.parts) == made.files


def test_a_process_that_is_killed_costs_time_alone(made: Made, engine: Engine) -> None:
    """After the first part, when the second is on its way."""
    heard: list[PartReceipt] = []

    def done(receipt: PartReceipt) -> None:
        heard.append(receipt)
        if len(heard) == 1:
            (process,) = children(os.getpid())
            os.kill(process, signal.SIGKILL)

    engine.run(made.parts, done, lambda: False)
    assert sorted(heard, key=lambda receipt: receipt.number) == made.receipts
    assert files(made.home, made.parts) == made.files


def test_a_tile_that_ends_its_process_each_time_is_left_out_and_the_others_are_made(made: Made, engine: Engine) -> None:
    part = replace(made.parts[0], tiles=made.parts[0].tiles[:3])
    (receipt,) = told(engine, [deadly(part, part.tiles[1])])
    (failed,) = receipt.failed
    assert failed.index == part.tiles[1] and "was ended, twice" in failed.cause and "memory" in failed.remedy
    assert [tile.bytes > 0 for tile in receipt.tiles] == [True, False, True]


def test_a_part_is_told_while_the_next_is_not_there_yet(made: Made, engine: Engine) -> None:
    heard: list[PartReceipt] = []

    def fetched() -> Iterator[ComposePart | None]:
        for number, part in enumerate(made.parts):
            while len(heard) < number:
                time.sleep(0.01)
                yield None
            yield part

    engine.run(fetched(), heard.append, lambda: False)
    assert heard == made.receipts


def test_who_stops_it_is_told_so_at_once(made: Made, engine: Engine) -> None:
    heard: list[PartReceipt] = []
    with pytest.raises(Cancelled):
        engine.run(made.parts, heard.append, lambda: bool(heard))
    assert [receipt.number for receipt in heard] == [0]


def test_what_is_handed_out_holds_no_secret_and_is_small(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size bounds what a cluster is sent for each tile."""
    monkeypatch.setenv("NINEPATCH_CLIENT_SECRET", SECRET)
    assert load_settings(home=made.home).client_secret.get_secret_value() == SECRET
    executor = HandingExecutor(*executions(made.parts[0], made.home, Run()))
    executor.hand_out = lambda execution: bytes(ForkingPickler.dumps(execution))
    executor.run()
    assert len(executor.handles) == len(made.parts[0].tiles)
    assert all(SECRET.encode() not in sent and len(sent) < 20_000 for sent in executor.handles)


def test_its_processes_end_with_the_one_that_started_them(made: Made) -> None:
    """Killed, it cannot tell them."""
    with driving(made.home, "processes", "stay") as driver:
        assert driver.stdout is not None
        driver.stdout.readline()
        processes = children(driver.pid)
        driver.kill()
        assert processes
        until = time.monotonic() + 20
        while any(map(alive, processes)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(map(alive, processes))


def children(process: int) -> list[int]:
    """Its processes of a pool."""
    listed = [task.read_text().split() for task in Path(f"/proc/{process}/task").glob("*/children")]
    started = [int(child) for some in listed for child in some]
    return [child for child in started if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def alive(process: int) -> bool:
    """Also where nobody has asked how it ended, it is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
