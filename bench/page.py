"""The limit's slider in a real browser: from the key to the new picture on the screen, forty dates in the cache."""

import re
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from services.runtime import demo_archive
from tests.browser.conftest import CHROMIUM, FLAGS, Application, application

LIMIT = 14
"""Percent; keeps about forty dates of 2017 at the example's place."""
MOVES = 6
_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_WATCH = """() => {
  window.shown = []; window.pressed = 0; let before = document.querySelector('figure.np-picture img').src;
  document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
  new MutationObserver(() => {
    const image = document.querySelector('figure.np-picture img');
    if (!image || image.src === before) return;
    before = image.src;
    image.decode().then(() => requestAnimationFrame(() => setTimeout(
      () => window.shown.push(performance.now() - window.pressed))));
  }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
"""Milliseconds from each key to the frame in which its picture is there."""


def picture(page: Page) -> None:
    """Wait until it is there and nothing runs."""
    page.locator("figure.np-picture:not(.np-making) img").wait_for(timeout=300_000)
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


def main() -> None:
    """Print the median and the slowest."""
    with tempfile.TemporaryDirectory() as scratch, demo_archive() as archive, sync_playwright() as playwright:
        with application(Path(scratch), NINEPATCH_DEMO_URL=archive) as app:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            said = fetched(page, app)
            page.reload()
            picture(page)
            page.wait_for_timeout(3000)
            seconds = moves(page)
            browser.close()
        print(f"{said}: {MOVES} moves, key to screen {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
