"""Files of every kind, brought, looked at on the map, and used."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Locator, expect
from pyproj import Geod
from shapely.affinity import translate
from shapely.geometry import mapping

from services.formats import SUFFIXES
from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import Visit
from tests.services.areafiles import DONUT, ISLAND, WRITTEN, track, written

AREAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "areas"
MANIFEST = AREAS / "manifest.json"
PEOPLES = [
    entry
    for entry in (json.loads(MANIFEST.read_text()) if MANIFEST.is_file() else [])
    if (AREAS / entry["file"]).is_file()
]
NAMES = ("West", "Middle <b>&amp;</b> *x*", "East")
PARTS = [shapely.box(x, 60.0, x + 0.1, 60.1) for x in (27.0, 28.0, 29.0)]


def km2(*polygons: shapely.Polygon) -> float:
    """On the ellipsoid: shells less their holes."""

    def inside(ring: shapely.LinearRing) -> float:
        return abs(Geod(ellps="WGS84").polygon_area_perimeter(*ring.xy)[0]) / 1e6

    return sum(inside(one.exterior) - sum(map(inside, one.interiors)) for one in polygons)


def file_of(suffix: str, shapes: list[shapely.Polygon]) -> bytes:
    """Written by GDAL where it writes the format, else by hand."""
    suffix = "parquet" if suffix == "geoparquet" else suffix  # two endings of one format
    if suffix in WRITTEN:
        return written(suffix, shapes, names=["Donut", "Island"])
    if suffix == "gpx":
        return track(*([*one.exterior.coords] for one in shapes))
    if suffix == "json":
        return json.dumps(mapping(shapely.MultiPolygon(shapes))).encode()
    return shapely.MultiPolygon(shapes).wkt.encode()


def bring(here: Visit, name: str, data: bytes) -> None:
    """Upload it, once the field for the one before is gone."""
    field = here.page.locator('input[type="file"]')
    expect(field).to_have_count(1)
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


def fact(within: Locator, label: str) -> Locator:
    """A value of the list."""
    return within.locator(".np-facts div", has_text=re.compile(f"^{label}")).locator("dd")


def collection() -> bytes:
    """Three features in one file."""
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": mapping(part)}
        for name, part in zip(NAMES, PARTS, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_every_kind_of_file_is_shown_and_then_used(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app)
    here.choose("File")
    panel, offer = here.page.locator(".st-key-panel"), here.page.locator(".st-key-offer")
    for number, ending in enumerate(SUFFIXES):
        suffix = ending.removeprefix(".")
        shapes = [translate(ISLAND if suffix == "gpx" else DONUT, 0.01 * number)]
        shapes += [] if suffix == "gpx" else [translate(ISLAND, 0.01 * number)]
        wanted = f"{km2(*shapes):,.0f} km²" if suffix != "gpx" else f"{km2(*shapes):.2f} km²"
        before = here.page.url
        bring(here, f"area {suffix}{ending}", file_of(suffix, shapes))
        expect(fact(offer, "Area")).to_have_text(wanted)
        here.settle()
        assert here.page.url == before, "it is not used yet"
        here.press("Use this area")
        expect(offer).to_have_count(0)
        expect(fact(panel, "Area")).to_have_text(wanted)
        expect(fact(panel, "Tiles").first).to_have_text(re.compile(r"^\d+"))
        assert "area=" in here.page.url and "centre=" in here.page.url
        assert here.page.url != before


@pytest.mark.skipif(not PEOPLES, reason="the files of people's programs are not beside the project")
def test_files_of_peoples_programs_end_as_their_manifest_says(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app)
    here.choose("File")
    offer = here.page.locator(".st-key-offer")
    for entry in PEOPLES:
        bring(here, entry["file"], (AREAS / entry["file"]).read_bytes())
        if entry["expected"].startswith("reject"):
            here.see("This area cannot be used")
            here.see("crs")
            continue
        if "km2" in entry:
            km2_said = re.compile(f"^({entry['km2']:.0f}|{entry['km2']:.2f}) km²")
            expect(fact(offer, "Area")).to_have_text(km2_said)
        if "a note must say" in entry["expected"]:
            expect(offer).to_contain_text("datum")
        here.settle()
        here.press("Leave it")
        expect(offer).to_have_count(0)


def test_two_of_three_features(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app, width=390, height=844)
    here.choose("File")
    offer = here.page.locator(".st-key-offer")
    bring(here, "three.geojson", collection())
    expect(fact(offer, "Area")).to_have_text(f"{km2(*PARTS):,.0f} km²")
    expect(offer).to_contain_text("3 features were joined")
    here.settle()
    here.look("three")
    choice = offer.get_by_role("combobox")
    for name in ("1. West", "3. East"):
        option = here.page.get_by_role("option", name=re.compile("^" + re.escape(name)))
        for _ in range(20):  # the list closes when the page runs again meanwhile
            if not option.is_visible():
                choice.click()
                here.page.wait_for_timeout(300)
            else:
                break
        option.click()
        here.settle()
    here.page.keyboard.press("Escape")
    expect(fact(offer, "Area")).to_have_text(f"{km2(PARTS[0], PARTS[2]):,.0f} km²")
    expect(offer).to_contain_text("2 of 3 features are used.")
    expect(fact(offer, "Longitudes")).to_have_text("27.0000° E – 29.1000° E")
    over = here.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    here.look("two")
    here.press("Use this area")
    expect(offer).to_have_count(0)
    expect(fact(here.page.locator(".st-key-panel"), "Outline")).to_have_text("2 polygons, 10 vertices")


def test_a_refused_file_loses_nothing_and_an_offer_can_be_left(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app, link(app, "area"))
    here.choose("File")
    before = here.page.url
    bring(here, "notes.zip", b"PK\x05\x06" + 18 * b"\0")
    here.see("This area cannot be used")
    bring(here, "half.gpkg", file_of("gpkg", PARTS[:2])[:5000])
    here.see("The GeoPackage")
    assert here.page.url == before
    expect(here.page.locator(".st-key-choice")).to_contain_text("Meadow")
    bring(here, "good.wkt", file_of("wkt", PARTS))
    offer = here.page.locator(".st-key-offer")
    expect(fact(offer, "Outline")).to_have_text("3 polygons, 15 vertices")
    expect(here.page.get_by_text("This area cannot be used")).to_have_count(0)
    here.settle()
    here.press("Leave it")
    expect(offer).to_have_count(0)
    assert here.page.url == before
    expect(here.page.locator(".st-key-choice")).to_contain_text("Meadow")
    expect(fact(here.page.locator(".st-key-panel"), "Tiles").first).to_have_text(re.compile(r"^\d+"))
