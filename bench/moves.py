"""Moved choices: what is asked again, ours beside the script's, which asks for all of it. Counted by the archive.

The limit from 10 to 40 %, from 40 to 10 %, and a year of which the cache has one half.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.fetch import ROOT, charged, timed
from bench.worker import question
from services.ninepatch import Ninepatch
from services.recipe import EXAMPLES, Interval, Recipe
from services.settings import load_settings
from tests.demo_archive import recording_archive

HALF_LATER = Interval(date(2017, 7, 1), date(2018, 7, 1))


def main() -> None:
    """Print requests and units of each move, and of the script's answer to the same question."""
    low, high = question(10), question(40)
    with tempfile.TemporaryDirectory() as scratch, recording_archive(remember=True) as url:
        folder = Path(scratch)
        homes = (Ninepatch(load_settings(home=folder / name, demo_url=url, provider="demo")) for name in "abc")
        script = script_of(url, folder)
        print("move: acquisitions; requests and units, ours and the script's")
        for words, product, before, after in zip(
            ("limit 10 to 40 %", "limit 40 to 10 %", "a year that overlaps half"),
            homes,
            (low, high, low),
            (high, low, low.with_(interval=HALF_LATER)),
            strict=True,
        ):
            product.fetch(before)
            charged(url)
            kept, planned = product.estimate(after)
            _, spent = product.fetch(after)
            ours = charged(url)
            if ours[0] != planned.requests or abs(ours[1] - spent.units) > 1e-6 * max(1.0, ours[1]):
                raise SystemExit(f"{words}: planned {planned.requests} requests, charged {ours}, told {spent.units}")
            theirs = script(after)
            print(
                f"{words}: {len(kept)} acquisitions; {ours[0]} and {theirs[0]} requests; {ours[1]:.1f} and "
                f"{theirs[1]:.1f} units ({ours[1] / theirs[1]:.3f})",
                flush=True,
            )


def script_of(url: str, folder: Path) -> Callable[[Recipe], tuple[int, float]]:
    """What the script is charged for a question."""
    aoi = folder / "aoi.geojson"
    aoi.write_text(json.dumps(EXAMPLES[0].aoi.to_geojson()))

    def charged_for(recipe: Recipe) -> tuple[int, float]:
        days = ["--from", recipe.interval.start.isoformat(), "--to", recipe.interval.last.isoformat()]
        command = [sys.executable, str(ROOT / "bench" / "script.py"), url, str(aoi), str(folder / "script")]
        timed([*command, *days, "--maxcc", str(recipe.maxcc / 100)], dict(os.environ))
        return charged(url)

    return charged_for


if __name__ == "__main__":
    main()
