"""Previews: pictures for the page, made of what is in the cache alone: half a second each, then a look at the disk.

A preview's folder is named by the question, by what its mask, method and view mean now, and by what the catalogue
answers to it: new acquisitions make a new one, and so does a changed definition.
"""

import contextlib
import hashlib
import json
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.cache import MissingFrame
from services.catalogue import Acquisition, kept_or_raise, products_of
from services.composite import Mosaic
from services.errors import RecipeError
from services.geo import Bounds
from services.preview.compositor import PreviewCompositor
from services.preview.drawing import DrawingRoom
from services.preview.histogram import Histogram, histogram_of
from services.preview.preview_store import PreviewStore
from services.preview.statistics import Numbers
from services.preview.subsampling import raster, step_for
from services.providers import Provider
from services.recipe import Recipe
from services.render import Provenance, View, counts_picture, draw, draw_dn, encode_png, parse_view, stamp, unstyled
from services.sentinel2 import SCRIPT_BANDS
from services.storage import OVERHEAD, MemoryCache

MOST_SIDE = 2500
"""Longest side of a preview, px: every pixel of 5 × 5 tiles of the usual size, and what is in memory at once for it. A
result has every pixel of larger ones."""
_SLOTS = 64
"""Sketches that are made at the same time; two may share a slot, and then one waits without need."""
_COUNTED_BYTES = 4 * 10**6
"""Of counts of clear observations that are kept in memory: a thousand questions."""
_VERSION = 4
"""Of how previews are made, counts and texts among them: another one makes all of them anew."""


@dataclass(frozen=True)
class Preview:
    """A picture of a recipe on the disk, with its numbers."""

    digest: str
    """Name of its folder."""
    view: str
    side: int
    """As it was asked for: no side is longer, in px."""
    width: int
    """Pixels of the picture."""
    height: int
    step: int
    """Every so many pixels of the data is one of the picture."""
    numbers: Numbers
    """At full resolution, whatever the step."""
    dates: tuple[str, ...]
    """ISO days, UTC, of the acquisitions in it, oldest first."""
    bounds: Bounds
    """minx, miny, maxx, maxy in metres of `epsg`."""
    epsg: int
    attribution: str
    simulated: bool
    """True where no satellite made the pixels."""
    stamp: str
    """Names the content: an address that has it may be kept for ever."""
    picture: str
    """Name of the PNG, transparent where there is no data."""
    counts: str
    """Name of the PNG with the count of clear observations and its legend; empty unless it was asked for."""

    @property
    def left_out(self) -> int:
        """Acquisitions of the interval that are not in it."""
        return self.numbers.acquisitions - self.numbers.dates

    @classmethod
    def from_json(cls, text: bytes) -> "Preview":
        """Raises ValueError, KeyError or TypeError where it is not what was written here."""
        plain: dict[str, Any] = json.loads(text)
        plain["numbers"] = Numbers(**plain["numbers"])
        return cls(**plain | {name: tuple(plain[name]) for name in ("dates", "bounds")})


@dataclass(frozen=True, eq=False)
class Pixels:
    """What a preview is drawn of, for files of it."""

    view: View
    image: Mosaic
    """The bands of a colour view, or the index of another one, on the raster of the preview."""
    provenance: Provenance


