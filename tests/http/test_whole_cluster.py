"""An order on a cluster: two machines with disks of their own, one PostgreSQL, one bucket, and who dies on the way.

The node of the second one, then the worker and the pages of the first are killed in the middle; the second one ends
what was begun.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import rasterio
import requests
from numpy.typing import NDArray

from services.accounting import Ledger
from services.grid import Lattice, TileIndex
from services.orders import Order, OrderStore, Sheet
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings
from services.storage import Database
from tests.actors import a_member
from tests.cluster import Absent, Nodes, cluster, entered, other_disk
from tests.demo_archive import recording_archive
from tests.http.archive_log import asked
from tests.http.killing import CONNECTIONS, ROOT, killed_at_last
from tests.http.test_kill import until
from tests.http.test_orders import carried_out
from tests.http.test_spending import injected, product
from tests.ports import free_port
from tests.postgres import Absent as NoServer
from tests.postgres import cluster as database_server
from tests.postgres import programs
from tests.services.buckets import endpoint, store_variables
from tests.services.databases import address_of
from tests.services.ledger_rows import of_pixels

__all__ = ["endpoint"]
LATTICE = Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0)
RECIPE = Recipe(
    LATTICE,
    TileIndex(0, 0),
    Interval(date(2018, 6, 1), date(2018, 7, 1)),
    maxcc=40,
    bands=("B02", "B03", "B04"),
    least_coverage=1,
)
ORDER = Order.of(RECIPE, [Sheet.of(LATTICE, [TileIndex(x, y) for x in range(21) for y in range(10)])])
"""210 tiles in six parts."""
SECONDS = 180.0
"""For each step: a node's processes and a worker import a lot, and others work on the machine too."""


@dataclass(frozen=True)
class Machines:
    """Two of them, in a network of their own."""

    archive: str
    nodes: Nodes
    """One on each."""
    settings: Settings
    """Of both."""
    other: Path
    """What the second one has in the place of the home, as the first one sees it."""
    elsewhere: Sequence[str]
    """What a command begins with that runs on the second one."""


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Machines]:
    """Nodes read the settings with their first tile: by then the file says where the servers are."""
    home, other, file = tmp_path / "home", tmp_path / "other", tmp_path / "settings.toml"
    for folder in (home, other):
        folder.mkdir()
    monkeypatch.setenv("NINEPATCH_SETTINGS", str(file))
    with ExitStack() as running:
        try:
            elsewhere = other_disk(other, home)
            nodes = running.enter_context(cluster(1, 1, others=elsewhere))
            running.enter_context(entered(nodes))
            database = address_of(running.enter_context(database_server(programs())))
        except (Absent, NoServer) as why:
            pytest.skip(str(why))
        archive = running.enter_context(recording_archive())
        store = store_variables(request.getfixturevalue("endpoint"))
        told = {name.removeprefix("NINEPATCH_").lower(): value for name, value in store.items()}
        told |= {"home": str(home), "database_url": database, "provider": "demo", "demo_url": archive}
        told |= {"engine": "ray", "ray_address": nodes.address}
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in told.items()]
        file.write_text("".join([*lines, f"connections = {CONNECTIONS}\n", "online_basemap = false\n"]))
        settings = load_settings()
        monkeypatch.delenv("NINEPATCH_SETTINGS")  # this process is neither of them, and shares nothing with them
        yield Machines(archive, nodes, settings, other, elsewhere)


@contextmanager
def running(
    machines: Machines, log: Path, *command: str, elsewhere: bool = False
) -> "Iterator[subprocess.Popen[bytes]]":
    """A program on one of them, which is killed at last."""
    whole = [*(machines.elsewhere if elsewhere else ()), sys.executable, *command]
    with log.open("ab") as out, killed_at_last(whole, env=machines.nodes.environment, stderr=out) as process:
        yield process


def worker_of(pages: "subprocess.Popen[bytes]") -> int:
    """The one that they have started, by its id."""
    lists = Path(f"/proc/{pages.pid}/task").glob("*/children")
    children = [child for one in lists for child in one.read_text().split()]
    (found,) = (child for child in children if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes())
    return int(found)


def made(store: OrderStore) -> int:
    """Parts that are done."""
    return sum(part.state == "done" for part in store.parts(ORDER.digest))


def mosaic(home: Path) -> bytes:
    """The pixels of all its bands."""
    with rasterio.open(home / "orders" / ORDER.digest / "mosaic_32635.tif") as opened:
        assert (opened.width, opened.height) == (21 * 60, 10 * 60)
        pixels: NDArray[Any] = opened.read()
    return pixels.tobytes()


def test_an_order_outlives_a_node_its_worker_and_the_pages_and_pays_once(machines: Machines, tmp_path: Path) -> None:
    alone = product(machines.archive, tmp_path / "alone")
    alone.orders.start(ORDER, a_member("anna"), cap=0)
    bill = alone.orders.estimate(ORDER, "anna")
    assert carried_out(alone.workshop).state == "done"
    whole = len(asked(machines.archive))
    assert (bill.tiles, bill.parts, bill.pixels.requests) == (210, 6, whole)
    database, log = Database.of(machines.settings), tmp_path / "programs.err"
    store = OrderStore(database)
    store.submit(ORDER, a_member("anna"), cap=0, share=1.0)
    injected(machines.archive, *[{}] * (whole // 2), {"hold": True, "times": CONNECTIONS})
    with running(machines, log, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port())) as pages:
        assert until(lambda: made(store) >= 1 and any(machines.other.rglob("x*_y*.tif")), SECONDS), log.read_text()
        machines.nodes.kill(machines.nodes.raylets[1])
        assert until(lambda: made(store) >= 2, SECONDS), log.read_text()
        os.kill(worker_of(pages), signal.SIGKILL)
        pages.kill()
    assert made(store) < bill.parts, "in the middle"
    requests.post(f"{machines.archive}/_test/release", timeout=30)
    with running(machines, log, "cli.py", "worker", elsewhere=True):
        assert until(lambda: not store.found(ORDER.digest).unfinished, SECONDS), log.read_text()
    row = store.found(ORDER.digest)
    assert (row.state, row.cause) == ("done", "")
    assert mosaic(machines.other) == mosaic(tmp_path / "alone")
    export = [sys.executable, "cli.py", "order", "export", row.id, "--out", str(tmp_path / "out")]
    subprocess.run(export, env=machines.nodes.environment, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    assert mosaic(machines.settings.home) == mosaic(tmp_path / "alone"), "what the second one made comes to the first"
    paid = [one.units or one.estimated for one in of_pixels(Ledger(database))]
    assert whole <= len(paid) <= whole + CONNECTIONS, "what was in flight is asked for again"
    assert len(asked(machines.archive)) == len(paid)
    assert 0.98 * bill.pixels.units <= sum(paid) <= bill.pixels.units + CONNECTIONS * max(paid)
