"""Items, validated by pystac with the published schemas, and compared with rasterio on the files."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pystac
import pytest
import rasterio
import shapely
from PIL import Image as Pillow
from pyproj import Transformer
from pystac.validation import JsonSchemaSTACValidator, validate_dict
from shapely.geometry import shape

from services.export.stac import EXTENSIONS, relocated
from services.grid import Lattice
from services.recipe import Recipe, Veto
from services.sentinel2 import BANDS, SPECTRUM
from tests.eopatches import loaded
from tests.services.published import DEMO, HUB, passes, published, read_here
from tests.services.scenes import recipe

SCHEMAS = Path(__file__).parents[2] / "schemas"


def made(folder: Path, question: Recipe | None = None, clouds: tuple[float, ...] = (1, 2, 3), **more: Any) -> Any:
    """The item of a result, read back from its file."""
    question = question or recipe(px=12)
    published(folder, question, passes(question, clouds), **more)
    return json.loads((folder / "item.json").read_text())


def prefixed(fields: dict[str, Any], prefix: str) -> dict[str, Any]:
    """What stands under an extension's prefix."""
    return {name: value for name, value in fields.items() if name.startswith(prefix)}


def as_projection_2(item: dict[str, Any]) -> dict[str, Any]:
    """The same without `proj:epsg`, which that version no longer has."""
    plain: dict[str, Any] = json.loads(json.dumps(item))
    for place in (plain["properties"], *plain["assets"].values()):
        place.pop("proj:epsg", None)
    plain["stac_extensions"] = [
        PROJECTION_2 if address == EXTENSIONS["projection"] else address for address in plain["stac_extensions"]
    ]
    return plain


PROJECTION_2 = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"


def test_the_core_is_valid_stac_1_1(tmp_path: Path) -> None:
    item = made(tmp_path)
    assert item["stac_version"] == "1.1.0"
    assert validate_dict(item, extensions=[]) == ["https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"]
    again = pystac.Item.from_dict(item).to_dict(include_self_link=False, transform_hrefs=False)
    assert again == as_projection_2(item), "pystac reads it as projection 2"


@pytest.mark.parametrize("name", sorted(EXTENSIONS))
def test_each_extension_is_valid_by_its_published_schema(name: str, tmp_path: Path) -> None:
    address = PROJECTION_2 if name == "projection" else EXTENSIONS[name]
    path = SCHEMAS / f"{name}-{address.split('/')[-2]}.json"
    if not path.is_file():
        pytest.skip(f"the schema {address} is not in tests/schemas; its rules are tested in other words")
    validator = JsonSchemaSTACValidator()
    schema = json.loads(path.read_text())
    assert schema["$id"].rstrip("#") == address
    validator.schema_cache[address] = schema
    item = as_projection_2(made(tmp_path))
    assert address in item["stac_extensions"]
    assert validate_dict(item, extensions=[address], validator=validator)[1:] == [address]
    wrong = {"projection": "proj:shape", "processing": "processing:software"}[name]
    item["properties"][wrong] = "no such thing"
    with pytest.raises(pystac.errors.STACValidationError):
        validate_dict(item, extensions=[address], validator=validator)


NUMBER: dict[str, Any] = {"type": "number"}
COMMON_NAMES = [
    *("pan", "coastal", "blue", "green", "green05", "yellow", "red", "rededge", "rededge071", "rededge075"),
    *("rededge078", "nir", "nir08", "nir09", "cirrus", "swir16", "swir22", "lwir", "lwir11", "lwir12"),
]
RULES: dict[str, dict[str, Any]] = {
    "eo:": {
        "eo:cloud_cover": NUMBER | {"minimum": 0, "maximum": 100},
        "eo:snow_cover": NUMBER | {"minimum": 0, "maximum": 100},
        "eo:common_name": {"enum": COMMON_NAMES},
        "eo:center_wavelength": NUMBER | {"exclusiveMinimum": 0},
        "eo:full_width_half_max": NUMBER | {"exclusiveMinimum": 0},
        "eo:solar_illumination": NUMBER | {"minimum": 0},
    },
    "raster:": {
        "raster:bits_per_sample": {"type": "integer"},
        "raster:sampling": {"enum": ["area", "point"]},
        "raster:scale": NUMBER,
        "raster:offset": NUMBER,
        "raster:spatial_resolution": NUMBER,
        "raster:histogram": {"type": "object"},
    },
}
"""Fields that eo 2.0.0 and raster 2.0.0 allow, in items, assets and bands."""


