"""Every page in both themes: what axe-core finds, the contrast of every text, names of controls, and the way of Tab."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Application
from tests.browser.test_links import SUMMER, link
from tests.browser.visit import PICTURE, Visit

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
CONTRAST = Path(__file__).with_name("contrast.js").read_text()
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, for texts of any size."""
GRAVE = {"serious", "critical"}
CONTROLS = {
    *("button", "link", "textbox", "searchbox", "spinbutton", "combobox", "listbox", "slider", "checkbox"),
    *("radio", "radiogroup", "switch", "tab", "menuitem", "image", "Iframe", "progressbar"),
}
"""Roles in Chromium's tree that are nothing without a name."""
PLACE = SUMMER | {"grid": "660", "radius": "0"}
"""One tile of a grid that no other test has: nothing of it is in the cache before."""
PAIR = {"years": "2018", "limits": "20,40", "left": "2018,20", "right": "2018,40"}
FOCUSED = """() => {
    let node = document.activeElement, inside = node;
    while (inside) { node = inside; inside = (node.shadowRoot ?? node.contentDocument)?.activeElement; }
    const name = node.getAttribute('aria-label') ?? node.getAttribute('title') ?? node.innerText ?? '';
    return `${node.localName} ${node.getAttribute('class') ?? ''} ${node.type ?? ''}: ${name.trim().slice(0, 60)}`;
}"""
"""What has the focus, in components and frames too."""
TABS = 150
"""Presses of Tab that are enough to go round any page."""


@pytest.fixture(scope="module")
def fetched(app: Application, chromium: Browser) -> Iterator[None]:
    """One small picture, made once for all tests here; its job is in the list of activity."""
    with chromium.new_context() as context:
        here = Visit(context.new_page(), app.url, "accessibility")
        here.open(link(app, "results", **PLACE))
        here.button("Fetch").click()
        here.page.locator(PICTURE).wait_for(timeout=120_000)
        here.settle()
    yield


def open_area(here: Visit) -> None:
    here.map()
    here.page.get_by_text("The tiles of the picture, as a table").click()


def open_offer(here: Visit) -> None:
    """Two features of which one may be chosen, not taken yet."""
    here.map()
    here.choose("Text")
    box = here.page.get_by_role("textbox", name="GeoJSON, WKT")
    box.fill(
        "GEOMETRYCOLLECTION (POLYGON ((24 60, 24.5 60, 24.2 61, 24 60)), POLYGON ((25 60, 26 60, 25.2 61, 25 60)))"
    )
    here.press("Show on the map")
    here.see("Which of the 2 features")


def open_library(here: Visit) -> None:
    """With an entry that is about to be named anew, the places' search beside it before."""
    here.map()
    here.choose("Place")
    here.page.get_by_role("combobox", name="City, lake, river").wait_for()
    here.choose("Team")
    if here.button("Save for the team").count():
        here.press("Save for the team")
    here.page.get_by_role("button", name="Rename Meadow", exact=True).click()
    here.settle()


def open_words(here: Visit) -> None:
    here.map()
    here.page.get_by_text("Words on this page").click()
    here.see("BBoxSplitter")


def open_guide(here: Visit) -> None:
    here.map()
    here.press("See it work")
    here.see("Leave the guide")


def open_acquisitions(here: Visit) -> None:
    here.page.locator(".sheet table").wait_for()
    here.page.get_by_text("Bands", exact=True).first.click()


def open_results(here: Visit) -> None:
    """With a date picked, the files, the tables and the map."""
    here.page.locator(PICTURE).wait_for()
    here.page.locator("button.face").first.click()
    here.button("Exclude this date").wait_for()
    here.page.get_by_text("Max. cloud cover, as a table").click()
    here.page.get_by_text("On the map", exact=True).click()
    here.map()


def open_matrix(here: Visit) -> None:
    here.page.locator('.matrix td[data-state="here"]').nth(1).wait_for()


def open_compare(here: Visit) -> None:
    open_matrix(here)
    expect(here.page.locator(".viewer .right.here")).to_be_attached()


def open_difference(here: Visit) -> None:
    open_compare(here)
    expect(here.page.locator(".viewer .difference.here")).to_be_attached()


def open_masks(here: Visit) -> None:
    """With the shares of residual cloud worked out."""
    here.page.locator('[class*="st-key-mask-"] img').first.wait_for()
    here.press("Work it out from the dates in the cache")
    here.page.get_by_role("table").wait_for()


def open_nothing(here: Visit) -> None:
    """The page is all there is."""


@dataclass(frozen=True)
class State:
    """One of the looks that a page has."""

    page: str
    choices: dict[str, str] | None = None
    """Further ones in its link; None for no area either."""
    prepare: Callable[[Visit], None] = open_nothing
    way: tuple[str, ...] = ()
    """What Tab comes by, in this order."""


