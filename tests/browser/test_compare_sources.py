"""Two sources of one question in a browser: one world behind two accounts, of which one is paid for."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from services.cache import frame_key
from services.ninepatch import Ninepatch
from services.providers import keep_search, provider_named
from services.recipe import Recipe
from services.settings import load_settings
from tests.browser.conftest import Application, application
from tests.browser.test_compare import DAYS, recipe_of, states
from tests.browser.test_links import link
from tests.browser.visit import Visit

RAISED, MISSED = 12, 2
"""DN that the mirror adds in the second year, and dates that it lacks there."""


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
    """Frames of the mirror: those of the demo archive, raised, without its first dates."""
    providers = [mirror(archive)]
    product = Ninepatch(load_settings(home=home, demo_url=archive, providers=providers))
    recipe = recipe_of(product, year, 40)
    ours = of(recipe, "demo")
    known = product.estimate_known(ours)
    assert known is not None
    source = provider_named("mirror", product.settings)
    keep_search(source, product.settings, recipe.neighbourhood, recipe.interval, known[0][MISSED:])
    for date in known[0]:
        for tile in recipe.neighbourhood.tiles:
            if date.touches(tile):
                planes = product.frames.read(frame_key(ours, tile.index, date), ours.planes)
                raised = {name: plane + RAISED * (name in ours.bands) for name, plane in planes.items()}
                product.frames.write(frame_key(of(recipe, "mirror"), tile.index, date), raised)


def of(recipe: Recipe, provider: str) -> Recipe:
    return recipe.with_(provider=provider)


def box(here: Visit) -> Locator:
    """What is said of the two."""
    return here.page.locator(".st-key-guard")


def choose(here: Visit, year: int) -> None:
    """Both sources of that year."""
    for source in ("Demo archive", "Mirror account"):
        here.page.get_by_role("button", name=f"{year}, ≤ 40 %, {source}").click()
    expect(here.page.locator(".viewer .right.here")).to_be_attached()
    here.settle()


def test_two_sources_are_compared(both: Application, archive: str, visit: Callable[..., Visit]) -> None:
    table = {"years": "2020,2021", "limits": "40", "sources": "demo,mirror"}
    here = visit(both, link(both, "compare", **DAYS, **table), width=1440)
    here.button("Ask the catalogue").click()  # of the account, which a link alone does not ask
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

    choose(here, 2020)
    expect(box(here)).to_contain_text("Same dates and 100 % of the pixels equal")
    here.look("equal")

    choose(here, 2021)
    expect(box(here)).to_contain_text(f"{MISSED} of 14 dates are in one source only")
    here.look("dates")
    here.page.get_by_text("Only the dates both have").click()
    expect(box(here)).to_contain_text(f"by a median of {RAISED} DN in B04, where 100 % of the pixels differ")
    expect(box(here)).to_contain_text(f"nearly all pixels differ by the same {RAISED} DN")
    here.page.get_by_role("radio", name="Difference").check()
    here.settle()
    here.look("difference")
    rows = here.page.get_by_role("region", name="How far the sources differ").get_by_role("row")
    expect(rows.nth(1)).to_have_text(re.compile(rf"B04\s*0 %\s*\+{RAISED}\s*{RAISED}\s*{RAISED}\s*100 %\s*100 %\s*0 %"))
    here.page.get_by_text("Date by date").click()
    here.settle()
    with here.page.expect_download() as brought:
        here.press("Numbers and dates as CSV")
    lines = Path(brought.value.path()).read_text().splitlines()
    assert brought.value.suggested_filename.startswith("sources_demo_mirror_s2l2a_meadow")
    assert len(lines) == 1 + 3 * (1 + 14 - MISSED)
    here.page.set_viewport_size({"width": 1440, "height": 2400})
    here.settle()
    here.look("whole")
    here.page.set_viewport_size({"width": 1440, "height": 900})

    there = visit(
        both, here.page.url.removeprefix(both.url).replace("limits=40", "limits=20,40,60"), width=1440, dark=True
    )
    expect(there.page.get_by_role("rowheader")).to_have_text(
        [*("2020Demo archive", "2020Mirror account", "2021Demo archive", "2021Mirror account")]
    )
    expect(box(there)).to_contain_text(f"by a median of {RAISED} DN")
    there.settle()
    there.look("rows")
    there.page.set_viewport_size({"width": 390, "height": 844})
    there.settle()
    over = there.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    box(there).scroll_into_view_if_needed()
    there.look("phone")
