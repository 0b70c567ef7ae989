"""The limit's slider in a real browser: from the key to the new picture on the screen, forty dates in the cache."""

import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from services.runtime import demo_archive
from tests.browser.conftest import CHROMIUM, FLAGS, Application, application

LIMIT = 14
"""Percent; keeps about forty dates of 2017 at the example's place."""
MOVES = 6
PRESSES = 5
_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_FIND = """const find = (root) => root.querySelector('.viewer .sheet img')
    ?? [...root.querySelectorAll('*')].map((node) => node.shadowRoot && find(node.shadowRoot)).find(Boolean);"""
"""The picture in the viewer, wherever the page keeps it."""
_WATCH = f"""() => {{
  {_FIND}
  window.shown = []; window.pressed = 0; let before = find(document).src;
  document.addEventListener('keydown', () => {{ window.pressed = performance.now(); }}, true);
  const look = () => {{
    const image = find(document);
    if (image && image.complete && image.src !== before) {{
      before = image.src;
      window.shown.push(performance.now() - window.pressed);
    }}
    requestAnimationFrame(look);
  }};
  look();
}}"""
"""Milliseconds from each key to the frame in which its picture is there."""
_OPENED = f"""(width) => {{
  {_FIND}
  const image = find(document);
  return image && image.complete && image.naturalWidth === width;
}}"""
"""Whether the picture is there with every pixel, and so may be zoomed."""
WIDTH = 990
"""Pixels of the example's picture."""


def picture(page: Page) -> None:
    """Wait until it is there and nothing runs."""
    page.locator(".viewer .sheet img").wait_for(timeout=300_000)
    page.wait_for_selector(_IDLE)


def fetched(page: Page, app: Application) -> str:
    """The example's picture with the limit, fetched; what it says of itself."""
    page.goto(f"{app.url}/results")
    page.get_by_role("button", name="Start with the example").click()
    page.wait_for_url(re.compile("maxcc=10"))
    page.wait_for_selector(_IDLE)
    page.goto(page.url.replace("maxcc=10", f"maxcc={LIMIT}"))
    page.get_by_role("button", name=re.compile("^Fetch")).click()
    picture(page)
    return page.locator(".st-key-in-short").inner_text()


def moves(page: Page) -> list[float]:
    """Seconds of each move of the slider to a limit whose picture nobody has made."""
    slider = page.get_by_role("slider", name="Max. cloud cover")
    page.evaluate(_WATCH)
    for number in range(MOVES):
        slider.press("ArrowLeft")
        page.wait_for_function("count => window.shown.length > count", arg=number, timeout=30_000)
        page.wait_for_selector(_IDLE)
        page.wait_for_timeout(1500)
    return [milliseconds / 1000 for milliseconds in page.evaluate("() => window.shown")]


def presses(page: Page) -> list[float]:
    """Seconds from each press of Results to the picture with every pixel."""
    seconds = []
    for _ in range(PRESSES):
        page.get_by_role("link", name="2 Acquisitions").click()
        page.get_by_role("button", name=re.compile("^Show the picture|^Create")).wait_for()
        page.wait_for_selector(_IDLE)
        page.wait_for_timeout(1500)
        begun = time.perf_counter()
        page.get_by_role("link", name="3 Results").click()
        page.wait_for_function(_OPENED, arg=WIDTH, polling="raf", timeout=60_000)
        seconds.append(time.perf_counter() - begun)
        picture(page)
    return seconds


def main() -> None:
    """Print the medians and the slowest."""
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as archive, sync_playwright() as playwright:
        with application(Path(scratch), NINEPATCH_DEMO_URL=archive) as app:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            said = fetched(page, app)
            page.reload()
            picture(page)
            page.wait_for_timeout(3000)
            opened, seconds = presses(page), moves(page)
            browser.close()
        print(f"{said}: {MOVES} moves, key to screen {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s")
        print(f"Results to every pixel: {statistics.median(opened):.2f} s, slowest {max(opened):.2f} s")


if __name__ == "__main__":
    main()