class Previews:
    """Makes each preview once, whoever asks; `provider` says where a recipe's pixels come from."""

    def __init__(
        self, compositor: PreviewCompositor, book: PreviewStore, provider: Callable[[Recipe], Provider]
    ) -> None:
        self._compositor, self._book, self._provider = compositor, book, provider
        self._making = [threading.Lock() for _ in range(_SLOTS)]
        self._drawing = DrawingRoom()
        self._observations = MemoryCache[NDArray[np.int64]](_COUNTED_BYTES)
        """By question: how many pixels have 0, 1, 2 … clear observations, the same in every view and size."""

    def file(self, digest: str, name: str) -> Path | None:
        """A picture that is there, or None; never a path outside its folder."""
        return self._book.file(digest, name)

    def make(
        self,
        recipe: Recipe,
        found: Sequence[Acquisition],
        view: str,
        side: int,
        *,
        with_counts: bool = False,
        patience: float | None = None,
    ) -> Preview:
        """The picture in that view, no side longer than `side` px; `found` are all acquisitions of the interval.

        The recipe's bands do not matter but for a view that is made of them. It is drawn here and now, or in the
        background where there is a `patience` in seconds. Raises StillDrawing where that is over, MissingFrame where
        the cache lacks something, NoDataError where nothing is kept, RecipeError for a view or side that is not
        possible.
        """
        shown = _possible(recipe, view, side)
        recipe, kept, digest = _asked(recipe, found, shown)
        made = self._open(digest, shown, side, with_counts)
        if made is not None:
            return made

        def draw() -> Preview:
            with self._making[int(digest, 16) % _SLOTS]:  # somebody else may have made it meanwhile
                return self._open(digest, shown, side, with_counts) or self._make(
                    recipe, found, kept, shown, digest, side, with_counts
                )

        if patience is None:
            return draw()
        return self._drawing.drawn((digest, shown.name, side, with_counts), draw, patience)

    def histogram(self, recipe: Recipe, found: Sequence[Acquisition], view: str, side: int) -> Histogram:
        """Of the pixels of that preview, whatever the stretch of the view. Raises as `make`."""
        shown = unstyled(_possible(recipe, view, side))
        recipe, kept, digest = _asked(recipe, found, shown)
        name = f"{shown.slug}-{side}-histogram.json"
        text = self._book.read(digest, name)
        if text is not None:
            with contextlib.suppress(ValueError, KeyError, TypeError):  # of another version of this program
                return Histogram.from_json(text)
        made = histogram_of(shown, self._image(recipe, kept, shown, step_for(recipe, side)))
        self._book.write(digest, name, lambda beside: beside.write_text(made.to_json()))
        return made

    def file_of(
        self,
        recipe: Recipe,
        found: Sequence[Acquisition],
        view: str,
        ending: str,
        fill: Callable[[Pixels, Path], object],
    ) -> Path:
        """A file that `fill` writes of the pixels of the largest preview, once; `ending` names what it is. Raises as
        `make`."""
        shown = _possible(recipe, view, MOST_SIDE)
        recipe, kept, digest = _asked(recipe, found, shown)
        name = f"{shown.slug}-{MOST_SIDE}{ending}"
        with self._making[int(digest, 16) % _SLOTS]:
            path = self._book.file(digest, name)
            if path is not None:
                return path
            image = self._image(recipe, kept, shown, step_for(recipe, MOST_SIDE))
            pixels = Pixels(shown, image, self.provenance(recipe, kept))
            return self._book.write(digest, name, lambda beside: fill(pixels, beside))

    def thumbnail(self, recipe: Recipe, acquisition: Acquisition, view: str, side: int) -> Path | None:
        """One date in that view, without a mask, transparent where it has no data; None where the cache lacks it.

        A stamp would hide so small a picture: what is simulated says so in its texts, and is to be said beside it.
        Raises RecipeError for a view or side that is not possible.
        """
        shown = _possible(recipe, view, side)
        plain = recipe.with_(bands=shown.bands, mask="none", grow=0)
        tiles = "".join(str(int(acquisition.touches(tile))) for tile in raster(recipe).tiles)
        ground = recipe.lattice, recipe.centre, recipe.radius, recipe.resolution
        made_of = list(map(astuple, acquisition.products))
        digest = _digest(recipe.provider, recipe.collection, repr(ground), plain.meaning, shown.meaning, made_of)
        name = f"{shown.slug}-{side}-{acquisition.key}-{int(tiles, 2):x}.png"
        path = self._book.file(digest, name)
        if path is not None:
            return path
        step = step_for(plain, side)
        try:
            planes = self._compositor.planes(plain, acquisition, shown.bands, step)
            empty = ~self._compositor.clear(plain, acquisition, step)
        except MissingFrame:
            return None
        words = f"{acquisition.satellite}, {acquisition.date}, {shown.words}"
        data = encode_png(draw_dn(shown, planes, empty), _said(self.provenance(plain, [acquisition]), words))
        return self._book.write(digest, name, lambda beside: beside.write_bytes(data))

    def _open(self, digest: str, view: View, side: int, with_counts: bool) -> Preview | None:
        """What is on the disk, whole; None where something of it is not."""
        text = self._book.read(digest, f"{view.slug}-{side}.json")
        try:
            preview = Preview.from_json(text) if text is not None else None
        except (ValueError, KeyError, TypeError):  # of another version of this program
            return None
        if preview is None or self.file(digest, preview.picture) is None:
            return None
        return preview if not with_counts or self.file(digest, preview.counts) else None

    def _make(
        self,
        recipe: Recipe,
        found: Sequence[Acquisition],
        kept: Sequence[Acquisition],
        view: View,
        digest: str,
        side: int,
        with_counts: bool,
    ) -> Preview:
        step = step_for(recipe, side)
        image = self._image(recipe, kept, view, step)
        provenance = self.provenance(recipe, kept)
        picture, counts, text = f"{view.slug}-{side}.png", f"looks-{side}.png", f"{view.slug}-{side}.json"
        data = encode_png(_stamped(draw(view, image), provenance), _said(provenance, view.words))
        self._book.write(digest, picture, lambda beside: beside.write_bytes(data))
        if with_counts:
            self._book.write(digest, counts, lambda beside: counts_picture(image, beside, provenance))
        preview = Preview(
            digest=digest,
            view=view.name,
            side=side,
            width=image.width,
            height=image.height,
            step=step,
            numbers=Numbers.of(self._counted(recipe, kept, image, step), len(found)),
            dates=tuple(observation.date for observation in kept),
            bounds=image.bounds,
            epsg=image.epsg,
            attribution=provenance.attribution,
            simulated=provenance.simulated,
            stamp=f"{zlib.crc32(data):08x}",
            picture=picture,
            counts=counts if with_counts else "",
        )
        self._book.write(digest, text, lambda beside: beside.write_text(json.dumps(asdict(preview))))
        return preview

    def _image(self, recipe: Recipe, kept: Sequence[Acquisition], view: View, step: int) -> Mosaic:
        bands, indices = ((), (view.index,)) if view.index else (view.bands, ())
        return self._compositor.image(recipe, kept, bands, step, indices)

    def _counted(self, recipe: Recipe, kept: Sequence[Acquisition], image: Mosaic, step: int) -> NDArray[np.int64]:
        """How many pixels, at full resolution, have 0, 1, 2 … clear observations."""
        name = _digest(recipe.with_(bands=SCRIPT_BANDS).to_json(), recipe.meaning, _made_of(kept))

        def count() -> NDArray[np.int64]:
            if step > 1:
                return self._compositor.observations_counted(recipe, kept)
            return np.bincount(image.count.reshape(-1), minlength=len(kept) + 1)

        return self._observations.made(name, count, lambda counted: counted.nbytes + OVERHEAD)

    def provenance(self, recipe: Recipe, kept: Sequence[Acquisition]) -> Provenance:
        """The words of a picture of these acquisitions."""
        provider = self._provider(recipe)
        years = {observation.time.year for observation in kept}
        made_of = products_of(kept)
        return Provenance(recipe, provider.title, provider.attribution(years), provider.simulated, products=made_of)


