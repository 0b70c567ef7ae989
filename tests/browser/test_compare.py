"""The comparison in a browser: the table is filled, two pictures are compared, and the link spends nothing."""

import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from services.compare.significance import Sample, evidence
from services.compare.student_t import thresholds
from services.jobs import FILL, JobStore
from services.ninepatch import Ninepatch
from services.recipe import Recipe, Variant, variant
from services.settings import load_settings
from services.storage import Database
from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import Visit
from tests.eopatches import loaded

DAYS = {"from": "2021-06-01", "to": "2021-08-01"}
TABLE = {"years": "2020,2021", "limits": "20,40"}
K = 1.5


def states(here: Visit, state: str, count: int) -> None:
    """Wait until so many cells are in that state."""
    expect(here.page.locator(f'.matrix td[data-state="{state}"]')).to_have_count(count)


def choose_pair(here: Visit) -> None:
    """2020 on the left, 2021 on the right."""
    here.page.get_by_role("button", name="2020, ≤ 40 %").click()
    here.page.get_by_role("button", name="2021, ≤ 20 %").click()
    expect(here.page.locator(".viewer .right.here")).to_be_attached()
    here.settle()


def looks(product: Ninepatch, recipe: Recipe, folder: Path) -> Sample:
    """Red of each date and whether it counts, (time, pixel), as plain eo-learn loads the patches of its result."""
    result, spent = product.fetch(recipe)
    assert spent.requests == 0, "all of it is in the cache"
    red, clear, days = [], [], np.empty(0)
    for file in result.of_kind("patch"):
        place = folder / recipe.digest / Path(file.path).stem
        path = product.results.file(recipe.digest, file.path)
        assert path is not None
        with zipfile.ZipFile(path) as packed:
            packed.extractall(place)
        patch = loaded(place)
        days = np.array([time.timetuple().tm_yday - 1 + time.hour / 24 for time in patch.get_timestamps()])
        red.append((patch.data["BANDS"][..., 0].reshape(len(days), -1) / 10_000).astype(np.float32))
        clear.append(patch.mask["CLEAR"].reshape(len(days), -1) == 1)
    return Sample(np.hstack(red), np.hstack(clear), days)


