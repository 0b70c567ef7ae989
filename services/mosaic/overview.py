"""The overview of an order that grows: a small raster of the whole area, painted tile by tile, and its picture.

It lies beside the virtual mosaic as its overview (`.ovr`, which GDAL looks for), so that also a map of a country need
not open a thousand tiles; without it the mosaic is whole too.
"""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image as Pillow
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.windows import Window

from services.errors import RecipeError, StorageError
from services.grid import TileIndex
from services.mosaic.tile_set import TileSet
from services.render import Provenance, draw_dn, encode_png, hatched, stamp, view_named
from services.sentinel2 import NO_DATA
from services.storage import lock, write_beside

SIDE = 2048
"""Px of the longer side, at most."""
AT_ONCE = 50
"""Tiles that are painted in one call, unless another number is given: a second or two."""


class Overview:
    """Of one UTM zone; several threads and processes may use it at once. Raises StorageError where the disk refuses."""

    def __init__(self, tiles: TileSet, side: int = SIDE) -> None:
        """`side` is the longer one, in px, at most; there is at least a pixel a tile."""
        self._tiles = tiles
        longer = max(tiles.columns, tiles.rows)
        self._cell = tuple(max(1, min(size, side // longer)) for size in tiles.tile_px)
        self.path = tiles.folder / f"mosaic_{tiles.epsg}.vrt.ovr"
        """The raster: bands and count as in the tiles, their averages."""
        self._painted = tiles.folder / f"overview_{tiles.epsg}.json"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self._tiles.columns * self._cell[0], self._tiles.rows * self._cell[1]

    def grow(self, most: int = AT_ONCE) -> int:
        """Paint tiles that came since; how many are still to be painted. 0 too where another one paints now."""
        self._tiles.folder.mkdir(parents=True, exist_ok=True)
        with self._painted.with_suffix(".lock").open("ab") as file:
            if not lock(file, wait=False):
                return 0
            painted, there = self._read_painted(), self._tiles.present()
            fresh = [index for index, size in there.items() if painted.get(str(index)) != size]
            if fresh or not self.path.exists():
                self._paint(fresh[:most], anew=not painted)
                painted |= {str(index): there[index] for index in fresh[:most]}
                told = json.dumps({"size": self.size, "tiles": painted})
                write_beside(self._painted, lambda beside: beside.write_text(told))
            return max(0, len(fresh) - most)

    def picture(self, view: str, provenance: Provenance, *, side: int = SIDE, hatch: bool = True) -> bytes:
        """A PNG of what is painted, in a view of colours; transparent where no observation is clear.

        At most about `side` px long: of more, each second or third is shown. Tiles that are to come are hatched, or
        transparent too. Raises RecipeError for an index, which is computed of
        each observation and not of their averages.
        """
        shown = view_named(view, self._tiles.bands)
        if shown.index:
            raise RecipeError(f"The overview has no {shown.title}.", "Choose a view of colours.")
        with self._opened() as dataset:
            step = -(-max(self.size) // side)
            numbers = {band: self._tiles.bands.index(band) + 1 for band in shown.bands}
            planes = {band: dataset.read(number)[::step, ::step] for band, number in numbers.items()}
        empty = np.any([plane == NO_DATA for plane in planes.values()], axis=0)
        pixels = draw_dn(shown, planes, empty)
        if hatch:
            self._hatch(pixels, step)
        drawn = Pillow.fromarray(pixels)
        stamp(drawn, provenance)
        return encode_png(np.asarray(drawn), provenance.texts(f"Overview: {shown.words}"))

    def _opened(self) -> DatasetReader:
        try:
            return rasterio.open(self.path)
        except RasterioError as error:
            raise StorageError("There is no overview of the order yet.", "Try again in a moment.") from error

    def _hatch(self, pixels: NDArray[np.uint8], step: int) -> None:
        """The tiles that belong to the order and are not painted."""
        lines, painted = hatched(np.zeros_like(pixels)), self._read_painted()
        for index in self._tiles.indices:
            if str(index) not in painted:
                rows, columns = (slice(-(-one.start // step), -(-one.stop // step)) for one in self._slices(index))
                pixels[rows, columns, :3], pixels[rows, columns, 3] = lines[rows, columns], 255

    def _read_painted(self) -> dict[str, int]:
        """Bytes of each tile's file when it was painted; nothing where the raster is gone or of another size."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(self._painted.read_text())
            if self.path.exists() and told["size"] == [*self.size]:
                return dict(told["tiles"])
        return {}

    def _paint(self, fresh: list[TileIndex], *, anew: bool) -> None:
        try:
            if anew:
                write_beside(self.path, self._blank)
            with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(self.path, "r+") as dataset:
                for index in fresh:
                    self._paint_tile(dataset, index)
        except RasterioError as error:
            raise StorageError("The overview of the order cannot be written.", "Make space on the disk.") from error

    def _paint_tile(self, dataset: DatasetWriter, index: TileIndex) -> None:
        across, down = self._cell
        shape = self._tiles.samples, down, across
        try:
            with rasterio.open(self._tiles.path(index)) as tile:
                found = tile.read(out_shape=shape, resampling=Resampling.average)
        except RasterioError as error:
            name = self._tiles.name(index)
            raise StorageError(f"The file {name} of the order is damaged.", "Remove it, and retry.") from error
        dataset.write(found, window=self._window(index))

    def _slices(self, index: TileIndex) -> tuple[slice, slice]:
        """Rows and columns of a tile in it."""
        rows, columns = self._window(index).toslices()
        return rows, columns

    def _window(self, index: TileIndex) -> Window:
        """Of a tile among the overview's pixels."""
        column, row = self._tiles.corner(index)
        (across, down), (wide, high) = self._cell, self._tiles.tile_px
        return Window(column // wide * across, row // high * down, across, down)

    def _blank(self, path: Path) -> None:
        """Without a tile: no data, and no observation in the last band."""
        width, height = self.size
        layout = {"driver": "GTiff", "dtype": "uint16", "nodata": NO_DATA, "count": self._tiles.samples}
        place = rasterio.transform.from_bounds(*self._tiles.bounds, width, height)
        crs = f"EPSG:{self._tiles.epsg}"
        with rasterio.open(
            path, "w", width=width, height=height, crs=crs, transform=place, interleave="band", **layout
        ) as dataset:
            for number in range(1, self._tiles.samples):
                dataset.write(np.full((height, width), NO_DATA, np.uint16), number)
            dataset.write(np.zeros((height, width), np.uint16), self._tiles.samples)
