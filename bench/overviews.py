"""Bytes that pixels of 20 m and coarser cost, and how far they are from others: full resolution against overviews.

`python -m bench.overviews data.npz`, with real pixels of Sentinel-2: `bands` (time, y, x, band: B02, B03, B04, B08) and
`scl` (time, y, x), 10 m. Nothing is timed: bytes and errors are the same on every machine.
"""

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from services.recipe import MASKS

RESOLUTIONS = (20, 40, 60, 100, 240)
"""Metres."""
FACTORS = (2, 4, 8, 16)
"""Full pixels a side of a pixel of each overview."""
SIDE, BLOCK = 10_980, 1024
"""Pixels a side of a granule's 10 m file, and of its blocks."""
EXTENTS = (9_900, 99_000)
"""Metres a side of 3 × 3 tiles of 3300 m and of 33 km."""
PLACES = 200
ALIGNED = 96
"""Pixels a side of the series that are used: whole ones of each overview."""
WAYS = {
    "overview by average, SCL by nearest": (Resampling.average, Resampling.nearest),
    "overview by average, SCL too": (Resampling.average, Resampling.average),
    "overview by nearest, SCL too": (Resampling.nearest, Resampling.nearest),
}
Cube = NDArray[Any]


def factor_of(resolution: int) -> int:
    """Of the coarsest overview that is not coarser than `resolution` metres."""
    return max(factor for factor in FACTORS if 10 * factor <= resolution)


def granule(series: Cube) -> Cube:
    """Real patches of clear dates side by side, turned and mirrored, so that Deflate finds no repeat."""
    chance, patch = np.random.default_rng(1), series.shape[1]
    number = math.ceil(SIDE / patch)
    whole = np.empty((number, patch, number, patch), series.dtype)
    for row, column in np.ndindex(number, number):
        one = np.rot90(series[chance.integers(len(series))], int(chance.integers(4)))
        whole[row, :, column] = one[::-1] if chance.integers(2) else one
    return whole.reshape(number * patch, -1)[:SIDE, :SIDE]


def block_sizes(plane: Cube, way: str) -> dict[int, Cube]:
    """Bytes of each block, (rows, columns), of the file (1) and of its overviews, by factor."""
    layout = {"driver": "GTiff", "count": 1, "dtype": plane.dtype, "nodata": 0}
    with MemoryFile() as plain, MemoryFile(ext=".tif") as made:
        with plain.open(**layout, height=SIDE, width=SIDE) as dataset:
            dataset.write(plane, 1)
        more = {"COMPRESS": "DEFLATE", "PREDICTOR": "2", "NUM_THREADS": "ALL_CPUS"}
        copy(plain.name, made.name, driver="COG", BLOCKSIZE=BLOCK, OVERVIEW_RESAMPLING=way, **more)
        with made.open() as dataset:
            return {factor: _level(dataset, factor, place) for place, factor in enumerate((1, *FACTORS))}


def _level(dataset: Any, factor: int, place: int) -> Cube:
    number = range(math.ceil(SIDE / factor / BLOCK))
    level = {"ovr": place - 1} if place else {}
    tag = dataset.get_tag_item
    return np.array([[int(tag(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=1, **level)) for x in number] for y in number])


