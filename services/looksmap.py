"""How many clear looks each pixel of a cell has, as a picture in a scale that several cells share."""

import numpy as np
from PIL import Image as Pillow

from services.compare import Cell
from services.composite import Image
from services.contrast import provenance
from services.ninepatch import Ninepatch
from services.render import looks_legend, looks_rgba, save_png, stamp
from services.sketches import Sketch


def looks_map(product: Ninepatch, cell: Cell, sketch: Sketch, low: int, high: int) -> str:
    """Name of the PNG in the sketch's folder, as large as the sketch: viridis from `low` to `high` looks.

    Transparent without a look, fine lines where there are few. Raises MissingFrame where the cache has lost something,
    and StorageError.
    """
    book, name = product.studio.book, f"looks-{sketch.side}-{low}-{high}.png"
    if book.file(sketch.digest, name) is None:
        room, source = product.darkroom, provenance(product, cell)
        count = np.zeros((sketch.height, sketch.width), np.uint16)
        for look in cell.kept:
            count += room.clear(cell.recipe, look, sketch.step)
        image = Image(sketch.bounds, sketch.epsg, (), np.empty((*count.shape, 0), np.float32), count, sketch.dates)
        drawn = Pillow.fromarray(looks_rgba(image, low, high))
        stamp(drawn, source)
        words = looks_legend(low, high).words
        book.write(sketch.digest, name, lambda beside: save_png(drawn, beside, source, words))
    return name
