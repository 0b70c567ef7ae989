"""The map as people use it: what makes the page run again and what does not, and that the map keeps its place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest
from playwright.sync_api import WebSocket, expect

from services.geo import to_wgs84
from services.grid import Grid, TileIndex
from services.recipe import EXAMPLES
from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import MAP, Visit

FINLAND = EXAMPLES[0].aoi
GRID = Grid.split(FINLAND, 54, 39)
CENTRE = TileIndex(35, 25)
UNDO, AGAIN = "Undo", "Start again"
_PLACE = "() => { const c = map.getCenter(); return [c.lat, c.lng, map.getZoom()]; }"
_WHOLE = """() => map._npData && map._npData.bounds && map.getSize().y === map.getContainer().clientHeight
    && map.getBounds().contains(map._npData.bounds)"""
_FOCUS = "() => map.getContainer().focus()"


@dataclass
class Watched:
    """A visit whose every message to the server is counted: a run of the page begins with one."""

    here: Visit
    sent: list[int] = field(default_factory=list)

    def listen(self, socket: WebSocket) -> None:
        """For one connection."""
        socket.on("framesent", lambda payload: self.sent.append(len(payload)))

    def runs(self, act: Callable[[], None]) -> int:
        """How many runs somebody causes with it."""
        self.here.settle()
        before = len(self.sent)
        act()
        self.here.page.wait_for_timeout(500)
        self.here.settle()
        return len(self.sent) - before

    def place(self) -> list[float]:
        """Latitude, longitude and zoom of the map."""
        found: list[float] = self.here.map().evaluate(_PLACE)
        return found


Opening = Callable[[str], Watched]


@pytest.fixture
def opened(app: Application, visit: Callable[..., Visit]) -> Opening:
    """Opens an address, counting from the start."""

    def begin(path: str) -> Watched:
        watched = Watched(visit(app))
        watched.here.page.on("websocket", watched.listen)
        if path != "/":
            watched.here.press(FINLAND.name)
            watched.here.see("1,947")
        watched.here.open(path)
        watched.here.map()
        return watched

    return begin


def finland(radius: int = 1) -> str:
    """The example, by its link."""
    return f"/?area={FINLAND.digest}&grid=54x39&centre={CENTRE}&radius={radius}&year=2017&maxcc=10"


def middle_of(index: TileIndex) -> tuple[float, float]:
    """Latitude and longitude."""
    west, south, east, north = GRID.lattice.bounds(index)
    (longitude,), (latitude,) = to_wgs84(32635, [(west + east) / 2], [(south + north) / 2])
    return float(latitude), float(longitude)


def wait_for_centre(watched: Watched, index: TileIndex) -> None:
    """Until the address says it, and the map shows it."""
    watched.here.page.wait_for_function(
        "centre => new URLSearchParams(location.search).get('centre') === centre", arg=str(index)
    )
    watched.here.map().wait_for_function(
        "([y, x]) => L.latLngBounds(map._npData.centre).contains([y, x])", arg=[*middle_of(index)]
    )
    watched.here.settle()


def becomes(watched: Watched, wanted: list[float], within: float) -> None:
    """Wait until the area that is drawn is that one, to so many degrees; nothing for an empty list."""
    watched.here.map().wait_for_function(
        """([wanted, within]) => {
            const b = map._npDrawn.getBounds();
            const found = b.isValid() ? [b.getSouth(), b.getWest(), b.getNorth(), b.getEast()] : [];
            return found.length === wanted.length && found.every((value, n) => Math.abs(value - wanted[n]) <= within);
        }""",
        arg=[wanted, within],
    )
    watched.here.settle()


def goes_to(watched: Watched, latitude: float, longitude: float) -> None:
    """Wait until the map's middle is there, to half a degree."""
    watched.here.map().wait_for_function(
        "([y, x]) => Math.abs(map.getCenter().lat - y) < 0.5 && Math.abs(map.getCenter().lng - x) < 0.5",
        arg=[latitude, longitude],
    )
    watched.here.settle()


def area_at(watched: Watched) -> list[float]:
    """South, west, north and east of what is drawn as the area; empty for none."""
    found: list[float] = watched.here.map().evaluate(
        "() => { const b = map._npDrawn.getBounds(); "
        "return b.isValid() ? [b.getSouth(), b.getWest(), b.getNorth(), b.getEast()] : []; }"
    )
    return found


