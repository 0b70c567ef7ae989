"""The journey of a whole area: from the map to the bill, and from one press to the finished mosaic on the page."""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import rasterio
import requests
from PIL import Image
from playwright.sync_api import Browser, expect

from services.orders import OrderStore
from services.recipe import Variant, variant
from services.storage import Database
from tests.browser.conftest import Application
from tests.browser.test_accessibility import grave, poor
from tests.browser.test_links import link
from tests.browser.visit import MAP, Visit

SMALL = {"grid": "4x3", "from": "2018-06-01", "to": "2018-06-20", "resolution": "20", "maxcc": "60"}
"""4 × 3 tiles of the meadow; a few dates."""
DONE_SECONDS = 90


@pytest.fixture(scope="module")
def finished(app: Application, chromium: Browser) -> Iterator[str]:
    """Somebody goes the whole way once; the address of the order, which is done."""
    with chromium.new_context(viewport={"width": 1360, "height": 900}) as context:
        here = Visit(context.new_page(), app.url, "orders")
        here.open(link(app, "area", **SMALL))
        here.map()
        here.page.get_by_role("link", name="All 12 tiles").click()
        here.see("All 12 tiles of 4 × 3")
        here.press("Look up the dates")
        here.button("Order 12 tiles").wait_for(timeout=60_000)
        for words in ("Requests", "Units", "Free disk", "Memory"):
            here.see(words)
        here.look("bill")
        here.button("Order 12 tiles").click()
        here.see("Tiles made")
        here.look("going")
        expect(here.page.locator(".np-message").first).to_have_text("Done", timeout=DONE_SECONDS * 1000)
        here.settle()
        here.look("done")
        here.assert_clean()
        yield here.page.url.removeprefix(app.url)


