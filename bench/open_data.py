"""Open data over a line of 80 ms and 200 Mbit/s: ours from the press of the button, and what else reads such files.

Nine patches of 330 × 330 px, forty dates, six bands and SCL, from files of the real layout (`bench.open_files`). The
others are rasterio with sixteen threads, odc-stac, and the usual way of a notebook (pystac-client, odc-stac, median by
xarray), each a program of its own in the same run: `bench/open_usual.py`. They need `odc-stac` and `pystac-client`
where `--python` says; what cannot be imported is left out, and said so.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import requests
import tomli_w

from bench.fetch import ROOT
from bench.memory import peak_megabytes
from bench.open_files import CENTRE, LATTICE, NAMES, make_files, write_items
from bench.worker import Way, press, waiting_worker, worker_ids
from services.grid import TileIndex
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from services.settings import Settings, load_settings

LATENCY, MEGABITS = 0.08, 200.0
DATES, RUNS, VARIANTS = 40, 3, 2
NUDGES = {"east": (1, 0), "west": (-1, 0), "north": (0, 1), "south": (0, -1)}
WAYS = {
    "rasterio, 16 threads": "rasterio",
    "odc-stac, 16 threads": "odc",
    "pystac-client + odc-stac + median": "usual",
    "the same, 16 threads": "usual16",
}


@dataclass(frozen=True)
class Counted:
    """What the host of the files saw."""

    connections: int
    requests: int
    bytes: int

    @property
    def line(self) -> float:
        """Seconds that its bytes take at least."""
        return 8 * self.bytes / MEGABITS / 1e6

    def __str__(self) -> str:
        return f"{self.bytes / 1e6:,.0f} MB, {self.requests} requests, {self.connections} connections"


@contextmanager
def host(folder: Path, dates: int) -> Iterator[str]:
    """The address of a catalogue with so many dates, and of its files."""
    command = [sys.executable, "-m", "bench.range_server", str(folder), str(LATENCY), str(MEGABITS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            write_items(folder, url, dates)
            yield url
        finally:
            process.terminate()


def counted(url: str) -> Counted:
    """Since the last look."""
    return Counted(**requests.get(f"{url}/_count", timeout=30).json())


def settings_for(home: Path, url: str) -> Settings:
    """With the catalogue as the source, in the file that the worker reads too."""
    provider = {"name": "bench", "kind": "stac", "profile": "earth-search", "base_url": url, "hosts": ("127.0.0.1",)}
    chosen = {"provider": "bench", "demo_url": url, "providers": [provider | {"assets": NAMES}]}
    home.mkdir()
    (home / "settings.toml").write_text(tomli_w.dumps(chosen))
    return load_settings(home=home, **chosen)


@dataclass(frozen=True)
class Ours:
    """One run from an empty home."""

    way: Way
    cold: Counted
    told: int
    """Bytes that the bill said."""
    peak: float
    again: tuple[Counted, ...]
    """Of the same question, a lower limit and another mask."""
    nudged: dict[str, Counted]


def ours(home: Path, url: str, dates: int) -> Ours:
    """All questions, one after the other, in a worker as the web application starts it."""
    settings = settings_for(home, url)
    recipe = Recipe(
        LATTICE, CENTRE, Interval.of_year(2023), maxcc=100, provider="bench", collection="sentinel-2-c1-l2a"
    )
    with waiting_worker(settings, recipe):
        told = Ninepatch(settings).estimate(recipe)[1].cost.bytes
        counted(url)
        way, cold = press(settings, recipe), counted(url)
        (worker,) = worker_ids()
        peak = peak_megabytes(worker)
        again = []
        for other in (recipe, recipe.with_(maxcc=dates // 2), recipe.with_(mask="none")):
            press(settings, other)
            again.append(counted(url))
    nudged = {}
    for name, (x, y) in NUDGES.items():
        nudged[name] = nudge(settings, replace(recipe, centre=TileIndex(CENTRE.x + x, CENTRE.y + y)), url)
    return Ours(way, cold, told, peak, tuple(again), nudged)


def nudge(settings: Settings, recipe: Recipe, url: str) -> Counted:
    """What a neighbourhood beside the first one reads."""
    Ninepatch(settings).fetch(recipe)
    return counted(url)


def others(way: str, url: str, dates: int, python: str, limit: int = 100) -> tuple[float, Counted, dict[str, Any]]:
    """Seconds in which one of the other ways has its result, what it read, and what it says of itself."""
    west, south, east, north = LATTICE.neighbourhood(CENTRE, 1).bounds
    command = [python, str(ROOT / "bench" / "open_usual.py"), way, url, str(LATTICE.epsg), str(limit)]
    counted(url)
    begun = time.perf_counter()
    done = subprocess.run([*command, *map(str, (west, south, east, north))], capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise LeftOut(f"it ended with {last!r}")
    said = json.loads(done.stdout.splitlines()[-1])
    if said["dates"] != min(dates, limit + 1):
        raise LeftOut(f"it read {said['dates']} dates")
    return seconds, counted(url), said


class LeftOut(Exception):
    """A way that cannot be measured here."""


def show_ours(runs: list[Ours]) -> None:
    """Medians."""
    cold, median = runs[-1].cold, {one.name: median_of(runs, one.name) for one in fields(Way)}
    picture, fetched, complete, whole = (median[name] for name in ("picture", "fetched", "complete", "whole"))
    print(f"ours, cold: {cold}; the line needs {cold.line:.1f} s")
    print(f"  first picture {picture:.1f} s, {picture / complete:.2f} of the one of all dates")
    print(f"  last frame {fetched:.1f} s, {fetched / cold.line:.2f} of the line's time")
    print(f"  picture of all dates {complete:.1f} s, last file {whole:.1f} s")
    print(f"  peak {max(run.peak for run in runs):.0f} MB; the bill said {runs[-1].told / cold.bytes:.3f} of the bytes")
    for name, found in zip(("the same again", "a lower limit", "another mask"), runs[-1].again, strict=True):
        print(f"  {name}: {found.bytes} bytes, {found.requests} requests")
    shares = {name: found.bytes / cold.bytes for name, found in runs[-1].nudged.items()}
    words = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
    print(f"  nudged by a tile, of the first bytes: {words}; mean {statistics.mean(shares.values()):.3f}")


def median_of(runs: list[Ours], name: str) -> float:
    """Of one of their times."""
    times: list[float] = [getattr(run.way, name) for run in runs]
    return statistics.median(times)


def show_others(url: str, dates: int, runs: int, python: str, complete: float) -> None:
    """Medians, and how much longer they take than our picture of all dates."""
    for name, way in WAYS.items():
        try:
            found = [others(way, url, dates, python) for _ in range(runs)]
            seconds, count = statistics.median(one[0] for one in found), found[-1][1]
            peak = found[-1][2]["peak"]
            print(f"{name}: {count}; {seconds:.1f} s ({seconds / complete:.2f} of ours); peak {peak:.0f} MB")
            if way == "usual":
                moved, again, _ = others(way, url, dates, python, dates // 2 - 1)
                print(f"  with a moved limit: {again.bytes / 1e6:,.0f} MB and {moved:.1f} s again")
        except (LeftOut, OSError) as error:
            print(f"{name}: left out, {error}")


def main(dates: int = DATES, runs: int = RUNS, python: str = sys.executable) -> None:
    """All of it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_files(folder / "files", VARIANTS)
        with host(folder, dates) as url:
            mine = [ours(folder / f"home{run}", url, dates) for run in range(runs)]
            show_ours(mine)
            show_others(url, dates, runs, python, median_of(mine, "complete"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dates", type=int, default=DATES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--python", default=sys.executable, help="a Python that has odc-stac and pystac-client")
    main(**vars(parser.parse_args()))
