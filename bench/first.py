"""From a cold cache to the first picture, to the last frame and to the last file, over a line of 80 ms and 200 Mbit/s.

The archive renders its answers beforehand. The worker is up and knows the acquisitions; medians of the runs.
"""

import statistics
import tempfile
from pathlib import Path

from bench.fetch import served
from bench.worker import demo, press, question, waiting_worker
from tests.demo_archive import recording_archive

RUNS = 3
LATENCY = 0.08
MEGABITS = 200.0
LIMIT = 40
"""Cloud limit in percent: some forty dates."""


def main() -> None:
    """Print the medians and the ratios."""
    recipe = question(LIMIT)
    ways = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        recording_archive(latency=LATENCY, bandwidth=MEGABITS, remember=True) as url,
    ):
        for run in range(RUNS + 1):
            with waiting_worker(demo(Path(scratch) / str(run), url), recipe) as settings:
                served(url)
                way = press(settings, recipe)
                log = served(url)
            if run:  # the first one renders the answers
                ways.append(way)
    picture, fetched, whole = (
        statistics.median(getattr(way, name) for way in ways) for name in ("picture", "fetched", "whole")
    )
    size = sum(entry["bytes"] for entry in log)
    line = 8 * size / MEGABITS / 1e6
    print(f"{len(log)} requests, {size / 1e6:.0f} MB: {line:.1f} s of the line")
    print(f"first picture: {picture:.2f} s, {picture / whole:.2f} of the whole")
    print(f"last frame: {fetched:.2f} s, {fetched / line:.2f} of the line's time")
    print(f"last file: {whole:.2f} s")


if __name__ == "__main__":
    main()
