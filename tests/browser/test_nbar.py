"""View angles evened out by a press: the bill names it and counts its requests, and so do the picture and its file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rasterio
from playwright.sync_api import expect

from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit


def test_a_ticked_box_is_in_the_bill_the_picture_and_its_file(
    app: Application, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    days = {"from": "2018-06-01", "to": "2018-06-10", "grid": "1140"}  # a grid that no other test has
    here = visit(app, link(app, "acquisitions", radius="0", **days))
    page = here.page
    said, requests = (page.locator(f'.np-facts dt:text-is("{label}") + dd') for label in ("View angles", "Requests"))
    button = here.button("Fetch")
    button.wait_for(timeout=120_000)
    here.settle()
    dates = int(button.inner_text().split()[1])
    expect(said).to_have_count(0)
    plain = int(requests.inner_text())
    page.get_by_text("Even out view angles (NBAR)", exact=True).click()
    page.wait_for_url("**nbar=1**")
    expect(said).to_have_text(f"evened out (NBAR), {dates} small request{'s' if dates > 1 else ''} more")
    expect(requests).to_have_text(f"{plain + dates}")
    here.look("bill")
    asked()
    here.press("Fetch")
    page.locator(PICTURE).wait_for(timeout=120_000)
    here.see("Everything in one zip")
    expect(said).to_have_text("evened out (NBAR)")
    assert [entry["endpoint"] for entry in asked()].count("process") == plain + dates
    here.look("picture")
    with page.expect_download() as coming:
        page.locator(".np-files a", has_text="GeoTIFF").first.click()
    coming.value.save_as(tmp_path / "picture.tif")
    with rasterio.open(tmp_path / "picture.tif") as file:
        assert file.tags()["NBAR"].startswith("NBAR: each observation is multiplied by a c-factor")
