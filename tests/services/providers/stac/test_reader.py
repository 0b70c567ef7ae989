"""Pixels of an acquisition: by a plain reading of whole files and the rules as they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.warp
from numpy.typing import NDArray

from services.catalogue import Granule
from services.errors import AcquisitionGone, BadResponse
from services.geo import to_wgs84
from services.grid import Lattice
from services.plan import BlockRequest
from services.providers.stac.blocks import FileBlocks
from services.providers.stac.nearest import Centres
from services.providers.stac.reader import contributors, read_block
from tests.services.providers.stac.made_files import (
    EPSG,
    ORIGIN,
    LocalRanges,
    Planes,
    acquisition,
    granule,
    request,
    texture,
)

PLANES = ("B04", "B11", "SCL", "dataMask")
LATTICE = Lattice(EPSG, ORIGIN[0] + 660, ORIGIN[1] - 8220, 1200, 1200)
Pixels = NDArray[Any]


@pytest.fixture
def blocks(tmp_path: Path) -> Iterator[FileBlocks]:
    """Empty."""
    made = FileBlocks(tmp_path / "blocks", 10**9, 4)
    yield made
    made.close()


def scene(folder: Path, seed: int, side: int = 800, missing: slice = slice(0, 0), **options: Any) -> Granule:
    """With no data in some columns, odd pixels of no data elsewhere, and DN below the offset."""
    b04, b11 = texture(side, side, seed, 3000), texture(side // 2, side // 2, seed + 1, 3000)
    random = np.random.default_rng(seed)
    classes = random.integers(1, 12, (side // 2, side // 2)).astype(np.uint8)
    b04[random.random(b04.shape) < 0.01] = 0
    classes[random.random(classes.shape) < 0.01] = 0
    b11[random.random(b11.shape) < 0.01] = 0
    b04[:, missing] = 0
    return granule(folder, {"B04": (b04, 10), "B11": (b11, 20), "SCL": (classes, 20)}, **options)


def plain(block: BlockRequest, granules: Sequence[Granule]) -> dict[str, Pixels]:
    """Pixel by pixel from whole files, granules in this order."""
    centres = Centres.of(block)
    x, y = (axis.ravel() for axis in np.meshgrid(centres.x, centres.y))
    result = {plane: np.zeros(len(x), np.int64) for plane in block.planes}
    for one in granules:
        raw = {}
        for file in one.files:
            with rasterio.open(file.href.removeprefix("https://files.example/")) as made:
                image, epsg = np.pad(made.read(1), 1), made.crs.to_epsg()
                there = (
                    rasterio.warp.transform(f"EPSG:{block.lattice.epsg}", f"EPSG:{epsg}", x, y)
                    if epsg != block.lattice.epsg
                    else (x, y)
                )
                columns, rows = ~made.transform * (np.array(there[0]), np.array(there[1]))
            rows, columns = (
                np.clip(np.floor(some) + 1, 0, limit - 1).astype(int)
                for some, limit in zip((rows, columns), image.shape, strict=True)
            )
            raw[file.plane] = image[rows, columns].astype(np.int64), file.offset
        take = (result["dataMask"] == 0) & (raw["SCL"][0] != 0) & (raw["B04"][0] != 0)
        for plane in block.planes:
            if plane == "dataMask":
                result[plane][take] = 1
            else:
                dn, offset = raw[plane]
                result[plane][take] = np.where(dn == 0, 0, np.maximum(dn + offset, 0))[take]
    return {plane: pixels.reshape(block.height, block.width) for plane, pixels in result.items()}


def whole(block: BlockRequest, frames: Any) -> dict[str, Pixels]:
    """The block's tiles beside each other."""
    rows = [block.tiles[start : start + block.columns] for start in range(0, len(block.tiles), block.columns)]
    return {plane: np.vstack([np.hstack([frames[i][plane] for i in row]) for row in rows]) for plane in block.planes}


def assert_equal(found: dict[str, Pixels], wanted: dict[str, Pixels]) -> None:
    """In every pixel of every plane."""
    for plane, pixels in wanted.items():
        assert np.array_equal(found[plane], pixels), plane


@pytest.mark.parametrize("offset", [0, -1000])
@pytest.mark.parametrize("resolution", [10, 20, 60, 200])
def test_one_granule_is_read_by_the_rules(tmp_path: Path, blocks: FileBlocks, offset: int, resolution: int) -> None:
    one = scene(tmp_path, 1, offset=offset)
    block = request(LATTICE, acquisition(one), PLANES, resolution=resolution)
    found = read_block(block, LocalRanges(), blocks)
    assert_equal(whole(block, found.frames), plain(block, [one]))
    types = {plane: pixels.dtype for plane, pixels in found.frames[block.tiles[0]].items()}
    assert types == {"B04": np.uint16, "B11": np.uint16, "SCL": np.uint8, "dataMask": np.uint8}


