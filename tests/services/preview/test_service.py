"""What pages are shown, from a cache on the disk and a catalogue's answer that is kept or not."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from services.cache import FrameStore, MissingFrame
from services.catalogue import Acquisition
from services.preview import COARSE, PreviewCompositor, PreviewService, PreviewStore, coarse_recipe
from services.recipe import Veto
from services.sentinel2 import DATA_MASK, SCL
from tests.services.overpasses import random_frames
from tests.services.passes import passes
from tests.services.scenes import recipe

QUESTION = recipe(px=12, height_px=9, maxcc=10, bands=("B02", "B03", "B04", "B08"))
FOUND = passes(QUESTION, [8.0, 3.0, 20.5, 60.0], cut=[1])


def preview_service(
    home: Path, found: Sequence[Acquisition] | None = FOUND, lost: Sequence[str] = ()
) -> PreviewService:
    """All of the first three dates are in the cache but the planes that are `lost`, and nothing of the last one."""
    store = FrameStore(home / "frames", 10**8)
    for key, planes in random_frames(QUESTION, FOUND[:3]).planes.items():
        store.write(key, {name: plane for name, plane in planes.items() if name not in lost})
    provider: Any = SimpleNamespace(title="A provider", simulated=False, attribution=lambda years: f"Data of {years}")
    return PreviewService(
        store, PreviewCompositor(store, 10**8), PreviewStore(home), lambda recipe: found, lambda recipe: provider
    )


def test_a_sketch_is_made_of_the_kept_answer(tmp_path: Path) -> None:
    preview = preview_service(tmp_path).preview(QUESTION, "ndvi", 100, with_counts=True)
    assert (preview.numbers.dates, preview.numbers.acquisitions, preview.view) == (2, 4, "ndvi")
    assert preview.counts == "looks-100.png"


def test_the_curve_says_from_where_on_dates_are_missing(tmp_path: Path) -> None:
    drawn = preview_service(tmp_path).curve(QUESTION)
    assert drawn.missing_from == 60
    assert [drawn.points[limit].dates for limit in (0, 3, 8, 21, 60)] == [0, 1, 2, 3, 4]
    narrower = preview_service(tmp_path / "other", lost=["B08"])
    assert narrower.curve(QUESTION).missing_from == 3
    assert narrower.curve(QUESTION.with_(bands=("B02", "B03", "B04"))).points == drawn.points


def test_dates_say_what_is_here(tmp_path: Path) -> None:
    made = preview_service(tmp_path).dates(QUESTION)
    assert [face.thumbnail for face in made] == [True, True, True, False]
    assert [face.clear is None for face in made] == [False, False, False, True]
    unclassified = preview_service(tmp_path / "other", lost=[SCL, "B08"]).dates(QUESTION)
    assert [face.thumbnail for face in unclassified] == [True, True, True, False]
    assert all(face.clear is None for face in unclassified)


def test_a_thumbnail_is_had_by_the_key_of_a_date(tmp_path: Path) -> None:
    made = preview_service(tmp_path)
    path = made.thumbnail(QUESTION, FOUND[0].key, "true", 120)
    assert path is not None
    with Pillow.open(path) as read:
        assert read.size == (36, 27)
    assert made.thumbnail(QUESTION, FOUND[3].key, "true", 120) is None
    assert made.thumbnail(QUESTION, "S2A_R001_20170101T000000", "true", 120) is None


def test_without_the_catalogues_answer_it_says_what_to_do(tmp_path: Path) -> None:
    made = preview_service(tmp_path, None)
    for ask in (lambda: made.preview(QUESTION, "true", 100, with_counts=False), lambda: made.curve(QUESTION)):
        with pytest.raises(MissingFrame, match=r"2017 is not here\. Look at the acquisitions"):
            ask()
    with pytest.raises(MissingFrame):
        made.dates(QUESTION)
    assert made.thumbnail(QUESTION, FOUND[0].key, "true", 120) is None


def test_an_interval_without_a_date_has_none(tmp_path: Path) -> None:
    made = preview_service(tmp_path, ())
    assert made.dates(QUESTION) == ()
    assert {point.no_data for point in made.curve(QUESTION).points} == {1.0}


def test_what_is_not_here_is_told_by_the_coarse_preview(tmp_path: Path) -> None:
    service, coarse = preview_service(tmp_path), coarse_recipe(QUESTION)
    frames = random_frames(coarse, FOUND[3:]).planes
    for key, planes in frames.items():
        FrameStore(tmp_path / "frames", 10**8).write(key, planes)
    made = service.dates(QUESTION)
    assert [(one.thumbnail, one.metres) for one in made] == [(True, 10), (True, 10), (True, 10), (True, COARSE)]
    clear = sum(((one[DATA_MASK] == 1) & ~np.isin(one[SCL], (0, 1, 3, 8, 9, 10))).sum() for one in frames.values())
    assert made[3].clear == clear / sum(one[SCL].size for one in frames.values())
    path = service.thumbnail(QUESTION, FOUND[3].key, "ndvi", 120)
    width, height = coarse.lattice.size_px(COARSE)
    assert path is not None
    with Pillow.open(path) as read:
        assert read.size == (3 * width, 3 * height)


def test_the_coarse_preview_is_of_all_dates_of_the_season_whatever_was_chosen_by_hand() -> None:
    chosen = QUESTION.with_(
        months=(6, 7), vetoes=(Veto(FOUND[0].key, "haze"),), included=(FOUND[2].key,), grow=3, method="least-cloudy"
    )
    assert coarse_recipe(chosen) == coarse_recipe(QUESTION.with_(months=(6, 7)))
    assert coarse_recipe(chosen.with_(grow=12)).grow == 2
    assert coarse_recipe(QUESTION.with_(mask="none")).planes == ("B04", "B03", "B02", SCL, DATA_MASK)


def test_the_coarse_preview_of_a_coarse_picture_is_as_coarse() -> None:
    assert coarse_recipe(recipe(px=60).with_(resolution=100)).resolution == 100
    assert coarse_recipe(recipe(px=2)).resolution == 10, "a tile of 20 m has no pixel of 60 m"