def test_looking_around_makes_nothing_run(opened: Opening) -> None:
    watched = opened(finland())
    here, mouse = watched.here, watched.here.page.mouse
    x, y = here.at(*middle_of(CENTRE))

    def drag() -> None:
        mouse.move(x, y)
        mouse.down()
        mouse.move(x - 90, y + 60, steps=6)
        mouse.up()

    before = watched.place()
    assert watched.runs(drag) == 0
    assert watched.place()[:2] != before[:2]
    assert watched.runs(lambda: mouse.wheel(0, -300)) == 0
    assert watched.place()[2] > before[2]
    assert watched.runs(lambda: mouse.move(x + 40, y + 40, steps=8)) == 0
    assert watched.runs(lambda: here.page.set_viewport_size({"width": 1100, "height": 800})) == 0
    assert watched.runs(lambda: here.tool(".leaflet-control-zoom-in")) == 0
    assert watched.runs(lambda: here.tool(".np-home")) == 0
    before = watched.place()
    here.map().evaluate(_FOCUS)
    assert watched.runs(lambda: here.page.keyboard.press("Shift+ArrowRight")) == 0
    assert watched.place()[1] > before[1], "with Shift the map moves"


@pytest.mark.parametrize("tool", ["draw-rectangle", "draw-polygon", "edit-edit", "edit-remove"])
def test_a_tool_that_is_taken_and_laid_down_makes_nothing_run(opened: Opening, tool: str) -> None:
    watched = opened(finland())
    actions = watched.here.page.frame_locator(MAP).locator('.leaflet-draw-actions a[title^="Cancel"]:visible')

    def take_and_cancel() -> None:
        watched.here.tool(f".leaflet-draw-{tool}")
        actions.click()

    def take_and_escape() -> None:
        watched.here.tool(f".leaflet-draw-{tool}")
        expect(actions).to_have_count(1)
        watched.here.page.keyboard.press("Escape")
        expect(actions).to_have_count(0)

    before = area_at(watched)
    assert watched.runs(take_and_cancel) == 0
    assert watched.runs(take_and_escape) == 0
    assert area_at(watched) == before


def test_a_click_is_one_run_and_the_map_keeps_its_place(opened: Opening) -> None:
    watched = opened(finland())
    here = watched.here
    here.show(*middle_of(CENTRE), 9)
    before = watched.place()
    for tile in (TileIndex(33, 24), TileIndex(36, 27)):
        assert watched.runs(partial(here.page.mouse.click, *here.at(*middle_of(tile)))) == 1
        wait_for_centre(watched, tile)
    assert watched.runs(lambda: here.choose("5 × 5")) == 1
    here.see("36,27 (no.")
    here.map().wait_for_function("() => map._npData.inner.length === 8")
    assert watched.place() == before


def test_arrow_keys_move_the_centre_and_the_map_only_as_far_as_it_must(opened: Opening) -> None:
    watched = opened(finland())
    here, press = watched.here, watched.here.page.keyboard.press
    here.show(*middle_of(CENTRE), 10)
    here.map().evaluate(_FOCUS)
    before = watched.place()
    centre = CENTRE
    for key, dx, dy in (("ArrowUp", 0, 1), ("ArrowRight", 1, 0), ("ArrowDown", 0, -1), ("ArrowLeft", -1, 0)):
        centre = TileIndex(centre.x + dx, centre.y + dy)
        assert watched.runs(partial(press, key)) == 1, key
        wait_for_centre(watched, centre)
    assert watched.place() == before
    for _ in range(25):  # faster than the page can answer
        press("ArrowRight")
        press("ArrowUp")
    press("ArrowDown")
    wait_for_centre(watched, TileIndex(centre.x + 25, centre.y + 24))
    assert here.map().evaluate("() => map.getBounds().contains(L.latLngBounds(map._npData.centre))")
    assert watched.place()[2] == before[2]
    assert watched.place() != before


def test_the_arrow_buttons_have_names(opened: Opening) -> None:
    watched = opened(finland())
    button = watched.here.page.get_by_role("button", name="North")
    expect(button).to_be_visible()
    button.click()
    wait_for_centre(watched, TileIndex(CENTRE.x, CENTRE.y + 1))


