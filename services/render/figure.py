"""Figure: the picture with everything that one must know to read it, as a PNG by matplotlib.

Figure objects only: nothing of pyplot, whose state is shared by all threads. A pixel of the mosaic is a whole number
of pixels of the figure; words are placed from its top left corner, in units that grow with the picture, and are never
taken for formulas.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.composite import Mosaic
from services.render.drawing import draw, legend
from services.render.hatching import hatched
from services.render.picture import counts_range, save_png
from services.render.provenance import Provenance, products_in_short
from services.render.scale import metres_words, scale_metres
from services.render.views import View, default_view
from services.text import plural

INK, QUIET, WARNING = "#1c1f23", "#5b6168", "#92400e"
_FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that the figure looks the same everywhere."""
_POINTS = 72
"""Points an inch."""


class FigureText:
    """Writes and draws on one figure; `unit` is in px."""

    def __init__(self, figure: Figure, canvas: FigureCanvasAgg, unit: float) -> None:
        self._figure, self._renderer = figure, canvas.get_renderer()  # type: ignore[no-untyped-call]
        self._unit = unit
        self._points = unit * _POINTS / figure.dpi
        """Of one unit."""

    def put(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        bold: bool = False,
        colour: str = INK,
        align: Literal["left", "center", "right"] = "left",
        width: float | None = None,
        **more: Any,
    ) -> Text:
        """A line of text with its baseline at `y`, cut with an ellipsis where it is wider than `width`."""
        font = self._font(size, bold)
        words = drawable(words, font)
        if width is not None:
            words = self._cut(words, font, width)
        text = Text(
            *self._place(x, y),
            words,
            fontproperties=font,
            color=colour,
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,
            transform=IdentityTransform(),
            **more,
        )
        self._figure.add_artist(text)
        return text

    def measure(self, words: str, *, size: float = 13, bold: bool = False) -> float:
        """Width in units."""
        return self._measure(words, self._font(size, bold))

    def lines(self, parts: Sequence[str], width: float, most: int, *, size: float = 13) -> list[str]:
        """The parts with commas between them, in at most so many lines of that width; the rest becomes an ellipsis."""
        found = [""]
        for position, part in enumerate(parts):
            longer = f"{found[-1]} {part}".strip() + ("," if position < len(parts) - 1 else "")
            if self.measure(f"{longer} …", size=size) <= width or not found[-1]:
                found[-1] = longer
            elif len(found) < most:
                found.append(part + ("," if position < len(parts) - 1 else ""))
            else:
                found[-1] += " …"
                break
        return found

    def stroke(self, points: Sequence[tuple[float, float]], *, width: float = 1, colour: str = INK) -> None:
        """A line through the points."""
        x, y = zip(*(self._place(x, y) for x, y in points), strict=True)
        thickness = width * self._points
        line = Line2D(x, y, linewidth=thickness, color=colour, solid_capstyle="butt", transform=IdentityTransform())
        self._figure.add_artist(line)

    def box(self, x: float, y: float, width: float, height: float, *, edge: str, face: str) -> None:
        """A rectangle whose top left corner is at x, y."""
        size = (width * self._unit, height * self._unit)
        self._figure.add_artist(
            Rectangle(
                self._place(x, y + height),
                *size,
                edgecolor=edge,
                facecolor=face,
                linewidth=self._points,
                transform=IdentityTransform(),
            )
        )

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Px from the lower left, as matplotlib counts."""
        return x * self._unit, self._figure.bbox.height - y * self._unit

    def _font(self, size: float, bold: bool) -> FontProperties:
        weight = "bold" if bold else "normal"
        return FontProperties(family=_FAMILY, weight=weight, size=size * self._points)

    def _measure(self, words: str, font: FontProperties) -> float:
        return float(self._renderer.get_text_width_height_descent(words, font, ismath=False)[0]) / self._unit

    def _cut(self, words: str, font: FontProperties, width: float) -> str:
        if self._measure(words, font) <= width:
            return words
        fits, fails = 0, len(words)
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if self._measure(words[:middle].rstrip() + "…", font) <= width:
                fits = middle
            else:
                fails = middle
        return words[:fits].rstrip() + "…"


def drawable(words: str, font: FontProperties) -> str:
    """The words in one line, with a box in place of each character that the font lacks."""
    face = get_font(findfont(font))
    line = " ".join(words.split())
    return "".join(letter if face.get_char_index(ord(letter)) else "□" for letter in line)


_DPI = 100
_LONGEST, _WISHED = 2000, 990
"""Px of the picture's longer side: at most, and about, where the mosaic is small."""
_DESIGNED = 1000
"""Px of a picture for which a unit is a px; a wider one has larger units, a narrower one the same."""
_COLUMN = 760
"""Units of the column of text, where the picture is narrower."""
_MARGIN, _HEADER, _FOOTER, _LEAD = 44, 150, 92, 18
_RAMP = 135
"""Units of the colours of an index."""
_LABELLED = 56
"""Units that a tile must measure to bear its label."""
_DATE_LINES = 3
_DOT = "  ·  "


@dataclass(frozen=True)
class Layout:
    """Places and sizes, in units from the top left corner."""

    unit: float
    """Px."""
    left: float
    """Of the picture."""
    width: float
    """Of the picture."""
    height: float
    """Of the picture."""

    @classmethod
    def around(cls, width: int, height: int) -> "Layout":
        """For a picture of that many px."""
        unit = max(1.0, width / _DESIGNED)
        return cls(unit, _MARGIN + max(0.0, (_COLUMN - width / unit) / 2), width / unit, height / unit)

    @property
    def column(self) -> float:
        """Width of the text."""
        return max(self.width, _COLUMN)

    @property
    def below(self) -> float:
        """The lower edge of the picture."""
        return _HEADER + self.height


def draw_figure(mosaic: Mosaic, path: Path, provenance: Provenance, view: View | None = None) -> None:
    """The picture in that view or the default one, with title, tile, interval, limit, mask, dates, scale and
    attribution; hatched without a clear observation.

    Raises StorageError where the disk refuses.
    """
    view = view or default_view(mosaic.bands)
    pixels = hatched(resized(draw(view, mosaic)))
    layout = Layout.around(pixels.shape[1], pixels.shape[0])
    unit = layout.unit
    drawn = Figure(dpi=_DPI, facecolor="white")
    canvas = FigureCanvasAgg(drawn)
    letters = FigureText(drawn, canvas, unit)
    dates = letters.lines(short_dates(mosaic.dates), layout.column, _DATE_LINES, size=12)
    dates += filter(None, [products_in_short(provenance.products)])
    size = (layout.column + 2 * _MARGIN, layout.below + _FOOTER + len(dates) * _LEAD)
    across, down = (math.ceil(side * unit) / _DPI for side in size)
    drawn.set_size_inches(across, down)
    bottom = round(drawn.bbox.height - layout.below * unit)
    drawn.figimage(pixels[::-1], round(layout.left * unit), bottom, origin="lower")
    _header(letters, layout, mosaic, provenance, view)
    _tiles(letters, layout, mosaic)
    _footer(letters, layout, mosaic, provenance, dates)
    canvas.draw()  # type: ignore[no-untyped-call]
    shown = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    picture = Pillow.fromarray(shown).convert("RGB")
    save_png(picture, path, provenance, view.words)


def resized(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Enlarged by a whole factor where small, averaged in whole blocks where large; transparent pixels have no say."""
    longest = max(pixels.shape[:2])
    if longest > _LONGEST:
        reduced = Pillow.fromarray(pixels).convert("RGBa").reduce(-(-longest // _LONGEST)).convert("RGBA")
        return np.asarray(reduced)
    factor = max(1, round(_WISHED / longest))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def short_dates(dates: tuple[str, ...]) -> list[str]:
    """ISO days, the year only where it changes, and how often a day was seen: `2017-12-30`, `01-04 (2)`, `01-09`."""
    times = Counter(dates)
    said = [now if before[:4] != now[:4] else now[5:] for before, now in pairwise(("", *times))]
    return [f"{day} ({often})" if often > 1 else day for day, often in zip(said, times.values(), strict=True)]


def observations_words(mosaic: Mosaic) -> str:
    """How many clear observations there are."""
    low, high = counts_range(mosaic)
    if high == 0:
        return "no clear observation anywhere"
    if low == high:
        return f"{plural(high, 'clear observation')} a pixel where there are any"
    return f"{low} to {high} clear observations a pixel, median {mosaic.median_observations:g}"


def _header(letters: FigureText, layout: Layout, mosaic: Mosaic, provenance: Provenance, view: View) -> None:
    recipe, column, right = provenance.recipe, layout.column, _MARGIN + layout.column
    free = column
    if provenance.notice:
        badge = letters.measure(provenance.notice, size=15, bold=True) + 28
        letters.box(right - badge, 28, badge, 34, edge="#d97706", face="#fef3c7")
        letters.put(right - badge / 2, 50.5, provenance.notice, size=15, bold=True, colour=WARNING, align="center")
        free = column - badge - 24
    letters.put(_MARGIN, 54, recipe.area, size=27, bold=True, width=free)
    others = mosaic.side**2 - 1
    tile = f"Tile {recipe.centre}" + (f" and its {others} neighbours" if others else "")
    limit = f"max. cloud cover {recipe.maxcc} %"
    letters.put(_MARGIN, 85, _DOT.join((tile, recipe.when, limit)), size=16, width=column)
    method, vetoes = provenance.method.of(len(mosaic.dates)), len(recipe.vetoes)
    said = method[:1].upper() + method[1:] + (f", {vetoes} excluded by hand" if vetoes else "")
    said += f", {len(recipe.included)} used although over the limit" if recipe.included else ""
    said += f", {provenance.angles}" if provenance.angles else ""
    parts = [said, observations_words(mosaic), provenance.mask, f"{view.label}, {view.scale}"]
    above = 3 if view.index else 2  # a formula needs the line for itself
    letters.put(_MARGIN, 110, _DOT.join(parts[:above]), size=13, colour=QUIET, width=column)
    free = column - _ramp(letters, right, view)
    letters.put(_MARGIN, 131, _DOT.join(parts[above:]), size=13, colour=QUIET, width=free)


def _ramp(letters: FigureText, right: float, view: View) -> float:
    """The colours of an index with the numbers of their ends, up to the right margin; how wide it is."""
    shown = legend(view)
    if shown is None:
        return 0
    low, high = (f"{end:g}".replace("-", "−") for end in (shown.low, shown.high))
    after, before = letters.measure(high, size=12) + 6, letters.measure(low, size=12) + 6
    letters.put(right, 131, high, size=12, align="right")
    each = _RAMP / len(shown.colours)
    left = right - after - _RAMP
    for place, colour in enumerate(shown.colours):
        letters.box(left + place * each, 121, each, 11, edge=colour, face=colour)
    letters.put(left - before, 131, low, size=12)
    return _RAMP + after + before + 24


def _tiles(letters: FigureText, layout: Layout, mosaic: Mosaic) -> None:
    """A label in each tile and a tick where two meet; no line crosses the picture."""
    width, height = layout.width / mosaic.side, layout.height / mosaic.side
    right = layout.left + layout.width
    halo = [withStroke(linewidth=1.6, foreground=(0, 0, 0, 0.55))]
    for position, tile in enumerate(mosaic.tiles):
        row, column = divmod(position, mosaic.side)
        if min(width, height) >= _LABELLED:
            x, y = layout.left + column * width + 7, _HEADER + row * height + 17
            letters.put(x, y, str(tile.index), size=11, colour="white", width=width - 10, path_effects=halo)
    for edge in range(mosaic.side + 1):
        x, y = layout.left + edge * width, _HEADER + edge * height
        for start, end in ((_HEADER - 2, _HEADER - 6), (layout.below + 2, layout.below + 6)):
            letters.stroke([(x, start), (x, end)], colour=QUIET)
        for start, end in ((layout.left - 2, layout.left - 6), (right + 2, right + 6)):
            letters.stroke([(start, y), (end, y)], colour=QUIET)


def _footer(letters: FigureText, layout: Layout, mosaic: Mosaic, provenance: Provenance, dates: list[str]) -> None:
    right, y = _MARGIN + layout.column, layout.below + 30
    west, south, east, north = mosaic.bounds
    place = f"{(east - west) / 1000:.1f} × {(north - south) / 1000:.1f} km, EPSG:{mosaic.epsg}, north is up"
    empty = f"hatched: no clear observation ({100 * mosaic.no_data:.2g} %)" if mosaic.no_data else ""
    pixel = f"{provenance.recipe.resolution} m a pixel"
    bar = _scale_bar(letters, layout, right, y, (east - west) / layout.width)
    words = _DOT.join(filter(None, (place, pixel, empty)))
    letters.put(_MARGIN, y, words, size=13, width=layout.column - bar - 24)
    y += 26
    for line in dates:
        letters.put(_MARGIN, y, line, size=12, colour=QUIET, width=layout.column)
        y += _LEAD
    y += 8
    made = f"Ninepatch{_DOT}recipe {provenance.recipe.digest}"
    letters.put(right, y, made, size=12, colour=QUIET, align="right")
    room = layout.column - letters.measure(made, size=12) - 24
    letters.put(_MARGIN, y, provenance.attribution, size=12, bold=provenance.simulated, width=room)


def _scale_bar(letters: FigureText, layout: Layout, right: float, y: float, metres: float) -> float:
    """A bar of a round length, at most a quarter of the picture, that ends at `right`; returns the width of it all."""
    length = scale_metres(metres * layout.width / 4)
    words = metres_words(length)
    bar = length / metres
    letters.stroke([(right - bar, y - 9), (right - bar, y - 3), (right, y - 3), (right, y - 9)], width=1.5, colour=INK)
    letters.put(right - bar - 10, y, words, align="right")
    return bar + 10 + letters.measure(words)
