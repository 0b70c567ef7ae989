"""The picture grows as dates arrive, each time that of plain composing, and never stands in the fetch's way."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from services.composite import Mosaic, compose, mosaic
from services.errors import StorageError
from services.fetch import Arrivals
from services.jobs import progressive
from services.jobs.progressive import ProgressivePreview, steps
from services.plan import plan
from services.providers.sentinelhub import TERMS
from tests.services.overpasses import MemoryFrames, overpasses, random_frames
from tests.services.scenes import recipe

QUESTION = recipe()
LOOKS: Any = overpasses(8)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No pause between pictures."""
    monkeypatch.setattr(progressive, "EVERY_SECONDS", 0.0)
    yield


class Growing:
    """A preview of eight acquisitions, its pictures, and the arrival of one acquisition after the other."""

    def __init__(self, frames: Any = None, fails: Exception | None = None) -> None:
        self.blocks = plan(QUESTION, LOOKS, {}, TERMS).blocks
        self.frames = frames or random_frames(QUESTION, LOOKS)
        self.arrivals = Arrivals(LOOKS, self.blocks, QUESTION.planes)
        self.shown: list[Mosaic] = []
        self.fails = fails
        self.news = threading.Condition()
        self.preview = ProgressivePreview(QUESTION, self.arrivals, self.frames, self.show, len(LOOKS))

    def show(self, whole: Mosaic) -> None:
        if self.fails:
            raise self.fails
        with self.news:
            self.shown.append(whole)
            self.news.notify()

    def arrive(self, count: int) -> None:
        for block in self.blocks[:count]:
            self.arrivals.stored(block)
            self.preview.notify()
        self.blocks = self.blocks[count:]

    def seen(self, pictures: int) -> bool:
        """Whether there are so many pictures within 20 s."""
        with self.news:
            return self.news.wait_for(lambda: len(self.shown) >= pictures, timeout=20)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, (1,)), (2, (2,)), (3, (3,)), (4, (3, 4)), (5, (3, 4, 5)), (8, (3, 4, 6, 8)), (40, (3, 10, 20, 30, 40))],
)
def test_the_first_dates_and_then_every_quarter_make_a_picture(count: int, expected: tuple[int, ...]) -> None:
    assert steps(count) == expected


def test_each_picture_is_that_of_the_dates_that_are_there() -> None:
    growing = Growing()
    with growing.preview:
        growing.arrive(3)
        assert growing.seen(1)
        growing.arrive(1)
        assert growing.seen(2)
        completed = [growing.preview.complete]
        growing.arrive(4)
        assert growing.seen(3)
    assert [*completed, growing.preview.complete] == [False, True]
    for picture, count in zip(growing.shown, (3, 4, 8), strict=True):
        expected = mosaic(compose(QUESTION, LOOKS[:count], growing.frames, workers=1), 3)
        assert np.array_equal(picture.reflectance, expected.reflectance, equal_nan=True)
        assert np.array_equal(picture.count, expected.count)


def test_two_dates_are_not_worth_a_picture() -> None:
    growing = Growing()
    with growing.preview:
        growing.arrive(2)
    assert growing.shown == []
    assert not growing.preview.complete


def test_what_is_there_already_is_shown_before_anything_arrives() -> None:
    growing = Growing()
    growing.arrive(5)
    with growing.preview:
        assert growing.seen(1)
    assert len(growing.shown[0].dates) == 5


class Slow(MemoryFrames):
    """Frames of which one can be sure that somebody reads them."""

    def __init__(self, frames: MemoryFrames) -> None:
        super().__init__(frames.planes)
        self.reading, self.go_on = threading.Event(), threading.Event()

    def read(self, key: Any, planes: Any) -> dict[str, Any]:
        self.reading.set()
        assert self.go_on.wait(20)
        return super().read(key, planes)


@pytest.mark.parametrize(("arrived", "pictures"), [(4, 0), (8, 1)], ids=["of some dates", "of all dates"])
def test_a_picture_under_way_is_waited_for_only_where_it_is_the_whole(arrived: int, pictures: int) -> None:
    frames = Slow(random_frames(QUESTION, LOOKS))
    growing = Growing(frames)
    growing.arrive(arrived)
    with growing.preview:
        assert frames.reading.wait(20)
        growing.preview._ended.set()
        frames.go_on.set()
    assert len(growing.shown) == pictures
    assert growing.preview.complete == bool(pictures)


def test_a_missing_frame_is_left_to_others() -> None:
    frames = random_frames(QUESTION, LOOKS)
    growing = Growing(frames)
    frames.lost = next(iter(frames.planes))
    with growing.preview:
        growing.arrive(8)
    assert growing.shown == []
    assert not growing.preview.complete


def test_a_disk_that_refuses_ends_the_preview_and_not_the_fetch(caplog: pytest.LogCaptureFixture) -> None:
    growing = Growing(fails=StorageError("The disk is full."))
    growing.arrive(8)
    with caplog.at_level(logging.WARNING), growing.preview:
        growing.preview._running.result(timeout=20)  # type: ignore[union-attr] # it runs
    assert "The disk is full" in caplog.text
    assert not growing.preview.complete


def test_a_fault_of_the_program_is_not_hidden() -> None:
    growing = Growing(fails=ZeroDivisionError())
    growing.arrive(8)
    with pytest.raises(ZeroDivisionError), growing.preview:
        growing.preview._running.exception(timeout=20)  # type: ignore[union-attr] # it runs