def test_draw_edit_delete_undo_and_start_again_on_a_map_that_stays(opened: Opening) -> None:
    watched = opened("/")
    here = watched.here
    frame = here.page.frame_locator(MAP)
    expect(here.button(UNDO)).to_be_disabled()
    expect(here.button(AGAIN)).to_be_disabled()
    here.show(47.0, 3.0, 9)
    place = watched.place()

    assert watched.runs(lambda: here.draw_rectangle((46.9, 2.8), (47.1, 3.2))) == 1
    here.see("EPSG:32631")
    drawn = area_at(watched)
    assert drawn == pytest.approx([46.9, 2.8, 47.1, 3.2], abs=0.01)

    def drag_corner() -> None:
        here.tool(".leaflet-draw-edit-edit")
        x, y = here.at(drawn[2], drawn[3])
        here.page.mouse.move(x, y)
        here.page.mouse.down()
        here.page.mouse.move(x + 30, y - 20, steps=4)
        here.page.mouse.move(*here.at(47.2, 3.4), steps=4)
        here.page.mouse.up()
        frame.locator('.leaflet-draw-actions a[title="Save changes"]').click()

    assert watched.runs(drag_corner) == 1
    edited = area_at(watched)
    assert edited == pytest.approx([*drawn[:2], 47.2, 3.4], abs=0.02)

    assert watched.runs(lambda: here.draw_polygon([(47.0, 3.3), (47.15, 3.5), (47.0, 3.6)])) == 1
    polygon = area_at(watched)
    assert polygon[3] == pytest.approx(3.6, abs=0.01)

    def delete() -> None:
        here.tool(".leaflet-draw-edit-remove")
        here.page.mouse.click(*here.at(47.03, 3.45))
        frame.locator('.leaflet-draw-actions a[title="Save changes"]').click()

    assert watched.runs(delete) == 1
    becomes(watched, [], 0)
    here.look("deleted")

    assert watched.runs(lambda: here.press(UNDO)) == 1
    becomes(watched, polygon, 1e-5)
    here.press(UNDO)
    becomes(watched, edited, 1e-5)
    here.press(UNDO)
    becomes(watched, drawn, 1e-5)
    here.look("undone")

    assert watched.runs(lambda: here.press(AGAIN)) == 1
    becomes(watched, [], 0)
    assert "area=" not in here.page.url
    expect(here.button(AGAIN)).to_be_disabled()
    here.press(UNDO)
    becomes(watched, drawn, 1e-5)
    here.press(UNDO)
    becomes(watched, [], 0)
    expect(here.button(UNDO)).to_be_disabled()
    assert watched.place() == place, "through all of it"


def test_the_map_goes_to_an_area_from_elsewhere_and_back_where_it_would_not_be_seen(opened: Opening) -> None:
    watched = opened("/")
    here = watched.here
    here.press("Po delta")
    goes_to(watched, 44.9, 12.3)
    latitude, longitude, _ = watched.place()
    here.page.locator(".st-key-area_example").get_by_text(FINLAND.name).click()
    goes_to(watched, 60.7, 24.9)
    here.press(UNDO)
    goes_to(watched, 44.9, 12.3)
    assert watched.place()[:2] == pytest.approx((latitude, longitude), abs=0.01)


def test_a_refused_drawing_leaves_the_area_that_was_there(opened: Opening) -> None:
    watched = opened(finland())
    here = watched.here
    before = area_at(watched)
    here.show(30.0, 0.0, 2)
    here.draw_rectangle((-40.0, -50.0), (60.0, 60.0))
    here.see("This area cannot be used")
    becomes(watched, before, 0)


def test_a_corner_too_many_is_taken_back_while_drawing(opened: Opening) -> None:
    watched = opened("/")
    here = watched.here
    here.show(47.0, -3.0, 9)
    here.tool(".leaflet-draw-draw-polygon")
    corners = here.page.frame_locator(MAP).locator(".leaflet-marker-pane .leaflet-editing-icon")
    for number, corner in enumerate([(46.9, -3.2), (46.9, -2.8), (47.1, -2.8)], 1):
        x, y = here.at(*corner)
        here.page.mouse.move(x - 3, y - 3)
        here.page.mouse.move(x, y)
        here.page.wait_for_timeout(80)
        here.page.mouse.down()
        here.page.mouse.up()
        expect(corners).to_have_count(number)
        here.page.wait_for_timeout(120)
    here.tool('.leaflet-draw-actions a[title="Delete last point drawn"]')
    expect(corners).to_have_count(2)


def test_the_area_is_in_view_on_a_phone_and_when_the_phone_is_turned(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app, link(app, "area"), width=390, height=844)
    frame = here.map()
    frame.wait_for_function(_WHOLE)
    near = frame.evaluate("() => map.getZoom()")
    here.page.set_viewport_size({"width": 1100, "height": 900})
    frame.wait_for_function(f"() => map.getZoom() > {near}")
    frame.wait_for_function(_WHOLE)
    here.show(60.5, 24.0, 8)
    here.page.set_viewport_size({"width": 390, "height": 844})
    frame.wait_for_function("() => map.getSize().y === map.getContainer().clientHeight && map.getSize().x < 400")
    assert frame.evaluate("() => map.getZoom()") == 8, "who has looked elsewhere is not taken back"
