"""Cubes of a mosaic for xarray, R and others: Zarr and NetCDF by the CF conventions, written window by window."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import rasterio
from pyproj import CRS
from rasterio.io import DatasetReader
from rasterio.windows import Window

from services.mosaic.tile_set import Tell
from services.sentinel2 import DN_PER_UNIT, NO_DATA

WINDOW = 1024
"""Px a side of a chunk, and of what is in memory at a time."""
REFLECTANCE, COUNT, GRID = "reflectance", "clear_observations", "spatial_ref"
"""Names of the variables; GRID has the coordinate system and no numbers."""
_DIMENSIONS = ("band", "y", "x")
_AXES = {
    "x": {"standard_name": "projection_x_coordinate", "axis": "X"},
    "y": {"standard_name": "projection_y_coordinate", "axis": "Y"},
    "band": {"long_name": "band of Sentinel-2"},
}
_NUMBERS: dict[str, dict[str, Any]] = {
    REFLECTANCE: {
        "standard_name": "surface_bidirectional_reflectance",
        "units": "1",
        "scale_factor": 1 / DN_PER_UNIT,
        "add_offset": 0.0,
        "grid_mapping": GRID,
    },
    COUNT: {"long_name": "clear observations of each pixel", "units": "1", "grid_mapping": GRID},
}


def make_zarr(source: str, target: str, tell: Tell) -> None:
    """Write a folder in Zarr's second format, which xarray, GDAL and R read alike, with its metadata in one place."""
    import zarr  # of Zarr and NetCDF, each is imported by who writes it
    from numcodecs import Blosc

    packed = Blosc(cname="zstd", clevel=3, shuffle=Blosc.SHUFFLE)
    with rasterio.open(source) as dataset:
        root = zarr.open_group(target, mode="w", zarr_format=2, attributes=_told(dataset))
        for name, (dimensions, values, words) in _coordinates(dataset).items():
            root.create_array(
                name,
                data=np.asarray(values),
                fill_value=None,
                attributes={**words, "_ARRAY_DIMENSIONS": list(dimensions)},
            )
        for name, dimensions, shape in _variables(dataset):
            made = root.create_array(
                name,
                shape=shape,
                chunks=(1, WINDOW, WINDOW)[-len(shape) :],
                dtype="uint16",
                fill_value=NO_DATA if name == REFLECTANCE else None,
                compressors=packed,
                attributes={**_NUMBERS[name], "_ARRAY_DIMENSIONS": list(dimensions)},
            )
            _fill(dataset, made, name, tell)
        zarr.consolidate_metadata(root.store)


def make_netcdf(source: str, target: str, tell: Tell) -> None:
    """Write one file in NetCDF-4, deflated."""
    from netCDF4 import Dataset

    with rasterio.open(source) as dataset, Dataset(target, "w") as root:
        root.setncatts(_told(dataset))
        for name, size in zip(_DIMENSIONS, (dataset.count - 1, dataset.height, dataset.width), strict=True):
            root.createDimension(name, size)
        for name, (dimensions, values, words) in _coordinates(dataset).items():
            kind = str if name == "band" else np.asarray(values).dtype
            made = root.createVariable(name, kind, dimensions)
            made.setncatts(words)
            made[...] = np.asarray(values, object) if name == "band" else values
        for name, dimensions, shape in _variables(dataset):
            made = root.createVariable(
                name,
                "u2",
                dimensions,
                compression="zlib",
                complevel=4,
                chunksizes=tuple(map(min, (1, WINDOW, WINDOW)[-len(shape) :], shape)),
                fill_value=NO_DATA if name == REFLECTANCE else None,
            )
            made.setncatts(_NUMBERS[name])
            made.set_auto_maskandscale(False)
            _fill(dataset, made, name, tell)


def _told(dataset: DatasetReader) -> dict[str, Any]:
    """Attributes of the whole: the conventions, and the provenance that every file of ours has."""
    tags = {name.lower(): words for name, words in dataset.tags().items() if name != "AREA_OR_POINT"}
    return {"Conventions": "CF-1.11", **tags}


def _coordinates(dataset: DatasetReader) -> dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]]:
    """Dimensions, values and attributes of each; x and y are of the middles of pixels."""
    west, across, _, north, _, down = dataset.transform.to_gdal()
    placed = " ".join(map(repr, dataset.transform.to_gdal()))
    return {
        "x": (("x",), west + (np.arange(dataset.width) + 0.5) * across, _AXES["x"] | {"units": "m"}),
        "y": (("y",), north + (np.arange(dataset.height) + 0.5) * down, _AXES["y"] | {"units": "m"}),
        "band": (("band",), list(dataset.descriptions[:-1]), _AXES["band"]),
        GRID: ((), np.int32(0), _grid(dataset) | {"GeoTransform": placed}),
    }


def _grid(dataset: DatasetReader) -> dict[str, Any]:
    """The coordinate system in the words of CF, and as text."""
    found = CRS.from_wkt(dataset.crs.to_wkt()).to_cf()
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _variables(dataset: DatasetReader) -> Iterable[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    """Name, dimensions and shape."""
    size = dataset.height, dataset.width
    return (REFLECTANCE, _DIMENSIONS, (dataset.count - 1, *size)), (COUNT, _DIMENSIONS[1:], size)


def _fill(dataset: DatasetReader, variable: Any, name: str, tell: Tell) -> None:
    """The stored numbers, chunk by chunk."""
    numbers = list(range(1, dataset.count)) if name == REFLECTANCE else dataset.count
    before = 0.0 if name == REFLECTANCE else (dataset.count - 1) / dataset.count
    part = 1 / dataset.count if before else (dataset.count - 1) / dataset.count
    for row in range(0, dataset.height, WINDOW):
        for column in range(0, dataset.width, WINDOW):
            size = min(WINDOW, dataset.width - column), min(WINDOW, dataset.height - row)
            found = dataset.read(numbers, window=Window(column, row, *size))
            variable[..., row : row + size[1], column : column + size[0]] = found
        tell(before + part * min(1.0, (row + WINDOW) / dataset.height))
