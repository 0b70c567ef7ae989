"""The published folder, against the world itself and the protocol's catalogue of the same granules."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from numpy.typing import NDArray
from pystac.validation import validate_dict
from rasterio.windows import from_bounds
from shapely import Point, box
from shapely.geometry import shape

from services.demo.orbits import Granule, degrees_of, granule_with_id, granules_over
from services.demo.orbits.geometry import SWATH_KM, track_position
from services.demo.orbits.passes import node_longitude
from services.demo.protocol.stac_items import item as item_of_the_protocol
from services.demo.publish import publish
from services.demo.publish.pixels import blocks_of
from services.demo.world import Window, render, transformer

PLACE = box(24.62, 60.2, 24.64, 60.21)
"""In 35VLG, and in 34VFM of the zone beside it."""
SIZES = {"red": (10_980, 1024), "nir08": (5490, 512), "coastal": (1830, 256), "scl": (5490, 512)}
PLANES = {"red": "B04", "nir08": "B8A", "coastal": "B01", "scl": "SCL"}
OFFSETS = {"2017-06-07": ("02.05", 0), "2024-06-07": ("05.10", 1000)}
ROOT = "http://127.0.0.1:1"


def day(text: str) -> tuple[datetime, datetime]:
    begin = datetime.fromisoformat(f"{text}T00:00:00+00:00")
    return begin, begin + timedelta(hours=23)


@pytest.fixture(scope="module", params=sorted(OFFSETS))
def date(request: pytest.FixtureRequest) -> str:
    """A day before baseline 04.00, and one after."""
    return str(request.param)


@pytest.fixture(scope="module")
def folder(date: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("published")
    publish(made, PLACE, *day(date), ROOT, tuple(SIZES))
    return made


@pytest.fixture
def items(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "items.ndjson").read_text().splitlines()]


def file_of(folder: Path, asset: dict[str, Any]) -> Path:
    return folder / str(asset["href"]).removeprefix(f"{ROOT}/")


def test_items_and_their_collection_are_valid(folder: Path, items: list[dict[str, Any]]) -> None:
    collection = json.loads((folder / "collection.json").read_text())
    assert validate_dict(collection, extensions=[])
    for item in items:
        assert validate_dict(item, extensions=[])
        assert pystac.Item.from_dict(item).collection_id == collection["id"] == "sentinel-2-c1-l2a"
        assert json.loads(file_of(folder, item["links"][0]).read_text()) == item


def test_items_say_that_they_are_simulated(items: list[dict[str, Any]]) -> None:
    assert all(item["properties"]["ninepatch:simulated"] is True for item in items)
    assert all(item["properties"]["title"].startswith("Simulated data") for item in items)


@pytest.mark.parametrize("name", SIZES)
def test_assets_say_what_gdal_finds_in_the_files(
    name: str, folder: Path, date: str, items: list[dict[str, Any]]
) -> None:
    baseline, offset = OFFSETS[date]
    for item in items:
        asset = item["assets"][name]
        content = file_of(folder, asset).read_bytes()
        assert asset["file:size"] == len(content)
        assert asset["file:checksum"] == f"1220{hashlib.sha256(content).hexdigest()}"
        assert item["properties"]["s2:processing_baseline"] == baseline
        assert asset["raster:bands"][0].get("offset", 0) == (0 if name == "scl" else -offset / 10_000)
        with rasterio.open(file_of(folder, asset)) as opened:
            size, block = SIZES[name]
            assert opened.shape == tuple(asset["proj:shape"]) == (size, size)
            assert opened.block_shapes == [(block, block)]
            assert list(opened.transform)[:6] == asset["proj:transform"]
            assert opened.crs.to_epsg() == item["properties"]["proj:epsg"]
            assert opened.dtypes[0] == asset["raster:bands"][0]["data_type"]


def test_products_are_those_of_the_protocol_s_catalogue(date: str, items: list[dict[str, Any]]) -> None:
    theirs = [item_of_the_protocol(granule, "") for granule in granules_over(PLACE, *day(date))]
    assert {item["properties"]["proj:epsg"] for item in theirs} == {32634, 32635}
    assert [item["properties"]["s2:product_uri"] for item in items] == [f"{item['id']}.SAFE" for item in theirs]
    for ours, other in zip(items, theirs, strict=True):
        assert shape(ours["geometry"]).equals(shape(other["geometry"]))
        for field in ("eo:cloud_cover", "platform", "proj:epsg"):
            assert ours["properties"][field] == other["properties"][field]
        times = [datetime.fromisoformat(item["properties"]["datetime"]) for item in (ours, other)]
        assert times[0] == times[1]


@pytest.mark.parametrize("name", SIZES)
def test_files_hold_the_world_with_what_the_baseline_adds(
    name: str, folder: Path, date: str, items: list[dict[str, Any]]
) -> None:
    for item in items:
        granule = granule_with_id(item["properties"]["s2:product_uri"])
        assert granule is not None
        window = around(granule, *PLACE.centroid.coords[0])
        world = render(window, granule.passage.start, [PLANES[name]])[PLANES[name]].astype(int)
        with rasterio.open(file_of(folder, item["assets"][name])) as file:
            raw = fine(file.read(1, window=from_bounds(*window.bounds, transform=file.transform)), window)
        assert np.array_equal(raw, world + (0 if name == "scl" else OFFSETS[date][1]))


def around(granule: Granule, longitude: float, latitude: float) -> Window:
    """120 × 120 pixels of 10 m whose corner is a tile's 60 m pixel's."""
    x, y = transformer(4326, granule.view.tile.epsg).transform(longitude, latitude)
    west, north = x // 60 * 60, y // 60 * 60
    return Window(granule.view.tile.epsg, (west, north - 1200, west + 1200, north), 120, 120)


def fine(pixels: NDArray[Any], window: Window) -> NDArray[Any]:
    """In pixels of 10 m."""
    step = window.height // len(pixels)
    return np.kron(pixels, np.ones((step, step), pixels.dtype))


def test_every_band_ends_where_the_swath_does() -> None:
    granule = next(one for one in granules_over(PLACE, *day("2024-06-07")) if one.view.tile.name == "34VFM")
    west, south, east, north = granule.view.tile.bounds
    edge = granule.view.footprint.intersection(box(west, south + 50_000, east, south + 50_010))
    longitude, latitude = degrees_of(granule.view.tile.epsg, *edge.bounds[:2])
    place = Point(float(longitude), float(latitude)).buffer(0.001)
    planes = blocks_of(granule, place, ("B04", "B8A"))
    (row, column), red = next(iter(planes["B04"].items()))
    nir = planes["B8A"][row, column]
    x = west + (column * 1024 + np.arange(1024) + 0.5) * 10
    y = north - (row * 1024 + np.arange(1024) + 0.5) * 10
    longitudes, latitudes = degrees_of(granule.view.tile.epsg, *np.meshgrid(x, y))
    _, across = track_position(longitudes - node_longitude(granule.view.orbit), latitudes)
    inside, unsure = np.abs(across) <= SWATH_KM / 2, np.abs(np.abs(across) - SWATH_KM / 2) < 0.001
    assert 0.02 < inside.mean() < 0.98
    assert np.array_equal((red > 0) | unsure, inside | unsure)
    assert np.array_equal(nir > 0, (red > 0).reshape(512, 2, 512, 2).any(axis=(1, 3)))
