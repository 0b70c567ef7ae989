"""Timelapses of a small cache: their frames, sizes and times by independent decoders, and what is burnt in."""

import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from services.animation import DATES, FORMATS, MONTHS, YEARS, AnimationService, Request, Timelapse, moments
from services.animation.formats import encode
from services.cache import FrameStore, MissingFrame
from services.errors import RecipeError, StorageError
from services.preview import PreviewCompositor, PreviewService, PreviewStore, StillDrawing
from services.render import VIEWS, draw_dn, enlargement
from services.sentinel2 import ANGLES
from tests.services.overpasses import random_frames
from tests.services.passes import passes
from tests.services.scenes import recipe

QUESTION = recipe(px=12, height_px=9, maxcc=70, bands=("B02", "B03", "B04", "B08"))
FOUND = passes(QUESTION, [8.0, 3.0, 20.5, 60.0, 65.0])
FRAMES = random_frames(QUESTION, FOUND[:4])
LONG = 60.0
ZOOM = enlargement(36)
"""36 × 27 px, as large as the words need."""


def animations(home: Path, found: Any = FOUND) -> AnimationService:
    """All of the first four dates is in the cache, and nothing of the fifth."""
    store = FrameStore(home / "frames", 10**8)
    for key, planes in FRAMES.planes.items():
        store.write(key, planes)
    provider: Any = SimpleNamespace(
        title="A provider", simulated=True, attribution=lambda years: f"Simulated data of {sorted(years)}"
    )
    room, book = PreviewCompositor(store, 10**8), PreviewStore(home)
    return AnimationService(
        PreviewService(
            store, room, book, lambda one: found if one.interval == QUESTION.interval else None, lambda one: provider
        )
    )


def made(home: Path, **wishes: Any) -> tuple[Timelapse, Path]:
    one = animations(home).timelapse(Request(QUESTION, "true", **wishes), LONG)
    return one, home / "sketches" / one.digest / one.file


def pictures(path: Path) -> tuple[list[NDArray[np.uint8]], float]:
    """Its frames, decoded, and how long it takes in seconds."""
    if path.suffix == ".mp4":
        with av.open(str(path)) as file:
            assert file.streams.video[0].codec_context.pix_fmt == "yuv420p"
            found = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in file.decode(video=0)]
            return found, (file.duration or 0) / 1e6
    with Image.open(path) as file:
        each = [(np.asarray(one.convert("RGB")), one.info["duration"]) for one in ImageSequence.Iterator(file)]
        assert file.info["loop"] == 0, "for ever"
    return [pixels for pixels, _ in each], sum(times for _, times in each) / 1000


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_has_a_frame_for_each_date_and_lasts_as_long_as_was_wished(form: str, tmp_path: Path) -> None:
    told, path = made(tmp_path, form=form, seconds=0.2)
    frames, seconds = pictures(path)
    assert len(frames) == len(told.labels) == 4 and seconds == pytest.approx(0.8, abs=0.02)
    assert {frame.shape for frame in frames} == {(told.height, told.width, 3)}
    assert told.width % 2 == told.height % 2 == 0 and told.size == path.stat().st_size
    assert told.left_out == (FOUND[4].date,)


def test_the_words_below_are_of_the_frame_s_own_date(tmp_path: Path) -> None:
    told, path = made(tmp_path, form="gif")
    frames, _ = pictures(path)
    strips = [frame[27 * ZOOM : 27 * ZOOM + 36, :150] for frame in frames]
    for one, other in pairwise(strips):
        assert np.abs(one.astype(int) - other).max() > 100, "another day is written there"
    assert told.labels == tuple(one.date for one in FOUND[:4])