@pytest.mark.parametrize("prefix", sorted(RULES))
def test_bands_keep_the_rules_of_eo_and_raster_2(prefix: str, tmp_path: Path) -> None:
    item = made(tmp_path, recipe(px=6, radius=0, bands=tuple(BANDS)))
    rules = {"type": "object", "properties": RULES[prefix], "additionalProperties": False}
    assets = list(item["assets"].values())
    bands = [band for asset in assets for band in asset.get("bands", [])]
    for fields in (item["properties"], *assets, *bands):
        jsonschema.validate(prefixed(fields, prefix), rules)
    assert sum(bool(prefixed(band, prefix)) for band in bands) >= len(BANDS), "an extension that is named is used"
    assert all("eo:bands" not in asset and "raster:bands" not in asset for asset in assets)


def test_every_band_of_the_product_has_a_place_in_the_spectrum() -> None:
    assert list(SPECTRUM) == list(BANDS)
    centres = [centre for _, centre, _ in SPECTRUM.values()]
    assert centres == sorted(centres)


def test_the_widths_are_the_nominal_ones_in_micrometres(tmp_path: Path) -> None:
    nominal = (0.020, 0.065, 0.035, 0.030, 0.015, 0.015, 0.020, 0.115, 0.020, 0.020, 0.090, 0.180)
    item = made(tmp_path, recipe(px=6, radius=0, bands=tuple(BANDS)))
    bands = item["assets"]["mosaic"]["bands"][: len(BANDS)]
    assert [band["name"] for band in bands] == list(BANDS)
    assert [band["eo:full_width_half_max"] for band in bands] == list(nominal)


def test_the_time_is_that_of_the_acquisitions_that_were_used(tmp_path: Path) -> None:
    question = recipe(px=6, radius=0)
    properties = made(tmp_path, question, (99, 1, 2, 99))["properties"]
    assert properties["datetime"] is None
    assert properties["start_datetime"] == "2017-06-12T09:53:40Z"
    assert properties["end_datetime"] == "2017-06-17T09:53:40Z"
    assert properties["ninepatch:interval"] == ["2017-01-01", "2018-01-01"]
    assert len(properties["ninepatch:acquisitions"]) == 2


def test_it_lies_where_the_mosaic_lies(tmp_path: Path) -> None:
    item = made(tmp_path, recipe(px=12, height_px=9))
    with rasterio.open(tmp_path / "median.tif") as dataset:
        assert item["properties"]["proj:code"] == f"EPSG:{dataset.crs.to_epsg()}"
        assert item["properties"]["proj:shape"] == [dataset.height, dataset.width]
        assert item["properties"]["proj:transform"] == pytest.approx(list(dataset.transform)[:6])
        assert item["properties"]["proj:bbox"] == pytest.approx(list(dataset.bounds))
        corners = [(dataset.bounds.left, dataset.bounds.bottom), (dataset.bounds.right, dataset.bounds.top)]
    degrees = Transformer.from_crs(32635, 4326, always_xy=True)
    geometry: Any = shape(item["geometry"])
    for corner in corners:
        assert geometry.exterior.distance(shapely.Point(degrees.transform(*corner))) < 1e-9
    assert geometry.exterior.is_ccw, "RFC 7946, § 3.1.6"
    assert item["bbox"] == pytest.approx(geometry.bounds)
    for tile in item["assets"].values():
        if tile["href"].startswith("./tiles/"):
            x, y = tile["title"].rsplit(" ", 1)[1].split(",")
            with rasterio.open(tmp_path / "tiles" / f"x{x}_y{y}.tif") as dataset:
                assert tile["proj:transform"] == pytest.approx(list(dataset.transform)[:6])
                assert tile["proj:shape"] == [dataset.height, dataset.width]


def test_across_the_180th_meridian_it_is_cut_in_two(tmp_path: Path) -> None:
    lattice = Lattice(32601, 150_000.0, 7_200_000.0, 20_000.0, 20_000.0)
    index = lattice.index_of(*Transformer.from_crs(4326, 32601, always_xy=True).transform(180.0, 65.0))
    item = made(tmp_path, Recipe(lattice, index, recipe().interval, resolution=1000))
    assert item["geometry"]["type"] == "MultiPolygon"
    west, south, east, north = item["bbox"]
    assert 178 < west < 180 and -180 < east < -178, "west is above east: RFC 7946, § 5.2"
    assert south < 65 < north
    parts: Any = shape(item["geometry"])
    for part in parts.geoms:
        assert part.bounds[2] - part.bounds[0] < 2
    validate_dict(item, extensions=[])


