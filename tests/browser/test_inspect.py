"""Looking into the picture of the results: zoom, a pixel and a polygon, by mouse, finger and keyboard; and its link."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, expect

from tests.browser.conftest import Application
from tests.browser.test_accessibility import grave
from tests.browser.test_links import SUMMER, link
from tests.browser.visit import PICTURE, Visit

PLACE = SUMMER | {"grid": "1980", "radius": "0", "maxcc": "60"}
"""One tile of a grid that no other test has."""
PANEL, VALUES = ".st-key-inspect", ".np-values"


@pytest.fixture(scope="module")
def fetched(app: Application, chromium: Browser) -> str:
    """The link of a picture that is made."""
    with chromium.new_context() as context:
        here = Visit(context.new_page(), app.url, "inspect")
        here.open(link(app, "results", **PLACE))
        here.button("Fetch").click()
        here.page.locator(PICTURE).wait_for(timeout=120_000)
        here.settle()
    return link(app, "results", **PLACE)


def stage(here: Visit) -> Locator:
    return here.page.locator(".viewer .stage")


def box(what: Locator) -> FloatRect:
    found = what.bounding_box()
    assert found is not None
    return found


def at(here: Visit, x: float, y: float) -> tuple[float, float]:
    """On the screen, a place of the picture's frame."""
    frame = box(stage(here))
    return frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]


def arrive(here: Visit) -> None:
    here.page.locator(PICTURE).wait_for()
    stage(here).evaluate("stage => stage.scrollIntoView({block: 'center'})")


def looked_at(here: Visit) -> tuple[float, float]:
    """Easting and northing in the address."""
    found = re.search(r"at=([\d.]+)%2C([\d.]+)", here.page.url)
    assert found is not None, here.page.url
    return float(found[1]), float(found[2])


def test_it_zooms_to_single_pixels_and_a_press_takes_one(
    app: Application, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]], fetched: str
) -> None:
    here = visit(app, fetched)
    arrive(here)
    asked()
    mouse = here.page.mouse
    mouse.click(*at(here, 0.25, 0.25))
    here.page.locator(VALUES).wait_for()
    here.settle()
    first = looked_at(here)
    values = here.page.locator(VALUES).inner_text()
    for _ in range(2):
        here.page.get_by_role("button", name="Zoom in").click()
    before = box(here.page.locator(".viewer .sheet img").first)
    mouse.move(*at(here, 0.5, 0.5))
    mouse.down()
    mouse.move(*at(here, 0.7, 0.6), steps=4)
    mouse.up()
    moved = box(here.page.locator(".viewer .sheet img").first)
    assert moved["x"] > before["x"] and moved["y"] > before["y"], "it was dragged, and nothing was marked"
    assert looked_at(here) == first
    mouse.click(*at(here, 0.5, 0.5))
    expect(here.page.locator(VALUES)).not_to_have_text(values)
    here.settle()
    assert looked_at(here) != first
    dot, (x, y) = box(here.page.locator(".viewer .dot")), at(here, 0.5, 0.5)
    assert abs(dot["x"] + dot["width"] / 2 - x) < 20 and abs(dot["y"] + dot["height"] / 2 - y) < 20
    here.page.get_by_role("button", name="Share", exact=True).click()
    easting, northing = looked_at(here)
    expect(here.page.get_by_test_id("stCode")).to_contain_text(f"at={easting:g},")
    assert f"{northing:.1f}".removesuffix(".0") in here.page.get_by_test_id("stCode").inner_text()
    here.look("pixel")
    assert asked() == [], "looking costs nothing"


def test_the_keyboard_alone_reaches_the_series_of_a_pixel(
    app: Application, visit: Callable[..., Visit], fetched: str
) -> None:
    here = visit(app, fetched)
    arrive(here)
    keyboard, said = here.page.keyboard, here.page.locator(".viewer .unseen")
    here.page.get_by_role("radio", name="True colour").focus()
    for _ in range(30):
        keyboard.press("Tab")
        if here.page.evaluate("document.activeElement.shadowRoot?.activeElement?.className") == "stage":
            break
    keyboard.press("Enter")
    expect(said).to_contain_text("Crosshair at east")
    start = said.inner_text()
    keyboard.press("Shift+ArrowRight")
    keyboard.press("ArrowDown")
    expect(said).not_to_have_text(start)
    keyboard.press("Enter")
    expect(said).to_contain_text("Pixel at east")
    panel = here.page.locator(PANEL)
    expect(panel.get_by_role("status")).to_contain_text("cached dates clear here")
    panel.locator("summary").press("Enter")
    rows = panel.get_by_role("region").locator("tbody tr")
    expect(rows.first).to_contain_text("2018-")
    here.settle()
    assert grave(here.page) == []
    easting, northing = looked_at(here)
    other = visit(app, here.page.url.removeprefix(here.url))
    expect(other.page.locator(PANEL)).to_contain_text(f"{easting:,.0f} m E, {northing:,.0f} m N")
    with other.page.expect_download() as coming:
        other.page.get_by_role("link", name="CSV of the series").click()
    assert coming.value.path().read_text("utf-8-sig").count("\n") == rows.count() + 1


def test_a_polygon_by_the_mouse_and_by_keys(app: Application, visit: Callable[..., Visit], fetched: str) -> None:
    here = visit(app, fetched)
    arrive(here)
    here.page.get_by_role("radio", name="Polygon").check(force=True)
    for place in ((0.2, 0.2), (0.6, 0.2), (0.4, 0.7)):
        here.page.mouse.click(*at(here, *place))
    here.page.mouse.click(*at(here, 0.2, 0.2))
    panel = here.page.locator(PANEL)
    expect(panel).to_contain_text("with clear pixels")
    here.settle()
    pixels = panel.locator("dd", has_text="those whose centres").inner_text()
    assert "polygon=" in here.page.url
    here.look("polygon")

    stage(here).focus()
    keyboard = here.page.keyboard
    keyboard.press("Enter")
    keyboard.press("Enter")
    keyboard.press("Escape")
    expect(here.page.get_by_role("button", name="Close the polygon")).to_be_hidden()
    for keys in (["ArrowRight"], ["ArrowDown"], []):
        keyboard.press("Enter")
        for key in keys:
            for _ in range(3):
                keyboard.press(f"Shift+{key}")
    keyboard.press("Enter")
    expect(panel.locator("dd", has_text="those whose centres")).not_to_have_text(pixels)
    here.settle()
    assert grave(here.page) == []
    here.press("Clear")
    expect(panel).to_have_count(0)
    assert "polygon=" not in here.page.url


def test_a_finger_takes_a_pixel_on_a_phone(app: Application, chromium: Browser, fetched: str) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True) as context:
        here = Visit(context.new_page(), app.url, "inspect-phone")
        here.open(fetched)
        arrive(here)
        here.page.touchscreen.tap(*at(here, 0.5, 0.5))
        here.page.locator(VALUES).wait_for()
        here.settle()
        looked_at(here)
        wider = here.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0
        here.look("phone")
        here.assert_clean()


def test_a_higher_limit_keeps_the_picture_beside_its_bill(
    app: Application, visit: Callable[..., Visit], fetched: str
) -> None:
    here = visit(app, fetched.replace("maxcc=60", "maxcc=100"))
    arrive(here)
    assert re.match(r"\d+ of \d+ dates are here", here.page.locator(".st-key-in-short").inner_text())
    expect(here.button("Fetch")).to_be_visible()
    here.page.mouse.click(*at(here, 0.5, 0.5))
    here.page.locator(VALUES).wait_for()
    here.look("part")