def test_a_date_is_drawn_as_it_was_seen_and_masked_where_that_is_wished(tmp_path: Path) -> None:
    view, room = VIEWS["true"], animations(tmp_path / "other")._previews.compositor
    planes = room.planes(QUESTION, FOUND[2], view.bands)
    for masked in (False, True):
        seen = QUESTION if masked else QUESTION.with_(mask="none")
        wanted = draw_dn(view, planes, ~room.clear(seen, FOUND[2]))
        _, path = made(tmp_path, form="gif", masked=masked)
        frame = pictures(path)[0][2][: 27 * ZOOM, : 36 * ZOOM]
        middle = frame[ZOOM // 2 :: ZOOM, ZOOM // 2 :: ZOOM].astype(int)
        known = wanted[..., 3] > 0
        apart = np.abs(middle - wanted[..., :3])[known]
        assert np.median(apart) < 24, "256 colours, and no more"


def test_evened_view_angles_are_in_the_pixels_and_the_words(tmp_path: Path) -> None:
    evened = QUESTION.with_(nbar=True)
    asked = Request(evened, "true", kind=MONTHS, form="gif")
    with pytest.raises(MissingFrame, match="nothing is in the cache"):
        animations(tmp_path).timelapse(asked, LONG)  # without angles nothing passes for evened out
    june = passes(QUESTION, [9.0] * 32)[30:]
    store, frames = FrameStore(tmp_path / "frames", 10**8), random_frames(QUESTION, june)
    angles = {
        name: np.full((1, 1), angle, np.uint16) for name, angle in zip(ANGLES, (4150, 16025, 950, 28500), strict=True)
    }
    for key, planes in frames.planes.items():
        store.write(key, planes | angles)
    shown = []
    for question in (QUESTION, evened):
        service, request = animations(tmp_path, june), replace(asked, recipe=question)
        told = service.timelapse(request, LONG)
        shown.append(pictures(tmp_path / "sketches" / told.digest / told.file)[0][0])
        with Image.open(tmp_path / "sketches" / told.digest / told.poster) as poster:
            assert ("NBAR" in poster.info) is question.nbar
        said = " ".join(service._burner(request, service._board(request))._lines(400))
        assert ("view angles evened out (NBAR). Simulated data of" in said) is question.nbar
    assert not np.array_equal(shown[0][: 27 * ZOOM, : 36 * ZOOM], shown[1][: 27 * ZOOM, : 36 * ZOOM])


def test_months_are_composites_of_what_is_here_of_them(tmp_path: Path) -> None:
    told, _ = made(tmp_path, kind=MONTHS)
    counts: dict[str, list[bool]] = {}
    for number, one in enumerate(FOUND):
        counts.setdefault(f"{one.time:%B %Y}", []).append(number < 4)
    labels = [
        f"{month}, {f'{sum(here)} of ' if not all(here) else ''}{len(here)} date{'s' if len(here) > 1 else ''}"
        for month, here in counts.items()
        if any(here)
    ]
    assert list(told.labels) == labels
    assert list(told.left_out) == [month for month, here in counts.items() if not any(here)]


def test_years_of_which_nothing_is_known_are_left_out_and_told(tmp_path: Path) -> None:
    told, _ = made(tmp_path, kind=YEARS)
    year = str(QUESTION.interval.start.year)
    assert told.labels == (f"{year}, 4 of 5 dates",)
    assert "2015" in told.left_out and year not in told.left_out


def test_who_has_no_patience_comes_back_for_it(tmp_path: Path) -> None:
    service, asked = animations(tmp_path), Request(QUESTION, "ndvi")
    held = threading.Event()
    frame = service._frame
    service._frame = lambda *parts: (held.wait(LONG), frame(*parts))[1]  # type: ignore[method-assign]
    with pytest.raises(StillDrawing):
        service.timelapse(asked, 0)
    assert service.found(asked) is None
    held.set()
    told = service.timelapse(asked, LONG)
    assert service.found(asked) == told and service.progress(asked) == (0, 0)


def test_what_the_cache_lacks_and_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = recipe(px=12, height_px=9, maxcc=70, bands=("B11",), mask="none")
    with pytest.raises(MissingFrame, match="nothing is in the cache"):
        animations(tmp_path).timelapse(Request(lacking, "bands"), LONG)
    monkeypatch.setattr(moments, "MOST_FRAMES", 3)
    with pytest.raises(RecipeError, match="these would be 4 dates"):
        animations(tmp_path).timelapse(Request(QUESTION, "true"), LONG)
    with pytest.raises(RecipeError, match="331 px"):
        Request(QUESTION, "true", DATES, side=331)


def test_a_disk_that_refuses_is_told() -> None:
    frame = np.zeros((64, 64, 3), np.uint8)
    for form in FORMATS.values():
        with pytest.raises(StorageError, match=f"{form.title} could not be written"):
            encode(Path("/dev/full"), replace(form, container={}), [frame] * 3, 0.5, frame)


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_keeps_the_colours_and_says_how_they_are_coded(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"plain.{form}"
    frames = [np.full((64, 64, 3), colour, np.uint8) for colour in ((33, 145, 140), (150, 90, 60))]
    encode(path, FORMATS[form], frames, 0.5, np.vstack([frame[:32] for frame in frames]))
    for found, frame in zip(pictures(path)[0], frames, strict=True):
        assert np.abs(found.astype(int) - frame).max() <= 4
    if form == "mp4":
        with av.open(str(path)) as file:
            assert int(next(file.decode(video=0)).colorspace) in (5, 6), "BT.601, which both numbers stand for"