def test_each_granule_that_was_used_is_a_source(tmp_path: Path) -> None:
    question = recipe(px=6, radius=0)
    found = passes(question, (1, 2, 99))
    item = made(tmp_path / "real", question, (1, 2, 99), provider=HUB)
    wanted = {
        f"{HUB.base_url}/api/v1/catalog/1.0.0/collections/sentinel-2-l2a/items/{one.granules[0].id}"
        for one in found[:2]
    }
    assert {link["href"] for link in item["links"] if link["rel"] == "derived_from"} == wanted
    assert HUB.granule_href("a").startswith("https://")
    simulated = made(tmp_path / "demo", question, (1, 2, 99))
    sources = [link for link in simulated["links"] if link["rel"] == "derived_from"]
    assert [link["href"] for link in sources] == [
        f"urn:ninepatch:demo-archive:sentinel-2-l2a:{one.granules[0].id}" for one in found[:2]
    ]
    assert all(link["title"].startswith("Simulated data: ") for link in sources)
    assert "127.0.0.1" not in json.dumps(simulated)
    assert DEMO.granule_href("a") == "urn:ninepatch:demo-archive:sentinel-2-l2a:a"


def test_licence_and_providers_are_those_of_the_data(tmp_path: Path) -> None:
    real = made(tmp_path / "real", provider=HUB)
    assert [link["rel"] for link in real["links"] if link["rel"] == "license"] == ["license"]
    assert [one["name"] for one in real["properties"]["providers"]][1:] == ["Sentinel Hub", "Ninepatch"]
    assert real["properties"]["ninepatch:attribution"] == "Contains modified Copernicus Sentinel data [2017]"
    assert "imulated" not in json.dumps(real).replace('"ninepatch:simulated": false', "")
    demo = made(tmp_path / "demo")
    assert demo["properties"]["ninepatch:simulated"] is True
    assert "Copernicus" not in json.dumps(demo)


def test_days_and_the_percentile_are_described(tmp_path: Path) -> None:
    dated = made(tmp_path / "dated", recipe(px=6, radius=0, method="medoid"), (1, 2))
    asset = dated["assets"]["days"]
    with rasterio.open(tmp_path / "dated" / "days.tif") as dataset:
        days = dataset.read(1)
    (band,) = asset["bands"]
    assert (band["data_type"], band["nodata"], band["unit"]) == ("uint32", 0, "YYYYMMDD")
    assert (band["statistics"]["minimum"], band["statistics"]["maximum"]) == (days[days > 0].min(), days.max())
    assert asset["roles"] == ["data", "date"] and "ninepatch:percentile" not in dated["properties"]
    plain = made(tmp_path / "plain", recipe(px=6, radius=0, method="percentile", percentile=12), (1, 2))
    assert "days" not in plain["assets"] and plain["properties"]["ninepatch:percentile"] == 12
    assert "12th percentile of 2 acquisitions" in plain["properties"]["title"]


def test_method_mask_and_vetoes_are_said(tmp_path: Path) -> None:
    question = recipe(px=6, radius=0)
    veto = Veto(passes(question, (1, 2))[1].key, "haze & <b>")
    chosen = question.with_(vetoes=(veto,), grow=3, method="least-cloudy", least_coverage=2)
    properties = made(tmp_path, chosen, (1, 2))["properties"]
    assert properties["ninepatch:least_coverage"] == 2
    assert properties["ninepatch:method"] == "least-cloudy"
    assert properties["ninepatch:mask"]["scl"] == [0, 1, 3, 8, 9, 10]
    assert properties["ninepatch:mask"]["grow_px"] == 3
    assert properties["ninepatch:vetoes"] == [{"acquisition": veto.acquisition, "reason": "haze & <b>"}]
    for words in (
        "buffer 3 px",
        "haze & <b>",
        "least cloudy",
        "scene cloud cover of at most 10 % that show 2 % of the",
    ):
        assert words in properties["processing:lineage"]
    assert {"Ninepatch", "eo-learn", "sentinelhub", "numpy", "rasterio", "GDAL"} == set(
        properties["processing:software"]
    )


def test_the_files_say_that_values_are_harmonised_and_of_which_baselines(tmp_path: Path) -> None:
    properties = made(tmp_path)["properties"]
    assert properties["ninepatch:harmonized"] is True
    assert (properties["ninepatch:removed_offset"], properties["ninepatch:processing_baselines"]) == (-1000, ["02.05"])
    assert "1000 higher" in properties["processing:lineage"] and "baselines 02.05" in properties["processing:lineage"]
    for path in (tmp_path / "median.tif", *tmp_path.glob("tiles/*.tif")):
        with rasterio.open(path) as dataset:
            tags = dataset.tags()
        assert (tags["HARMONIZED"], tags["PROCESSING_BASELINES"]) == ("yes", "02.05")
        assert "04.00" in tags["HARMONIZATION"] and tags["HARMONIZATION"].isascii()
    patch = loaded(f"zip://{next(tmp_path.glob('patches/*.zip'))}")
    assert patch.meta_info["HARMONIZED"] is True and patch.meta_info["REMOVED_OFFSET"] == -1000
    assert patch.meta_info["PROCESSING_BASELINES"] == ["02.05"]