def test_low_numbers_are_valid_and_no_data_is_not(tmp_path: Path, blocks: FileBlocks) -> None:
    b04 = np.full((800, 800), 700, np.uint16)
    b04[:, 100:200], b04[:, 200:300] = 0, 1001
    one = granule(tmp_path, {"B04": (b04, 10), "SCL": (np.full((400, 400), 4, np.uint8), 20)})
    block = request(LATTICE, acquisition(one), ("B04", "dataMask"))
    found = whole(block, read_block(block, LocalRanges(), blocks).frames)
    row = dict(
        zip(range(66, 66 + 360), zip(found["B04"][0].tolist(), found["dataMask"][0].tolist(), strict=True), strict=True)
    )
    assert (row[99], row[150], row[250], row[300]) == ((0, 1), (0, 0), (1, 1), (0, 1))


@pytest.mark.parametrize("planes", [("B11", "dataMask"), ("B11",), ("SCL",), ("dataMask",), ("SCL", "B04")])
def test_planes_do_not_depend_on_what_is_asked_beside_them(
    tmp_path: Path, blocks: FileBlocks, planes: tuple[str, ...]
) -> None:
    granules = scene(tmp_path, 1, missing=slice(200, 800)), scene(tmp_path, 5, made="20220607T110000")
    every = plain(request(LATTICE, acquisition(*granules), PLANES), granules)
    block = request(LATTICE, acquisition(*granules), planes)
    found = whole(block, read_block(block, LocalRanges(), blocks).frames)
    assert_equal(found, {plane: every[plane] for plane in planes})


def test_a_tile_has_the_same_pixels_in_every_block(tmp_path: Path, blocks: FileBlocks) -> None:
    granules = scene(tmp_path, 1, missing=slice(200, 800)), scene(tmp_path, 5, made="20220607T110000")
    found = acquisition(*granules)
    large = read_block(request(LATTICE, found, PLANES), LocalRanges(), blocks)
    for index, planes in large.frames.items():
        alone = request(LATTICE, found, PLANES, lower_left=(index.x, index.y), columns=1, rows=1)
        assert_equal(dict(read_block(alone, LocalRanges(), blocks).frames[index]), dict(planes))


def test_gaps_of_the_newest_are_filled_by_the_others(tmp_path: Path, blocks: FileBlocks) -> None:
    newest = scene(tmp_path, 1, made="20220608T000000", missing=slice(150, 800))
    middle = scene(tmp_path, 3, made="20220607T230000", missing=slice(300, 800))
    oldest = scene(tmp_path, 5, made="20220607T220000")
    block = request(LATTICE, acquisition(oldest, newest, middle), PLANES, lower_left=(0, 1))
    assert [one for one, _ in contributors(block)] == [newest, middle, oldest]
    found = whole(block, read_block(block, LocalRanges(), blocks).frames)
    assert_equal(found, plain(block, [newest, middle, oldest]))
    assert found["dataMask"].mean() > 0.98


def test_granules_of_the_grids_own_zone_come_first(tmp_path: Path, blocks: FileBlocks) -> None:
    x, y = rasterio.warp.transform("EPSG:32634", "EPSG:32635", [ORIGIN[0] + 660], [ORIGIN[1] - 4600])
    corner = 60 * round(x[0] / 60) - 1800, 60 * round(y[0] / 60) + 1800
    newer = scene(tmp_path, 1, made="20220608T000000", tile="35TKK", corner=corner, epsg=32635)
    own = scene(tmp_path, 5, made="20220607T000000", missing=slice(150, 800))
    block = request(LATTICE, acquisition(newer, own), PLANES)
    assert [one for one, _ in contributors(block)] == [own, newer]
    found = whole(block, read_block(block, LocalRanges(), blocks).frames)
    assert_equal(found, plain(block, [own, newer]))
    filled = found["dataMask"][:, 150:].mean()
    assert 0.3 < filled <= 1


def test_of_equal_ones_the_first_by_name_is_taken(tmp_path: Path, blocks: FileBlocks) -> None:
    first, second = scene(tmp_path, 1, tile="34TEP"), scene(tmp_path, 5, tile="34TEQ")
    block = request(LATTICE, acquisition(second, first), PLANES)
    assert [one for one, _ in contributors(block)] == [first, second]
    assert_equal(whole(block, read_block(block, LocalRanges(), blocks).frames), plain(block, [first, second]))