def test_the_mosaic_is_on_the_page_and_on_the_disk(
    app: Application, visit: Callable[..., Visit], finished: str, tmp_path: Path
) -> None:
    here = visit(app, finished)
    here.see("12 of 12")
    picture = here.page.locator(".viewer .layer.left.here img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 50
    with here.page.expect_download(timeout=60_000) as coming:
        here.page.locator(".np-files a", has_text="Mosaic").first.click()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    with rasterio.open(path) as mosaic:
        assert (mosaic.width % 4, mosaic.height % 3) == (0, 0) and mosaic.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert mosaic.read(3, masked=True).std() > 0


def test_one_looks_into_the_mosaic_down_to_each_pixel(
    app: Application, visit: Callable[..., Visit], finished: str
) -> None:
    """The small picture is taken to be very small, as of a country: the squares over it are the mosaic's own pixels."""
    here = visit(app, "/orders")
    small = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(small, "PNG")
    here.page.route("**/overview/**", lambda route: route.fulfill(body=small.getvalue(), content_type="image/png"))
    here.open(finished)
    square = here.page.locator(".viewer .squares img").first
    expect(square).to_have_js_property("complete", True)
    here.page.get_by_role("button", name="Zoom in").click()
    fetched = here.page.locator(".viewer .squares img").evaluate_all("images => images.map(image => image.src)")
    answer = requests.get(fetched[0], timeout=60)
    place = next((app.home / "orders").glob("*/mosaic_32635.tif"))
    with rasterio.open(place) as mosaic, Image.open(io.BytesIO(answer.content)) as seen:
        assert fetched[0].split(".png")[0].endswith("/0/0/0"), "level 0 has every pixel"
        assert seen.size == (min(256, mosaic.width), min(256, mosaic.height))
        brightest = mosaic.read(3)[: seen.height, : seen.width].astype(int)
        assert np.corrcoef(np.asarray(seen.convert("RGB"))[:, :, 0].ravel(), brightest.ravel())[0, 1] > 0.9
    here.look("squares")


def test_a_tile_leads_on_to_its_picture_and_asks_nothing(
    app: Application, visit: Callable[..., Visit], finished: str
) -> None:
    here = visit(app, finished)
    here.page.get_by_role("link", name="Open the 3 × 3").click()
    here.see("The limit is applied to each tile by itself")
    here.page.locator(".viewer .layer.left.here img").wait_for(timeout=60_000)
    here.settle()
    expect(here.button("Fetch")).to_have_count(0)


def test_from_an_order_one_comes_to_all_of_them(app: Application, visit: Callable[..., Visit], finished: str) -> None:
    """The page leads to itself, and the browser's address follows: a reload shows what was seen."""
    here = visit(app, finished)
    here.page.get_by_role("link", name="All orders").click()
    expect(here.page).not_to_have_url(re.compile("order="))
    here.page.reload()
    here.see("All orders")


def test_the_program_of_a_tile_is_the_orders_own(app: Application, visit: Callable[..., Visit], finished: str) -> None:
    here = visit(app, finished)
    address = here.page.get_by_role("link", name="Program that reproduces").get_attribute("href")
    answer = requests.get(f"{app.url}{address}", timeout=60)
    assert answer.status_code == 200 and answer.text.startswith('"""') and "EXPECTED" in answer.text


@pytest.fixture(scope="module")
def compared(app: Application, finished: str) -> str:
    """Of the same tiles there is another order, of the year before, whose pictures are taken to be the same; its
    number."""
    database = Database(app.home)
    row = OrderStore(database).found(finished.partition("order=")[2].partition("&")[0])
    order = replace(row.order, recipe=variant(row.order.recipe, Variant(2017, 20)))
    copied = {**vars(row), "id": order.digest, "spec": order.to_json()}
    shutil.copytree(app.home / "orders" / row.id, app.home / "orders" / order.digest)
    with database.transaction(write=True) as connection:
        names = ", ".join(copied)
        connection.exec_driver_sql(
            f"INSERT INTO orders ({names}) VALUES ({', '.join('?' * len(copied))})", tuple(copied.values())
        )
    return order.digest


def test_years_and_limits_of_the_area_lead_to_orders_comparisons_and_bills(
    app: Application, visit: Callable[..., Visit], finished: str, compared: str
) -> None:
    here = visit(app, finished)
    link = partial(here.page.get_by_role, "link")
    table = here.page.get_by_role("table").filter(has_text="cloud cover")
    expect(table.get_by_role("rowheader")).to_have_text(["2016", "2017", "2018", "2019"])
    expect(table.locator("[aria-current]")).to_contain_text("2018, ≤ 60 %")
    small = table.get_by_alt_text("at most 20 %")
    small.scroll_into_view_if_needed()
    assert 100 < small.evaluate("image => image.decode().then(() => image.naturalWidth)") <= 480
    link(name="Beside this order: 2017, ≤ 20 %").click()
    right = here.page.locator(".viewer .layer.right.here img")
    expect(right).to_have_attribute("src", re.compile(compared))
    expect(here.page.locator(".viewer").first).to_be_in_viewport()
    assert f"with={compared}" in here.page.url
    link(name="2017, ≤ 20 %").first.focus()
    here.page.keyboard.press("Enter")
    expect(table.locator("[aria-current]")).to_contain_text("2017, ≤ 20 %")
    expect(right).to_have_count(0)
    here.page.go_back()
    expect(right).to_have_count(1)
    here.look("years")
    link(name="What it takes: 2016, ≤ 10 %").click()
    here.see("All 12 tiles of 4 × 3")


@pytest.mark.parametrize(("width", "dark"), [(1360, False), (390, True)], ids=["wide", "narrow and dark"])
def test_nothing_grave_is_found(
    app: Application, visit: Callable[..., Visit], finished: str, compared: str, width: int, *, dark: bool
) -> None:
    here = visit(app, finished, width=width, dark=dark)
    here.page.locator(f".st-key-part-map {MAP}").wait_for()
    here.page.get_by_text("The parts, as a table").click()
    here.settle()
    here.look(f"{width}")
    assert (grave(here.page), poor(here.page)) == ([], [])
    assert here.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window"
