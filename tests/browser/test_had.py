"""Tiles that the team has, in a browser: fetched once, coloured on the map, and named in a table."""

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

from pages.components.area import cached_tiles
from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit

Colours = NDArray[np.float64]
PLACE = {"grid": "720", "radius": "0", "from": "2019-06-01", "to": "2019-08-01"}
"""One tile of a grid and days that no other test has."""
MIDDLE = """() => { const [south, north] = map._npData.centre.reduce(([low, high], place) =>
    [low.map((one, n) => Math.min(one, place[n])), high.map((one, n) => Math.max(one, place[n]))],
    [[90, 900], [-90, -900]]);
    return [0, 1].map(n => (south[n] + north[n]) / 2); }"""
SWATCHES = "list => [...list.querySelectorAll('i')].map(one => getComputedStyle(one).backgroundColor)"


def colour(here: Visit, latitude: float, longitude: float) -> Colours:
    """What the map shows at a place: red, green, blue."""
    x, y = here.at(latitude, longitude)
    shot = here.page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3})
    seen: Colours = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), float).reshape(-1, 3).mean(axis=0)
    return seen


def swatches(here: Visit) -> Colours:
    """Colours of the legend, one a row."""
    found = here.page.locator(".np-had ul").evaluate(SWATCHES)
    assert all(one.startswith("color(srgb ") for one in found), found  # mixed: parts of 1
    return 255 * np.array([re.findall(r"[\d.]+", one) for one in found], float)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_was_fetched_has_its_colour_on_the_map_and_its_row(
    app: Application, visit: Callable[..., Visit], dark: bool
) -> None:
    place = PLACE | {"grid": "780" if dark else "720"}
    here = visit(app, link(app, "area", **place), dark=dark)
    here.see(cached_tiles.NOTHING)
    assert here.map().evaluate("() => (map._npData.held || []).length") == 0
    middle = here.map().evaluate(MIDDLE)

    here.open(link(app, "results", **place))
    here.button("Fetch").wait_for(timeout=120_000)
    here.button("Fetch").click()
    here.page.locator(PICTURE).wait_for(timeout=120_000)
    here.settle()
    dates = int(here.page.locator(".st-key-in-short").inner_text().split()[0])

    here.step("Area")
    frame = here.map()
    frame.wait_for_function("() => (map._npData.held || []).length === 1")
    (held,) = frame.evaluate("() => map._npData.held")
    assert held["class"] == cached_tiles.MANY and len(held["rings"]) == 1
    words = f"{dates} date{'s' * (dates > 1)} of 2019-06-01 to 2019-07-31"
    expect(here.page.locator(".np-had ul li")).to_have_text([words])
    here.page.get_by_text("Years the team has").click()
    row = here.page.get_by_role("region", name="Years the team has").locator("tbody tr td")
    expect(row).to_have_text(["2019", "1", "1", str(dates)])
    here.look("years")

    here.page.get_by_role("button", name="East", exact=True).click()  # away from the tile that is held
    here.settle()
    frame.wait_for_function("at => map._npData.centre.every(place => place[1] > at[1])", arg=middle)
    width = max(at[1] for at in held["rings"][0]) - min(at[1] for at in held["rings"][0])
    beside = (middle[0], middle[1] - width)
    here.show(middle[0], middle[1], 14)
    swatch, had_it, plain = swatches(here)[0], colour(here, *middle), colour(here, *beside)
    here.look("map")
    assert np.abs(had_it - plain).max() > 25, (had_it, plain)
    assert np.abs(had_it - swatch).max() < 12, (had_it, swatch)
    expect(here.page.locator(".np-had ul li")).to_have_text([words])
    expect(row).to_have_text(["2019", "1", "0", str(dates)])

    here.open(link(app, "area", **place | {"from": "2020-06-01", "to": "2020-08-01"}))
    expect(here.page.locator(".np-had ul li")).to_have_text(["Other days only"])
