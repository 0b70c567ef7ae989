"""From the start of the program to a page that can be used, beside the version before it became fast, in one run.

`cli.py serve` with a new home each time; a window that is open already goes to the first page as soon as anything
answers. Then, warm, a second visitor's browser. Runs of both take turns; medians.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "df0bc62"
"""The last commit whose pages wait for all imports."""
RUNS = 3
OTHERS = ("NINEPATCH_", "STREAMLIT_", "PYTHONDONTWRITEBYTECODE")
"""Variables that the program is started without: compiled modules are kept, as on anybody's machine."""
_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_OPENING_MS = 2500
_MAP = 'iframe[title="streamlit_folium.st_folium"]'


@dataclass(frozen=True)
class Way:
    """Seconds since the start of the program, and of a second visitor."""

    answers: float
    """Anything comes from the port."""
    usable: float
    """The first page stands still, and its map is there."""
    warm: float
    """The same for a second visitor, from their first request."""


@contextmanager
def older(scratch: Path) -> Iterator[Path]:
    """The tree of that commit."""
    place = scratch / "before"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", str(place), BEFORE], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run([*git, "remove", "--force", str(place)], check=True)


def window(browser: Browser) -> Page:
    """An empty one, once the browser has done what it does for a new one."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.wait_for_timeout(_OPENING_MS)
    return page


def opened(page: Page, url: str) -> None:
    """Until the page can be used; whoever comes early loads again, as people do."""
    while True:
        try:
            page.goto(url, timeout=120_000)
            page.wait_for_selector(_MAP, timeout=120_000)
            break
        except Error:  # nobody answers yet
            time.sleep(0.1)
    frame = page.locator(_MAP).element_handle().content_frame()
    assert frame is not None
    frame.wait_for_function("() => window.map && window.map._loaded")
    page.wait_for_selector(_IDLE)
    page.context.close()


def started(root: Path, home: Path, browser: Browser) -> Way:
    """One start, ended after."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
    ours = {"NINEPATCH_HOME": str(home), "NINEPATCH_PROVIDER": "demo", "NINEPATCH_ONLINE_BASEMAP": "false"}
    first, second = window(browser), window(browser)
    url, begun = f"http://localhost:{port}/", time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(root / "cli.py"), "serve", "--port", str(port)],
        cwd=root,
        env=clean | ours,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                requests.get(url, timeout=120)
                break
            except requests.RequestException:
                time.sleep(0.02)
        answers = time.monotonic() - begun
        opened(first, url)
        usable, again = time.monotonic() - begun, time.monotonic()
        opened(second, url)
        return Way(answers, usable, time.monotonic() - again)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def main() -> None:
    """Print the medians and the ratio."""
    ways: dict[str, list[Way]] = {"before": [], "now": []}
    with tempfile.TemporaryDirectory() as name, older(Path(name)) as before, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for run in range(RUNS + 1):
            for version, root in (("before", before), ("now", ROOT)):
                way = started(root, Path(name) / f"{version}{run}", browser)
                if run:  # the first one compiles
                    ways[version].append(way)
        browser.close()
    found = {version: statistics.median(way.usable for way in measured) for version, measured in ways.items()}
    for version, measured in ways.items():
        answers, warm = (statistics.median(getattr(way, field) for way in measured) for field in ("answers", "warm"))
        print(f"{version}: answers {answers:.2f} s, usable {found[version]:.2f} s, a second visitor {warm:.2f} s")
    print(f"usable: {found['now'] / found['before']:.2f} of before")


if __name__ == "__main__":
    main()
