"""A first fetch of nine patches of one year at 10 %, ours and the script's, against the same demo archive.

The archive adds 80 ms to each answer and renders the answers beforehand, so that the client is what is measured. Units
are counted by the archive. Both run as whole programs, in turn, from cold caches; medians of `--runs`. The script keeps
each date that touches a corner, and ours does so here too: its least coverage is 0.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from services.recipe import EXAMPLES
from tests.demo_archive import recording_archive

ROOT = Path(__file__).resolve().parent.parent
LATENCY = 0.08


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Seconds of the whole program, and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return seconds, done.stdout


def served(url: str) -> list[dict[str, Any]]:
    """The Process requests that were answered since the last look, as the archive logged them."""
    log = requests.get(f"{url}/_test/log", timeout=30).json()["requests"]
    requests.post(f"{url}/_test/reset", timeout=30)
    return [entry for entry in log if entry["endpoint"] == "process" and entry["status"] == 200]


def charged(url: str) -> tuple[int, float]:
    """Process requests and units since the last look."""
    log = served(url)
    return len(log), sum(entry["units"] for entry in log)


class Side:
    """One of the two programs, run from cold."""

    def __init__(self, name: str, url: str, folder: Path, mask: str = "clear") -> None:
        self.name, self.url, self.folder, self.mask = name, url, folder, mask
        self.seconds: list[float] = []
        self.counts: set[tuple[int, float]] = set()
        self.plain: dict[str, Any] = {}

    def run(self, aoi: Path) -> float:
        """One cold run; seconds of the whole program."""
        shutil.rmtree(self.folder, ignore_errors=True)
        environment = os.environ | {
            "NINEPATCH_HOME": str(self.folder / "home"),
            "NINEPATCH_PROVIDER": "demo",
            "NINEPATCH_DEMO_URL": self.url,
        }
        seconds, printed = timed(self.command(aoi), environment)
        requests_, units = charged(self.url)
        self.counts.add((requests_, round(units, 3)))
        self.plain = json.loads(printed.splitlines()[-1])
        return seconds

    def command(self, aoi: Path) -> list[str]:
        """What is typed."""
        if self.name == "script":
            return [sys.executable, "bench/script.py", self.url, str(aoi), str(self.folder / "script")]
        question = [
            "--aoi",
            str(aoi),
            "--split",
            "54x39",
            "--centre",
            "35,25",
            "--year",
            "2017",
            "--maxcc",
            "10",
            "--least-coverage",
            "0",
        ]
        return [
            sys.executable,
            "cli.py",
            "fetch",
            *question,
            "--mask",
            self.mask,
            "--json",
            "--out",
            str(self.folder / "out"),
        ]


def main(runs: int = 3) -> None:
    """Run both in turn and print the ratios."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        recording_archive(latency=LATENCY, remember=True) as url,
    ):
        folder = Path(scratch)
        aoi = folder / "aoi.geojson"
        aoi.write_text(json.dumps(EXAMPLES[0].aoi.to_geojson()))
        sides = [
            Side("script", url, folder / "a"),
            Side("clear", url, folder / "b"),
            Side("none", url, folder / "c", "none"),
        ]
        for side in sides:  # renders the answers
            side.run(aoi)
        for _ in range(runs):
            for side in sides:
                side.seconds.append(side.run(aoi))
        report(sides)


def report(sides: list[Side]) -> None:
    """The figures, the script's first."""
    script = sides[0]
    ((script_requests, script_units),) = script.counts
    base = statistics.median(script.seconds)
    print(f"script: {base:.1f} s, {script_requests} requests, {script_units:.1f} units")
    for side in sides[1:]:
        ((count, units),) = side.counts
        seconds = statistics.median(side.seconds)
        print(
            f"mask {side.name}: {seconds:.1f} s ({seconds / base:.2f} of the script's), {count} requests for "
            f"{side.plain['acquisitions']} acquisitions, {units:.1f} units ({units / script_units:.3f} of the script's)"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    main(parser.parse_args().runs)
