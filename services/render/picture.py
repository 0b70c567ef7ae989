"""Pictures for the page, as PNG: a view of an image, and how many clear observations each pixel has."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from services.composite import Image
from services.reducers import LOW
from services.render.drawing import Legend, clear_away, draw
from services.render.hatching import hatch_few, hatched
from services.render.palettes import hexadecimal
from services.render.png import encode_png
from services.render.provenance import Provenance
from services.render.views import View, default_view
from services.storage import write_beside

_LEGEND_WIDTH = 360
"""Least width in px of a picture that has a legend; smaller ones are enlarged by a whole factor."""
CALM = 0.75
"""Where the colours of counts end on viridis."""
MARGIN = 12
"""Px beside a legend."""
_LEGEND_HEIGHT, _LINE_HEIGHT, _BAR_HEIGHT, _BOX_WIDTH = 64, 18, 12, 24
_NUMBER_WIDTH = 36
"""Least distance in px between two numbers of the legend."""
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_NUMBERS = 8
"""Numbers that a page has room for beside the colours."""
_INK, _PAPER = (28, 31, 35), (255, 255, 255)


def render_picture(image: Image, path: Path, provenance: Provenance, view: View | None = None) -> None:
    """The image in that view or the default one, one pixel a pixel, transparent where there is no data.

    Simulated pixels carry a stamp. Raises StorageError where the disk refuses.
    """
    view = view or default_view(image.bands)
    drawn = Pillow.fromarray(draw(view, image))
    stamp(drawn, provenance)
    save_png(drawn, path, provenance, view.words)


def counts_picture(image: Image, path: Path, provenance: Provenance) -> None:
    """The count of clear observations in viridis, with its numbers beside the colours; hatched where there is none.

    Fine lines lie over the colours where there are fewer than LOW. Raises StorageError where the disk refuses.
    """
    low, high = 0, counts_range(image)[1]
    shown = Pillow.fromarray(hatched(counts_rgba(image, low, high, enlargement(image.width))))
    stamp(shown, provenance)
    few = bool(((image.count > 0) & (image.count < LOW)).any())
    drawn = framed(shown, ("Clear observations",), f"hatched: fewer than {LOW}" if few else "")
    left = MARGIN
    if (image.count == 0).any():
        left = box(drawn, left, hatched(np.zeros((_BAR_HEIGHT, _BOX_WIDTH, 4), np.uint8)), "0")
    if high:
        colours = viridis(low, high)
        each = (drawn.width - MARGIN - left) / len(colours)
        step = next((step for step in _STEPS if step * each >= _NUMBER_WIDTH), high)
        counts = np.arange(low, high + 1)
        marks = {(count - low + 0.5) / len(colours): str(count) for count in counts[::step].tolist()}
        ramp(drawn, left, colours, marks, few=counts < LOW)
    save_png(drawn, path, provenance, "Count of clear observations")


def counts_range(image: Image) -> tuple[int, int]:
    """Least and greatest count where there is any, else 0 and 0."""
    counts = image.count[image.count > 0]
    return (int(counts.min()), int(counts.max())) if counts.size else (0, 0)


def viridis(low: int, high: int) -> NDArray[np.uint8]:
    """Colours, (high - low + 1, 4), of the counts from `low` to `high`.

    Up to its green: the bright yellow at its end would warn of the places that are seen best.
    """
    import matplotlib  # a third of a second, for those alone who draw counts

    places = np.linspace(0, CALM, high - low + 1) if high > low else np.array([0.5])
    colours: NDArray[np.uint8] = matplotlib.colormaps["viridis"](places, bytes=True)
    return colours


def counts_rgba(image: Image, low: int, high: int, factor: int = 1) -> NDArray[np.uint8]:
    """Colours, (factor × height, factor × width, 4): transparent without a clear observation, with fine lines under
    LOW."""
    count = image.count.repeat(factor, axis=0).repeat(factor, axis=1)
    pixels = viridis(low, high)[np.clip(count, low, high) - low]
    return clear_away(hatch_few(pixels, count < LOW), count == 0)


def counts_legend(low: int, high: int) -> Legend:
    """The numbers beside the colours of `looks_rgba`."""
    step = next((step for step in _STEPS if step * _NUMBERS > high - low), high)
    words = f"Clear observations of each pixel; hatched: fewer than {LOW}; no colour: none"
    return Legend(
        low, high, tuple(range(low, high + 1, step)), hexadecimal(viridis(low, high)), words, "clear observations"
    )


def enlargement(width: int) -> int:
    """By what whole factor a picture of that width grows, so that its legend has room."""
    return max(1, -(-_LEGEND_WIDTH // width))


def stamp(drawn: Pillow.Image, provenance: Provenance) -> None:
    """Write on a picture of simulated pixels that it is one."""
    if not provenance.notice:
        return
    size = float(np.clip(min(drawn.size) / 40, 9, 40))
    ImageDraw.Draw(drawn).text(
        (0.6 * size, drawn.height - 0.6 * size),
        provenance.notice,
        fill="white",
        font=ImageFont.load_default(size),
        anchor="ls",
        stroke_width=max(1.0, size / 12),
        stroke_fill="black",
    )


def save_png(drawn: Pillow.Image, path: Path, provenance: Provenance, description: str, *others: Provenance) -> None:
    """Write the file whole, with its attribution inside, and that of `others` where it is made of several.

    Raises StorageError where the disk refuses.
    """
    sides = (provenance, *others)
    notice = next((side.notice + ": " for side in sides if side.simulated), "")
    said = [side.texts(notice + description) for side in sides]
    names = dict.fromkeys(name for one in said for name in one)
    texts = {name: "; ".join(dict.fromkeys(one[name] for one in said if name in one)) for name in names}
    data = encode_png(np.asarray(drawn), texts)
    write_beside(path, lambda beside: beside.write_bytes(data))


def framed(shown: Pillow.Image, said: Sequence[str], aside: str = "") -> Pillow.Image:
    """The picture above a strip with what is `said`, as few lines as it needs, and room for boxes and a ramp.

    `aside` stands at the end of the first line.
    """
    font = ImageFont.load_default(13)
    lines: list[str] = []
    for part in (line for one in said for line in wrapped(one, shown.width - 2 * MARGIN, 13)):
        longer = f"{lines[-1]}  ·  {part}" if lines else part
        if lines and font.getlength(longer) <= shown.width - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(part)
    height = shown.height + _LEGEND_HEIGHT + (len(lines) - 1) * _LINE_HEIGHT
    drawn = Pillow.new("RGB", (shown.width, height), _PAPER)
    drawn.paste(shown)
    pen = ImageDraw.Draw(drawn)
    for position, line in enumerate(lines):
        pen.text((MARGIN, shown.height + 10 + position * _LINE_HEIGHT), line, fill=_INK, font=font)
    pen.text((drawn.width - MARGIN, shown.height + 10), aside, fill=_INK, font=font, anchor="ra")
    return drawn


def wrapped(words: str, width: float, size: float) -> list[str]:
    """In as many lines of that width in px as they need, in Pillow's own letters of that size, which lack a minus."""
    font, lines = ImageFont.load_default(size), [""]
    for word in words.replace("−", "-").split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def box(drawn: Pillow.Image, left: int, colours: NDArray[np.uint8], label: str) -> int:
    """Colours (height, width, 3) beside the ramp of a framed picture, and what they mean; where the next one begins."""
    top = drawn.height - _LEGEND_HEIGHT + 30
    drawn.paste(Pillow.fromarray(np.ascontiguousarray(colours)), (left, top))
    _number(drawn, left + colours.shape[1] / 2, label)
    return left + int(colours.shape[1]) + 16


