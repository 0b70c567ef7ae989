"""From nothing to a picture in three clicks, and links that the pages give away."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit

GUIDE, LINE = ".st-key-guide", ".np-guide-said"
CLICKS = "window.presses = (window.presses ?? 0); document.addEventListener('click', () => window.presses++, true)"
"""Counts what is really pressed, whatever the test believes; it outlives a change of page, which loads nothing."""


def pressed(here: Visit) -> int:
    return int(here.page.evaluate("window.presses"))


def pixels(asked: Callable[[], list[dict[str, Any]]]) -> int:
    """Requests for pixels since the last look."""
    return [entry["endpoint"] for entry in asked()].count("process")


def test_three_clicks_lead_from_nothing_to_the_picture(
    app: Application, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]]
) -> None:
    here = visit(app)
    here.page.evaluate(CLICKS)
    here.button("See it work").click()
    line = here.page.locator(LINE)
    expect(line).to_contain_text("Next, press “Choose dates”")
    here.settle()
    here.map()
    here.look("1-area")
    assert pixels(asked) == 0

    here.button("Choose dates").click()
    expect(line).to_contain_text(re.compile(r"It costs [0-9.]+ of 10,000 processing units"), timeout=120_000)
    here.settle()
    here.look("2-dates")
    said = re.search(r"press “(Fetch \d+ dates)” below. It costs ([0-9.]+) of", line.inner_text())
    assert said is not None
    assert pixels(asked) == 0, "nothing is spent before the third click"

    here.page.get_by_role("button", name=f"{said[1]} · {said[2]} units", exact=True).click()
    expect(here.page.locator(f"{GUIDE} [aria-current]")).to_have_text("3 Picture")
    picture = here.page.locator(PICTURE)
    picture.wait_for(timeout=240_000)
    assert pressed(here) == 3
    expect(line).to_contain_text("move the max. cloud cover and see what it changes, or compare years")
    here.settle()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert pixels(asked) > 0
    here.look("3-picture")

    here.page.locator(f"{GUIDE} a", has_text="Compare years").click()
    expect(here.page.locator("h1")).to_have_text("Compare years and max. cloud cover")
    here.settle()
    expect(here.page.locator(GUIDE)).to_have_count(0)
    here.step("Area")
    expect(here.page.locator(".np-lead")).to_be_visible()
    expect(here.page.locator(GUIDE)).to_have_count(0)


def test_the_guide_goes_along_and_can_be_left_by_the_keyboard(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app)
    here.button("See it work").focus()
    here.page.keyboard.press("Enter")
    expect(here.page.locator(f"{GUIDE} [aria-current]")).to_have_text("1 Area")
    here.settle()
    here.step("Acquisitions")
    expect(here.page.locator(f"{GUIDE} [aria-current]")).to_have_text("2 Dates")
    here.step("Area")
    expect(here.page.locator(f"{GUIDE} [aria-current]")).to_have_text("1 Area")
    here.button("Leave the guide").focus()
    here.page.keyboard.press("Enter")
    expect(here.page.locator(GUIDE)).to_have_count(0)
    expect(here.page.locator(".np-choice").first).to_contain_text("Tile")  # what was chosen stays
    here.step("Acquisitions")
    expect(here.page.locator(".np-lead")).to_be_visible()
    expect(here.page.locator(GUIDE)).to_have_count(0)


def test_who_comes_by_a_link_sees_no_guide(app: Application, visit: Callable[..., Visit]) -> None:
    guided = visit(app)
    guided.button("See it work").click()
    guided.page.locator(GUIDE).wait_for()
    guided.page.wait_for_url("**area=**")
    there = visit(app, guided.page.url.removeprefix(app.url))
    there.see("Po delta")
    expect(there.page.locator(".np-lead")).to_be_visible()
    expect(there.page.locator(GUIDE)).to_have_count(0)
    expect(there.button("See it work")).to_have_count(0)
    plain = visit(app, link(app, "area"))
    plain.see("Meadow")
    expect(plain.button("See it work")).to_have_count(0)


def shared_link(here: Visit) -> str:
    """What the share control gives, as a path."""
    here.button("Share").click()
    opened = here.page.get_by_test_id("stPopoverBody")
    expect(opened).to_contain_text("Opening it fetches nothing and costs nothing.")
    given = opened.locator("code").inner_text().strip()
    assert given.startswith(here.url)
    return given.removeprefix(here.url)


def test_the_links_of_area_and_dates_open_the_same_and_spend_nothing(
    app: Application, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]]
) -> None:
    here = visit(app, link(app, "area", radius="0", grid="720"))
    here.map()
    (x,) = re.findall(r"Tile (\d+),", here.page.locator(".np-choice").first.inner_text())
    here.page.get_by_role("button", name="East", exact=True).click()  # the link is that of now
    expect(here.page.locator(".np-choice").first).to_contain_text(f"Tile {int(x) + 1},")
    here.settle()
    shown = here.page.locator(".np-choice").first.inner_text()
    there = visit(app, shared_link(here))
    there.map()
    expect(there.page.locator("h1")).to_have_text("Choose an area and the tile in the middle")
    assert there.page.locator(".np-choice").first.inner_text() == shown
    assert asked() == [], "neither asks anybody"

    there.step("Acquisitions")
    there.page.locator(".sheet table").wait_for(timeout=120_000)
    there.page.get_by_role("slider").press("ArrowRight")
    there.page.wait_for_url("**maxcc=41**")
    there.settle()
    shown = there.page.locator(".np-choice").first.inner_text()
    third = visit(app, shared_link(there))
    third.page.locator(".sheet table").wait_for(timeout=120_000)
    third.settle()
    assert third.page.locator(".np-choice").first.inner_text() == shown and "Max. cloud cover 41 %" in shown
    assert pixels(asked) == 0


def test_the_words_of_a_page_open_by_the_keyboard(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app, link(app, "area"))
    summary = here.page.locator("summary", has_text="Words on this page")
    summary.focus()
    here.page.keyboard.press("Enter")
    expect(here.page.locator(".np-words dt", has_text="BBoxSplitter")).to_be_visible()
