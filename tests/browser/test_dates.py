"""Dates chosen with open eyes: previewed for a small price, looked at by the keyboard, ticked, and kept in the link."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import Visit


def used(here: Visit) -> int:
    """As the legend of the dots says it."""
    here.settle()
    return int(here.page.locator(".np-legend").inner_text().split()[0])


def test_dates_are_seen_before_they_are_paid(
    app: Application, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]]
) -> None:
    here = visit(app, link(app, "acquisitions", radius="0", maxcc="20"))
    page = here.page
    page.locator(".sheet table").wait_for(timeout=120_000)
    before = used(here)
    assert {entry["endpoint"] for entry in asked()} == {"catalog"}, "looking at the list pays nothing"

    here.button("Preview all dates at 60 m").click()
    expect(page.get_by_text("clear in this picture")).not_to_have_count(0)
    expect(page.locator(".sheet td", has_text="at 60 m")).to_have_count(page.locator(".sheet tbody tr").count())
    here.settle()
    assert {entry["endpoint"] for entry in asked()} == {"process"}
    assert used(here) == before, "a preview chooses nothing"

    page.locator(".sheet tbody input:checked").first.press("Space")
    assert used(here) == before - 1
    here.look("table")
    here.button("Undo the last change").click()
    assert used(here) == before

    page.get_by_text("Calendar", exact=True).click()
    page.locator(".calendar").wait_for()
    here.settle()
    first = page.locator(".calendar button.date").first
    first.focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    frame = page.locator(".look .frame")
    frame.wait_for()
    shown = page.locator(".look .foot p")
    last = shown.inner_text()
    assert last.endswith("at 60 m")
    frame.focus()
    page.keyboard.press("ArrowLeft")
    expect(shown).not_to_have_text(last)
    here.settle()
    picture = frame.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    here.look("calendar")

    page.locator(".mark-symbol path").first.click(force=True)
    expect(shown).to_contain_text("2018-06-0")
    here.button("Months: all").click()
    here.button("June to August").click()
    page.wait_for_url("**months=6-8**")
    assert used(here) == before, "June and July are all that was asked for"
    assert asked() == [], "months, ticks and pictures ask nobody"
    page.set_viewport_size({"width": 390, "height": 844})
    here.look("phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
