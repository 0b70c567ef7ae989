"""The script of a picture's layer in a page of its own: which tiles a map asks for, against the tiles' numbers."""

import math
import re

import pytest
from playwright.sync_api import Browser, Page

from pages.components.results.layer_map import bounds
from pages.components.shared.theme import ASSETS
from services.grid import Grid, TileBlock
from services.recipe import EXAMPLES

SCRIPTS = ("vendor/leaflet-1.9.4/leaflet.js", "earth.js", "land.js", "reading.js", "measure.js", "map.js", "layer.js")
STYLE = "vendor/leaflet-1.9.4/leaflet.css"
BEGIN = """() => {
  window.map = L.map('map', {worldCopyJump: true, zoomSnap: 0.5, minZoom: 2}).setView([30, 10], 2);
  ninepatch.picture(map, {land: '/land.json', online: false});
}"""
LAY = """box => ninepatch.lay(map, {url: '/tiles/{z}/{x}/{y}.png', bounds: box, attribution: 'Test'})"""
LOOK = "([latitude, longitude, zoom]) => { map.setView([latitude, longitude], zoom, {animate: false}); }"
IDLE = "() => map._npPicture && !map._npPicture._loading"
ADDRESS = re.compile(r"/tiles/(\d+)/(\d+)/(\d+)\.png")
Tile = tuple[int, int, int]


def around(name: str) -> TileBlock:
    """The picture of an example."""
    example = next(example for example in EXAMPLES if example.name == name)
    return Grid.from_spec(example.aoi, example.spec).lattice.neighbourhood(example.centre, 1)


def tiles_under(block: TileBlock, zoom: int) -> set[Tile]:
    """Numbers of the map tiles that the picture's edges and middle lie on, each longitude by itself."""
    ring = block.polygon_wgs84
    longitudes, latitudes = [lon for lon, _ in ring], [lat for _, lat in ring]
    side = 1 << zoom

    def column(longitude: float) -> int:
        return math.floor((longitude + 180) / 360 * side) % side

    def row(latitude: float) -> int:
        return math.floor((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * side)

    steps = [part / 64 for part in range(65)]
    columns = {column(min(longitudes) + part * (max(longitudes) - min(longitudes))) for part in steps}
    rows = {row(min(latitudes) + part * (max(latitudes) - min(latitudes))) for part in steps}
    return {(zoom, x, y) for x in columns for y in rows}


def asked(chromium: Browser, block: TileBlock, longitude: float, zoom: int) -> set[Tile]:
    """The tiles that a map with that picture asks for when it is looked at from there."""
    seen: list[str] = []
    (south, _), (north, _) = bounds(block)
    place = [(south + north) / 2, longitude]
    page = chromium.new_page()
    try:
        open_map(page)
        page.evaluate(LAY, bounds(block))
        page.evaluate(LOOK, [*place, zoom - 2])
        page.wait_for_function(IDLE)
        page.on("request", lambda request: seen.append(request.url))
        page.evaluate(LOOK, [*place, zoom])
        page.wait_for_function(IDLE)
    finally:
        page.close()
    found = (ADDRESS.search(url) for url in seen)
    return {(int(match[1]), int(match[2]), int(match[3])) for match in found if match}


def open_map(page: Page) -> None:
    """A map in an empty page, whose requests are answered with nothing."""
    page.route("**/*", lambda route: route.fulfill(body="{}" if "land" in route.request.url else ""))
    page.goto("http://localhost/")
    page.set_content('<div id="map" style="width: 900px; height: 600px"></div>')
    page.add_style_tag(path=ASSETS / STYLE)
    page.evaluate("() => { window.ninepatch = {}; }")
    for script in SCRIPTS:
        page.add_script_tag(path=ASSETS / script)
    page.evaluate(BEGIN)


@pytest.mark.parametrize("longitude", [179.9, 180.1, -179.9, -180.1])
def test_a_picture_across_the_180th_meridian_is_asked_for_on_both_sides(chromium: Browser, longitude: float) -> None:
    taveuni = around("Taveuni")
    wanted = tiles_under(taveuni, 12)
    assert {x for _, x, _ in wanted} == {0, 4095}
    assert asked(chromium, taveuni, longitude, 12) == wanted


def test_a_picture_elsewhere_is_asked_for_and_nothing_around_it(chromium: Browser) -> None:
    delta = around("Po delta")
    assert asked(chromium, delta, 12.4, 12) == tiles_under(delta, 12)
