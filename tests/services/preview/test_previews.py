"""Sketches on the disk, read back by Pillow and counted by numpy."""

import json
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from services.cache import MissingFrame, frame_key
from services.composite import Mosaic, compose, mosaic
from services.errors import NothingUnderLimitError, RecipeError
from services.preview import Preview, PreviewCompositor, Previews, PreviewStore
from services.preview.previews import MOST_SIDE
from services.preview.statistics import Numbers
from services.recipe import Recipe, Veto
from services.render import VIEWS, draw
from services.sentinel2 import DATA_MASK
from tests.services.overpasses import MemoryFrames, random_frames
from tests.services.passes import passes
from tests.services.scenes import recipe

QUESTION = recipe(px=21, height_px=19, bands=("B02", "B03", "B04", "B08"), maxcc=30)
FOUND = passes(QUESTION, [8.0, 3.0, 20.0, 35.0, 0.5, 90.0], cut=[1])
KEPT = tuple(observation for observation in FOUND if observation.cloud_cover <= 30)


class Desk:
    """Sketches over frames in memory, with how often a picture was made."""

    def __init__(self, home: Path, *, simulated: bool = False, lost: Any = None) -> None:
        self.frames: MemoryFrames = random_frames(QUESTION, FOUND)
        self.frames.lost = lost
        self.book, self.made = PreviewStore(home, 10**8), 0
        self.room = PreviewCompositor(self.frames, 10**8)
        image = self.room.image

        def counting(*args: Any, **options: Any) -> Mosaic:
            self.made += 1
            return image(*args, **options)

        self.room.image = counting  # type: ignore[method-assign] # to count
        provider = SimpleNamespace(
            title="A provider", simulated=simulated, attribution=lambda years: f"Data of {sorted(years)}"
        )
        self.previews = Previews(self.room, self.book, lambda recipe: provider)

    def make(self, question: Recipe = QUESTION, view: str = "true", side: int = 63, **options: Any) -> Preview:
        return self.previews.make(question, options.pop("found", FOUND), view, side, **options)

    def path(self, preview: Preview, name: str = "") -> Path:
        path = self.previews.file(preview.digest, name or preview.picture)
        assert path is not None
        return path


def composed(question: Recipe, frames: MemoryFrames) -> Mosaic:
    """By the EOTasks."""
    return mosaic(compose(question, KEPT, frames, workers=1), 3)


