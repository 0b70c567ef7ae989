"""Finding a place by the keyboard alone and by the mouse, and what is read off the map there."""

import re
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Locator, expect
from pyproj import Geod

from services.geo import to_wgs84
from services.grid import Grid
from services.places import Point, area_around
from services.settings import Settings
from tests.browser.conftest import Application
from tests.browser.visit import MAP, Visit

AMSTERDAM = 52.37, 4.89
GRID = Grid.team(area_around(Point(AMSTERDAM[1], AMSTERDAM[0], ""), Settings.model_construct()), 3300)


def field(here: Visit) -> Locator:
    here.choose("Place")
    return here.page.get_by_role("combobox", name="City, lake, river")


def test_a_place_is_found_by_the_keyboard_alone(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app)
    here.map()
    box, options = field(here), here.page.get_by_role("option")
    box.focus()
    here.page.keyboard.type("saima")
    expect(options.first).to_contain_text("Lake SaimaaLake, Finland")
    assert not any(text.startswith("Add") for text in options.all_inner_texts())
    expect(here.page.get_by_role("status").filter(has_text="places. Arrow keys choose")).to_be_visible()
    here.page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    here.page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_role("status").filter(has_text="Lake Saimaa, Finland is shown on the map")).to_be_visible()
    expect(here.page.get_by_label("Name of the area")).to_have_value("Lake Saimaa, Finland")
    expect(box).to_be_focused()
    box.fill("helsnki")
    expect(here.page.get_by_role("status").filter(has_text="spelled like it")).to_be_visible()
    expect(options.first).to_contain_text("Helsinki")
    options.first.click()
    expect(here.page.get_by_label("Name of the area")).to_have_value("Helsinki, Uusimaa, Finland")


def test_a_point_is_the_centre_tile_and_the_map_says_where_one_is(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app)
    here.map()
    box = field(here)
    box.fill("52.37, 4.89")
    expect(here.page.get_by_role("option").first).to_contain_text("52.3700° N, 4.8900° E")
    box.press("Enter")
    here.see("Read as latitude first: latitude 52.37, longitude 4.89.")
    here.press("Use this area")
    here.see("Tile number 0 of 1.")
    assert f"centre={GRID.middle().x}%2C{GRID.middle().y}" in here.page.url
    frame = here.page.frame_locator(MAP)
    here.page.locator(MAP).scroll_into_view_if_needed()
    here.page.mouse.move(*here.at(*AMSTERDAM))
    pointer = frame.locator(".np-pointer")
    expect(pointer).to_contain_text(f"tile {GRID.middle()} · number 0")
    latitude, longitude = map(float, re.findall(r"(\d+\.\d+)°", pointer.inner_text()))
    assert abs(latitude - AMSTERDAM[0]) < 2e-3 and abs(longitude - AMSTERDAM[1]) < 2e-3
    expect(frame.locator(".np-degrees .top").first).to_have_text(re.compile(r"^\d+(\.\d+)?° E$"))
    expect(frame.locator(".np-degrees .right").first).to_have_text(re.compile(r"^\d+(\.\d+)?° N$"))
    measure(here)


def measure(here: Visit) -> None:
    """Three corners of the tile: its side there and back again, and half of its area; Escape ends and picks no tile."""
    frame = here.page.frame_locator(MAP)
    before = here.page.url
    frame.get_by_role("button", name="Measure distance and area").click()
    west, south, east, north = GRID.tile(GRID.middle()).bounds
    corners = [to_wgs84(GRID.lattice.epsg, x, y) for x, y in ((west, south), (east, south), (east, north))]
    for longitude, latitude in corners:
        here.page.mouse.click(*here.at(float(latitude), float(longitude)))
    said = frame.get_by_role("status")
    expect(said).to_contain_text("area")
    length, area = map(float, re.findall(r"(\d+\.\d+) km", said.inner_text()))
    along = sum(Geod(ellps="WGS84").inv(*one, *other)[2] for one, other in pairwise(corners))
    assert abs(length - along / 1000) < 0.05 and abs(area - 3.3**2 / 2) < 0.1
    here.page.keyboard.press("Enter")
    expect(said).not_to_contain_text(f"{length:.2f} km, area {area:.2f}")
    here.page.keyboard.press("Escape")
    expect(frame.locator(".np-measured")).to_be_hidden()
    here.settle()
    assert here.page.url == before
