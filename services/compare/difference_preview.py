"""Difference previews: the difference of two cells, and their counts in one scale, as pictures on the disk."""

import hashlib
import json
import threading
import zlib
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from services.catalogue import Acquisition, products_of
from services.compare.difference import (
    Difference,
    K,
    difference,
    difference_legend,
    difference_picture,
    difference_rgba,
    exact_difference,
)
from services.compare.matrix import Cell, picture, side
from services.composite import Image
from services.ninepatch import Ninepatch
from services.preview import Preview, step_for
from services.render import Legend, Provenance, Quantity, counts_legend, counts_rgba, save_png, stamp

_VERSION = 2
"""Of how it is made: another one makes all of them anew."""
_subtracting = threading.Lock()
"""One at a time: the observations of both sides are in memory."""


@dataclass(frozen=True)
class Pair:
    """The question: the right cell minus the left one, which is of the same place."""

    left: Cell
    right: Cell
    quantity: Quantity
    k: float = K
    """The significance threshold, standard errors; 0 where every difference counts."""
    px: int = 1000
    """No side of the picture is longer."""

    @property
    def digest(self) -> str:
        """Of both recipes, of what their names and the quantity mean now, and of what the catalogue answers: name of a
        folder among the previews."""
        cells = [
            (cell.recipe.to_json(), cell.recipe.meaning, [_observation(observation) for observation in cell.kept])
            for cell in (self.left, self.right)
        ]
        return hashlib.sha256(json.dumps([_VERSION, self.quantity.meaning, cells]).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Of its files in there, without a suffix."""
        return f"{self.quantity.slug}-{100 * self.k:.0f}-{self.px}"


@dataclass(frozen=True)
class DifferencePreview:
    """The answer. Numbers are of the pixels of the picture that have data on both sides, NaN where there are none."""

    digest: str
    """Name of its folder."""
    picture: str
    """Name of the PNG, transparent where a side has no data."""
    stamp: str
    """Names the content."""
    width: int
    """Pixels of the picture."""
    height: int
    step: int
    """Every so many pixels of the data is one of the picture, and of the numbers."""
    comparable: float
    """Part of all pixels that have data on both sides, 0 to 1."""
    changed: float
    """Part of these whose difference is above the floor."""
    unknown: float
    """Part of these that have too few observations to know the floor."""
    median: float
    """Right minus left, as the next three."""
    mean: float
    p5: float
    """5 % of the pixels are lower."""
    p95: float
    """5 % of the pixels are higher."""
    rms: float
    """Root mean square."""
    legend: Legend
    """The numbers beside the colours."""
    simulated: bool
    """True where no satellite made the pixels of a side."""

    @classmethod
    def from_json(cls, text: bytes) -> "DifferencePreview":
        """Raises ValueError, KeyError or TypeError where it is not what was written here."""
        plain: dict[str, Any] = json.loads(text)
        colours = {name: tuple(plain["legend"][name]) for name in ("ticks", "colours")}
        return cls(**plain | {"legend": Legend(**plain["legend"] | colours)})


def draw_difference(product: Ninepatch, pair: Pair) -> DifferencePreview:
    """From the cache alone. Raises MissingFrame where that lacks something, and StorageError."""
    made = found_difference(product, pair)
    if made is None:
        with _subtracting:  # somebody else may have made it meanwhile
            made = found_difference(product, pair) or _make(product, pair)
    return made


def found_difference(product: Ninepatch, pair: Pair) -> DifferencePreview | None:
    """The same where it is on the disk, whole."""
    book = product.preview_service.book
    text = book.read(pair.digest, f"{pair.name}.json")
    if text is None or book.file(pair.digest, f"{pair.name}.png") is None:
        return None
    try:
        return DifferencePreview.from_json(text)
    except (ValueError, KeyError, TypeError):  # of another version of this program
        return None


def _make(product: Ninepatch, pair: Pair) -> DifferencePreview:
    cells = pair.left, pair.right
    apart = _subtracted(product, pair)
    scale, sides = difference_legend(apart), [provenance(product, cell) for cell in cells]
    pixels = difference_rgba(apart)
    drawn = Pillow.fromarray(pixels)
    stamp(drawn, next((one for one in sides if one.simulated), sides[0]))
    made = DifferencePreview(
        digest=pair.digest,
        picture=f"{pair.name}.png",
        stamp=f"{zlib.crc32(pixels.tobytes()):08x}",
        width=drawn.width,
        height=drawn.height,
        step=step_for(pair.left.recipe, pair.px),
        comparable=apart.comparable_share,
        changed=apart.changed_share,
        unknown=apart.unknown_share,
        median=apart.median,
        mean=apart.mean,
        p5=apart.p5,
        p95=apart.p95,
        rms=apart.rms,
        legend=scale,
        simulated=any(one.simulated for one in sides),
    )
    book = product.preview_service.book
    book.write(made.digest, made.picture, lambda beside: save_png(drawn, beside, sides[0], scale.words, sides[1]))
    book.write(made.digest, f"{pair.name}.json", lambda beside: beside.write_text(json.dumps(asdict(made))))
    return made


def difference_file(product: Ninepatch, pair: Pair, ending: str) -> Path:
    """`.png`, with its numbers beside the colours, or `.tif`, the values as a GeoTIFF; made once. Raises as
    `draw_difference`."""
    book, name = product.preview_service.book, f"{pair.name}-difference{ending}"
    with _subtracting:
        path = book.file(pair.digest, name)
        if path is not None:
            return path
        apart, sides = _subtracted(product, pair), [provenance(product, cell) for cell in (pair.left, pair.right)]
        if ending == ".png":
            return book.write(pair.digest, name, lambda beside: difference_picture(apart, beside, sides[0], sides[1]))
        return book.write(pair.digest, name, lambda beside: _write_values(beside, pair, apart, sides))


def _write_values(path: Path, pair: Pair, apart: Difference, sides: Sequence[Provenance]) -> None:
    from services.export import Values, write_values_cog  # GDAL, which only those need who make files

    around, shape = pair.left.recipe.neighbourhood, apart.values.shape
    count = apart.comparable.astype(np.uint16)
    image = Image(around.bounds, around.lattice.epsg, (), np.empty((*shape, 0), np.float32), count, ())
    each = zip(("LEFT", "RIGHT"), sides, (pair.left, pair.right), strict=True)
    said = {
        "TIFFTAG_COPYRIGHT": "; ".join(dict.fromkeys(one.attribution for one in sides)),
        "TIFFTAG_SOFTWARE": sides[0].software,
        "SIMULATED": "yes" if any(one.simulated for one in sides) else "no",
        **{
            f"{side}_{name}": words
            for side, one, cell in each
            for name, words in one.tags([observation.date for observation in cell.kept]).items()
            if not name.startswith("TIFFTAG")
        },
    }
    values = Values(apart.values, f"{pair.quantity.title}: right minus left", pair.quantity.unit or "1", {})
    write_values_cog(path, image, values, said)


def _subtracted(product: Ninepatch, pair: Pair) -> Difference:
    cells = pair.left, pair.right
    if not pair.k:
        return exact_difference(pair.quantity, *(picture(product, cell, pair.quantity, pair.px) for cell in cells))
    left, right = (side(product, cell, pair.quantity, pair.px) for cell in cells)
    return difference(pair.quantity, left, right, pair.k, workers=product.settings.workers)


def _observation(observation: Acquisition) -> tuple[object, ...]:
    return observation.key, observation.cloud_cover, observation.coverage, *map(astuple, observation.products)


def provenance(product: Ninepatch, cell: Cell) -> Provenance:
    """Of a cell's picture."""
    provider = product.provider(cell.recipe)
    years = {observation.time.year for observation in cell.kept}
    made_of = products_of(cell.kept)
    return Provenance(cell.recipe, provider.title, provider.attribution(years), provider.simulated, products=made_of)


def counts_map(product: Ninepatch, cell: Cell, preview: Preview, low: int, high: int) -> str:
    """Name of the PNG in the preview's folder, as large as the preview: viridis from `low` to `high` clear
    observations.

    Transparent without an observation, fine lines where there are few. Raises MissingFrame where the cache has lost
    something, and StorageError.
    """
    book, name = product.preview_service.book, f"looks-{preview.side}-{low}-{high}.png"
    if book.file(preview.digest, name) is None:
        room, source = product.compositor, provenance(product, cell)
        count = np.zeros((preview.height, preview.width), np.uint16)
        for observation in cell.kept:
            count += room.clear(cell.recipe, observation, preview.step)
        image = Image(preview.bounds, preview.epsg, (), np.empty((*count.shape, 0), np.float32), count, ())
        drawn = Pillow.fromarray(counts_rgba(image, low, high))
        stamp(drawn, source)
        words = counts_legend(low, high).words
        book.write(preview.digest, name, lambda beside: save_png(drawn, beside, source, words))
    return name
