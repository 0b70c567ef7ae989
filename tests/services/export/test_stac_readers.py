"""Programs of the field open an item and its files, as they lie in the bundle and in a folder of `fetch --out`."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio

from services.export import bundle, copy_result
from tests.services.published import HUB, passes, published
from tests.services.scenes import recipe

pytestmark = pytest.mark.filterwarnings("ignore")
"""They warn of what they import themselves."""


@pytest.fixture(params=["bundle", "folder"])
def item(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An item with its files beside it."""
    question = recipe(px=12)
    _, result = published(tmp_path / "result", question, passes(question, (1, 2, 3)), HUB)
    out = tmp_path / "out"
    if request.param == "folder":
        copy_result(tmp_path / "result", result, out)
        return out / "item.json"
    whole = bundle(tmp_path / "result", result)
    (tmp_path / "all.zip").write_bytes(b"".join(whole.read(0, whole.size)))
    with zipfile.ZipFile(tmp_path / "all.zip") as opened:
        opened.extractall(out)
    return next(out.glob("**/*item.json"))


def pixels(path: Path) -> "np.ndarray[Any, np.dtype[np.uint16]]":
    """Of all bands of the mosaic beside the item."""
    href = json.loads(path.read_text())["assets"]["mosaic"]["href"]
    with rasterio.open(path.parent / href) as opened:
        found: np.ndarray[Any, np.dtype[np.uint16]] = opened.read()
    return found


def test_every_asset_says_its_type_and_where_it_lies(item: Path) -> None:
    read = pystac.Item.from_file(str(item))
    assert all(asset.media_type for asset in read.assets.values())
    assert all(Path(str(asset.get_absolute_href())).exists() for asset in read.assets.values())
    plain = json.loads(item.read_text())
    places = [plain["properties"], *(asset for name, asset in plain["assets"].items() if name.startswith("tile"))]
    assert {(place["proj:code"], place["proj:epsg"]) for place in places} == {("EPSG:32635", 32635)}
    patches = [asset for name, asset in plain["assets"].items() if name.startswith("eopatch")]
    assert not any("image" in asset["type"] for asset in patches) and patches


def test_odc_stac_loads_all_of_it_and_the_mosaic_as_it_is(item: Path) -> None:
    reader = pytest.importorskip("odc.stac")
    read = pystac.Item.from_file(str(item))
    assert len(reader.load([read]).data_vars) == 4 * 10, "mosaic and nine tiles, three bands and the count"
    loaded = reader.load([read], bands=[f"mosaic.{number}" for number in (1, 2, 3, 4)])
    np.testing.assert_array_equal(np.stack([plane.values[0] for plane in loaded.data_vars.values()]), pixels(item))


def test_stackstac_finds_the_zone_and_the_pixel_grid(item: Path) -> None:
    reader = pytest.importorskip("stackstac")
    plain = json.loads(item.read_text())
    whole = pixels(item)
    frame = reader.prepare.prepare_items([plain], assets=["mosaic"], rescale=False, snap_bounds=False)[1]
    assert (frame.epsg, frame.shape) == (32635, whole.shape[1:])