def ramp(
    drawn: Pillow.Image,
    left: int,
    colours: NDArray[np.uint8],
    marks: dict[float, str],
    few: NDArray[np.bool_] | None = None,
) -> None:
    """Colours (number, 4) from `left` to the margin of a framed picture; `marks` are numbers at places 0 to 1 of it.

    Where `few`, (number,), is True, fine lines lie over the colour.
    """
    width = drawn.width - MARGIN - left
    places = (np.arange(width) * len(colours)) // width
    pixels = np.repeat(colours[np.newaxis, places], _BAR_HEIGHT, axis=0)
    if few is not None:
        hatch_few(pixels, np.repeat(few[np.newaxis, places], _BAR_HEIGHT, axis=0))
    drawn.paste(Pillow.fromarray(pixels[..., :3]), (left, drawn.height - _LEGEND_HEIGHT + 30))
    for place, words in marks.items():
        _number(drawn, left + place * width, words)


def _number(drawn: Pillow.Image, middle: float, words: str) -> None:
    """Below boxes and ramp, kept inside the picture."""
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(13)
    half = pen.textlength(words, font=font) / 2
    middle = float(np.clip(middle, half + 2, drawn.width - half - 2))
    pen.text((middle, drawn.height - _LEGEND_HEIGHT + 46), words, fill=_INK, font=font, anchor="mt")
