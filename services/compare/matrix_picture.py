"""The table of a comparison as one picture: years beside values of max. cloud cover, in one scale."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from services.compare.difference_preview import provenance
from services.compare.matrix import Cell, Matrix
from services.errors import NoDataError
from services.ninepatch import Ninepatch
from services.render import Provenance, hatched, save_png, wrapped

_GAP, _HEAD, _LEFT = 8, 44, 150
"""Px between cells, and of the titles above and beside them."""
_SMALL, _LARGE, _LEAD = 12, 16, 17
"""Px of letters, and from line to line."""
_LEAST = 200
"""Px of a cell's width; smaller ones are enlarged by a whole factor, so that their titles have room."""
_INK, _QUIET, _PAPER, _EMPTY = (28, 31, 35), (91, 97, 104), (255, 255, 255), (240, 241, 243)


def matrix_picture(product: Ninepatch, matrix: Matrix, path: Path) -> None:
    """Each cell that is here in its place, and the reason in the place of each other one.

    Raises NoDataError where no cell has a picture, and StorageError.
    """
    here = [cell for cell in matrix.cells if cell.preview is not None]
    if not here or here[0].preview is None:
        raise NoDataError("None of these pictures is in the cache.", "Fetch one of them first.")
    factor = max(1, -(-_LEAST // here[0].preview.width))
    wide, high = factor * here[0].preview.width, factor * here[0].preview.height
    rows = list(dict.fromkeys((cell.variant.year, cell.source) for cell in matrix.cells))
    columns = sorted({cell.variant.maxcc for cell in matrix.cells})
    sides = [provenance(product, cell) for cell in here]
    width = _LEFT + len(columns) * (wide + _GAP)
    foot = _foot(matrix, sides, width)
    size = width, _HEAD + len(rows) * (high + _GAP) + len(foot) * _LEAD + 2 * _GAP
    drawn = Pillow.new("RGB", size, _PAPER)
    for number, limit in enumerate(columns):
        _words(drawn, (_LEFT + number * (wide + _GAP), 16), [f"Max. cloud cover {limit} %"])
    for number, (year, source) in enumerate(rows):
        _words(drawn, (_GAP, _HEAD + number * (high + _GAP) + 4), wrapped(f"{year} {source}", _LEFT - 2 * _GAP, _LARGE))
    for cell in matrix.cells:
        row, column = rows.index((cell.variant.year, cell.source)), columns.index(cell.variant.maxcc)
        _cell(product, drawn, cell, (_LEFT + column * (wide + _GAP), _HEAD + row * (high + _GAP), wide, high))
    _words(drawn, (_GAP, size[1] - len(foot) * _LEAD - _GAP), foot, small=True)
    save_png(drawn, path, sides[0], matrix.view.words, *sides[1:])


def _cell(product: Ninepatch, drawn: Pillow.Image, cell: Cell, box: tuple[int, int, int, int]) -> None:
    left, top, wide, high = box
    preview = cell.preview
    file = product.previews.file(preview.digest, preview.picture) if preview is not None else None
    if file is None:
        ImageDraw.Draw(drawn).rectangle((left, top, left + wide - 1, top + high - 1), fill=_EMPTY)
        _words(drawn, (left + _GAP, top + _GAP), wrapped(cell.words, wide - 2 * _GAP, _SMALL), small=True)
        return
    with Pillow.open(file) as shown:
        pixels = np.asarray(shown.convert("RGBA").resize((wide, high), Pillow.Resampling.NEAREST))
    drawn.paste(Pillow.fromarray(hatched(pixels)), (left, top))


def _foot(matrix: Matrix, sides: Sequence[Provenance], width: int) -> list[str]:
    said = "; ".join(dict.fromkeys(side.attribution for side in sides))
    shown = ", ".join(filter(None, (matrix.view.label, matrix.view.scale, sides[0].angles)))
    words = f"{sides[0].recipe.area}. {shown}. {said}"
    return wrapped(words, width - 2 * _GAP, _SMALL)


def _words(drawn: Pillow.Image, at: tuple[int, int], lines: Sequence[str], *, small: bool = False) -> None:
    """Lines below each other."""
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(_SMALL if small else _LARGE)
    for number, line in enumerate(lines):
        pen.text((at[0], at[1] + number * _LEAD), line, fill=_QUIET if small else _INK, font=font)
