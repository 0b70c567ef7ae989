"""The STAC collection, validated by pystac and read by odc-stac; failures as table and map; files as one zip."""

import asyncio
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import odc.stac
import pystac
import pytest
import rasterio
import rustac
import shapely
from pyproj import Transformer
from pystac.validation import validate_dict

from services.errors import StorageError
from services.grid import TileIndex
from services.mosaic import (
    COLLECTION,
    ITEMS,
    Gap,
    Listed,
    bundle_of,
    failures_csv,
    failures_geojson,
    write_collection,
)
from tests.services.mosaic.tiles import DATES, order_tiles, pasted, tile_set, write_tiles
from tests.services.published import HUB, passes
from tests.services.scenes import provenance, recipe

MOMENTS = ("start_datetime", "end_datetime", "created")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection of 3 × 2 tiles, one of which is to come."""
    tiles = tile_set(tmp_path_factory.mktemp("order"), order_tiles(3, 2))
    write_tiles(tiles, tiles.indices[:5])
    question = recipe(px=40)
    files = [Listed("mosaic", "mosaic_32635.tif", "Mosaic", "image/tiff", ("data",))]
    return write_collection([tiles], "order_0123", provenance(question), HUB, passes(question, (1, 2, 3)), files)


def test_collection_and_items_are_valid_stac(written: Path) -> None:
    collection = json.loads(written.read_text())
    schemas = "https://schemas.stacspec.org/v1.1.0"
    assert validate_dict(collection, extensions=[])[0].startswith(schemas + "/collection-spec")
    for path in written.parent.glob("tiles/*/*.json"):
        assert validate_dict(json.loads(path.read_text()), extensions=[])[0].startswith(schemas + "/item-spec")


def test_every_tile_that_is_there_is_an_item_and_granules_are_listed_once(written: Path) -> None:
    assert written.name == COLLECTION
    collection = pystac.Collection.from_file(str(written))
    items = list(collection.get_items())
    assert sorted(item.assets["data"].get_absolute_href() or "" for item in items) == sorted(
        str(path) for path in written.parent.glob("tiles/32635/*.tif")
    )
    granules = [granule.id for one in passes(recipe(px=40), (1, 2, 3)) for granule in one.granules]
    assert [link.title for link in collection.links if link.rel == "derived_from"] == granules
    assert not any(link.rel == "derived_from" for item in items for link in item.links)
    assert items[0].get_collection() is not None
    assert items[0].properties["ninepatch:dates"] == list(DATES)
    assert collection.assets["mosaic"].href == "./mosaic_32635.tif"


def test_another_reader_finds_the_same_items_in_the_one_table(written: Path) -> None:
    collection = json.loads(written.read_text())
    assert collection["assets"]["items"]["href"] == f"./{ITEMS}"

    async def read() -> list[dict[str, Any]]:
        return list((await rustac.read(str(written.with_name(ITEMS))))["features"])

    found = asyncio.run(read())
    items = {one["id"]: one for one in map(json.loads, (p.read_text() for p in written.parent.glob("tiles/*/*.json")))}
    assert len(found) == 5 and {one["id"] for one in found} == set(items)
    for one in found:
        item = items[one["id"]]
        assert shapely.geometry.shape(one["geometry"]).equals(shapely.geometry.shape(item["geometry"]))
        moments = {name: pystac.utils.str_to_datetime(item["properties"][name]) for name in MOMENTS}
        assert {name: pystac.utils.str_to_datetime(one["properties"][name]) for name in MOMENTS} == moments
        rest = {name: value for name, value in item["properties"].items() if name not in MOMENTS and value is not None}
        assert {name: one["properties"][name] for name in rest} == rest
        assert (list(one["bbox"]), one["collection"]) == (item["bbox"], collection["id"])
        assert (written.parent / one["assets"]["data"]["href"]).is_file()
        assert one["assets"]["data"]["bands"] == item["assets"]["data"]["bands"]
    west, south, east, north = items[found[0]["id"]]["bbox"]
    middle = (west + east) / 2, (south + north) / 2
    near = geopandas.read_parquet(written.with_name(ITEMS), bbox=(*middle, *middle))
    assert list(near["id"]) == [found[0]["id"]] and near.crs == "OGC:CRS84"


def test_evened_view_angles_are_named_once_for_all_items(written: Path, tmp_path: Path) -> None:
    tiles, question = tile_set(tmp_path, order_tiles(1, 1)), recipe(px=40, nbar=True)
    write_tiles(tiles)
    path = write_collection([tiles], "order_4567", provenance(question), HUB, passes(question, (1,)))
    assert validate_dict(json.loads(path.read_text()), extensions=[])
    for one, evened in ((path, True), (written, None)):
        found = pystac.Collection.from_file(str(one))
        assert found.extra_fields.get("ninepatch:nbar") is evened
        assert ("NBAR: each observation is multiplied" in found.description) is bool(evened)


def test_items_lie_where_their_files_lie(written: Path) -> None:
    for item in pystac.Collection.from_file(str(written)).get_items():
        with rasterio.open(item.assets["data"].get_absolute_href()) as dataset:
            assert item.properties["proj:shape"] == [dataset.height, dataset.width]
            assert item.properties["proj:transform"] == pytest.approx(list(dataset.transform)[:6])
            to_degrees = Transformer.from_crs(dataset.crs, 4326, always_xy=True)
            corners = [to_degrees.transform(x, y) for x in dataset.bounds[::2] for y in dataset.bounds[1::2]]
        ground = shapely.geometry.shape(item.geometry or {}).buffer(1e-9)
        assert all(ground.contains(shapely.Point(corner)) for corner in corners)


@pytest.mark.filterwarnings("ignore:The .shapely.ops.transform")  # odc-geo calls it
def test_odc_stac_loads_the_tiles_side_by_side(written: Path) -> None:
    items = list(pystac.Collection.from_file(str(written)).get_items())
    cube = odc.stac.load(items, bands=["data.3"], crs="EPSG:32635", resolution=10, anchor="floating", groupby="id")
    assert len(items) == 5 and cube.sizes["time"] == 5
    tiles = tile_set(written.parent, order_tiles(3, 2))
    whole = pasted(tiles, tiles.indices[:5])
    found = np.min(cube["data.3"].values, axis=0)
    np.testing.assert_array_equal(found, whole[2])


GAPS = (
    Gap(3, recipe(px=40).lattice, TileIndex(35, 25), "The service failed.", "Retry later."),
    Gap(4, recipe(px=40).lattice, TileIndex(28, 21), "=1+1", "", columns=7, rows=3),
)


def test_failures_are_a_table_and_a_map(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(failures_csv(GAPS).lstrip("\ufeff"))))
    assert [row["part"] for row in rows] == ["3", "4"] and rows[1]["columns"] == "7"
    assert not rows[1]["cause"].startswith("="), "no cell is a formula"
    found = json.loads(failures_geojson(GAPS))
    for gap, feature, row in zip(GAPS, found["features"], rows, strict=True):
        assert feature["properties"]["cause"] == gap.cause
        shape = shapely.Polygon(*feature["geometry"]["coordinates"])
        assert shape.is_valid and shape.exterior.is_ccw
        assert shape.contains(shapely.Point(float(row["longitude"]), float(row["latitude"])))
        bounds = gap.lattice.rectangle(gap.lower_left, gap.columns, gap.rows)
        to_metres = Transformer.from_crs(4326, gap.lattice.epsg, always_xy=True)
        metres = np.array(to_metres.transform(*shape.exterior.xy))
        assert [*metres.min(axis=1), *metres.max(axis=1)] == pytest.approx(bounds, abs=0.5)


def test_many_files_are_one_zip(written: Path) -> None:
    names = ("collection.json", "tiles")
    packed = bundle_of(written.parent, names)
    content = b"".join(packed.read())
    assert len(content) == packed.size
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        assert "tiles/32635/x35_y26.tif" in opened.namelist() and len(opened.namelist()) == 11
        assert opened.read("collection.json") == written.read_bytes()
    with pytest.raises(StorageError, match="no such files"):
        bundle_of(written.parent, ())
    with pytest.raises(StorageError, match="is gone"):
        bundle_of(written.parent, ("tiles/32635/x99_y99.zip",))
