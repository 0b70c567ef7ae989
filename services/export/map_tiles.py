"""A picture as map tiles: squares of the Web Mercator scheme of all web maps, read from its COG by rio-tiler."""

import io
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from rasterio.errors import RasterioError
from rio_tiler.errors import RioTilerError, TileOutsideBounds
from rio_tiler.io import Reader

from services.errors import RecipeError, StorageError
from services.render import draw_dn, view_named

SIDE = 256
"""Pixels of a tile's side."""
MOST_ZOOM = 22
"""Beyond it no map of ours goes: a tile is 10 m wide there."""
SPECK = 3
"""So many steps of the zoom below the one at which the picture fills a tile, it is a speck of 32 px; farther out the
warper would take seconds for a few pixels, and minutes for the whole world."""


def tile(path: Path, view: str, zoom: int, x: int, y: int) -> bytes:
    """A PNG of SIDE × SIDE px of the COG in that view; transparent where the picture is not or has no
    clear observation, and from so far away that it would be a speck.

    Nearest neighbour: what is seen is a pixel of the picture, never a mixture. Raises RecipeError for a tile that is
    not on Earth and for a view whose bands the file lacks, StorageError where the file cannot be read.
    """
    if not (0 <= zoom <= MOST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise RecipeError(f"There is no map tile {zoom}/{x}/{y}.", f"Zoom is 0 to {MOST_ZOOM}, x and y below 2^zoom.")
    try:
        with Reader(str(path)) as reader:
            places = {str(name): place for place, name in enumerate(reader.dataset.descriptions, 1) if name}
            shown = view_named(view, tuple(places))
            if zoom < reader.minzoom - SPECK:
                return EMPTY
            try:
                found = reader.tile(
                    x,
                    y,
                    zoom,
                    tilesize=SIDE,
                    indexes=[places[band] for band in shown.bands],
                    resampling_method="nearest",
                )
            except TileOutsideBounds:
                return EMPTY
    except (RasterioError, RioTilerError) as error:
        raise StorageError(f"The file {path.name} cannot be read.", "Make the picture again.") from error
    empty = np.asarray(np.ma.getmaskarray(found.array).any(axis=0))
    planes = dict(zip(shown.bands, np.ma.getdata(found.array), strict=True))
    return _png(Pillow.fromarray(draw_dn(shown, planes, empty)))


def _png(drawn: Pillow.Image) -> bytes:
    file = io.BytesIO()
    drawn.save(file, "PNG", compress_level=1)
    return file.getvalue()


EMPTY = _png(Pillow.new("LA", (SIDE, SIDE)))
"""A tile on which nothing is."""
