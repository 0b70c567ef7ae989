"""Nearest neighbour: equal to exact fractions within a zone, and to GDAL's exact warp across zones."""

from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.warp
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT

from services.catalogue import GranuleFile
from services.grid import Lattice
from services.providers.stac.decode import Coding
from services.providers.stac.header import Header
from services.providers.stac.nearest import Centres, pieces
from tests.services.providers.stac.made_files import (
    EPSG,
    ORIGIN,
    acquisition,
    granule_file,
    request,
    write_file,
)

TEAM = Lattice(EPSG, ORIGIN[0] + 600, ORIGIN[1] - 9900 - 1200, 3300, 3300)
"""Edges at multiples of 60 m from the granule's corner."""
SPLIT = Lattice(EPSG, ORIGIN[0] + 777.123456, ORIGIN[1] - 11_211.987654, 3087.654321, 3210.123)
"""As columns × rows of an area have it: no edge at a whole metre."""


def file_of(size: int, width: int = 1200, epsg: int = EPSG, corner: tuple[float, float] = ORIGIN) -> GranuleFile:
    """Of so many metres a pixel."""
    return GranuleFile("B04", "x", epsg, (size, 0.0, corner[0], 0.0, -size, corner[1]), width, width, 0, 0)


def centres(lattice: Lattice, resolution: int) -> Centres:
    """Of 3 × 3 tiles."""
    return Centres.of(request(lattice, acquisition(), ("B04",), resolution=resolution))


@pytest.mark.parametrize("lattice", [TEAM, SPLIT])
@pytest.mark.parametrize("size", [10, 20, 60])
@pytest.mark.parametrize("resolution", [10, 20, 50, 60, 100, 500, 1500])
def test_within_a_zone_it_is_exact_arithmetic(lattice: Lattice, size: int, resolution: int) -> None:
    width, height = lattice.size_px(resolution)
    rows, columns = centres(lattice, resolution).places(file_of(size))
    west, north = (Fraction(edge) for edge in ORIGIN)
    for place in range(3 * width):
        tile, column = divmod(place, width)
        left, right = (Fraction(lattice.x0 + i * lattice.dx) for i in (tile, tile + 1))
        middle = left + (right - left) * (2 * column + 1) / (2 * width)
        assert columns[0, place] == floor((middle - west) / size)
    for place in range(3 * height):
        tile, row = divmod(place, height)
        lower, upper = (Fraction(lattice.y0 + j * lattice.dy) for j in (2 - tile, 3 - tile))
        middle = upper - (upper - lower) * (2 * row + 1) / (2 * height)
        assert rows[place, 0] == floor((north - middle) / size)


def test_a_tile_has_the_same_pixels_in_every_block() -> None:
    found = acquisition()
    whole = Centres.of(request(SPLIT, found, ("B04",)))
    width, height = SPLIT.size_px(10)
    one = Centres.of(request(SPLIT, found, ("B04",), lower_left=(1, 2), columns=1, rows=1))
    assert np.array_equal(whole.x[width : 2 * width], one.x)
    assert np.array_equal(whole.y[:height], one.y)


def header_of(file: GranuleFile, side: int = 256) -> Header:
    """With blocks of so many pixels."""
    coding = Coding(side, side, 2, False, 8, 2)
    return Header(file.width, file.height, coding, file.transform, 0, (), (), "")


def picked(image: NDArray[Any], file: GranuleFile, ours: Centres, wanted: NDArray[np.bool_]) -> NDArray[Any]:
    """By pieces of blocks that have no more rows than a piece says."""
    result, header = np.zeros(wanted.shape, image.dtype), header_of(file)
    for piece in pieces(ours.places(file), header, wanted):
        top, left = (place * 256 for place in divmod(piece.number, header.across))
        block = np.zeros((256, 256), image.dtype)
        part = image[top : top + 256, left : left + 256]
        block[: part.shape[0], : part.shape[1]] = part
        result[piece.place] = block[: piece.rows][piece.source]
    return result


