"""What a team sees of each other: jobs, prices, the ledger; and the picture that grows."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Application, application
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit
from tests.demo_archive import recording_archive


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """An application whose archive takes its time, and that asks before it spends."""
    settings = {"NINEPATCH_CONFIRM_UNITS": "1", "NINEPATCH_CONNECTIONS": "2"}
    with (
        recording_archive(latency=2.0) as url,
        application(tmp_path_factory.mktemp("slow"), NINEPATCH_DEMO_URL=url, **settings) as running,
    ):
        yield running


def press_fetch(here: Visit) -> None:
    """Fetch, and confirm the price that is named."""
    button = here.button("Fetch")
    button.wait_for(timeout=120_000)
    here.settle()
    units = re.search(r"([0-9.]+) units", button.inner_text())
    assert units is not None
    button.click()
    here.see(f"Spend {float(units[1]):.0f} units?")
    expect(here.button("Cancel")).to_have_count(0)
    here.button("Confirm").click()


def test_what_one_asks_for_all_see_and_it_grows(slow: Application, visit: Callable[..., Visit], tmp_path: Path) -> None:
    ada, grace = visit(slow, "/activity"), visit(slow, "/activity")
    ada.see("No jobs yet")
    name = ada.page.get_by_label("Your name", exact=True)
    name.fill("Ada *L*")
    with ada.page.expect_response("**/member?name=*"):
        name.press("Enter")
    ada.open(link(slow, "acquisitions"))
    press_fetch(ada)

    growing = ada.page.locator("figure.np-making.np-picture")
    growing.locator("img").wait_for(timeout=120_000)
    place = growing.locator(".np-image").bounding_box()
    counts = ada.page.locator("figure.np-making.np-counts .np-image").bounding_box()
    first = growing.locator("img").get_attribute("src")
    ada.look("growing")
    line = grace.page.locator('[class*="st-key-job-"]')
    expect(line).to_contain_text("Meadow · tile")
    expect(line).to_contain_text("Ada *L*")
    expect(line).to_contain_text("being made")
    grace.look("seen-by-another")
    line.get_by_role("link", name="Open").click()
    grace.see("Ada *L* asked for it.")
    expect(grace.page.locator("figure.np-making img").first).to_be_visible()
    expect(growing.locator("img")).not_to_have_attribute("src", first or "")

    for here in (ada, grace):
        done = here.page.locator(PICTURE)
        done.wait_for(timeout=120_000)
        here.settle()
    assert done.bounding_box() is not None
    finished = ada.page.locator(".viewer .stage").bounding_box()
    assert finished == place, "nothing jumps"
    assert ada.page.locator("figure.np-counts .np-image").bounding_box() == counts

    grace.page.locator(".st-key-aside").get_by_role("link", name="Activity").click()
    grace.see("ready")
    grace.settle()
    with grace.page.expect_download() as coming:
        grace.page.get_by_role("link", name="Each request as CSV").click()
    coming.value.save_as(tmp_path / "ledger.csv")
    with (tmp_path / "ledger.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows and {row["member"] for row in rows} == {"Ada *L*"} and {row["status"] for row in rows} == {"200"}
    blocks = [row["acquisition"] for row in rows if row["acquisition"]]  # the others are the catalogue's pages
    assert len(set(blocks)) * 2 == len(blocks), "the picture's bands, then the others"


def test_a_part_of_the_cache_is_cleared_after_a_confirmation(slow: Application, visit: Callable[..., Visit]) -> None:
    here = visit(slow, link(slow, "activity"))
    here.page.get_by_text("Clear a part of it").click()
    here.page.get_by_text("Only in the area that is chosen now").click()
    here.settle()
    here.press("Clear…")
    here.see("All that was acquired in any year, in Meadow.")
    here.look("confirm")
    here.press("Remove")
    here.see("were removed")
    expect(here.page.locator(".np-facts dd").first).to_have_text("0")