def test_item_and_files_name_all_products_with_baseline_and_offset(tmp_path: Path) -> None:
    question = recipe(px=6)
    first, second = passes(question, (1, 2))
    found = read_here(first, -1000), read_here(second, 0)
    published(tmp_path, question, found, HUB)
    item = json.loads((tmp_path / "item.json").read_text())
    names = [one.granules[0].id for one in found]
    told = [(one["id"], one["offset_applied"]) for one in item["properties"]["ninepatch:source_products"]]
    assert told == list(zip(names, (-1000, 0), strict=True))
    assert {one["processing_baseline"] for one in item["properties"]["ninepatch:source_products"]} == {"02.05"}
    assert [link["title"] for link in item["links"] if link["rel"] == "derived_from"] == names
    words = "DN offset -1000 applied by Ninepatch to 1 of 2 products"
    assert item["properties"]["ninepatch:offset_applied"] == words
    assert words in item["properties"]["processing:lineage"]
    assert item["properties"]["ninepatch:processing"] == "nearest"
    for path in (tmp_path / "median.tif", *tmp_path.glob("tiles/*.tif")):
        with rasterio.open(path) as dataset:
            assert dataset.tags()["SOURCE_PRODUCTS"].split() == names and dataset.tags()["OFFSET_APPLIED"] == words
    for path in tmp_path.glob("*.png"):
        with Pillow.open(path) as read:
            assert read.info["Source products"].split() == names and read.info["Offset applied"] == words


def test_the_statistics_are_those_of_the_mosaics_numbers(tmp_path: Path) -> None:
    item = made(tmp_path)
    bands = item["assets"]["mosaic"]["bands"]
    with rasterio.open(tmp_path / "median.tif") as dataset:
        assert [band["name"] for band in bands] == list(dataset.descriptions)
        for number, band in enumerate(bands[:-1], 1):
            values = dataset.read(number, masked=True)
            assert band["nodata"] == dataset.nodata
            assert (band["raster:scale"], band["raster:offset"]) == (dataset.scales[number - 1], 0)
            assert band["data_type"] == dataset.dtypes[number - 1]
            statistics = band["statistics"]
            assert (statistics["minimum"], statistics["maximum"]) == (values.min(), values.max())
            assert statistics["mean"] == pytest.approx(values.mean())
            assert statistics["stddev"] == pytest.approx(values.std())
            assert statistics["count"] == values.size
            assert statistics["valid_percent"] == pytest.approx(100 * values.count() / values.size, abs=1e-6)
        assert bands[-1]["statistics"]["mean"] == pytest.approx(np.mean(dataset.read(dataset.count)))


def test_the_file_of_indices_is_described_with_how_they_are_made(tmp_path: Path) -> None:
    item = made(tmp_path, recipe(px=12, bands=("B04", "B08", "B12")))
    bands = item["assets"]["indices"]["bands"]
    assert [band["name"] for band in bands] == ["NDVI", "NBR"]
    with rasterio.open(tmp_path / "indices/indices.tif") as dataset:
        for number, band in enumerate(bands, 1):
            values = dataset.read(number, masked=True).compressed()
            assert (band["data_type"], band["nodata"]) == (dataset.dtypes[0], dataset.nodata)
            assert band["raster:scale"] == dataset.scales[number - 1]
            assert "of each observation" in band["description"]
            assert band["statistics"]["mean"] == pytest.approx(values.mean())
    assert "An index is computed of each clear observation" in item["properties"]["processing:lineage"]
    assert "indices" not in made(tmp_path / "rgb")["assets"]


def test_every_file_is_an_asset_where_the_bundle_has_it(tmp_path: Path) -> None:
    question = recipe(px=6)
    _, result = published(tmp_path, question, passes(question, (1, 2)))
    item = json.loads((tmp_path / "item.json").read_text())
    hrefs = {asset["href"]: asset for asset in item["assets"].values()}
    assert set(hrefs) == {f"./{file.member}" for file in result.files if file.kind != "item"}
    for file in result.files:
        if file.kind != "item":
            assert hrefs[f"./{file.member}"]["type"] == file.media_type
            assert hrefs[f"./{file.member}"]["roles"]
    assert hrefs[f"./{result.of_kind('mosaic')[0].member}"]["roles"] == ["data"]


def test_where_the_files_lie_elsewhere_the_links_follow() -> None:
    item = {
        "assets": {"a": {"href": "./long.tif", "type": "image/tiff"}, "b": {"href": "./patches/p.zip", "type": "zip"}}
    }
    moved = relocated(item, {"long.tif": "median.tif", "patches/p.zip": "patches/x1_y1"})
    assert moved["assets"]["a"] == {"href": "./median.tif", "type": "image/tiff"}
    assert moved["assets"]["b"] == {"href": "./patches/x1_y1", "type": "inode/directory"}, "a folder is no zip file"
    assert relocated(item, {}) == item
