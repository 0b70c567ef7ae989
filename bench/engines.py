"""Tiles a minute and processor seconds by each engine, from frames that are there: RGB, the dates of a year under 10 %.

`python -m bench.engines --tiles 1947` for the whole of the example's area; a few hundred tell the same. The frames of
nine tiles are asked of the demo archive and stored as those of all. Where other programs use the cores, seconds on the
clock say little, and seconds of the processor more.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.memory import peak_megabytes
from bench.worker import demo, question
from services.cache import frame_key
from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json, kept
from services.engines import ComposePart, PartReceipt, engine_of
from services.grid import TileIndex
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.render import Provenance
from services.runtime import demo_archive
from services.settings import load_settings
from tests.cluster import Absent, Nodes, cluster

TILES = 245
"""Five parts."""
SIDE = 7
"""Tiles a side of a part."""
BANDS = ("B02", "B03", "B04")
DATES = "dates.json"
ENGINES: Sequence[tuple[str, str, tuple[int, ...]]] = (
    ("threads", "threads", ()),
    ("processes", "processes", ()),
    ("Ray, one node", "ray", (2,)),
    ("Ray, two nodes", "ray", (1, 1)),
)
"""What it is called, the engine, and the cores of each node: two cores in all."""


@dataclass(frozen=True)
class Ran:
    """What a run took."""

    seconds: float
    processor: float
    """Seconds, of all processes."""
    around: float
    """Of these, those of Ray's own processes, which run whether there is work or not."""
    driver: float
    """MB, at most."""
    node: float
    """MB at most of the largest process that composes elsewhere; 0 where none does."""


def asked() -> Recipe:
    """The example's question, of three bands."""
    return question(10).with_(bands=BANDS)


