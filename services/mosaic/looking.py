"""What one is given of an order: squares of a web map or a viewer, of the COG or virtual while it grows; and zips."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import rasterio
from PIL import Image as Pillow
from rasterio.errors import RasterioError
from rasterio.windows import Window

from services.errors import RecipeError, StorageError
from services.export import Bundle, Member, crc_of, tile
from services.mosaic.tile_set import TileSet
from services.render import draw_dn, encode_png, view_named
from services.sentinel2 import NO_DATA

SQUARE = 256
"""Px a side of a square of the viewer."""
MOST_LEVEL = 16
"""Of the viewer: a pixel of it spans 65,536 of the mosaic."""
_GONE = "Wait until the order has made them, or choose them among its outputs."
_FRUGAL = {"GDAL_MAX_DATASET_POOL_SIZE": "16", "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE"}
"""Each open tile holds a block of all bands in memory; a virtual mosaic's overview lies beside it."""


def best_file(tiles: TileSet, name: str = "mosaic") -> Path | None:
    """The COG of that name in the order's folder, the virtual mosaic until it is there, or None without either."""
    found = (tiles.folder / f"{name}_{tiles.epsg}{suffix}" for suffix in (".tif", ".vrt"))
    return next((path for path in found if path.is_file()), None)


def map_tile(paths: Sequence[Path], view: str, zoom: int, x: int, y: int) -> bytes:
    """A PNG of a square of the Web Mercator scheme, of the mosaics of all zones; the first of them lies on top.

    Raises RecipeError for a square that is not on Earth and a view that the files lack, StorageError where a file
    cannot be read.
    """
    with rasterio.Env(**_FRUGAL):
        drawn = [tile(path, view, zoom, x, y) for path in paths]
    if len(drawn) == 1:
        return drawn[0]
    whole = Pillow.new("RGBA", (SQUARE, SQUARE))
    for content in reversed(drawn):
        whole.alpha_composite(Pillow.open(io.BytesIO(content)).convert("RGBA"))
    return encode_png(np.asarray(whole), {})


def viewer_tile(path: Path, view: str, level: int, column: int, row: int) -> bytes:
    """A PNG of at most SQUARE × SQUARE px of the mosaic, each of 2^level × 2^level of its pixels.

    Nearest of the overview that has the level; squares are counted from the north-west. Raises RecipeError for a
    square that the mosaic has not, and for an index.
    """
    if not 0 <= level <= MOST_LEVEL or min(column, row) < 0:
        raise RecipeError(f"The viewer has no square {level}/{column}/{row}.", "Open the picture again.")
    with rasterio.Env(**_FRUGAL), _opened(path) as dataset:
        side = SQUARE << level
        width, height = dataset.width - column * side, dataset.height - row * side
        if min(width, height) <= 0:
            raise RecipeError(f"The viewer has no square {level}/{column}/{row}.", "Open the picture again.")
        names = [str(name) for name in dataset.descriptions]
        shown = view_named(view, tuple(names[:-1]))
        if shown.index:
            raise RecipeError(f"The mosaic has no {shown.title}.", "Choose a view of colours.")
        size = min(side, width), min(side, height)
        shape = tuple(max(1, one >> level) for one in reversed(size))
        window = Window(column * side, row * side, *size)
        numbers = [names.index(band) + 1 for band in shown.bands]
        try:
            planes = dataset.read(numbers, window=window, out_shape=(len(numbers), *shape))
        except RasterioError as error:
            raise StorageError(f"The file {path.name} cannot be read.", "Make the mosaic again.") from error
    empty = (planes == NO_DATA).any(axis=0)
    return encode_png(draw_dn(shown, dict(zip(shown.bands, planes, strict=True)), empty), {})


def _opened(path: Path) -> rasterio.DatasetReader:
    try:
        return rasterio.open(path)
    except RasterioError as error:
        raise StorageError(f"The file {path.name} cannot be read.", "Make the mosaic again.") from error


def bundle_of(folder: Path, names: Iterable[str]) -> Bundle:
    """The zip of these files below a folder, under these names; a name of a folder stands for all files in it.

    Each file is read once for its checksum. Raises StorageError where there is none, or one is gone.
    """
    paths = [path for name in names for path in _files(folder / name)]
    if not paths:
        raise StorageError("There are no such files of this order.", _GONE)
    try:
        return Bundle(tuple(_member(folder, path) for path in paths))
    except OSError as error:
        raise StorageError("A file of the order is gone.", _GONE) from error


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _member(folder: Path, path: Path) -> Member:
    state = path.stat()
    return Member(path.relative_to(folder).as_posix(), state.st_size, crc_of(path), state.st_mtime_ns, path)
