"""Two sources of one question in a browser: one world behind two accounts, of which one is paid for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services.cache import frame_key
from services.ninepatch import Ninepatch
from services.recipe import Recipe
from services.settings import load_settings
from tests.browser.conftest import Application, application
from tests.browser.test_compare import DAYS, recipe_of, states
from tests.browser.test_links import link
from tests.browser.visit import Visit

RAISED = 12
"""DN: what the mirror adds in the second year."""


@pytest.fixture(scope="module")
def both(archive: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The demo archive, and the same archive as an account with units."""
    with application(
        tmp_path_factory.mktemp("sources"),
        NINEPATCH_DEMO_URL=archive,
        NINEPATCH_PROVIDERS=json.dumps([mirror(archive)]),
    ) as running:
        yield running


def mirror(archive: str) -> dict[str, str]:
    urls = {"base_url": archive, "token_url": f"{archive}/oauth/token"}
    return {"name": "mirror", "title": "Mirror account", "client_id": "demo", "client_secret": "demo"} | urls


def fill_raised(home: Path, archive: str, year: int) -> None:
    """Frames of the mirror: those of the demo archive, raised."""
    providers = [mirror(archive)]
    product = Ninepatch(load_settings(home=home, demo_url=archive, providers=providers))
    recipe = recipe_of(product, year, 40)
    ours = of(recipe, "demo")
    known = product.estimate_known(ours)
    assert known is not None
    for date in known[0]:
        for tile in recipe.neighbourhood.tiles:
            if date.touches(tile):
                planes = product.frames.read(frame_key(ours, tile.index, date), ours.planes)
                raised = {name: plane + RAISED * (name in ours.bands) for name, plane in planes.items()}
                product.frames.write(frame_key(of(recipe, "mirror"), tile.index, date), raised)


def of(recipe: Recipe, provider: str) -> Recipe:
    return recipe.with_(provider=provider)


def test_two_sources_are_compared(both: Application, archive: str, visit: Callable[..., Visit]) -> None:
    table = {"years": "2020,2021", "limits": "40", "sources": "demo,mirror"}
    here = visit(both, link(both, "compare", **DAYS, **table), width=1440)
    states(here, "missing", 4)
    here.settle()
    here.look("bill")
    here.button("Fetch all that is missing of Demo archive").click()
    states(here, "here", 2)
    here.page.get_by_role("button", name="Fetch 2020, ≤ 40 %, Mirror account").click()
    states(here, "here", 3)
    fill_raised(both.home, archive, 2021)
    here.page.reload()
    states(here, "here", 4)
    here.settle()
    for year in (2020, 2021):
        for source in ("Demo archive", "Mirror account"):
            here.page.get_by_role("button", name=f"{year}, ≤ 40 %, {source}").click()
        expect(here.page.locator(".viewer .right.here")).to_be_attached()
        here.settle()
        here.look(f"swipe-{year}")
        here.page.get_by_role("radio", name="Difference").check()
        here.settle()
        here.look(f"difference-{year}")
        here.page.set_viewport_size({"width": 1440, "height": 2400})
        here.page.get_by_text("Date by date").click()
        here.settle()
        here.look(f"whole-{year}")
        here.page.set_viewport_size({"width": 1440, "height": 900})
