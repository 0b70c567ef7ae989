"""The whole journey in a browser, from a file with an area to the downloaded pictures."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rasterio
from playwright.sync_api import expect
from shapely.geometry import mapping

from services.geo import to_wgs84
from services.grid import Grid, TileIndex
from services.recipe import EXAMPLES
from tests.browser.conftest import Application
from tests.browser.visit import PICTURE, Visit
from tests.eopatches import loaded

FINLAND = EXAMPLES[0].aoi
BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
PICTURE_SECONDS = 240


def choose_finland(here: Visit, folder: Path) -> None:
    """Upload the area, and cut it in 54 × 39."""
    file = folder / "finland.geojson"
    file.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": mapping(FINLAND.geometry)}))
    here.choose("File")
    here.page.locator('input[type="file"]').set_input_files(file)
    here.see("EPSG:32635")
    here.press("Use this area")
    here.choose("Columns × rows")
    for label, number in (("Columns", "54"), ("Rows", "39")):
        field = here.page.get_by_label(label, exact=True)
        field.fill(number)
        field.press("Enter")
        here.settle()
    here.see("1,947")


def click_tile(here: Visit, index: TileIndex) -> None:
    """Click into its middle on the map."""
    west, south, east, north = Grid.split(FINLAND, 54, 39).lattice.bounds(index)
    (longitude,), (latitude,) = to_wgs84(32635, [(west + east) / 2], [(south + north) / 2])
    here.show(latitude, longitude, 11)
    place = here.at(latitude, longitude)
    here.page.mouse.click(*place)
    assert here.at(latitude, longitude) == place, "the page does not jump, though a part of the map is out of sight"


def download(here: Visit, name: str, folder: Path) -> Path:
    """Press the link with that name and keep what comes."""
    with here.page.expect_download(timeout=60_000) as coming:
        here.page.get_by_role("link", name=name, exact=True).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_from_a_file_to_the_files(
    app: Application, visit: Callable[..., Visit], asked: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    here = visit(app)
    choose_finland(here, tmp_path)
    click_tile(here, TileIndex(35, 25))
    here.see("35,25 (no. 1,330), 3 × 3")
    here.look("1-area")

    here.press("Choose dates")
    here.choose("2017")
    here.page.locator(".sheet table").wait_for(timeout=120_000)
    assert {entry["endpoint"] for entry in asked()} == {"catalog"}
    here.settle()
    kept = int(here.page.locator(".np-legend").inner_text().split()[0])
    rows = here.page.locator(".sheet tbody tr")
    expect(rows.locator("input:checked")).to_have_count(kept)
    assert kept > 3
    assert rows.count() > 60, "two satellites from spring on"
    here.look("2-acquisitions")

    fetch = here.button(f"Fetch {kept} dates")
    fetch.click()
    expect(here.button("Cancel")).to_be_visible()
    here.see(f"of {kept}")
    here.look("3-fetching")
    picture = here.page.locator(PICTURE)
    picture.wait_for(timeout=PICTURE_SECONDS * 1000)
    here.settle()
    assert picture.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [
        990,
        990,
    ]
    here.look("4-results")
    outlines = here.page.locator(".viewer .lines")
    expect(outlines).to_be_hidden()
    here.button("Tile outlines").click()
    expect(outlines).to_be_visible()
    here.look("4-outlines")
    assert [entry["endpoint"] for entry in asked()] == ["process"] * 2 * kept, "the picture's bands, then the others"

    check_cog(download(here, "Mosaic, Cloud Optimized GeoTIFF", tmp_path))
    check_patch(download(here, "EOPatch of tile 35,25", tmp_path), tmp_path / "patch", kept)

    here.step("Acquisitions")
    here.press("Show the picture · nothing to fetch")
    here.see("Nothing was fetched this time")
    here.step("Acquisitions")
    slider = here.page.get_by_role("slider")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowLeft")
    here.see("Max. cloud cover 5 %")
    here.settle()
    here.press("Make the picture · nothing to fetch")
    here.see("all bands were cached")
    assert asked() == [], "neither a second press nor a lower limit asks anybody"
    here.look("5-lower-limit")


def check_cog(path: Path) -> None:
    """The mosaic as rasterio reads it."""
    assert re.fullmatch(r"s2l2a_[a-z0-9-]+_x35-y25_2017_cc10_3x3_median\.tif", path.name)
    with rasterio.open(path) as file:
        assert (file.width, file.height, file.crs.to_epsg()) == (990, 990, 32635)
        assert file.descriptions[: len(BANDS)] == BANDS
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        west, south, east, north = Grid.split(FINLAND, 54, 39).lattice.neighbourhood(TileIndex(35, 25), 1).bounds
        assert file.bounds == rasterio.coords.BoundingBox(west, south, east, north)
        assert file.read(3, masked=True).std() > 0


def check_patch(path: Path, folder: Path, kept: int) -> None:
    """The patch as plain eo-learn loads it."""
    with zipfile.ZipFile(path) as packed:
        packed.extractall(folder)
    patch = loaded(folder)
    assert patch.data["BANDS"].shape == (kept, 330, 330, len(BANDS))
    assert patch.data["BANDS"].dtype == "uint16"
    assert patch.mask["CLEAR"].shape == (kept, 330, 330, 1)
    assert patch.data_timeless["MEDIAN"].shape == (330, 330, len(BANDS))
    assert len(patch.timestamps or ()) == kept
