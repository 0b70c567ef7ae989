"""What is computed of frames: once, whoever asks, in whatever order; the network is not needed for it."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.cache import FrameKey, FrameStore, frame_keys
from services.csmask import Derivation, derivation
from services.errors import Cancelled
from services.recipe import CSMASK, MASKS, Recipe
from services.sentinel2 import DATA_MASK, SCRIPT_BANDS
from tests.services.overpasses import overpasses, random_planes
from tests.services.scenes import recipe

QUESTION = recipe(px=6, radius=0, bands=SCRIPT_BANDS, mask="csmask", grow=1)


def bright(frame: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """In the place of the network: what is bright in blue is cloud."""
    return (frame["B02"] > 6000).astype(np.uint8)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FrameStore:
    """With the six bands of four frames, and the plane of none."""
    monkeypatch.setattr(derivation, "cloud_classes", bright)
    made = FrameStore(tmp_path, 10**8)
    for seed, key in enumerate(keys()):
        planes = random_planes(QUESTION, seed)
        made.write(key, {plane: planes[plane] for plane in (*SCRIPT_BANDS, DATA_MASK)})
    return made


def keys(question: Recipe = QUESTION) -> list[FrameKey]:
    return frame_keys(question, overpasses(4))


def planes(store: FrameStore) -> list[NDArray[Any]]:
    return [store.read(key, (CSMASK,))[CSMASK] for key in keys()]


def test_the_plane_of_each_frame_is_its_own_whatever_the_grouping(store: FrameStore) -> None:
    told: list[tuple[int, int]] = []
    made = Derivation(QUESTION, store, workers=2)
    made.add(keys()[2:3])
    made.add_all(keys()[::-1], lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    for key, plane in zip(keys(), planes(store), strict=True):
        np.testing.assert_array_equal(plane, bright(store.read(key, ("B02",))))
        assert plane.dtype == np.uint8
    assert made.lacking(keys()) == []
    store.close()


def test_what_is_there_is_not_computed_again(store: FrameStore, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Derivation(QUESTION, store, workers=2)
    made.add(keys())
    monkeypatch.setattr(derivation, "cloud_classes", lambda frame: pytest.fail("it is there"))
    made.add_all(keys(), lambda done, total: pytest.fail("nothing is to be done"))
    store.close()


def test_a_frame_whose_bands_are_not_here_is_left_out(store: FrameStore) -> None:
    store.clear(lambda key: key == keys()[1])
    made = Derivation(QUESTION, store, workers=1)
    made.add_all(keys(), lambda done, total: None)
    assert [CSMASK in found for found in store.present(keys(), (CSMASK,)).values()] == [True, False, True, True]
    store.close()


def test_other_masks_compute_nothing(store: FrameStore) -> None:
    for mask in MASKS:
        if mask != "csmask":
            assert Derivation(QUESTION.with_(mask=mask), store, workers=1).lacking(keys()) == []
    store.close()


def test_a_stop_keeps_what_was_computed(store: FrameStore) -> None:
    asked = threading.Event()

    def cancelled() -> bool:
        """From the second question on."""
        before = asked.is_set()
        asked.set()
        return before

    with pytest.raises(Cancelled):
        Derivation(QUESTION, store, workers=1, cancelled=cancelled).add(keys())
    assert len(Derivation(QUESTION, store, workers=1).lacking(keys())) == 3
    store.close()
