"""The cache of frames: what was written is read, and what is damaged is missing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.cache import FrameKey, FrameStore, MissingFrame
from services.cache.plane_codec import encode
from services.errors import StorageError
from services.storage import ByteStore

KEY = FrameKey("demo", "sentinel-2-l2a", 32635, (0.0, 0.0, 200.0, 300.0), 20, 30, "S2A_R079_20170607T095031")
OTHER = FrameKey("demo", "sentinel-2-l2a", 32635, (0.0, 0.0, 200.0, 300.0), 20, 30, "S2B_R079_20170612T095031")
PLANES = ("B04", "B11", "SCL", "dataMask")


def frame(seed: int = 0) -> dict[str, NDArray[Any]]:
    """Noise, which does not compress, as a band, and a classification."""
    noise = np.random.default_rng(seed)
    return {
        "B04": noise.integers(0, 65_536, (30, 20), np.uint16),
        "B11": noise.integers(0, 65_536, (30, 20), np.uint16),
        "SCL": noise.integers(0, 12, (30, 20), np.uint8),
        "dataMask": np.ones((30, 20), np.uint8),
    }


@pytest.fixture
def frames(tmp_path: Path) -> FrameStore:
    return FrameStore(tmp_path / "frames", 10**9)


def test_a_frame_comes_back_as_it_was_to_anybody_with_the_folder(frames: FrameStore, tmp_path: Path) -> None:
    frames.write(KEY, frame())
    found = FrameStore(tmp_path / "frames", 10**9).read(KEY, PLANES)
    assert tuple(found) == PLANES
    for plane, pixels in frame().items():
        assert found[plane].dtype == pixels.dtype
        np.testing.assert_array_equal(found[plane], pixels)


def test_planes_of_a_frame_are_added_to_those_that_are_there(frames: FrameStore) -> None:
    first = {plane: frame()[plane] for plane in ("B04", "dataMask")}
    frames.write(KEY, first)
    assert frames.present([KEY, OTHER], PLANES) == {KEY: {"B04", "dataMask"}, OTHER: frozenset()}
    frames.write(KEY, {"SCL": frame()["SCL"]})
    assert frames.present([KEY], PLANES)[KEY] == {"B04", "SCL", "dataMask"}
    assert set(frames.read(KEY, ("SCL", "B04"))) == {"SCL", "B04"}


def test_a_plane_that_is_not_there_is_said_by_name(frames: FrameStore) -> None:
    frames.write(KEY, {"B04": frame()["B04"]})
    with pytest.raises(MissingFrame, match="B11, SCL of S2A_R079"):
        frames.read(KEY, ("B04", "B11", "SCL"))
    assert issubclass(MissingFrame, StorageError)


@pytest.mark.parametrize(
    "plane",
    [
        np.zeros((20, 30), np.uint16),
        np.zeros((30, 20), np.uint8),
        np.zeros((30, 20), np.float32),
        np.zeros((30, 20, 1), np.uint16),
    ],
    ids=str,
)
def test_a_frame_that_is_none_is_refused_whole(frames: FrameStore, plane: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="B04 of S2A_R079_20170607T095031 must be 30 × 20 px of uint16"):
        frames.write(KEY, {"SCL": frame()["SCL"], "B04": plane})
    assert frames.present([KEY], PLANES)[KEY] == frozenset()


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"not a plane",
        encode(np.zeros((20, 30), np.uint16)),
        encode(np.zeros((30, 20), np.uint8)),
        encode(np.zeros((30, 20), np.uint16))[:-9],
    ],
    ids=["empty", "text", "shape", "type", "short"],
)
def test_an_entry_that_is_not_the_plane_is_missing_once_and_then_fetched_again(
    frames: FrameStore, tmp_path: Path, stored: bytes
) -> None:
    frames.write(KEY, frame())
    ByteStore(tmp_path / "frames", 10**9).put(KEY.plane_key("B04"), stored)
    assert "B04" in frames.present([KEY], PLANES)[KEY]
    with pytest.raises(MissingFrame, match="B04 of"):
        frames.read(KEY, PLANES)
    assert frames.present([KEY], PLANES)[KEY] == {"B11", "SCL", "dataMask"}
    frames.write(KEY, {"B04": frame()["B04"]})
    np.testing.assert_array_equal(frames.read(KEY, ("B04",))["B04"], frame()["B04"])


def test_healing_finds_every_damaged_frame_at_once(frames: FrameStore, tmp_path: Path) -> None:
    keys = [FrameKey("demo", "c", 32635, (0.0, 0.0, 1.0, 1.0), 20, 30, str(day)) for day in range(9)]
    for key in keys[:8]:
        frames.write(key, frame())
    raw = ByteStore(tmp_path / "frames", 10**9)
    for key in keys[2:5]:
        raw.put(key.plane_key("SCL"), b"damaged")
    assert frames.verify(keys, PLANES) == 3
    assert frames.verify(keys, PLANES) == 0
    whole = frozenset(PLANES)
    assert list(frames.present(keys, PLANES).values()) == [whole] * 2 + [whole - {"SCL"}] * 3 + [whole] * 3 + [set()]


def test_a_year_of_frames_is_looked_up_in_one_go(frames: FrameStore) -> None:
    keys = [FrameKey("demo", "c", 32635, (0.0, 0.0, 1.0, 1.0), 20, 30, str(number)) for number in range(375)]
    for key in keys[::5]:
        frames.write(key, {"SCL": frame()["SCL"]})
    found = frames.present(keys, (*PLANES, "B02", "B03", "B08", "B12"))
    assert [key for key in keys if found[key]] == keys[::5]


def test_the_limit_holds(tmp_path: Path) -> None:
    frames = FrameStore(tmp_path / "frames", 1_000_000)
    key = FrameKey("demo", "c", 32635, (0.0, 0.0, 1.0, 1.0), 300, 300, "0")
    noise = np.random.default_rng(0)
    for day in range(20):
        one = FrameKey("demo", "c", 32635, (0.0, 0.0, 1.0, 1.0), 300, 300, str(day))
        frames.write(one, {"B04": noise.integers(0, 65_536, (300, 300), np.uint16)})
    assert frames.volume() <= 1_000_000
    assert frames.present([key], ("B04",))[key] == frozenset()


def test_what_is_cleared_is_counted_and_the_rest_stays(frames: FrameStore) -> None:
    empty = frames.stock()
    assert (empty.planes, empty.limit, empty.oldest) == (0, 10**9, None)
    for key in (KEY, OTHER):
        frames.write(key, frame())
    stock = frames.stock()
    assert stock.planes == 8 and stock.bytes > 2 * 2 * 30 * 20 * 2 and stock.oldest is not None
    assert frames.amount(lambda key: key == OTHER) == frames.clear(lambda key: key == OTHER)
    assert frames.present([KEY, OTHER], PLANES) == {KEY: set(PLANES), OTHER: frozenset()}
    amount = frames.amount(lambda key: True)
    assert amount.planes == 4 and amount.bytes > 2 * 30 * 20 * 2, "noise does not compress"
    with pytest.raises(MissingFrame):
        frames.read(OTHER, PLANES)


def test_entries_that_are_no_frames_are_left_alone(frames: FrameStore, tmp_path: Path) -> None:
    ByteStore(tmp_path / "frames", 10**9).put("something else", b"1")
    assert frames.clear(lambda key: True).planes == 0
    assert frames.stock().planes == 1
