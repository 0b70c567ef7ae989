"""Files with few blocks, read by GDAL and tifffile, which had no part in writing them."""

import io

import numpy as np
import tifffile
from affine import Affine
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.windows import Window
from rio_cogeo.cogeo import cog_validate

from services.demo.publish.cog import Level, Place, cog

PLACE = Place(32635, 300_000, 6_700_020, 10, "Simulated data")
RANDOM = np.random.default_rng(7)
BLOCK = RANDOM.integers(0, 65536, (1024, 1024), np.uint16)
"""Any value, so that differences wrap."""
SPARSE = cog(Level(10_980, 1024, {(3, 4): BLOCK, (10, 10): BLOCK}), PLACE)


def test_gdal_reads_the_pixels_back_and_nothing_where_there_is_no_block() -> None:
    with MemoryFile(SPARSE) as memory, memory.open() as file:
        assert file.crs.to_epsg() == 32635
        assert file.transform == Affine(10, 0, 300_000, 0, -10, 6_700_020)
        assert (file.width, file.height, file.nodata, file.block_shapes) == (10_980, 10_980, 0, [(1024, 1024)])
        assert np.array_equal(file.read(1, window=Window(4096, 3072, 1024, 1024)), BLOCK)
        assert np.array_equal(file.read(1, window=Window(10_240, 10_240, 740, 740)), BLOCK[:740, :740])
        assert not file.read(1, window=Window(0, 0, 2048, 2048)).any()
        assert file.tags()["TIFFTAG_IMAGEDESCRIPTION"] == "Simulated data"


def test_absent_blocks_have_no_place_in_the_file() -> None:
    with tifffile.TiffFile(io.BytesIO(SPARSE)) as file:
        offsets = [(page.shape, sum(offset > 0 for offset in page.dataoffsets)) for page in file.pages]
        lengths = [(offset > 0) == (length > 0) for page in file.pages
                   for offset, length in zip(page.dataoffsets, page.databytecounts, strict=True)]  # fmt: skip
    assert offsets == [((10_980, 10_980), 2), ((5490, 5490), 2), ((2745, 2745), 2), ((1372, 1372), 2), ((686, 686), 1)]
    assert all(lengths)


def test_all_headers_lie_in_the_first_16_kb_and_the_coarsest_overview_comes_before_the_picture() -> None:
    with tifffile.TiffFile(io.BytesIO(SPARSE)) as file:
        assert all(page.offset < 8192 for page in file.pages)
        first = [min(offset for offset in page.dataoffsets if offset) for page in file.pages]
    assert first == sorted(first, reverse=True)
    assert first[-1] < 16_384


def test_it_is_a_cloud_optimized_geotiff() -> None:
    with MemoryFile(SPARSE) as memory:
        valid, errors, _ = cog_validate(memory.name, strict=True)
    assert valid, errors


def test_the_layout_is_that_of_gdal_s_own_driver() -> None:
    with MemoryFile() as source, MemoryFile() as target:
        profile = {"driver": "GTiff", "width": 5490, "height": 5490, "count": 1, "dtype": "uint8"}
        profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "transform": Affine(20, 0, 0, 0, -20, 0)}
        with source.open(**profile, sparse_ok=True) as file:
            file.write(np.ones((1, 512, 512), np.uint8), window=Window(0, 0, 512, 512))
        options = {"blocksize": 512, "compress": "DEFLATE", "predictor": "YES", "sparse_ok": "YES"}
        copy(source.name, target.name, driver="COG", **options)
        theirs = layout(bytes(target.getbuffer()))
    ours = layout(cog(Level(5490, 512, {(0, 0): np.ones((512, 512), np.uint8)}), PLACE, classes=True))
    assert ours == theirs


def layout(content: bytes) -> list[object]:
    """What a reader depends on, of every level."""
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        return [
            (page.shape, page.dtype, page.tilewidth, page.tags[317].value, page.compression, file.byteorder,
             [offset > 0 for offset in page.dataoffsets])
            for page in (frame.aspage() for frame in file.pages)
        ]  # fmt: skip


def test_overviews_hold_the_mean_of_what_was_seen() -> None:
    block = np.zeros((256, 256), np.uint16)
    block[:2, :4] = [[1000, 1001, 0, 0], [1002, 1003, 0, 3000]]
    with MemoryFile(cog(Level(512, 256, {(0, 0): block}), PLACE)) as memory, memory.open(overview_level=0) as file:
        assert file.read(1)[0, :3].tolist() == [1002, 3000, 0]


def test_overviews_of_classes_hold_classes_that_are_there() -> None:
    block = RANDOM.choice(np.array([4, 8, 9], np.uint8), (256, 256))
    content = cog(Level(512, 256, {(1, 1): block}), PLACE, classes=True)
    with MemoryFile(content) as memory, memory.open(overview_level=0) as file:
        assert np.array_equal(file.read(1)[128:, 128:], block[::2, ::2])