def _possible(recipe: Recipe, view: str, side: int) -> View:
    """The view; raises RecipeError."""
    if not 1 <= side <= MOST_SIDE:
        raise RecipeError(f"A picture is 1 to {MOST_SIDE} px wide, got {side}.", "The result's files have every pixel.")
    return parse_view(view, recipe.bands)


def _asked(recipe: Recipe, found: Sequence[Acquisition], view: View) -> tuple[Recipe, tuple[Acquisition, ...], str]:
    """The recipe of what the view needs, what it keeps, and the name of the folder of its preview."""
    recipe = recipe.showing(view.bands)
    kept = kept_or_raise(found, recipe)
    return recipe, kept, _digest(recipe.to_json(), recipe.meaning, view.meaning, len(found), _made_of(kept))


def _made_of(kept: Sequence[Acquisition]) -> list[tuple[object, ...]]:
    """What of the acquisitions decides a picture and its numbers."""
    return list(map(_made_of_one, kept))


def _made_of_one(one: Acquisition) -> tuple[object, ...]:
    """The acquisition remembers it."""
    found: tuple[object, ...] | None = one.remembered.get(_made_of_one)
    if found is None:
        found = one.key, one.cloud_cover, one.coverage, *map(astuple, one.products)
        one.remembered[_made_of_one] = found
    return found


def _digest(*parts: object) -> str:
    """16 hexadecimal characters of what decides a preview."""
    return hashlib.sha256(json.dumps([_VERSION, *parts]).encode()).hexdigest()[:16]


def _stamped(pixels: NDArray[np.uint8], provenance: Provenance) -> NDArray[np.uint8]:
    """With the stamp of simulated pixels, where they are."""
    if not provenance.notice:
        return pixels
    drawn = Pillow.fromarray(pixels)
    stamp(drawn, provenance)
    return np.asarray(drawn)


def _said(provenance: Provenance, words: str) -> dict[str, str]:
    """Texts of a PNG."""
    return provenance.texts(f"{provenance.notice}: {words}" if provenance.notice else words)