def median_of(looks: Sample) -> NDArray[Any]:
    """Of each pixel."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        median: NDArray[Any] = np.nanmedian(np.where(looks.counts, looks.values.astype(np.float64), np.nan), axis=0)
    return median


def fact(here: Visit, label: str) -> str:
    """The value beside a label."""
    row = here.page.locator(".st-key-sides dl.np-facts div", has=here.page.get_by_text(label, exact=True))
    return row.locator("dd").inner_text().replace("−", "-")


def said(here: Visit) -> list[str]:
    """What is said of the two: whether they can be compared, their difference, their numbers."""
    sides = here.page.locator(".st-key-sides")
    parts = sides.locator(".st-key-guard"), sides.locator("dl"), here.page.get_by_role("region", name="The two sides")
    return [part.inner_text() for part in parts]


def numbers_of(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"[+-]?\d+\.?\d*", words)]


def test_a_table_is_filled_and_two_of_its_pictures_are_compared(
    app: Application,
    archive: str,
    visit: Callable[..., Visit],
    asked: Callable[[], list[dict[str, Any]]],
    tmp_path: Path,
) -> None:
    here = visit(app, link(app, "compare", **DAYS, **TABLE), width=1440)
    states(here, "missing", 4)
    assert [entry["endpoint"] for entry in asked()] == ["catalog"] * 2, "one question a year, and nothing is fetched"

    here.page.get_by_role("button", name="Fetch 2020, ≤ 40 %").click()
    states(here, "here", 2)
    here.button("Fetch all that is missing").click()
    states(here, "here", 4)
    here.settle()
    here.look("table")
    requests_sent = [entry["endpoint"] for entry in asked()]
    assert set(requests_sent) == {"process"}

    choose_pair(here)
    slider = here.page.get_by_role("slider", name="Split of the two pictures")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowLeft")
    expect(slider).to_have_value("40")
    here.look("swipe")

    here.page.get_by_role("radio", name="Difference").check()
    floor = here.page.get_by_role("slider", name="Significance threshold (× scatter)")
    floor.press("ArrowLeft")
    here.see("1.5 standard errors")
    here.settle()
    here.look("difference")
    check_numbers(here, app, archive, tmp_path)

    here.page.get_by_text("Equalise: same months").click()
    here.see("on each side")
    here.settle()
    dates = re.search(r"(\d+) dates on each side", here.page.locator(".st-key-guard").inner_text())
    rows = here.page.get_by_role("region", name="The two sides").get_by_role("row").filter(has_text="Dates")
    assert dates is not None
    assert re.findall(r"(\d+) of", rows.inner_text()) == [dates[1]] * 2
    shown = said(here)
    here.look("equalised")

    there = visit(app, here.page.url.removeprefix(app.url), width=1440, dark=True)
    states(there, "here", 4)
    expect(there.page.get_by_role("radio", name="Difference")).to_be_checked()
    there.see("on each side")
    there.settle()
    assert said(there) == shown
    there.look("link")

    small = visit(app, link(app, "compare", **DAYS, **TABLE), width=1024, height=768)
    choose_pair(small)
    expect(small.page.locator(".viewer .stage")).to_be_in_viewport(ratio=0.5)
    small.look("small")
    assert asked() == [], "neither drawing nor comparing nor opening a link asks anybody"


def check_numbers(here: Visit, app: Application, archive: str, folder: Path) -> None:
    """Of the table and of the difference, against numpy on the EOPatches of the two results."""
    product = Ninepatch(load_settings(home=app.home, demo_url=archive, provider="demo"))
    sides = []
    for year, limit in ((2020, 40), (2021, 20)):
        recipe = recipe_of(product, year, limit)
        shown = looks(product, recipe, folder)
        words = here.page.locator(".matrix td", has=here.page.get_by_role("button", name=f"{year}, ≤ {limit} %"))
        dates, _, without, median = numbers_of(words.locator(".words").inner_text())
        count = shown.counts.sum(axis=0)
        assert (dates, median) == (len(shown.days), np.median(count))
        assert without == pytest.approx(100 * (count == 0).mean(), abs=0.05)
        sides.append(shown)
    left, right = map(median_of, sides)
    apart = (right - left)[np.isfinite(right - left)]
    judged = evidence(*sides)
    above = np.abs(judged.adjusted) > thresholds(K)[judged.freedom] * judged.error
    assert numbers_of(fact(here, "Median")) == pytest.approx([np.median(apart)], abs=6e-5)
    assert numbers_of(fact(here, "Mean")) == pytest.approx([apart.mean()], abs=6e-5)
    assert numbers_of(fact(here, "RMS")) == pytest.approx([np.sqrt((apart**2).mean())], abs=6e-5)
    assert numbers_of(fact(here, "Significant")) == pytest.approx([100 * above.sum() / apart.size], abs=0.06)


def recipe_of(product: Ninepatch, year: int, limit: int) -> Recipe:
    """The question of a cell, from the job that filled its year."""
    jobs = JobStore(Database.of(product.settings)).recent(FILL)
    found = (Recipe.from_json(job.recipe) for job in jobs)
    return variant(next(one for one in found if one.interval.start.year == year), Variant(year, limit))


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_hangs_over_the_edge_and_a_page_at_rest_sends_nothing(
    app: Application, visit: Callable[..., Visit], width: int
) -> None:
    here, sent = visit(app, width=width, height=844), list[str | bytes]()
    here.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    here.open(link(app, "compare", **DAYS, **TABLE, left="2020,40", right="2021,20"))
    expect(here.page.locator('.matrix :is(td[data-state="here"], td[data-state="missing"])')).to_have_count(4)
    here.settle()
    over = here.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    before = len(sent)
    assert before > 0
    here.page.wait_for_timeout(1500)
    assert len(sent) == before, "no timer runs where nothing is under way"
    here.look(f"compare-{width}")