def test_a_granule_shows_the_tiles_of_its_footprint_only(tmp_path: Path, blocks: FileBlocks) -> None:
    west, north = ORIGIN
    shown = (west, north - 8000, west + 660 + 1200, north)
    one = scene(tmp_path, 1, footprint=shown)
    block = request(LATTICE, acquisition(one), PLANES)
    found = whole(block, read_block(block, LocalRanges(), blocks).frames)
    every = plain(block, [one])
    assert np.array_equal(found["B04"][:, :120], every["B04"][:, :120])
    assert not found["dataMask"][:, 120:].any()
    assert not found["B11"][:, 120:].any()


def test_what_a_first_granule_fills_is_not_read_of_others(tmp_path: Path, blocks: FileBlocks) -> None:
    full = np.full((400, 400), 5, np.uint8)
    planes: Planes = {"B04": (texture(800, 800, 1), 10), "SCL": (full, 20)}
    first, second = granule(tmp_path, planes, made="20220608T000000"), granule(tmp_path, planes)
    ranges = LocalRanges()
    block = request(LATTICE, acquisition(first, second), ("B04", "SCL", "dataMask"), lower_left=(0, 1))
    read_block(block, ranges, blocks)
    assert {name.rpartition("_")[0] for name, _, _ in ranges.asked} == {first.id}


@pytest.mark.parametrize(
    ("planes", "word"),
    [
        ({"B04": (texture(800, 800, 1), 10), "SCL": (np.full((400, 400), 12, np.uint8), 20)}, "SCL of 12"),
        ({"B04": (texture(800, 800, 1), 10)}, "no file of SCL"),
        ({"B04": (np.full((800, 800), 9, np.uint8), 10), "SCL": (np.full((400, 400), 4, np.uint8), 20)}, "1 bytes"),
    ],
)
def test_files_that_are_not_what_they_are_said_to_be_are_refused(
    tmp_path: Path, blocks: FileBlocks, planes: dict[str, tuple[Pixels, int]], word: str
) -> None:
    one = granule(tmp_path, planes)
    with pytest.raises(BadResponse, match=word):
        read_block(request(LATTICE, acquisition(one), ("B04", "dataMask")), LocalRanges(), blocks)


def test_a_file_that_lies_elsewhere_than_the_catalogue_says_is_refused(tmp_path: Path, blocks: FileBlocks) -> None:
    one = scene(tmp_path, 1)
    a, b, c, d, e, f = one.files[0].transform
    moved = replace(one, files=(replace(one.files[0], transform=(a, b, c + 10, d, e, f)), *one.files[1:]))
    with pytest.raises(BadResponse, match="catalogue says something else"):
        read_block(request(LATTICE, acquisition(moved), PLANES), LocalRanges(), blocks)


def test_a_file_that_lies_in_another_zone_than_the_catalogue_says_is_refused(
    tmp_path: Path, blocks: FileBlocks
) -> None:
    one = scene(tmp_path, 1)
    moved = replace(one, files=tuple(replace(file, epsg=EPSG + 1) for file in one.files))
    near = replace(LATTICE, epsg=EPSG + 1)
    found = replace(acquisition(moved), granules=(replace(moved, footprint=_in_zone(EPSG + 1)),))
    with pytest.raises(BadResponse, match=f"EPSG:{EPSG}; the catalogue says something else"):
        read_block(request(near, found, PLANES), LocalRanges(), blocks)


def _in_zone(epsg: int) -> Any:
    """Its footprint as if it lay in that zone."""
    west, north = ORIGIN
    ring = np.array([(west, north), (west + 8000, north), (west + 8000, north - 8000), (west, north - 8000)])
    longitudes, latitudes = to_wgs84(epsg, *ring.T)
    return ((tuple(zip(longitudes.tolist(), latitudes.tolist(), strict=True)),),)


def test_a_file_of_another_size_than_the_catalogue_said_was_replaced(tmp_path: Path, blocks: FileBlocks) -> None:
    one = scene(tmp_path, 1)
    said = replace(one.files[0], size=one.files[0].size + 1)
    found = acquisition(replace(one, files=(said, *one.files[1:])))
    with pytest.raises(AcquisitionGone, match=r"A file of B04 has [\d,]+ bytes, .* it was replaced"):
        read_block(request(LATTICE, found, PLANES), LocalRanges(), blocks)
