"""Areas drawn on the map."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Application
from tests.browser.visit import Visit


def km2(here: Visit) -> float:
    """The area that the page has understood."""
    facts = here.page.locator(".np-facts").first.inner_text()
    found = re.search(r"Area\s+([\d,.]+) km²", facts)
    assert found is not None, facts
    return float(found[1].replace(",", ""))


def test_a_drawn_rectangle_is_the_area_and_a_new_shape_replaces_it(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app)
    here.choose("Drawing")
    here.show(45.0, 10.0, 9)
    here.draw_rectangle((44.9, 9.8), (45.1, 10.2))
    here.see("EPSG:32632")
    # 0.2° of latitude are 22.2 km, 0.4° of longitude at 45° N 31.5 km; the mouse hits a place to a pixel
    assert abs(km2(here) / (22.22 * 31.55) - 1) < 0.05
    here.look("rectangle")
    here.draw_polygon([(45.05, 10.3), (45.2, 10.5), (45.05, 10.7)])
    expect(here.page.locator(".np-facts").first).not_to_contain_text("9.8", timeout=30_000)
    here.settle()
    assert abs(km2(here) / (0.5 * 16.67 * 31.5) - 1) < 0.05
    assert "centre=" in here.page.url, "a grid is over it, and a tile in its middle"
    here.look("polygon")


def test_a_click_chooses_a_tile_and_a_drawing_does_not(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app)
    here.choose("Drawing")
    here.show(-19.5, 23.0, 10)
    here.draw_polygon([(-19.6, 22.8), (-19.6, 23.2), (-19.4, 23.0)])
    here.see("EPSG:32734")
    here.settle()
    before = here.page.url
    here.page.mouse.click(*here.at(-19.52, 22.95))
    here.page.wait_for_function("before => location.href !== before", arg=before)
    here.settle()
    after = here.page.url
    here.page.mouse.click(*here.at(-19.52, 22.95))
    here.settle()
    assert here.page.url == after, "the same place is the same tile"
