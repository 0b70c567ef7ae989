"""GeoTIFFs, read back by rasterio and judged by rio-cogeo."""

import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rio_cogeo.cogeo import cog_validate

from services.errors import StorageError
from services.export import write_cog
from services.export.cog import write_date_cog, write_index_cog
from services.export.result_store import CLEAR_OBSERVATIONS
from services.recipe import Recipe
from services.sentinel2 import NO_DATA
from tests.services.scenes import DATES, composites, provenance, recipe, scene


def written(folder: Path, question: Recipe, image: Any, **more: Any) -> Any:
    """The file, opened."""
    write_cog(folder / "median.tif", image, provenance(question, **more))
    return rasterio.open(folder / "median.tif")


@pytest.mark.parametrize("px", [7, 171, 400])
def test_it_is_a_cog_by_the_strictest_measure(px: int, tmp_path: Path) -> None:
    question = recipe(px=px)
    written(tmp_path, question, scene(question)).close()
    valid, errors, warnings = cog_validate(tmp_path / "median.tif", strict=True)
    assert (valid, errors, warnings) == (True, [], [])


def test_it_reads_back_the_same_numbers(tmp_path: Path) -> None:
    question = recipe(px=180, bands=("B08", "B04", "B03", "B02", "B12"))
    whole = scene(question)
    with written(tmp_path, question, whole) as dataset:
        pixels = dataset.read()
        for number, band in enumerate(question.bands):
            np.testing.assert_array_equal(pixels[number], whole.dn(band))
        np.testing.assert_array_equal(pixels[-1], whole.count)
        reflectance = dataset.read(1, masked=True) * dataset.scales[0] + dataset.offsets[0]
        np.testing.assert_array_equal(reflectance.mask, whole.count == 0)
        assert np.abs(reflectance - whole.reflectance[..., 0]).max() <= 0.00005 * 1.001
        assert dataset.overviews(1)


def test_indices_have_a_file_of_their_own(tmp_path: Path) -> None:
    question = recipe(px=180, bands=("B03", "B04", "B08"))
    whole = scene(question)
    write_index_cog(tmp_path / "indices.tif", whole, provenance(question))
    assert cog_validate(tmp_path / "indices.tif", strict=True) == (True, [], [])
    with rasterio.open(tmp_path / "indices.tif") as dataset:
        assert (dataset.dtypes, dataset.nodata) == (("int16",) * 2, -32_768)
        assert dataset.descriptions == ("NDVI", "NDWI") and dataset.scales == (0.0001, 0.0001)
        assert "of each clear observation" in dataset.tags()["DEFINITION"]
        assert dataset.tags(1)["FORMULA"] == "(B08 − B04) / (B08 + B04)"
        for number, index in enumerate(whole.indices.values(), 1):
            found = dataset.read(number, masked=True)
            np.testing.assert_array_equal(np.ma.getmaskarray(found), np.isnan(index))
            assert np.abs(found * dataset.scales[0] - index).max() <= 0.0000501


def test_only_an_observation_is_not_rounded(tmp_path: Path) -> None:
    for method, is_rounded in (("median", True), ("mean", True), ("medoid", False), ("least-cloudy", False)):
        question = recipe(px=8, method=method)
        with written(tmp_path, question, scene(question)) as dataset:
            assert ("ROUNDING" in dataset.tags()) is is_rounded
            assert dataset.tags()["METHOD"] == method