STATES = {
    "area": State("area", {}, open_area, ("Draw a rectangle", "Centre tile, x", "number: y", "Choose dates", "Name")),
    "area-empty": State("area", way=("Draw a rectangle", "button: Example")),
    "area-offer": State("area", None, open_offer, ("Name of the area", "Use this area", "Leave it")),
    "area-team": State("area", {}, open_library),
    "area-words": State("area", {}, open_words),
    "area-guide": State("area", None, open_guide, ("Leave the guide", "Choose dates")),
    "acquisitions": State(
        "acquisitions", {}, open_acquisitions, ("range: Max. cloud cover", "Use 20", "Show the picture")
    ),
    "results": State(
        "results", {"view": "ndvi"}, open_results, ("range: Max. cloud cover", "button: True colour", "button face ")
    ),
    "compare": State("compare", PAIR, open_compare, ("button pick ", "radio: ", "div stage ", "Split of the two")),
    "difference": State(
        "compare", PAIR | {"mode": "difference"}, open_difference, ("radio: ", "div stage ", "range: ")
    ),
    "missing": State(
        "compare", {"years": "2017,2018", "limits": "20,40"}, open_matrix, ("button fetch ", "button pick ")
    ),
    "masks": State("masks", {}, open_masks, ("Date", "Use this mask", "Compare years")),
    "activity": State("activity", {}, way=(": Open", "np-table", "CSV")),
}


def arrive(app: Application, visit: Callable[..., Visit], state: str) -> Visit:
    one = STATES[state]
    empty = f"/{'' if one.page == 'area' else one.page}"
    here = visit(app, empty if one.choices is None else link(app, one.page, **PLACE | one.choices))
    one.prepare(here)
    here.settle()
    return here


def grave(page: Page) -> list[str]:
    """What axe-core finds, in the frames too."""
    for frame in page.frames:
        frame.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def poor(page: Page) -> list[str]:
    """Texts of too little contrast, in the frames too; axe-core leaves those over pictures and under others open."""
    measured = [frame.evaluate(f"({CONTRAST})({LEAST_CONTRAST})") for frame in page.frames]
    assert measured[0]["count"] > 10
    return [text for one in measured for text in one["poor"]]


def tree(page: Page) -> list[tuple[str, str, dict[str, Any]]]:
    """Role, name and properties of all that Chromium tells a screen reader, in the frames too."""
    session = page.context.new_cdp_session(page)
    top = session.send("Page.getFrameTree")["frameTree"]
    frames = [top["frame"]["id"], *(child["frame"]["id"] for child in top.get("childFrames", ()))]
    nodes = [
        node for frame in frames for node in session.send("Accessibility.getFullAXTree", {"frameId": frame})["nodes"]
    ]
    session.detach()
    return [
        (
            node["role"]["value"],
            node.get("name", {}).get("value", "").strip(),
            {one["name"]: one["value"].get("value") for one in node.get("properties", ())},
        )
        for node in nodes
        if not node["ignored"]
    ]


def unnamed(page: Page) -> list[str]:
    """Controls without a name, and what is wrong with the one heading that a page has."""
    told = tree(page)
    titles = [name for role, name, of in told if role == "heading" and of.get("level") == 1]
    wrong = [] if len(titles) == 1 and titles[0] else [f"headings of the first level: {titles}"]
    return wrong + [f"{role} without a name: {of}" for role, name, of in told if role in CONTROLS and not name]


def walk(page: Page, way: Sequence[str]) -> tuple[list[str], list[str]]:
    """Press Tab until it has come by all of `way` in this order. What it came by, and what is left."""
    passed, left = list[str](), list(way)
    while left and len(passed) < TABS:
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED))
        if left[0] in passed[-1]:
            left.pop(0)
    return passed, left


@pytest.mark.parametrize("state", STATES)
def test_nothing_grave_is_found_in_either_theme(
    app: Application, fetched: None, visit: Callable[..., Visit], state: str
) -> None:
    here = arrive(app, visit, state)
    assert unnamed(here.page) == []
    assert grave(here.page) + poor(here.page) == []
    here.look("light")
    passed, left = walk(here.page, STATES[state].way)
    assert left == [], "\n".join(passed)

    light = here.page.locator(".stApp").evaluate("page => getComputedStyle(page).backgroundColor")
    here.page.emulate_media(color_scheme="dark")
    expect(here.page.locator(".stApp")).not_to_have_css("background-color", light)
    here.page.wait_for_function("document.getAnimations().every(one => !(one instanceof CSSTransition))")
    assert grave(here.page) + poor(here.page) == []
    here.look("dark")