@pytest.mark.parametrize("view", ["true", "false", "ndvi", "ndwi"])
def test_the_picture_has_the_colours_of_the_composed_one(view: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    preview = desk.make(view=view)
    with Pillow.open(desk.path(preview)) as read:
        np.testing.assert_array_equal(np.asarray(read), draw(VIEWS[view], composed(QUESTION, desk.frames)))
        assert (preview.width, preview.height) == read.size == (63, 57)
        assert (np.asarray(read)[..., 3] == 0).any()


def test_a_small_picture_is_a_part_of_the_pixels_with_the_numbers_of_all(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    preview = desk.make(side=25)
    whole = composed(QUESTION, desk.frames)
    assert (preview.step, preview.width, preview.height) == (3, 21, 21)
    pixels = draw(VIEWS["true"], whole).reshape(3, 19, 3, 21, 4)[:, ::3, :, ::3].reshape(21, 21, 4)
    with Pillow.open(desk.path(preview)) as read:
        np.testing.assert_array_equal(np.asarray(read), pixels)
    counts = whole.count[whole.count > 0]
    assert preview.numbers == Numbers(4, 6, whole.no_data, whole.median_observations, counts.min(), counts.max())
    assert preview.numbers == desk.make().numbers
    assert preview.left_out == 2
    assert preview.dates == tuple(observation.date for observation in KEPT)
    assert (preview.bounds, preview.epsg) == (whole.bounds, whole.epsg)


def test_a_second_look_makes_nothing_in_this_process_or_the_next(tmp_path: Path) -> None:
    first = Desk(tmp_path)
    preview = first.make()
    assert first.make() == first.make(QUESTION.with_(bands=("B08",))) == preview
    assert first.made == 1
    second = Desk(tmp_path)
    second.frames.planes.clear()
    assert second.make() == preview
    assert second.made == 0


def test_another_question_or_another_answer_is_another_sketch(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    questions = [
        QUESTION,
        QUESTION.with_(maxcc=10),
        QUESTION.with_(mask="none"),
        QUESTION.with_(grow=1),
        QUESTION.with_(method="least-cloudy"),
        QUESTION.with_(vetoes=(Veto(FOUND[0].key, "haze"),)),
    ]
    previews = [desk.make(question) for question in questions]
    previews.append(desk.make(found=FOUND[:4]))
    previews.append(desk.make(view="false"))
    assert len({preview.digest for preview in previews}) == 8
    assert previews[5].numbers.dates == 3
    assert len({desk.make().digest, desk.make(side=30).digest}) == 1


def test_the_stamp_is_of_the_content(tmp_path: Path) -> None:
    one, other = Desk(tmp_path / "one"), Desk(tmp_path / "other")
    assert one.make().stamp == other.make().stamp
    assert one.make().stamp != one.make(QUESTION.with_(maxcc=3)).stamp


def test_counts_of_clear_looks_are_drawn_where_they_are_asked_for(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.make().counts == ""
    preview = desk.make(with_counts=True)
    with Pillow.open(desk.path(preview, preview.counts)) as read:
        assert read.width >= 63
        assert read.info["Description"] == "Count of clear observations"
    assert desk.make() == desk.make(with_counts=True) == preview
    assert desk.made == 2


def test_the_files_say_where_they_come_from(tmp_path: Path) -> None:
    desk = Desk(tmp_path, simulated=True)
    preview = desk.make()
    assert (preview.attribution, preview.simulated) == ("Data of [2017]", True)
    with Pillow.open(desk.path(preview)) as read:
        assert read.info["Title"] == "Southern Finland"
        assert read.info["Description"].startswith("Simulated data: True colour")
        assert read.info["Copyright"] == "Data of [2017]"
        assert read.info["Source"] == "A provider"
        assert read.info["Recipe"] == QUESTION.with_(bands=VIEWS["true"].bands).digest
        assert "numpy" in read.info["Software"]


def test_simulated_pixels_are_stamped(tmp_path: Path) -> None:
    pictures = []
    for simulated in (False, True):
        desk = Desk(tmp_path / str(simulated), simulated=simulated)
        with Pillow.open(desk.path(desk.make())) as read:
            pictures.append(np.asarray(read))
    changed = (pictures[0] != pictures[1]).any(axis=-1)
    assert changed[-15:].any()
    assert not changed[:20].any()


def test_many_threads_make_it_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    start, made = threading.Barrier(6), []

    def ask() -> None:
        start.wait(20)
        made.append(desk.make())

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert made == [made[0]] * 6
    assert desk.made == 1


@pytest.mark.parametrize("harm", ["picture", "folder", "text", "another version"])
def test_what_is_not_whole_is_made_again(harm: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    preview = desk.make()
    path = desk.path(preview)
    text = path.with_suffix(".json")
    if harm == "picture":
        path.unlink()
    elif harm == "folder":
        shutil.rmtree(path.parent)
    elif harm == "text":
        text.write_text(text.read_text()[:50])
    else:
        text.write_text(json.dumps(json.loads(text.read_text()) | {"colour": "blue"}))
    assert desk.make() == preview
    assert desk.made == 2


def test_what_the_cache_lacks_is_said_and_not_fetched(tmp_path: Path) -> None:
    desk = Desk(tmp_path, lost=frame_key(QUESTION, QUESTION.centre, FOUND[2]))
    with pytest.raises(MissingFrame):
        desk.make()
    assert not (tmp_path / "sketches").exists()
    assert desk.make(QUESTION.with_(maxcc=10)).numbers.dates == 3


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"question": QUESTION.with_(maxcc=0)}, NothingUnderLimitError, "0 of 6 dates"),
        ({"view": "x-ray"}, RecipeError, "no view 'x-ray'"),
        ({"side": 0}, RecipeError, "got 0"),
        ({"side": MOST_SIDE + 1}, RecipeError, f"got {MOST_SIDE + 1}"),
        ({"view": "bands"}, RecipeError, "no view 'bands'"),
    ],
)
def test_what_is_not_possible_is_a_sentence(changes: Any, error: type[Exception], words: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=words):
        Desk(tmp_path).make(**changes)


def test_bands_without_a_view_of_their_own_have_a_picture_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    preview = desk.make(QUESTION.with_(bands=("B08",)), "bands")
    with Pillow.open(desk.path(preview)) as read:
        red, green, blue, _ = np.moveaxis(np.asarray(read), -1, 0)
    assert (red == green).all() and (green == blue).all() and red.any()


def test_a_thumbnail_is_one_date_without_a_mask(tmp_path: Path) -> None:
    desk = Desk(tmp_path, simulated=True)
    path = desk.previews.thumbnail(QUESTION, FOUND[1], "true", 25)
    assert path is not None
    assert path.parent.parent == tmp_path / "sketches"
    assert desk.previews.file(path.parent.name, path.name) == path
    plain = QUESTION.with_(mask="none", bands=VIEWS["true"].bands)
    one = mosaic(compose(plain, FOUND[1:2], desk.frames, workers=1), 3)
    pixels = draw(VIEWS["true"], one).reshape(3, 19, 3, 21, 4)[:, ::3, :, ::3].reshape(21, 21, 4)
    with Pillow.open(path) as read:
        np.testing.assert_array_equal(np.asarray(read), pixels)
        assert read.info["Description"].startswith("Simulated data: S2A, 2017-01-13, True colour")
    assert (pixels[14:] == 0).all()  # the pass does not show these tiles
    reads = desk.frames.reads
    assert desk.previews.thumbnail(QUESTION.with_(maxcc=1, mask="strict"), FOUND[1], "true", 25) == path
    assert desk.frames.reads == reads


def test_a_thumbnail_of_what_the_cache_lacks_is_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path, lost=frame_key(QUESTION, QUESTION.centre, FOUND[2]))
    assert desk.previews.thumbnail(QUESTION, FOUND[2], "true", 25) is None
    desk.frames.lost = None
    assert desk.previews.thumbnail(QUESTION, FOUND[2], "true", 25) is not None


def test_a_dark_pixel_with_data_is_not_transparent(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for planes in desk.frames.planes.values():
        planes["B04"][:] = planes["B03"][:] = planes["B02"][:] = 0
        planes[DATA_MASK][:] = 1
    path = desk.previews.thumbnail(QUESTION, FOUND[0], "true", 25)
    assert path is not None
    with Pillow.open(path) as read:
        assert (np.asarray(read) == [0, 0, 0, 255]).all()
