"""Pictures for the page, as PNG: the median, and how many clear looks each pixel has."""

from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from services.composite import Image
from services.files import write_beside
from services.provenance import Provenance
from services.stretch import STRETCH, channels, clear_away, hatched, rgba

_COMPRESSION = 1
"""Of Deflate: a megapixel in 60 ms, and a tenth larger than at best."""
_LEGEND_WIDTH = 360
"""Least width in px of a picture that has a legend; smaller ones are enlarged by a whole factor."""
_LEGEND_HEIGHT = 64
_NUMBER_WIDTH = 36
"""Least distance in px between two numbers of the legend."""
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_INK, _PAPER = (28, 31, 35), (255, 255, 255)


def picture(image: Image, path: Path, provenance: Provenance) -> None:
    """The median in the fixed stretch, one pixel a pixel, transparent where there is no clear look.

    Simulated pixels carry a stamp. Raises StorageError where the disk refuses.
    """
    drawn = Pillow.fromarray(rgba(image))
    stamp(drawn, provenance)
    save_png(drawn, path, provenance, f"{channels(image.bands).words}; {STRETCH}")


def looks(image: Image, path: Path, provenance: Provenance) -> None:
    """The count of clear looks in viridis, with its numbers beside the colours; hatched where there is none.

    Raises StorageError where the disk refuses.
    """
    low, high = looks_range(image)
    factor = max(1, -(-_LEGEND_WIDTH // image.width))
    colours = looks_rgba(image, low, high).repeat(factor, axis=0).repeat(factor, axis=1)
    shown = Pillow.fromarray(hatched(colours))
    stamp(shown, provenance)
    drawn = Pillow.new("RGB", (shown.width, shown.height + _LEGEND_HEIGHT), _PAPER)
    drawn.paste(shown)
    _legend(drawn, shown.height, low, high, gaps=bool((image.count == 0).any()))
    save_png(drawn, path, provenance, "Count of clear looks")


def looks_range(image: Image) -> tuple[int, int]:
    """Least and greatest count where there is any, else 0 and 0."""
    counts = image.count[image.count > 0]
    return (int(counts.min()), int(counts.max())) if counts.size else (0, 0)


def viridis(low: int, high: int) -> NDArray[np.uint8]:
    """Colours, (high - low + 1, 4), of the counts from `low` to `high`."""
    places = np.linspace(0, 1, high - low + 1) if high > low else np.array([0.5])
    colours: NDArray[np.uint8] = matplotlib.colormaps["viridis"](places, bytes=True)
    return colours


def looks_rgba(image: Image, low: int, high: int) -> NDArray[np.uint8]:
    """Colours, (height, width, 4), transparent where there is no clear look."""
    pixels = viridis(low, high)[np.clip(image.count, low, high) - low]
    return clear_away(pixels, image.count == 0)


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


def save_png(drawn: Pillow.Image, path: Path, provenance: Provenance, description: str) -> None:
    """Write the file whole, with its attribution inside. Raises StorageError where the disk refuses."""
    notes = PngInfo()
    said = {
        "Title": provenance.recipe.area,
        "Description": f"{provenance.notice + ': ' if provenance.simulated else ''}{description}",
        "Copyright": provenance.attribution,
        "Software": provenance.software,
        "Source": provenance.provider,
        "Recipe": provenance.recipe.digest,
    }
    for name, words in said.items():
        notes.add_itxt(name, words)
    write_beside(path, lambda beside: drawn.save(beside, "PNG", pnginfo=notes, compress_level=_COMPRESSION))


def _legend(drawn: Pillow.Image, top: int, low: int, high: int, *, gaps: bool) -> None:
    """Colours with their numbers, in the strip below `top`."""
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(13)
    pen.text((12, top + 10), "Clear looks", fill=_INK, font=font)
    left, width, above, below = 12, drawn.width - 24, top + 30, top + 42
    if gaps:
        right = left + 24
        box = hatched(np.zeros((below - above, right - left, 4), np.uint8))
        drawn.paste(Pillow.fromarray(box), (left, above))
        pen.text(((left + right) / 2, below + 4), "0", fill=_INK, font=font, anchor="mt")
        left, width = right + 16, width - 40
    if high == 0:
        return
    colours = viridis(low, high)[:, :3]
    places = (np.arange(width) * len(colours)) // width
    ramp = np.broadcast_to(colours[places], (below - above, width, 3))
    drawn.paste(Pillow.fromarray(np.ascontiguousarray(ramp)), (left, above))
    each = width / len(colours)
    step = next((step for step in _STEPS if step * each >= _NUMBER_WIDTH), high)
    for count in range(low, high + 1, step):
        middle = left + (count - low + 0.5) * each
        pen.text((middle, below + 4), str(count), fill=_INK, font=font, anchor="mt")