def test_days_have_a_file_of_their_own(tmp_path: Path) -> None:
    question = recipe(px=180, method="medoid")
    whole = scene(question)
    days = np.where(whole.count > 0, np.uint32(20170607), np.uint32(0))
    days[:90, :90] = 20171231
    write_date_cog(tmp_path / "days.tif", replace(whole, days=days), provenance(question))
    assert cog_validate(tmp_path / "days.tif", strict=True) == (True, [], [])
    with rasterio.open(tmp_path / "days.tif") as dataset:
        assert (dataset.dtypes, dataset.nodata) == (("uint32",), 0)
        assert (dataset.descriptions, dataset.units) == (("day of observation",), ("YYYYMMDD",))
        assert "YYYYMMDD" in dataset.tags()["DEFINITION"] and dataset.tags()["METHOD"] == "medoid"
        np.testing.assert_array_equal(dataset.read(1), days)
        small = dataset.read(1, out_shape=(90, 90))
        assert set(np.unique(small)) <= {0, 20170607, 20171231}, "no mean of days"
    with pytest.raises(ValueError, match="method medoid has no days"):
        write_date_cog(tmp_path / "none.tif", whole, provenance(question))


def test_what_the_numbers_mean_is_in_the_file(tmp_path: Path) -> None:
    question = recipe(px=40)
    with written(tmp_path, question, scene(question)) as dataset:
        assert dataset.dtypes == ("uint16",) * 4
        assert dataset.nodata == NO_DATA
        assert dataset.descriptions == ("B02", "B03", "B04", CLEAR_OBSERVATIONS)
        assert dataset.scales == (0.0001, 0.0001, 0.0001, 1.0)
        assert dataset.offsets == (0.0,) * 4
        assert dataset.units == ("reflectance", "reflectance", "reflectance", "observations")
        assert dataset.colorinterp[:3] == (ColorInterp.blue, ColorInterp.green, ColorInterp.red)
        assert dataset.profile["compress"] == "deflate"
        assert dataset.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "2"


def test_it_lies_where_the_tiles_lie(tmp_path: Path) -> None:
    question = recipe(px=40, height_px=25)
    with written(tmp_path, question, scene(question)) as dataset:
        assert dataset.crs.to_epsg() == 32635
        assert tuple(dataset.bounds) == pytest.approx(question.neighbourhood.bounds)
        assert dataset.res == pytest.approx((10, 10))
        assert (dataset.height, dataset.width) == (75, 120)


def test_a_tile_is_a_file_like_the_whole(tmp_path: Path) -> None:
    question = recipe(px=40)
    tile = composites(question)[5]
    with written(tmp_path, question, tile) as dataset:
        np.testing.assert_array_equal(dataset.read(3), tile.dn("B04"))
        assert tuple(dataset.bounds) == pytest.approx(tile.tile.bounds)


def test_its_tags_say_where_it_comes_from(tmp_path: Path) -> None:
    question = recipe(px=20, area="Åland & Öar")
    with written(tmp_path, question, scene(question), simulated=True) as dataset:
        tags = dataset.tags()
    assert tags["ACQUISITION_DATES"].split() == list(DATES)
    assert tags["TIFFTAG_COPYRIGHT"] == "Simulated data of a test"
    assert tags["SIMULATED"] == "yes"
    assert tags["RECIPE"] == question.digest
    assert tags["AREA"] == "Åland & Öar"
    assert "even DN" in tags["ROUNDING"]
    assert "GDAL" in tags["TIFFTAG_SOFTWARE"]


def test_the_same_image_gives_the_same_bytes_and_nothing_beside_them(tmp_path: Path) -> None:
    question = recipe(px=200)
    for name in ("a.tif", "b.tif"):
        write_cog(tmp_path / name, scene(question), provenance(question))
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif"]


FULL_DISK = """
import sys
from dataclasses import replace
from pathlib import Path
from services.export import write_cog
from tests.services.scenes import provenance, recipe, scene
question = recipe(px=100)
write_cog(Path(sys.argv[1]), scene(question), provenance(question))
"""


def test_a_disk_that_is_full_is_an_error_and_leaves_no_half_file(tmp_path: Path) -> None:
    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "median.tif")],
        cwd=Path(__file__).parents[3],
        preexec_fn=small_disk,
        capture_output=True,
        text=True,
    )
    assert StorageError.__name__ in done.stderr
    assert "median.tif cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []
