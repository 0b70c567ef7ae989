"""Words on a matplotlib figure, placed from its top left corner, and never taken for formulas.

All places and sizes are in units: so many px of the figure each, so that words grow with a large picture.
"""

from collections.abc import Sequence
from typing import Any, Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

INK, QUIET, WARNING = "#1c1f23", "#5b6168", "#92400e"
_FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that the figure looks the same everywhere."""
_POINTS = 72
"""Points an inch."""


class Lettering:
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
