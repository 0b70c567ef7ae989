"""The page that comes while the application starts becomes the application, without being loaded again."""

import time
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, Response, expect

from tests.served import begun

SEEN = """new MutationObserver(() => {
    if (document.getElementById('starting')) window.npShown = true;
    else if (window.npShown) window.npGone ??= Boolean(document.querySelector('.st-key-masthead'));
}).observe(document, {childList: true, subtree: true})"""
"""Whether the masthead was there when the words went."""


def test_the_page_that_says_that_it_starts_becomes_the_first_page(tmp_path: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.add_init_script(SEEN)
    loaded: list[Response] = []
    page.on("response", lambda came: loaded.append(came) if _is_document(page, came) else None)
    with begun(tmp_path) as here:
        first = _first_answer(page, here.url)
        assert first is not None and first.status == 503 and "Ninepatch is starting" in first.text()
        expect(page.get_by_role("heading", name="Choose an area and the tile in the middle")).to_be_visible()
        expect(page.locator("#starting")).to_have_count(0)
        assert page.evaluate("() => window.npGone"), "the words stay until there is something else to see"
        assert len(loaded) == 1
        assert "No runtime found" not in here.log
    page.context.close()


def _is_document(page: Page, came: Response) -> bool:
    return came.request.is_navigation_request() and came.frame == page.main_frame


def _first_answer(page: Page, url: str) -> Response | None:
    """As soon as anything answers there."""
    while True:
        try:
            requests.get(f"{url}/health", timeout=60)
            return page.goto(url)
        except requests.ConnectionError:  # nobody listens yet
            time.sleep(0.02)
