"""The header of a file: what it says equals what GDAL and tifffile read of the whole file."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import tifffile
from rasterio.transform import Affine

from services.errors import BadResponse
from services.providers.stac.decode import rows_of
from services.providers.stac.header import FIRST, Header, read_header
from services.providers.stac.ranges import Part
from tests.services.providers.stac.made_files import ORIGIN, texture, write_file


def whole_header(path: Path) -> tuple[Header, list[tuple[int, int]]]:
    """Of a file on the disk, and the reads that it took."""
    reads = []

    def read(start: int, length: int, etag: str) -> Part:
        reads.append((start, length))
        return Part(path.read_bytes()[start : start + length], '"v1"', path.stat().st_size)

    return read_header(read), reads


def plain_tiff(path: Path, pixels: Any, **options: Any) -> Path:
    """By GDAL's plain driver."""
    profile = {"width": pixels.shape[-1], "height": pixels.shape[-2], "count": 1, "dtype": pixels.dtype}
    profile |= {"crs": "EPSG:32634", "transform": Affine(10, 0, ORIGIN[0], 0, -10, ORIGIN[1])} | options
    with rasterio.open(path, "w", driver="GTiff", **profile) as made:
        made.write(pixels if pixels.ndim == 3 else pixels[np.newaxis])
    return path


