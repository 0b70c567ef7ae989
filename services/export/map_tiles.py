"""A picture as map tiles: squares of the Web Mercator scheme of all web maps, read from its COG by rio-tiler."""

import io
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from rasterio.errors import RasterioError
from rio_tiler.errors import RioTilerError, TileOutsideBounds
from rio_tiler.io import Reader
from rio_tiler.models import ImageData

from services.composite import NO_INDEX, Index
from services.errors import RecipeError, StorageError
from services.export.result_store import INDEX_FILE
from services.render import FIRST_BANDS, View, draw_dn, draw_index, parse_view, view_named
from services.sentinel2 import BANDS

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

    An index is read from the file of indices beside it. Nearest neighbour: from close by, what is seen is a pixel of
    the picture; from far away, where a pixel of the map spans several, one of the file's overviews, which are
    averages. Raises RecipeError for a tile that is not on Earth and for a view that the files lack, StorageError where
    the file cannot be read.
    """
    if not (0 <= zoom <= MOST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise RecipeError(f"There is no map tile {zoom}/{x}/{y}.", f"Zoom is 0 to {MOST_ZOOM}, x and y below 2^zoom.")
    index = _index_of(view)
    file = path.parent / INDEX_FILE if index else path
    if index and not (index.in_files and file.exists()):
        raise _lacks(index)
    try:
        found, shown = _read(file, view, index, zoom, x, y)
    except TileOutsideBounds:
        return EMPTY
    except (RasterioError, RioTilerError) as error:
        raise StorageError(f"The file {file.name} cannot be read.", "Make the picture again.") from error
    return _drawn(shown, found) if found is not None else EMPTY


def _index_of(view: str) -> Index | None:
    """None for a colour view."""
    return None if view.startswith(FIRST_BANDS) else parse_view(view, tuple(BANDS)).index


def _read(path: Path, view: str, index: Index | None, zoom: int, x: int, y: int) -> tuple[ImageData | None, View]:
    """The bands that the view needs; None where the picture would be a speck."""
    with Reader(str(path)) as reader:
        places = {str(name): place for place, name in enumerate(reader.dataset.descriptions, 1) if name}
        if index and index.short not in places:
            raise _lacks(index)
        shown = parse_view(view, index.bands) if index else view_named(view, tuple(places))
        if zoom < reader.minzoom - SPECK:
            return None, shown
        wanted = [places[name] for name in ((index.short,) if index else shown.bands)]
        return reader.tile(x, y, zoom, tilesize=SIDE, indexes=wanted, resampling_method="nearest"), shown


def _drawn(shown: View, found: ImageData) -> bytes:
    """In colours, as a PNG."""
    empty = np.asarray(np.ma.getmaskarray(found.array).any(axis=0))
    planes = np.ma.getdata(found.array)
    if shown.index:
        return _png(Pillow.fromarray(draw_index(shown.index, np.where(empty, NO_INDEX, planes[0]).astype(np.int16))))
    return _png(Pillow.fromarray(draw_dn(shown, dict(zip(shown.bands, planes, strict=True)), empty)))


def _lacks(index: Index) -> RecipeError:
    return RecipeError(
        f"The files of this picture have no {index.title}: it needs {' and '.join(index.bands)} of each observation.",
        "Make the picture again with these bands." if index.in_files else "Look at it in the picture instead.",
    )


def _png(drawn: Pillow.Image) -> bytes:
    file = io.BytesIO()
    drawn.save(file, "PNG", compress_level=1)
    return file.getvalue()


EMPTY = _png(Pillow.new("LA", (SIDE, SIDE)))
"""A tile on which nothing is."""