def tiles(count: int) -> list[TileIndex]:
    """Around the example's centre, part after part."""
    across = max(1, round(count**0.5 / SIDE))
    centre, places = asked().centre, [(row, column) for row in range(SIDE) for column in range(SIDE)]
    parts = ((part // across, part % across) for part in range(count // len(places) + 1))
    found = [
        TileIndex(centre.x + SIDE * (right - across // 2) + column, centre.y + SIDE * (up - across // 2) + row)
        for up, right in parts
        for row, column in places
    ]
    return found[:count]


def prepare(home: Path, url: str, count: int) -> None:
    """Frames of all tiles, and their dates."""
    product, recipe = Ninepatch(demo(home, url)), asked()
    product.fill(recipe)
    dates = kept(product.search(recipe), recipe)
    print(f"{count} tiles of {len(dates)} dates", flush=True)
    (home / DATES).write_bytes(acquisitions_to_json(dates))
    nine = recipe.neighbourhood.indices
    for one in dates:
        frames = [product.frames.read(frame_key(recipe, index, one), recipe.planes) for index in nine]
        for number, index in enumerate(tiles(count)):
            if index not in nine:
                product.frames.write(frame_key(recipe, index, one), frames[number % len(nine)])
    product.frames.close()


def parts_of(dates: Sequence[Acquisition], count: int) -> Iterator[ComposePart]:
    """All tiles in parts, as an order has them."""
    every = tiles(count)
    for number, first in enumerate(range(0, count, SIDE * SIDE)):
        some = tuple(every[first : first + SIDE * SIDE])
        alone = Provenance(asked().with_(radius=0, centre=some[0]), "The demo archive", "Simulated", simulated=True)
        yield ComposePart("0" * 16, number, alone, some, tuple(dates))


def drive(home: Path, name: str, count: int) -> None:
    """In a process of its own: one part to warm up, a line, and once a line comes, all parts."""
    dates = acquisitions_from_json((home / DATES).read_bytes())
    engine, parts = engine_of(load_settings(home=home, engine=name, workers=2)), list(parts_of(dates, count))
    failed = 0

    def done(receipt: PartReceipt) -> None:
        nonlocal failed
        failed += len(receipt.failed)

    engine.run(parts[:1], done, lambda: False)
    for said in ("warm", "ran"):
        print(said, flush=True)
        sys.stdin.readline()
        if said == "warm":
            engine.run(parts, done, lambda: False)
    engine.close()
    if failed:
        raise SystemExit(f"{failed} tiles failed")


def run(home: Path, name: str, count: int, nodes: Nodes | None) -> Ran:
    """One engine, once."""
    inside, environment = (nodes.inside, dict(nodes.environment)) if nodes else ((), dict(os.environ))
    if nodes:
        environment["NINEPATCH_RAY_ADDRESS"] = nodes.address
    command = [*inside, sys.executable, "-m", "bench.engines", "--drive", name, str(home), "--tiles", str(count)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, bufsize=1
    ) as driver:
        assert driver.stdin is not None and driver.stdout is not None
        _wait(driver.stdout, "warm")
        all_of_it = {*family(driver.pid), *(nodes.processes() if nodes else ())}
        around = {one for one in all_of_it if one not in family(driver.pid) and not composes(one)}
        before, idle, begun = processor(all_of_it), processor(around), time.perf_counter()
        driver.stdin.write("\n")
        _wait(driver.stdout, "ran")
        seconds = time.perf_counter() - begun
        all_of_it |= {*family(driver.pid), *(nodes.processes() if nodes else ())}
        used, rest = processor(all_of_it) - before, processor(around) - idle
        driving = peak_megabytes(driver.pid)
        composing = [peak_megabytes(one) for one in all_of_it - around if one != driver.pid and composes(one)]
        driver.stdin.write("\n")
    if driver.returncode:
        raise SystemExit(driver.returncode)
    return Ran(seconds, used, rest, driving, max(composing, default=0))


def _wait(lines: Iterable[str], said: str) -> None:
    if not any(line.strip() == said for line in lines):
        raise SystemExit(f"the driver ended before it was {said}")


def family(process: int) -> list[int]:
    """It and all its descendants."""
    listed = [task.read_text().split() for task in Path(f"/proc/{process}/task").glob("*/children")]
    return [process, *(one for some in listed for child in some for one in family(int(child)))]


def processor(processes: Iterable[int]) -> float:
    """Seconds that those that live have used since they began."""
    ticks = 0
    for process in processes:
        with suppress(FileNotFoundError, ProcessLookupError):
            ticks += sum(map(int, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def composes(process: int) -> bool:
    """Whether it is a process of a pool, or a worker of Ray."""
    try:
        name = Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
    return b"spawn_main" in name or (name.startswith(b"ray::") and b"Agent" not in name)


def main() -> None:
    """Print a line an engine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tiles", type=int, default=TILES)
    parser.add_argument("--home", type=Path, help="a folder that keeps the frames for the next time")
    parser.add_argument("--drive", nargs=2, metavar=("ENGINE", "HOME"), help=argparse.SUPPRESS)
    asked_for, _ = parser.parse_known_args()
    if asked_for.drive:
        drive(Path(asked_for.drive[1]), asked_for.drive[0], asked_for.tiles)
        return
    with tempfile.TemporaryDirectory() as scratch:
        home = asked_for.home or Path(scratch)
        if not (home / DATES).exists():
            with demo_archive() as url:
                prepare(home, url, asked_for.tiles)
        compare(home, asked_for.tiles)


def compare(home: Path, count: int) -> None:
    """All engines after one another."""
    least = 0.0
    for title, name, cores in ENGINES:
        try:
            with cluster(*cores) if cores else nullcontext() as nodes:
                ran = run(home, name, count, nodes)
        except Absent as why:
            print(f"{title}: {why}")
            continue
        least = least or ran.processor
        speed, cost = 60 * count / ran.seconds, 1000 * ran.processor / count
        print(
            f"{title}: {speed:.0f} tiles a minute, {cost:.0f} ms of a core a tile ({ran.processor / least - 1:+.0%}), "
            f"{1000 * ran.around / count:.0f} of them Ray's own, "
            f"at most {ran.driver:.0f} MB here and {ran.node:.0f} MB in each other process",
            flush=True,
        )


if __name__ == "__main__":
    main()
