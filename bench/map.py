"""The map in a real browser, for grids of three sizes: from the click to the drawn neighbourhood, moves and zooms."""

import math
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from services.geo import to_wgs84
from services.grid import Grid, TileIndex
from services.recipe import EXAMPLES
from tests.browser.conftest import CHROMIUM, FLAGS, Application, application
from tests.browser.visit import Visit

SPECS = ("54x39", "120x95", "378x292")
"""About 2,000, 10,000 and 100,000 tiles of the Finnish example."""
CLICKS = 10
CLOSE_PX = 24
"""About so wide a tile is where its lines are seen."""
EARTH = 20_037_508.34
"""Metres from the middle of a Mercator map to its edge."""
_WATCH = """() => {
  const pane = map.getPane('np-tiles');
  const drawn = () => [...pane.querySelectorAll('path')].map(path => path.getAttribute('d')).join();
  let before = drawn(), pressed = 0;
  window.took = [];
  window.addEventListener('click', () => { pressed = performance.now(); before = drawn(); }, true);
  window.addEventListener('keydown', () => { pressed = performance.now(); before = drawn(); }, true);
  new MutationObserver(() => {
    if (!pressed || !drawn() || drawn() === before) return;
    const since = pressed;
    pressed = 0;
    requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - since)));
  }).observe(pane, {subtree: true, childList: true, attributes: true});
}"""
"""Milliseconds from each click or key to the frame in which another neighbourhood is drawn."""
_MOVE = """([what, argument]) => new Promise(done => {
  const since = performance.now();
  map.once('moveend', () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - since))));
  map[what](argument, {animate: false});
})"""


def opened(here: Visit, spec: str) -> Grid:
    """The example's area in that grid; from a link, so that nothing of before is on the map."""
    example = EXAMPLES[0]
    here.open("/")
    here.press(example.name)
    here.page.wait_for_url("**area=**")
    grid = Grid.from_spec(example.aoi, spec)
    here.open(f"/?area={example.aoi.digest}&grid={spec}&centre={grid.middle()}&radius=1&year=2017&maxcc=10")
    here.map().wait_for_function("() => map._npGroups && map._npGroups.grid && map._npGroups.grid._npLines")
    here.page.wait_for_timeout(2000)
    return grid


def clicks(here: Visit, grid: Grid, across: int, up: int) -> list[float]:
    """Milliseconds of each; the tiles are so many columns and rows apart, around the middle."""
    middle = grid.middle()

    def click(number: int) -> None:
        tile = TileIndex(middle.x + (number % 4 - 1) * across, middle.y + (number % 3 - 1) * up)
        west, south, east, north = grid.lattice.bounds(tile)
        (longitude,), (latitude,) = to_wgs84(grid.lattice.epsg, [(west + east) / 2], [(south + north) / 2])
        here.page.mouse.click(*here.at(latitude, longitude))

    return times(here, click)


def keys(here: Visit) -> list[float]:
    """Milliseconds from each arrow key to the neighbourhood that has moved."""
    here.map().evaluate("() => map.getContainer().focus()")
    return times(here, lambda number: here.page.keyboard.press("ArrowUp" if number % 2 else "ArrowRight"))


def times(here: Visit, act: Callable[[int], None]) -> list[float]:
    """Milliseconds that the frame has counted for each of a row of acts, one after another."""
    frame = here.map()
    frame.evaluate("() => { window.took = []; }")
    for number in range(CLICKS):
        act(number)
        frame.wait_for_function("count => window.took.length > count", arg=number, timeout=30_000)
        here.settle()
        here.page.wait_for_timeout(600)
    took: list[float] = frame.evaluate("() => window.took")
    return took


def radii(here: Visit) -> list[float]:
    """Milliseconds from the choice of another radius to the neighbourhood, beginning outside the frame."""
    frame, took = here.map(), []
    for option in ("1 × 1", "5 × 5", "3 × 3") * 2:
        before = frame.evaluate("() => window.seen = map.getPane('np-tiles').innerHTML")
        assert before
        since = here.page.evaluate("() => performance.timeOrigin + performance.now()")
        here.page.get_by_role("radio", name=option, exact=True).click()
        frame.wait_for_function("() => map.getPane('np-tiles').innerHTML !== window.seen")
        took.append(here.page.evaluate("() => performance.timeOrigin + performance.now()") - since)
        here.settle()
    return took


def moves(here: Visit) -> tuple[float, float]:
    """Milliseconds of a pan and of a zoom, medians."""
    frame = here.map()
    pans = [frame.evaluate(_MOVE, ["panBy", [60 if n % 2 else -60, 40 if n % 2 else -40]]) for n in range(10)]
    zooms = [frame.evaluate(_MOVE, ["setZoom", zoom]) for zoom in (8, 9, 10, 11, 10, 9, 8, 7.5)]
    return statistics.median(pans), statistics.median(zooms)


def figures(page: Page, app: Application, spec: str) -> str:
    """One line."""
    here = Visit(page, app.url, "bench")
    grid = opened(here, spec)
    here.map().evaluate(_WATCH)
    whole = clicks(here, grid, grid.columns // 12, grid.rows // 12)
    pan, zoom = moves(here)
    longitude, latitude = grid.aoi.centroid
    metres = 2 * EARTH / 256 * math.cos(math.radians(latitude))
    here.show(latitude, longitude, round(math.log2(CLOSE_PX * metres / grid.lattice.dx)))
    close = clicks(here, grid, 2, 2)
    key, radius = statistics.median(keys(here)), statistics.median(radii(here))
    return (
        f"{len(grid):>7,} tiles: click to neighbourhood {statistics.median(whole):.0f} ms over the whole area"
        f" (slowest {max(whole):.0f}), {statistics.median(close):.0f} ms among tiles of {CLOSE_PX} px"
        f" (slowest {max(close):.0f}); arrow key {key:.0f} ms; another radius {radius:.0f} ms;"
        f" pan {pan:.0f} ms, zoom {zoom:.0f} ms"
    )


def main() -> None:
    """Print a line for each size."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright, application(Path(scratch)) as app:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for spec in SPECS:
            context = browser.new_context(viewport={"width": 1360, "height": 900})
            print(figures(context.new_page(), app, spec), flush=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