def megabytes(sizes: Cube, factor: int, resolution: int, extent: int) -> float:
    """Mean over places in a granule of the blocks that hold the centre of a pixel, each once."""
    chance, whole, found = np.random.default_rng(2), SIDE * 10, []
    centres = np.arange(resolution / 2, extent, resolution)
    for _ in range(PLACES):
        corner = 60 * chance.integers(0, (whole - extent) // 60, 2, endpoint=True)
        rows, columns = (np.unique((start + centres) // (10 * factor) // BLOCK).astype(int) for start in corner)
        found.append(sizes[np.ix_(rows, columns)].sum())
    return float(np.mean(found)) / 1e6


def overview(series: Cube, factor: int, way: Resampling) -> Cube:
    """Each date's plane as GDAL makes it; 0 is no data."""
    layout = {"driver": "GTiff", "count": len(series), "dtype": series.dtype, "nodata": 0}
    with MemoryFile() as memory:
        with memory.open(**layout, height=ALIGNED, width=ALIGNED) as dataset:
            dataset.write(series)
            dataset.build_overviews([factor], way)
        with memory.open(overview_level=0) as dataset:
            return np.asarray(dataset.read())


def composites(bands: Cube, scl: Cube) -> tuple[Cube, Cube]:
    """Median of red in DN and of NDVI over the observations that count, (y, x)."""
    clear = ~np.isin(scl, MASKS["clear"].invalid) & (bands[0] > 0)
    red, nir = np.where(clear, bands.astype(np.float64), np.nan)
    return np.nanmedian(red, axis=0), np.nanmedian((nir - red) / (nir + red), axis=0)


def errors(bands: Cube, scl: Cube, resolution: int) -> dict[str, list[float]]:
    """Mean |difference| of red and NDVI from nearest neighbour at full resolution, and from the mean of the pixel."""
    step, factor = resolution // 10, factor_of(resolution)
    fine = composites(bands, scl)
    coarse = {way: [overview(one, factor, way) for one in (*bands, scl)] for way in {*WAYS.values()} for way in way}
    found: dict[str, list[list[Cube]]] = {}
    for start in range(0, step, factor):  # places of the grid that overviews share with it
        number = (ALIGNED - start) // step
        centres = start + (np.arange(number) + 0.5) * step
        near = [one[np.ix_(centres.astype(int), centres.astype(int))] for one in fine]
        inside = slice(start, start + number * step)
        mean = [np.nanmean(one[inside, inside].reshape(number, step, number, step), axis=(1, 3)) for one in fine]
        there = np.ix_(np.arange(len(scl)), *[(centres / factor).astype(int)] * 2)
        pictures = {"full resolution by nearest": near}
        for name, (way, mask) in WAYS.items():
            red, nir, classes = coarse[way][0][there], coarse[way][1][there], coarse[mask][2][there]
            pictures[name] = list(composites(np.stack([red, nir]), classes))
        for name, picture in pictures.items():
            apart = [
                np.abs(one - other).ravel()
                for wanted in (near, mean)
                for one, other in zip(picture, wanted, strict=True)
            ]
            found.setdefault(name, []).append(apart)
    return {
        name: [float(np.nanmean(np.concatenate(one))) for one in zip(*parts, strict=True)]
        for name, parts in found.items()
    }


def main() -> None:
    """Print both tables."""
    data = np.load(Path(sys.argv[1]))
    clear = np.isin(data["scl"], (4, 5)).mean(axis=(1, 2)) > 0.9
    plane = granule(data["bands"][clear][..., 2])
    for way in ("AVERAGE", "NEAREST"):
        sizes = block_sizes(plane, way)
        for extent in EXTENTS:
            for resolution in RESOLUTIONS:
                factor = factor_of(resolution)
                full, less = (megabytes(sizes[one], one, resolution, extent) for one in (1, factor))
                print(
                    f"{extent / 1000:g} km at {resolution} m, a date and band: full {full:.2f} MB, overview of "
                    f"{10 * factor} m by {way.lower()} {less:.2f} MB, {full / less:.1f} times less"
                )
    bands = np.moveaxis(data["bands"][:, :ALIGNED, :ALIGNED, 2:], 3, 0)
    for resolution in RESOLUTIONS:
        for name, (red, ndvi, red_mean, ndvi_mean) in errors(
            bands, data["scl"][:, :ALIGNED, :ALIGNED], resolution
        ).items():
            print(
                f"{resolution} m, {name}: from nearest {red:.0f} DN, NDVI {ndvi:.4f}; from the mean {red_mean:.0f} DN, "
                f"NDVI {ndvi_mean:.4f}"
            )


if __name__ == "__main__":
    main()
