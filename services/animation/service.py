"""Makes timelapses in the background, one after the other, and keeps them among the previews."""

import hashlib
import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from services.animation.formats import FORMATS, Frame, encode
from services.animation.frame import Burner
from services.animation.moments import DATES, KINDS, Moment, Storyboard, storyboard
from services.errors import RecipeError
from services.preview import DrawingRoom, PreviewService, step_for
from services.recipe import Recipe
from services.render import View, draw, draw_dn, encode_png, parse_view

SIDES = (330, 660, 990)
"""Px that are offered: no side of the picture is longer."""
SECONDS = (0.2, 0.5, 1.0, 2.0)
"""That a frame may be seen."""
_VERSION = 1
"""Of how they are made: another one makes all of them anew."""
_PALETTE_FRAMES = 12
"""Of which the colours of all are found."""


@dataclass(frozen=True)
class Request:
    """What is wished. Raises RecipeError for what is not possible."""

    recipe: Recipe
    view: str
    """Text of a view."""
    kind: str = DATES
    """Name in KINDS."""
    form: str = "webp"
    """Name in FORMATS."""
    side: int = SIDES[-1]
    seconds: float = SECONDS[1]
    """That a frame is seen."""
    masked: bool = False
    """Of dates: whether clouds are left out; a composite has none anyway."""

    def __post_init__(self) -> None:
        _ = FORMATS[self.form]  # raises where there is no such one
        if self.kind not in KINDS or self.side not in SIDES or self.seconds not in SECONDS:
            raise RecipeError(
                f"A timelapse of {self.kind}, {self.side} px and {self.seconds:g} s a picture is not possible.",
                f"Choose among {', '.join(KINDS)}; {', '.join(map(str, SIDES))} px; "
                f"{', '.join(f'{one:g}' for one in SECONDS)} s.",
            )

    @property
    def shown(self) -> View:
        """The view. Raises RecipeError."""
        return parse_view(self.view, self.recipe.bands)


@dataclass(frozen=True)
class Timelapse:
    """One that is there."""

    digest: str
    """Name of its folder among the previews."""
    file: str
    """Name in there."""
    poster: str
    """Its first frame alone, a PNG."""
    width: int
    """Px, even, with the strip of words; so is the height."""
    height: int
    labels: tuple[str, ...]
    """Of each frame, oldest first."""
    left_out: tuple[str, ...]
    """Days, months or years that the cache lacks."""
    seconds: float
    """That a frame is seen."""
    size: int
    """Bytes of the file."""
    stamp: str
    """Names the content."""
    simulated: bool
    """True where no satellite made the pixels."""