def unpacked(path: Path, header: Header) -> Any:
    """The whole image from its blocks; those that are not stored are 0."""
    content, coding = path.read_bytes(), header.coding
    down = -(-header.height // coding.height)
    image = np.zeros((down * coding.height, header.across * coding.width), np.uint16)
    for number, (start, size) in enumerate(zip(header.offsets, header.sizes, strict=True)):
        if size:
            row, column = divmod(number, header.across)
            block = rows_of(coding, content[start : start + size], coding.height, whole=True)
            place = slice(row * coding.height, None), slice(column * coding.width, (column + 1) * coding.width)
            image[place][: coding.height] = block
    return image[: header.height, : header.width]


@pytest.mark.parametrize(
    "options", [{}, {"bigtiff": "yes"}, {"predictor": 1}, {"compress": "lzw"}, {"compress": "zstd"}]
)
def test_blocks_of_a_cog_unpack_to_what_gdal_reads(tmp_path: Path, options: dict[str, str]) -> None:
    path = tmp_path / "made.tif"
    write_file(path, texture(700, 600, 1), ORIGIN, 10, **options)
    header, reads = whole_header(path)
    assert reads == [(0, FIRST)]
    with rasterio.open(path) as made:
        assert (header.width, header.height) == (made.width, made.height)
        assert header.transform == tuple(made.transform)[:6]
        assert (header.coding.height, header.coding.width) == made.block_shapes[0]
        assert np.array_equal(unpacked(path, header), made.read(1))


@pytest.mark.parametrize("endianness", ["big", "little"])
def test_both_orders_of_bytes_are_read(tmp_path: Path, endianness: str) -> None:
    path, pixels = tmp_path / "made.tif", texture(500, 400, 2)
    plain_tiff(
        path, pixels, endianness=endianness, tiled=True, blockxsize=128, blockysize=64, compress="deflate", predictor=2
    )
    header, _ = whole_header(path)
    assert header.coding.big_endian == (endianness == "big")
    assert np.array_equal(unpacked(path, header), pixels)


def test_a_long_header_is_read_on_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "long.tif"
    plain_tiff(path, texture(1600, 1600, 3), tiled=True, blockxsize=16, blockysize=16, compress="deflate")
    header, reads = whole_header(path)
    with tifffile.TiffFile(path) as tiff:
        assert header.offsets == tiff.pages.first.dataoffsets
        assert header.sizes == tiff.pages.first.databytecounts
    assert len(reads) > 1
    assert all(start == sum(length for _, length in reads[:place]) for place, (start, _) in enumerate(reads))


def test_blocks_without_data_are_not_stored(tmp_path: Path) -> None:
    path, pixels = tmp_path / "sparse.tif", texture(512, 512, 4)
    pixels[:256] = 0
    write_file(path, pixels, ORIGIN, 10, sparse_ok="true", nodata=0)
    header, _ = whole_header(path)
    assert header.sizes[:2] == (0, 0)
    assert header.offsets[:2] == (0, 0)
    assert np.array_equal(unpacked(path, header), pixels)


def test_a_packed_header_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "made.tif"
    write_file(path, texture(600, 600, 5), ORIGIN, 10)
    header, _ = whole_header(path)
    assert Header.unpack(header.pack()) == header
    with pytest.raises(ValueError, match="version"):
        Header.unpack(b"ABCD" + header.pack()[4:])


@pytest.mark.parametrize(
    ("pixels", "options", "word"),
    [
        (texture(300, 300, 6), {}, "tiles"),
        (
            np.stack([texture(256, 256, 6)] * 3),
            {"count": 3, "tiled": True, "blockxsize": 256, "blockysize": 256},
            "one band",
        ),
        (texture(256, 256, 6).astype(np.int16), {"tiled": True, "compress": "deflate"}, "int16"),
        (texture(256, 256, 6).astype(np.float32), {"tiled": True, "compress": "deflate"}, "8 or 16 bits"),
        (texture(256, 256, 6), {"tiled": True, "compress": "lzma"}, "34925"),
    ],
)
def test_other_files_are_refused_with_what_they_are(
    tmp_path: Path, pixels: Any, options: dict[str, Any], word: str
) -> None:
    path = plain_tiff(tmp_path / "other.tif", pixels, **options)
    with pytest.raises(BadResponse, match=word):
        whole_header(path)


@pytest.mark.parametrize(
    ("patch", "word"),
    [
        (lambda tags: (tags[65_000].offset, "<H", 266), "bits the other way round"),
        (lambda tags: (tags[325].valueoffset, "<I", 10**9), "takes 1,000,000,000 bytes, of at most 20,480"),
    ],
)
def test_blocks_in_another_order_of_bits_or_beyond_measure_are_refused(tmp_path: Path, patch: Any, word: str) -> None:
    path, order = tmp_path / "made.tif", [(65_000, "H", 1, 2, True)]
    tifffile.imwrite(path, texture(64, 64, 6), tile=(64, 64), compression="zlib", predictor=True, extratags=order)
    with tifffile.TiffFile(path) as tiff:
        place, kind, value = patch(tiff.pages.first.tags)
    content = bytearray(path.read_bytes())
    struct.pack_into(kind, content, place, value)
    with pytest.raises(BadResponse, match=word):
        read_header(lambda start, length, etag: Part(bytes(content[start : start + length]), "", 10**12))


def test_the_projection_is_the_files_own(tmp_path: Path) -> None:
    path = tmp_path / "made.tif"
    write_file(path, texture(300, 300, 6), ORIGIN, 10, epsg=32735)
    assert whole_header(path)[0].epsg == 32735
    how = {"tiled": True, "compress": "deflate", "blockxsize": 128, "blockysize": 128}
    for crs, epsg in ((None, 0), ("+proj=laea +lat_0=60 +lon_0=25", 0), ("EPSG:3067", 3067)):
        assert whole_header(plain_tiff(path, texture(300, 300, 6), **how, crs=crs))[0].epsg == epsg


@pytest.mark.parametrize(
    "content", [b"", b"<html>gone</html>", b"II*\0" + b"\xff" * 400, b"MM\0+\0\x08\0\0" + b"\1" * 99]
)
def test_what_is_no_tiff_is_refused(content: bytes) -> None:
    with pytest.raises(BadResponse, match="cannot be read"):
        read_header(lambda start, length, etag: Part(content[start : start + length], "", len(content)))


def test_damaged_headers_are_refused_or_stay_within_their_file(tmp_path: Path) -> None:
    path = tmp_path / "made.tif"
    write_file(path, texture(600, 600, 7), ORIGIN, 10)
    content, random = path.read_bytes(), np.random.default_rng(7)
    for _ in range(200):
        damaged = bytearray(content)
        for place in random.integers(0, 900, 3):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged)
        try:
            header, _ = whole_header(path)
        except BadResponse:
            continue
        ends = [start + size for start, size in zip(header.offsets, header.sizes, strict=True)]
        assert max(ends) <= len(content)