def warped(path: Path, lattice: Lattice, resolution: int) -> NDArray[Any]:
    """By GDAL, tile by tile."""
    width, height = lattice.size_px(resolution)
    rows = []
    for down in (2, 1, 0):
        row = []
        for along in range(3):
            west, north = lattice.x0 + along * lattice.dx, lattice.y0 + (down + 1) * lattice.dy
            east, south = lattice.x0 + (along + 1) * lattice.dx, lattice.y0 + down * lattice.dy
            transform = Affine((east - west) / width, 0, west, 0, (south - north) / height, north)
            with (
                rasterio.open(path) as made,
                WarpedVRT(
                    made,
                    crs=f"EPSG:{lattice.epsg}",
                    transform=transform,
                    width=width,
                    height=height,
                    resampling=Resampling.nearest,
                    tolerance=1e-6,
                    src_nodata=0,
                    nodata=0,
                    OVERVIEW_LEVEL="NONE",
                ) as vrt,
            ):
                row.append(vrt.read(1))
        rows.append(np.hstack(row))
    return np.vstack(rows)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NDArray[Any]]:
    """Every pixel is another than its neighbours."""
    pixels = np.random.default_rng(3).permutation(2**21).astype(np.uint32)[: 1200 * 1200].reshape(1200, 1200)
    pixels = (pixels % 65_000 + 1).astype(np.uint16)
    path = tmp_path_factory.mktemp("image") / "image.tif"
    write_file(path, pixels, ORIGIN, 10, overviews="none")
    return path, pixels


@pytest.mark.parametrize("lattice", [TEAM, SPLIT])
@pytest.mark.parametrize("resolution", [10, 20, 60, 300])
def test_within_a_zone_it_equals_gdal(image: tuple[Path, NDArray[Any]], lattice: Lattice, resolution: int) -> None:
    path, pixels = image
    ours = centres(lattice, resolution)
    wanted = np.ones((len(ours.y), len(ours.x)), np.bool_)
    assert np.array_equal(picked(pixels, granule_file(path, "B04"), ours, wanted), warped(path, lattice, resolution))


@pytest.mark.parametrize(("epsg", "dx"), [(32635, 3300.0), (32633, 3111.1)])
@pytest.mark.parametrize("resolution", [10, 60])
def test_across_zones_it_equals_gdals_exact_warp(
    image: tuple[Path, NDArray[Any]], epsg: int, dx: float, resolution: int
) -> None:
    path, pixels = image
    x, y = rasterio.warp.transform("EPSG:32634", f"EPSG:{epsg}", [ORIGIN[0] + 1500], [ORIGIN[1] - 10_500])
    lattice = Lattice(epsg, 60 * round(x[0] / 60), 60 * round(y[0] / 60), dx, dx)
    ours = centres(lattice, resolution)
    wanted = np.ones((len(ours.y), len(ours.x)), np.bool_)
    mine, theirs = picked(pixels, granule_file(path, "B04"), ours, wanted), warped(path, lattice, resolution)
    assert (mine != 0).mean() > 0.7
    assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("epsg", [EPSG, 32635])
def test_only_wanted_pixels_are_picked(image: tuple[Path, NDArray[Any]], epsg: int) -> None:
    path, pixels = image
    x, y = rasterio.warp.transform("EPSG:32634", f"EPSG:{epsg}", [ORIGIN[0] + 1500], [ORIGIN[1] - 10_500])
    ours, file = centres(Lattice(epsg, x[0], y[0], 3300, 3300), 10), granule_file(path, "B04")
    everywhere = np.ones((len(ours.y), len(ours.x)), np.bool_)
    corner = np.zeros_like(everywhere)
    corner[300:340, 500:510] = True
    whole, some = picked(pixels, file, ours, everywhere), picked(pixels, file, ours, corner)
    assert np.array_equal(some[corner], whole[corner])
    few = pieces(ours.places(file), header_of(file), corner)
    assert len(few) <= 4
    assert len(few) < len(pieces(ours.places(file), header_of(file), everywhere))
    assert not pieces(ours.places(file), header_of(file), np.zeros_like(corner))


def test_outside_of_the_file_nothing_is_picked() -> None:
    file = file_of(10, width=100)
    ours = centres(Lattice(EPSG, ORIGIN[0] - 2000, ORIGIN[1] - 8000, 3300, 3300), 10)
    wanted = np.ones((len(ours.y), len(ours.x)), np.bool_)
    image = np.ones((100, 100), np.uint16)
    found = picked(image, file, ours, wanted)
    inside = (ours.x > ORIGIN[0]) & (ours.x < ORIGIN[0] + 1000)
    below = (ours.y < ORIGIN[1]) & (ours.y > ORIGIN[1] - 1000)
    assert np.array_equal(found == 1, below[:, np.newaxis] & inside)
    far = centres(Lattice(EPSG, ORIGIN[0] + 50_000, ORIGIN[1], 3300, 3300), 10)
    assert not pieces(far.places(file), header_of(file), wanted)
