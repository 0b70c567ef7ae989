"""The page of results in a browser: the limit, the views, a veto, the link, the map, and every file of it."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pystac
import pytest
import rasterio
from PIL import Image
from playwright.sync_api import Locator, expect

from services.recipe import Recipe
from tests.browser.conftest import Application
from tests.browser.visit import PICTURE, Visit

RequestedResult = Callable[[], list[dict[str, Any]]]
FILES = ".np-files a, .np-patch a"
"""The links to files."""
DAYS = "from=2018-06-01&to=2018-08-01"


def source(picture: Locator) -> str:
    """Address of what a picture shows, once it is there."""
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    return str(picture.get_attribute("src"))


def linked(here: Visit, **changes: str) -> str:
    """The link of now with other choices."""
    link = here.page.url.removeprefix(here.url)
    for name, value in changes.items():
        link = re.sub(rf"([?&]){name}=[^&]*", rf"\g<1>{name}={value}", link)
    return link


@pytest.fixture(scope="module")
def begun() -> dict[str, str]:
    """What one test leaves for the others: the link of a picture whose planes are in the cache."""
    return {}


def open_picture(app: Application, visit: Callable[..., Visit], begun: dict[str, str], **options: Any) -> Visit:
    """One tile in two months of 2018, at most 60 % clouds; fetched by the first who comes."""
    here = visit(app, begun.get("link", "/results"), **options)
    if "link" not in begun:
        here.press("Start with the example")
        here.page.wait_for_url(re.compile("area="))
        link = re.sub(r"year=2017", DAYS, linked(here, radius="0", maxcc="60"))
        here.open(link)
        here.button("Fetch").wait_for(timeout=120_000)
        here.button("Fetch").click()
        begun["link"] = link
    here.page.locator(PICTURE).wait_for(timeout=120_000)
    here.settle()
    return here


def words(here: Visit) -> str:
    return here.page.locator(".st-key-in-short").inner_text()


def test_the_limit_moves_and_the_picture_follows_from_the_cache(
    app: Application, visit: Callable[..., Visit], asked: RequestedResult, begun: dict[str, str]
) -> None:
    here = open_picture(app, visit, begun)
    asked()
    before, said = source(here.page.locator(PICTURE)), words(here)
    assert re.fullmatch(r"\d+ of \d+ dates, [\d.]+ % without data", said)
    slider = here.page.get_by_role("slider", name="Max. cloud cover")
    slider.focus()
    for _ in range(40):
        slider.press("ArrowLeft")
    here.see("Max. cloud cover 20 %")
    here.settle()
    expect(here.page.locator(".st-key-in-short")).not_to_have_text(said)
    assert int(words(here).split()[0]) < int(said.split()[0])
    assert source(here.page.locator(PICTURE)) != before
    assert "maxcc=20" in here.page.url
    here.look("lower-limit")

    here.choose("Vegetation (NDVI)")
    expect(here.page.locator(".np-scale")).to_be_visible()
    assert "view=ndvi" in here.page.url and "/ndvi-" in source(here.page.locator(PICTURE))
    here.page.get_by_text("Max. cloud cover, as a table").click()
    rows = here.page.get_by_role("region", name="Max. cloud cover").locator("tbody tr")
    expect(rows.filter(has_text=re.compile(r"^20 %")).first).to_contain_text(words(here).split()[0])
    here.look("ndvi")
    assert asked() == [], "all of it was in the cache"


def test_steps_of_the_slider_are_one_entry_of_the_history_and_keep_the_focus(
    app: Application, visit: Callable[..., Visit], begun: dict[str, str]
) -> None:
    here = open_picture(app, visit, begun)
    slider = here.page.get_by_role("slider", name="Max. cloud cover")
    first, entries = here.page.url, here.page.evaluate("history.length")
    slider.focus()
    for _ in range(3):
        at = here.page.url
        here.page.keyboard.press("ArrowLeft")
        here.page.wait_for_function("before => location.href !== before", arg=at)
        here.settle()
        expect(slider).to_be_focused()
    assert here.page.evaluate("history.length") == entries + 1
    here.page.go_back()
    here.page.wait_for_url(first)


def test_a_veto_leaves_a_date_out_here_and_in_the_link(
    app: Application, visit: Callable[..., Visit], asked: RequestedResult, begun: dict[str, str]
) -> None:
    here = open_picture(app, visit, begun)
    asked()
    before, kept = source(here.page.locator(PICTURE)), int(words(here).split()[0])
    face = here.page.locator("button.face", has_text="used").first
    face.click()
    here.settle()
    here.press("Exclude this date")
    here.see("1 date is excluded")
    here.settle()
    assert int(words(here).split()[0]) == kept - 1
    after = source(here.page.locator(PICTURE))
    assert after != before and "veto=" in here.page.url
    here.look("veto")

    other = visit(app, here.page.url.removeprefix(here.url))
    other.see("Haze or thin cloud")
    assert source(other.page.locator(PICTURE)) == after
    assert words(other) == words(here)
    here.press("Use 2018-")
    here.settle()
    assert int(words(here).split()[0]) == kept and source(here.page.locator(PICTURE)) == before
    assert asked() == [], "whoever opens a link asks and pays nothing"


def test_bands_an_index_a_formula_and_a_stretch_are_pressed_and_go_into_the_link(
    app: Application, visit: Callable[..., Visit], asked: RequestedResult, begun: dict[str, str]
) -> None:
    here = open_picture(app, visit, begun)
    asked()
    true = source(here.page.locator(PICTURE))
    here.press("More bands and indices")
    indices = here.page.get_by_role("combobox", name="Spectral index")
    indices.fill("enhanced veg")
    here.page.get_by_role("option", name=re.compile("^EVI ")).click()
    here.page.wait_for_url(re.compile("view=si-EVI"))
    expect(here.page.locator(".np-scale")).to_be_visible()
    formula = here.page.get_by_label("Formula", exact=True)
    formula.fill("(B08 - B11")
    formula.press("Enter")
    expect(here.page.get_by_role("alert")).to_be_visible()
    here.look("formula-error")
    formula.fill("(B08-B11)/(B08+B11)")
    formula.press("Enter")
    here.page.wait_for_url(re.compile("view=index-"))
    here.settle()
    here.page.keyboard.press("Escape")

    here.choose("True colour")
    here.press("Stretch")
    expect(here.page.locator("[data-testid=stPopoverBody] svg.marks")).to_be_visible()
    here.settle()
    here.press("Percentiles")
    here.page.wait_for_url(re.compile("view=true~"))
    here.settle()
    here.look("percentiles")
    stretched = source(here.page.locator(PICTURE))
    assert stretched != true
    other = visit(app, here.page.url.removeprefix(here.url))
    assert source(other.page.locator(PICTURE)) == stretched, "the link shows the same"
    here.page.get_by_role("spinbutton", name="B04 high").fill("0.25")
    here.page.keyboard.press("Enter")
    here.page.wait_for_url(re.compile(r"view=true~[^&]*\.\.0\.25%2C"))
    here.press("Back to the fixed scale")
    here.settle()
    assert source(here.page.locator(PICTURE)) == true and "view=" not in here.page.url
    assert asked() == [], "all of it was in the cache"


def test_the_picture_lies_on_the_map(app: Application, visit: Callable[..., Visit], begun: dict[str, str]) -> None:
    here = open_picture(app, visit, begun)
    tiles: list[tuple[int, str]] = []
    here.page.on(
        "response", lambda answer: tiles.append((answer.status, answer.url)) if "/tiles/" in answer.url else None
    )
    here.page.get_by_text("On the map", exact=True).click()
    frame = here.map()
    frame.wait_for_function("() => map._npPicture && !map._npPicture._loading && map.getZoom() > 9")
    assert tiles and {status for status, _ in tiles} == {200}
    shown = frame.evaluate(
        """() => [...document.querySelectorAll('.leaflet-tile-pane img.leaflet-tile')].filter(tile => {
            const canvas = document.createElement('canvas'); canvas.width = canvas.height = 256;
            const pen = canvas.getContext('2d'); pen.drawImage(tile, 0, 0);
            return pen.getImageData(0, 0, 256, 256).data.some((value, place) => place % 4 === 3 && value > 0);
        }).length"""
    )
    assert shown > 0, "pixels of the picture are on the map"
    opacity = frame.get_by_role("slider", name="Opacity of the picture")
    opacity.focus()
    for _ in range(4):
        opacity.press("ArrowLeft")
    assert frame.evaluate("() => map._npPicture.options.opacity") == 0.8
    here.look("map")


def test_each_file_is_what_it_says(
    app: Application, visit: Callable[..., Visit], asked: RequestedResult, begun: dict[str, str], tmp_path: Path
) -> None:
    here = open_picture(app, visit, begun)
    asked()
    got: dict[str, Path] = {}
    number, other = here.page.locator(FILES).count(), here
    for place in range(number):
        if place and place % 8 == 0:  # Chromium asks a person whether a page may go on after ten
            other = open_picture(app, visit, begun)
        link = other.page.locator(FILES).nth(place)
        with other.page.expect_download(timeout=60_000) as coming:
            link.click()
        path = tmp_path / coming.value.suggested_filename
        coming.value.save_as(path)
        got[link.inner_text()] = path
    assert asked() == []
    assert len(got) == 14

    with rasterio.open(got["Mosaic, Cloud Optimized GeoTIFF"]) as mosaic:
        pixels, count = mosaic.read(masked=True), mosaic.read(mosaic.count)
        assert mosaic.tags()["SIMULATED"] == "yes"
    with rasterio.open(got["GeoTIFF"]) as tile:
        np.testing.assert_array_equal(tile.read(), mosaic_of(pixels))
    for name in ("Figure with title and dates", "Picture alone", "Count of clear observations"):
        with Image.open(got[name]) as picture:
            picture.load()
            assert "Simulated" in picture.info["Description"]
    dates = list(csv.DictReader(io.StringIO(got["Dates, used or excluded, and why"].read_text("utf-8-sig"))))
    said = words(here).split()
    kept = sum("yes" in row.values() for row in dates)
    assert (kept, len(dates)) == (int(said[0]), int(said[2]))
    assert int(count.max()) <= kept
    statistics = list(csv.DictReader(io.StringIO(got["Statistics of bands and indices"].read_text("utf-8-sig"))))
    mean = next(float(row["mean"]) for row in statistics if "B04" in row.values())
    assert mean == pytest.approx(float(pixels[2].mean()) / 10_000, abs=1e-4)
    recipe = Recipe.from_json(got["Recipe"].read_text())
    assert (recipe.maxcc, recipe.radius, recipe.interval.label) == (60, 0, "2018-06-01/2018-08-01")
    item = pystac.Item.from_dict(json.loads(got["STAC item"].read_text()))
    assert len(item.get_links("derived_from")) >= kept
    nbformat.validate(json.loads(got["The same as a notebook"].read_text()))
    compile(got["Program that makes it again"].read_text(), "reproduce.py", "exec")
    with zipfile.ZipFile(got["Everything in one zip"]) as everything:
        assert everything.testzip() is None
        inside = {Path(name).name for name in everything.namelist()}
    assert {path.name for name, path in got.items() if name != "Everything in one zip"} <= inside


def mosaic_of(pixels: Any) -> Any:
    """A neighbourhood of one tile is its tile, with 65535 where nothing is."""
    filled = pixels.filled(65_535)
    filled[-1] = np.where(pixels.mask[-1], pixels.data[-1], filled[-1])
    return filled


@pytest.mark.parametrize(("width", "height", "dark"), [(1440, 900, True), (420, 860, False)])
def test_it_can_be_read_in_the_dark_and_on_a_phone(
    app: Application, visit: Callable[..., Visit], begun: dict[str, str], width: int, height: int, dark: bool
) -> None:
    here = open_picture(app, visit, begun, width=width, height=height, dark=dark)
    here.page.locator("button.face").first.wait_for()
    here.look(f"{width}-{'dark' if dark else 'light'}")
    wider = here.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, "nothing is wider than the screen"
