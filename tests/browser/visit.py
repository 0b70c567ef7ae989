"""What a person does in the browser, and what must never happen meanwhile."""

import re
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Frame, Locator, Page, expect

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts" / "browser"
MAP = 'iframe[title="streamlit_folium.st_folium"]'
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SETTLED = """() => {
    const app = document.querySelector('[data-testid="stApp"]'), now = performance.now();
    if (!app || app.dataset.testScriptState !== 'notRunning') { window.npIdle = 0; return false; }
    window.npIdle = window.npIdle || now;
    return now - window.npIdle > 200 || now - window.npBegun > 3000;
}"""
"""Idle for a while: what somebody has just pressed begins to run only when the server has heard of it.

A page that shows the progress of a job is never idle for long: after three seconds any moment does.
"""
PICTURE = ".viewer .layer.left.here:not([aria-busy]) img"
"""The finished one, not the one that grows."""
_BASE_SEARCH = re.compile(r"/_stcore/(health|host-config)$")
"""On a deep link Streamlit looks for its base path, and the browser logs each miss."""
_VERTICES = 'document.querySelectorAll(".leaflet-marker-pane .leaflet-div-icon.leaflet-editing-icon").length'


class Visit:
    """One person in one browser context."""

    def __init__(self, page: Page, url: str, name: str) -> None:
        self.page, self.url, self._name = page, url, re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        self.errors: list[str] = []
        self.foreign: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        page.on("request", lambda request: self._watch(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _BASE_SEARCH.search(message.location.get("url", "")):
            self.errors.append(f"console: {message.text} {message.location}")

    def _watch(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(url)

    def assert_clean(self) -> None:
        """No error in the console, and no request to anybody but us."""
        assert self.errors == []
        assert self.foreign == []

    def open(self, path: str) -> None:
        """Go there by an address."""
        self.page.goto(self.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing runs, and see that no fault is shown."""
        self.page.wait_for_selector(IDLE)
        self.page.evaluate("() => { window.npIdle = 0; window.npBegun = performance.now(); }")
        self.page.wait_for_function(SETTLED)
        said = self.page.locator(".stApp").inner_text()
        assert "Traceback" not in said and "fault of its own" not in said, said

    def look(self, name: str) -> None:
        """Keep a screenshot."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{self._name}-{name}.png")

    def button(self, label: str) -> Locator:
        """The one whose label begins so."""
        return self.page.get_by_role("button", name=re.compile("^" + re.escape(label)))

    def press(self, label: str) -> None:
        """Press it and wait until nothing runs."""
        self.button(label).click()
        self.settle()

    def choose(self, option: str) -> None:
        """One of a row of options, and wait until nothing runs."""
        self.page.get_by_role("radio", name=option, exact=True).click()
        self.settle()

    def step(self, name: str) -> None:
        """Go to a step by the masthead."""
        self.page.locator(".st-key-steps a", has_text=name).click()
        expect(self.page.locator(".np-step[aria-current]")).to_contain_text(name)
        self.settle()

    def see(self, words: str) -> None:
        """Wait until the page says it."""
        expect(self.page.locator(".stApp")).to_contain_text(words, timeout=120_000)

    def map(self) -> Frame:
        """The inside of the map, once it is there."""
        self.page.locator(MAP).wait_for()
        frame = self.page.locator(MAP).element_handle().content_frame()
        assert frame is not None
        frame.wait_for_function("() => window.map && window.map._loaded")
        return frame

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where on the screen a place of the map is."""
        box = self.page.locator(MAP).bounding_box()
        x, y = self.map().evaluate(
            """place => { const p = map.latLngToContainerPoint(place), r = map.getContainer().getBoundingClientRect();
                          return [p.x + r.left, p.y + r.top]; }""",
            [latitude, longitude],
        )
        assert box is not None
        return box["x"] + x, box["y"] + y

    def show(self, latitude: float, longitude: float, zoom: float) -> None:
        """Move the map, at once."""
        self.map().evaluate(
            """([y, x, zoom]) => new Promise(done => {
                map.once('moveend', () => requestAnimationFrame(() => requestAnimationFrame(() => done())));
                map.setView([y, x], zoom, {animate: false}); })""",
            [latitude, longitude, zoom],
        )

    def tool(self, css: str) -> None:
        """Take a tool of the map."""
        self.page.frame_locator(MAP).locator(css).click()

    def draw_rectangle(self, south_west: tuple[float, float], north_east: tuple[float, float]) -> None:
        """With the mouse; corners are latitude and longitude."""
        self.tool(".leaflet-draw-draw-rectangle")
        (x, y), (right, top) = self.at(*south_west), self.at(*north_east)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move((x + right) / 2, (y + top) / 2, steps=5)
        mouse.move(right, top, steps=5)
        mouse.up()

    def draw_polygon(self, places: list[tuple[float, float]]) -> None:
        """With the mouse; the draw tool takes a press only where its own marker has followed the pointer."""
        frame, mouse = self.map(), self.page.mouse
        self.tool(".leaflet-draw-draw-polygon")
        for number, place in enumerate([*places, places[0]]):
            x, y = self.at(*place)
            wanted = number + 1 if number < len(places) else 0
            for _ in range(6):
                mouse.move(x - 3, y - 3)
                mouse.move(x, y)
                self.page.wait_for_timeout(80)
                mouse.down()
                mouse.up()
                self.page.wait_for_timeout(120)
                if frame.evaluate(_VERTICES) == wanted:
                    break
            else:
                raise AssertionError(f"corner {number} was not taken")
