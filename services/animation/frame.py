"""One picture of a timelapse with everything burnt in that one must know where it is seen alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from services.render import Provenance, View, enlargement, hatched, metres_words, scale_metres, stamp, wrapped

_MARGIN, _LARGE, _SMALL, _LEAD = 12, 20, 13, 17
_TOP = 40
"""Px of the strip above its small lines."""
_INK, _QUIET, _PAPER = (28, 31, 35), (91, 97, 104), (255, 255, 255)


@dataclass(frozen=True)
class Burner:
    """Writes on the pictures of one timelapse, which are all of one size and place."""

    provenance: Provenance
    """Of all dates of all pictures."""
    view: View
    metres: float
    """Of the whole width of the picture."""

    def burnt(self, pixels: NDArray[np.uint8], label: str) -> NDArray[np.uint8]:
        """Colours, (height, width, 3), of an even size: the picture, hatched where it is transparent, over a strip
        with the label, a scale bar, what is shown, and whom the data is of; simulated pixels carry a stamp."""
        factor = enlargement(pixels.shape[1])
        shown = Pillow.fromarray(hatched(pixels.repeat(factor, axis=0).repeat(factor, axis=1)))
        stamp(shown, self.provenance)
        lines = self._lines(shown.width)
        height = shown.height + _TOP + len(lines) * _LEAD + _MARGIN // 2
        drawn = Pillow.new("RGB", (shown.width + shown.width % 2, height + height % 2), _PAPER)
        drawn.paste(shown)
        pen = ImageDraw.Draw(drawn)
        pen.text((_MARGIN, shown.height + 30), label, fill=_INK, font=ImageFont.load_default(_LARGE), anchor="ls")
        self._scale_bar(pen, shown.width, shown.height + 28)
        for number, line in enumerate(lines):
            at = _MARGIN, shown.height + _TOP + number * _LEAD
            pen.text(at, line, fill=_QUIET, font=ImageFont.load_default(_SMALL))
        return np.asarray(drawn)

    def _lines(self, width: int) -> list[str]:
        shown = ", ".join(filter(None, (self.view.title, self.view.scale, self.provenance.angles)))
        words = f"{shown}. {self.provenance.attribution}"
        return wrapped(words, width - 2 * _MARGIN, _SMALL)

    def _scale_bar(self, pen: ImageDraw.ImageDraw, width: int, y: int) -> None:
        """Of a round length, at most a quarter of the picture, up to the right margin."""
        length = scale_metres(self.metres / 4)
        right = width - _MARGIN
        left = right - length / self.metres * width
        pen.line([(left, y - 7), (left, y), (right, y), (right, y - 7)], fill=_INK, width=2)
        font = ImageFont.load_default(_SMALL)
        pen.text((left - 8, y + 2), metres_words(length), fill=_INK, font=font, anchor="rs")
