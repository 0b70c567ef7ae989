"""What is told of each date, against the planes themselves."""

from typing import Any

import numpy as np
import pytest

from services.cache import frame_key
from services.preview import DateSummary, PreviewCompositor
from services.preview.date_summary import date_summaries, here
from services.recipe import Recipe, Veto
from services.sentinel2 import DATA_MASK, SCL
from tests.services.overpasses import MemoryFrames, random_frames
from tests.services.passes import Strict, passes
from tests.services.scenes import RGB, recipe

QUESTION = recipe(px=12, height_px=9, maxcc=10)
FOUND = passes(QUESTION, [8.0, 3.0, 20.04, 3.0], cut=[1])


def told(question: Recipe, frames: MemoryFrames) -> tuple[DateSummary, ...]:
    """Of all that is in these frames."""
    present = {key: frozenset(planes) for key, planes in frames.planes.items()}
    return date_summaries(question, FOUND, RGB, present, PreviewCompositor(Strict(frames.planes), 10**8))


def test_each_date_is_told_with_its_fate() -> None:
    question = QUESTION.with_(vetoes=(Veto(FOUND[3].key, "haze"),))
    made = told(question, random_frames(question, FOUND))
    assert [face.acquisition for face in made] == list(FOUND)
    assert [(face.kept, face.vetoed, face.reason) for face in made] == [
        (True, False, ""),
        (True, False, ""),
        (False, False, "20 % > 10 %"),
        (False, True, "excluded: haze"),
    ]
    assert all(face.thumbnail for face in made)


@pytest.mark.parametrize(("mask", "by"), [("clear", "clear"), ("strict", "strict"), ("none", "clear")])
def test_what_is_clear_is_a_part_of_the_whole_neighbourhood(mask: str, by: str) -> None:
    frames = random_frames(QUESTION, FOUND)
    invalid = {"clear": (0, 1, 3, 8, 9, 10), "strict": (0, 1, 2, 3, 7, 8, 9, 10, 11)}[by]
    for observation, face in zip(FOUND, told(QUESTION.with_(mask=mask), frames), strict=True):
        planes = [one for key, one in frames.planes.items() if key.acquisition == observation.key]
        clear = sum(((one[DATA_MASK] == 1) & ~np.isin(one[SCL], invalid)).sum() for one in planes)
        assert face.clear == clear / (9 * 12 * 9)
        assert face.data == sum((one[DATA_MASK] == 1).sum() for one in planes) / (9 * 12 * 9)


@pytest.mark.parametrize(
    ("lost", "clear", "thumbnail"),
    [("B03", True, False), (SCL, False, True), (DATA_MASK, False, False), ("B08", True, True)],
)
def test_what_is_not_in_the_cache_is_not_guessed(lost: str, clear: bool, thumbnail: bool) -> None:
    frames = random_frames(QUESTION.with_(bands=(*RGB, "B08")), FOUND)
    del frames.planes[frame_key(QUESTION, QUESTION.centre, FOUND[2])][lost]
    made = told(QUESTION, frames)
    assert (made[2].clear is not None, made[2].thumbnail) == (clear, thumbnail)
    assert all(face.clear is not None and face.thumbnail for face in made if face is not made[2])


def test_what_was_lost_since_the_cache_was_asked_is_not_guessed_either() -> None:
    frames = random_frames(QUESTION, FOUND)
    present = {key: frozenset(planes) for key, planes in frames.planes.items()}
    frames.lost = frame_key(QUESTION, QUESTION.centre, FOUND[0])
    made = date_summaries(QUESTION, FOUND, RGB, present, PreviewCompositor(frames, 10**8))
    assert [face.clear is None for face in made] == [True, False, False, False]


def test_tiles_that_a_date_does_not_touch_are_not_needed() -> None:
    frames = random_frames(QUESTION, FOUND)
    present: Any = {key: frozenset(planes) for key, planes in frames.planes.items()}
    assert here(QUESTION, FOUND[1], RGB, present)
    assert sum(key.acquisition == FOUND[1].key for key in present) == 6
    assert not here(QUESTION, FOUND[1], ("B12",), present)
    assert not here(QUESTION, FOUND[1], RGB, {})
