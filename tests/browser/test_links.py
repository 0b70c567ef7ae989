"""Links, and browsers that are closed and opened again."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import expect

from services.area import AreaStore, parse_aoi
from tests.browser.conftest import Application, application
from tests.browser.visit import PICTURE, Visit

SUMMER = {"from": "2018-06-01", "to": "2018-08-01"}


def link(app: Application, page: str, **choices: str) -> str:
    """Somebody has chosen small tiles in a meadow, and sends the address."""
    area = AreaStore(app.home).keep(parse_aoi("25.0, 60.7, 25.1, 60.75", name="Meadow"))
    query = {"area": area, "grid": "600", "maxcc": "40"} | SUMMER | choices
    return f"/{'' if page == 'area' else page}?{urlencode(query)}"


def fetch(here: Visit, archive: str) -> int:
    """Press the button once the dates are there; the archive holds its answers back. Returns how many dates."""
    button = here.button("Fetch")
    button.wait_for(timeout=120_000)
    here.settle()
    held = [{"endpoint": "process", "hold": True, "times": 50}]
    requests.post(f"{archive}/_test/faults", json=held, timeout=30).raise_for_status()
    dates = int(button.inner_text().split()[1])
    button.click()
    return dates


def release(archive: str) -> None:
    """The archive answers what it holds back, and all that comes."""
    requests.post(f"{archive}/_test/release", timeout=30).raise_for_status()


def test_a_link_opens_the_same_choices_for_somebody_else(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app, link(app, "acquisitions", radius="0", mask="strict"))
    here.page.locator(".sheet table").wait_for(timeout=120_000)
    here.settle()
    shown = here.page.locator(".np-choice").first.inner_text()
    there = visit(app, here.page.url.removeprefix(app.url))
    there.page.locator(".sheet table").wait_for(timeout=60_000)
    there.settle()
    assert there.page.locator(".np-choice").first.inner_text() == shown
    assert "1 × 1" in shown and "2018-06-01 to 2018-07-31" in shown
    expect(there.page.locator(".st-key-dates_mask input")).to_have_value("Also dark, unclassified and snow out")


def test_the_limit_in_the_address_follows_the_slider_and_survives_other_pages(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app, link(app, "acquisitions"))
    here.page.locator(".sheet table").wait_for(timeout=120_000)
    slider = here.page.get_by_role("slider")
    slider.press("ArrowRight")
    here.page.wait_for_url("**maxcc=41**")
    here.step("Area")
    here.step("Acquisitions")
    expect(here.page.get_by_role("slider")).to_have_value("41")


def test_a_closed_browser_finds_its_job_again(
    app: Application, archive: str, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]]
) -> None:
    here = visit(app, link(app, "acquisitions", **{"from": "2019-06-01", "to": "2019-08-01"}))
    dates = fetch(here, archive)
    expect(here.button("Cancel")).to_be_visible()
    here.see(f"of {dates}")
    address = here.page.url.removeprefix(app.url)
    here.look("before")
    here.page.context.close()

    there = visit(app, address)
    expect(there.button("Cancel")).to_be_visible()
    there.look("after")
    release(archive)
    there.page.locator(PICTURE).wait_for(timeout=120_000)
    assert [entry["endpoint"] for entry in asked()].count("process") == 2 * dates, "nothing was started twice"

    anew = visit(app, "/results")
    anew.see("Meadow")
    anew.page.get_by_role("link", name="Open").first.click()
    anew.page.locator(PICTURE).wait_for()


def test_a_stopped_job_spends_nothing_more_and_goes_on(
    app: Application, archive: str, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]]
) -> None:
    here = visit(app, link(app, "acquisitions", **{"from": "2024-06-01", "to": "2024-08-01"}))  # nobody else's days
    dates = fetch(here, archive)
    here.see(f"of {dates}")
    here.button("Cancel").click()
    here.see("Cancelling")
    release(archive)
    here.see("What had been fetched is kept")
    first = [entry["endpoint"] for entry in asked()].count("process")
    assert first < 2 * dates
    here.look("stopped")
    here.button("Continue").click()
    here.see("Everything in one zip")
    assert [entry["endpoint"] for entry in asked()].count("process") == 2 * dates - first


@pytest.mark.parametrize("page", ["area", "acquisitions", "results", "activity"])
@pytest.mark.parametrize("width", [390, 1920])
def test_nothing_hangs_over_the_edge(app: Application, visit: Callable[..., Visit], page: str, width: int) -> None:
    here = visit(app, link(app, page), width=width, height=844)
    over = here.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    here.look(f"{page}-{width}")


def test_the_application_brings_its_own_archive(visit: Callable[..., Visit], tmp_path_factory: Any) -> None:
    with application(tmp_path_factory.mktemp("plain")) as plain:
        here = visit(plain, link(plain, "acquisitions", **{"from": "2018-06-01", "to": "2018-06-15"}))
        here.page.locator(".sheet table").wait_for(timeout=120_000)
        here.see("Simulated data")
        here.page.context.close()
