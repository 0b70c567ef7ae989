"""Fifty members at once: each with a session of its own, going from page to page while jobs run on the demo archive.

A member opens a page, looks at it for some seconds while the parts that ask for themselves do so, and opens the next
one, as a browser does it: Streamlit's own messages over its own WebSocket, and the lines of the grid over HTTP. Each
fifth one presses Fetch whenever there is something to fetch. `--checkout` measures another version of the program.

Seconds of runs depend on what else the machine does; processor seconds of the web application hardly do. Of all members
together they are divided by the runs of pages (with all that comes with them: polls, pictures, files); of a page they
are what one member's runs of it take who is alone, after the others.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

from services.runtime import demo_archive
from tests.browser import conftest as browser
from tests.http.visitor import Run, Visitor

PAGES = ("area", "acquisitions", "results", "compare", "activity")
LOOK_SECONDS = (5.0, 15.0)
"""How long somebody looks at a page, from and to."""
BACK_SECONDS = 20
"""How long a session waits for somebody who has left; five minutes in earnest."""
CACHES_MB = 100
"""What the program keeps for everybody, so that what sessions took and gave back is seen beside it; 800 in earnest."""
LEFT_SECONDS = BACK_SECONDS + 40
"""After so many it is looked what has been given back."""
FEW, WARM_SECONDS = 5, 60
"""Members who come before all others, and for how long: what they leave behind is no part of what the others took
(libraries that are imported when they are first used, full caches, the cache's table as the system maps it)."""

ROUNDS, SETTLED_SECONDS = 6, 1.0
"""How often the one who is alone goes through the pages, and how long after a run its drawings still count as its."""

_KEEP = """
import json, pathlib, sys
from services.area import AreaStore
from services.recipe import EXAMPLES
for one in EXAMPLES[:3]:
    AreaStore(pathlib.Path(sys.argv[1])).keep(one.aoi)
print(json.dumps([{"area": one.aoi.digest, "grid": one.spec, "centre": str(one.centre)} for one in EXAMPLES[:3]]))
"""


@dataclass
class Seen:
    """What all members have met."""

    runs: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of each run, by page; of parts that ask by themselves under `polls`."""
    errors: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ran(self, what: str, run: Run) -> None:
        """Count it."""
        with self.lock:
            self.runs.setdefault(what, []).append(run.seconds)
            if not run.finished or any("fault of its own" in text for text in run.texts):
                self.errors.append(f"{what}: {' '.join(run.texts)[-200:]}")

    def failed(self, error: Exception) -> None:
        """Count it."""
        with self.lock:
            self.errors.append(f"{type(error).__name__}: {error}")


def kept(home: Path, checkout: Path) -> list[dict[str, str]]:
    """The examples' areas, stored by the version that is measured, and what links to them say."""
    told = subprocess.run([sys.executable, "-c", _KEEP, home], cwd=checkout, check=True, capture_output=True)
    links: list[dict[str, str]] = json.loads(told.stdout)
    return links


def member(number: int, url: str, link: dict[str, str], until: float, seen: Seen) -> None:
    """One person from the first page to the end."""
    chance = random.Random(number)
    year, maxcc = 2017 + number % 5, 2 + number % 7
    time.sleep(chance.uniform(0, 10))
    try:
        with Visitor(url) as visitor:
            while time.monotonic() < until:
                for page in PAGES:
                    if time.monotonic() >= until:  # who leaves does not open the rest of the pages first
                        return
                    maxcc = maxcc % 40 + 1 if page == "area" else maxcc
                    visitor.page = page
                    visitor.choices = link | {"year": str(year), "maxcc": str(maxcc)}
                    seen.ran(page, visitor.run())
                    if page == "area":
                        _lines(url, link, seen)
                    if page == "results" and number % 5 == 0 and "Fetch" in visitor.buttons:
                        seen.ran("fetch", visitor.run(press="Fetch"))
                    _look(visitor, min(until, time.monotonic() + chance.uniform(*LOOK_SECONDS)), seen)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        seen.failed(error)


def _look(visitor: Visitor, until: float, seen: Seen) -> None:
    """The parts that ask for themselves do so, each at its pace."""
    due = {part: time.monotonic() + every for part, every in visitor.polls.items()}
    while (now := time.monotonic()) < until:
        part = min((part for part in due if part in visitor.polls), key=due.__getitem__, default="")
        if not part or due[part] > until:
            time.sleep(max(0.0, until - now))
            return
        time.sleep(max(0.0, due[part] - now))
        seen.ran("polls", visitor.run(part=part))
        due = {part: due.get(part, time.monotonic()) for part in visitor.polls} | {
            part: time.monotonic() + visitor.polls.get(part, 3600)
        }


def _lines(url: str, link: dict[str, str], seen: Seen) -> None:
    answer = requests.get(f"{url}/grids/{link['area']}/{link['grid']}.json", timeout=60)
    if not answer.ok:
        seen.failed(OSError(f"grid lines: {answer.status_code} {answer.text[:80]}"))


def visited(
    app: browser.Application, links: Sequence[dict[str, str]], people: int, seconds: float, seen: Seen
) -> float:
    """So many members come, stay so long and leave; the most MB that the web application had meanwhile."""
    until, most = time.monotonic() + seconds, 0.0
    threads = [
        threading.Thread(target=member, args=(number, app.url, links[number % len(links)], until, seen))
        for number in range(people)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(1)
        most = max(most, resident(app.home))
    return most


def apart(app: browser.Application, link: dict[str, str]) -> dict[str, float]:
    """Processor seconds of a run of each page, of one member who moves the limit from round to round."""
    spent = dict.fromkeys(PAGES, 0.0)
    with Visitor(app.url) as visitor:
        for number in range(ROUNDS):
            for page in PAGES:
                visitor.page, visitor.choices = page, link | {"year": "2017", "maxcc": str(3 + number)}
                before = worked(app.home)
                visitor.run()
                time.sleep(SETTLED_SECONDS)
                spent[page] += (worked(app.home) - before) / ROUNDS
    return spent


def resident(home: Path, what: str = "VmRSS") -> float:
    """MB of the web application."""
    lines = _process(home, "status").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def _process(home: Path, file: str) -> str:
    """What the system says of the web application, which has its home in its environment and is no worker."""
    wanted = f"NINEPATCH_HOME={home}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"streamlit" in words and wanted in (process / "environ").read_bytes().split(b"\0"):
                return (process / file).read_text()
        except OSError:  # it has ended, or is another's
            continue
    raise SystemExit("the application does not run")


def worked(home: Path) -> float:
    """Processor seconds of the web application since it began."""
    return sum(map(int, _process(home, "stat").rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def told(seen: Seen, members: int, memory: Sequence[float], worked: float, alone: dict[str, float]) -> None:
    """The table."""
    whole = [seconds for name, runs in seen.runs.items() if name != "polls" for seconds in runs]
    print(f"{members} members, {len(whole)} runs of pages, {len(seen.errors)} errors")
    start, before, most, after, files = memory
    print(
        f"web application: {start:.0f} MB at its start, {before:.0f} MB after {FEW} members, {most:.0f} MB at most, "
        f"{after:.0f} MB after all have left, {files:.0f} MB of them pages of libraries"
    )
    print(f"{worked:.0f} s of a processor, {worked / len(whole):.3f} s a run with all that comes with it")
    print("page           runs    p50 s    p95 s    most s   of a processor alone")
    for name, runs in (*sorted(seen.runs.items()), ("all pages", whole)):
        p95 = statistics.quantiles(runs, n=20)[-1] if len(runs) > 1 else runs[0]
        processor = f" {alone[name]:8.3f}" if name in alone else ""
        print(f"{name:12} {len(runs):6} {statistics.median(runs):8.2f} {p95:8.2f} {max(runs):9.2f}{processor}")
    for error in seen.errors[:10]:
        print(f"  {error}")


def asked() -> argparse.Namespace:
    """From the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--checkout", type=Path, default=browser.ROOT)
    return parser.parse_args()


def main() -> None:
    """Members come, stay and leave."""
    options = asked()
    browser.ROOT = options.checkout
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as archive:
        environment = {
            "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(BACK_SECONDS),
            "NINEPATCH_DEMO_URL": archive,
            "NINEPATCH_MEMORY_MB": str(CACHES_MB),
        }
        links = kept(Path(scratch), options.checkout)
        with browser.application(Path(scratch), **environment) as app:
            alone = resident(app.home)
            visited(app, links, FEW, WARM_SECONDS, Seen())
            time.sleep(LEFT_SECONDS)
            seen, before, worked_before = Seen(), resident(app.home), worked(app.home)
            most = visited(app, links, options.members, 60 * options.minutes, seen)
            spent = worked(app.home) - worked_before
            time.sleep(LEFT_SECONDS)
            memory = alone, before, most, resident(app.home), resident(app.home, "RssFile")
            processor = apart(app, links[0])
    told(seen, options.members, memory, spent, processor)


if __name__ == "__main__":
    main()