class AnimationService:
    """Of one process, for all sessions; a single thread, so that one timelapse is in memory."""

    def __init__(self, previews: PreviewService) -> None:
        self._previews, self._room = previews, DrawingRoom(threads=1)
        self._progress: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = threading.Lock()

    def timelapse(self, asked: Request, patience: float) -> Timelapse:
        """It, made once whoever asks.

        Raises StillDrawing where it is not done after `patience` seconds, MissingFrame where the cache has nothing of
        it, RecipeError for too many frames, and StorageError.
        """
        board = self._board(asked)
        name = _named(asked, board)
        made = self._found(*name)
        return made if made is not None else self._room.drawn(name, partial(self._make, asked, board, name), patience)

    def found(self, asked: Request) -> Timelapse | None:
        """The same where it is there already; nothing is made. Raises as `timelapse`."""
        return self._found(*_named(asked, self._board(asked)))

    def progress(self, asked: Request) -> tuple[int, int]:
        """Frames that are made, and of how many; 0 of 0 while it waits for its turn."""
        with self._lock:
            return self._progress.get(_named(asked, self._board(asked)), (0, 0))

    def _board(self, asked: Request) -> Storyboard:
        return storyboard(self._previews, asked.recipe, asked.shown.name, asked.kind)

    def _found(self, digest: str, name: str) -> Timelapse | None:
        text = self._previews.book.read(digest, f"{name}.json")
        try:
            plain: dict[str, Any] = json.loads(text) if text is not None else {}
            made = Timelapse(**plain | {key: tuple(plain[key]) for key in ("labels", "left_out")})
        except (ValueError, KeyError, TypeError):  # there is none, or of another version of this program
            return None
        there = all(self._previews.book.file(digest, file) for file in (made.file, made.poster))
        return made if there else None

    def _make(self, asked: Request, board: Storyboard, name: tuple[str, str]) -> Timelapse:
        book, (digest, stem), form = self._previews.book, name, FORMATS[asked.form]
        file, poster = f"{stem}.{form.name}", f"{stem}.png"
        burner = self._burner(asked, board)
        try:
            first = self._frame(asked, burner, board.moments[0])
            sample = self._sample(asked, burner, board) if form.pixels == "pal8" else first
            frames = self._frames(asked, burner, board, name)
            path = book.write(digest, file, lambda beside: encode(beside, form, frames, asked.seconds, sample))
        finally:
            with self._lock:
                self._progress.pop(name, None)
        texts = burner.provenance.texts(f"{burner.view.words}; {board.moments[0].label}")
        book.write(digest, poster, lambda beside: beside.write_bytes(encode_png(first, texts)))
        made = Timelapse(
            digest=digest,
            file=file,
            poster=poster,
            width=first.shape[1],
            height=first.shape[0],
            labels=tuple(moment.label for moment in board.moments),
            left_out=board.left_out,
            seconds=asked.seconds,
            size=path.stat().st_size,
            stamp=_checksum(path),
            simulated=burner.provenance.simulated,
        )
        book.write(digest, f"{stem}.json", lambda beside: beside.write_text(json.dumps(asdict(made))))
        return made

    def _burner(self, asked: Request, board: Storyboard) -> Burner:
        dates = {one.key: one for moment in board.moments for one in moment.dates}
        needs = asked.recipe.showing(asked.shown.bands)
        west, _, east, _ = needs.neighbourhood.bounds
        return Burner(self._previews.previews.provenance(needs, list(dates.values())), asked.shown, east - west)

    def _frames(self, asked: Request, burner: Burner, board: Storyboard, name: tuple[str, str]) -> Iterator[Frame]:
        for number, moment in enumerate(board.moments):
            with self._lock:
                self._progress[name] = number, len(board.moments)
            yield self._frame(asked, burner, moment)

    def _sample(self, asked: Request, burner: Burner, board: Storyboard) -> Frame:
        """Rows of frames of all its time, in turns: their colours are those of all."""
        each = board.moments[:: -(-len(board.moments) // _PALETTE_FRAMES)]
        frames = (self._frame(asked, burner, moment) for moment in each)
        mixed = next(frames).copy()
        for number, frame in enumerate(frames, start=1):
            mixed[number :: len(each)] = frame[number :: len(each)]
        return mixed

    def _frame(self, asked: Request, burner: Burner, moment: Moment) -> Frame:
        view, room = burner.view, self._previews.compositor
        recipe = moment.recipe.showing(view.bands)
        step = step_for(recipe, asked.side)
        if asked.kind != DATES:
            bands, indices = ((), (view.index,)) if view.index else (view.bands, ())
            return burner.burnt(draw(view, room.image(recipe, moment.dates, bands, step, indices)), moment.label)
        (date,) = moment.dates
        seen = recipe if asked.masked else recipe.with_(mask="none", grow=0)
        planes, clear = room.planes(recipe, date, view.bands, step), room.clear(seen, date, step)
        return burner.burnt(draw_dn(view, planes, ~clear), moment.label)


def _named(asked: Request, board: Storyboard) -> tuple[str, str]:
    """Its folder, and the stem of its files in there."""
    moments = [
        (moment.label, moment.recipe.to_json(), [(one.key, *map(astuple, one.products)) for one in moment.dates])
        for moment in board.moments
    ]
    meaning = asked.recipe.meaning, asked.shown.meaning, asked.masked, moments, board.left_out
    digest = hashlib.sha256(json.dumps([_VERSION, asked.kind, meaning]).encode()).hexdigest()[:16]
    return digest, f"timelapse-{asked.shown.slug}-{asked.side}-{1000 * asked.seconds:.0f}-{asked.form}"


def _checksum(path: Path) -> str:
    """Read in parts, for a file may be large."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            found = zlib.crc32(part, found)
    return f"{found:08x}"
