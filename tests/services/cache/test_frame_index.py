"""The index of frames says what a scan of all keys would, whatever was stored, replaced, removed or damaged."""

from collections import defaultdict
from pathlib import Path
from random import Random

import numpy as np
import pytest

from services.cache import FrameKey, FrameStore
from services.cache.coverage import EVERYWHERE, holdings
from services.cache.frame_index import BITS, FrameIndex, unpacked
from services.errors import StorageError
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe
from services.storage import ByteStore

LATTICE = Lattice(32635, 338_000.0, 6_690_000.0, 100.0, 120.0)
SHEET = "demo/sentinel-2-l2a/dn/32635/10x12"
PLANES = ("B02", "B04", "SCL", "dataMask")
RECIPE = Recipe(LATTICE, TileIndex(3, 4), Interval.of_year(2017), bands=("B02", "B04"))


def key(x: int, y: int, day: int) -> FrameKey:
    """One of many frames."""
    bounds = LATTICE.bounds(TileIndex(x, y))
    return FrameKey("demo", "sentinel-2-l2a", 32635, bounds, 10, 12, f"S2A_R079_201706{day:02}T095031")


def planes(*names: str) -> dict[str, np.ndarray]:
    """Pixels that do not compress."""
    noise = np.random.default_rng(0)
    kinds = {name: np.uint8 if name in ("SCL", "dataMask") else np.uint16 for name in names}
    return {name: noise.integers(0, 255, (12, 10)).astype(kind) for name, kind in kinds.items()}


def told(frames: FrameStore) -> dict[tuple[object, ...], int]:
    """Bits of planes by tile and date, as the index has them."""
    rows = frames.rows(SHEET, (EVERYWHERE, EVERYWHERE))
    return {(bounds, acquisition): bits for acquisition, row in rows for bounds, bits in unpacked(row).items()}


def scanned(folder: Path) -> dict[tuple[object, ...], int]:
    """The same from all keys."""
    found: dict[tuple[object, ...], int] = defaultdict(int)
    for name, _ in ByteStore(folder, 10**9).entries():
        frame, plane = FrameKey.of_plane(name)
        found[frame.bounds, frame.acquisition] |= BITS[plane]
    return dict(found)


def test_the_index_is_what_a_scan_of_all_keys_would_find(tmp_path: Path) -> None:
    folder, chance = tmp_path / "frames", Random(5)
    frames, raw = FrameStore(folder, 10**9), ByteStore(folder, 10**9, index=FrameIndex())
    for _ in range(150):
        one = key(chance.randrange(9), chance.randrange(9), chance.randrange(1, 4))
        some = chance.sample(PLANES, chance.randint(1, 4))
        match chance.randrange(6):
            case 0:
                frames.clear(lambda other, one=one: other == one)  # type: ignore[misc] # of one key
            case 1:
                raw.remove_many([one.plane_key(plane) for plane in some])
            case 2:
                raw.put(one.plane_key(some[0]), b"damaged")
                with pytest.raises(StorageError):
                    frames.read(one, some)
            case _:
                frames.write(one, planes(*some))
    assert told(frames) == scanned(folder) != {}


def test_what_makes_room_leaves_the_index_too(tmp_path: Path) -> None:
    frames = FrameStore(tmp_path / "frames", 150_000)
    for day in range(1, 29):
        for x in range(12):
            frames.write(key(x, 0, day), planes(*PLANES))
    assert told(frames) == scanned(tmp_path / "frames")
    assert 0 < len(told(frames)) < 28 * 12


def test_what_a_program_without_an_index_stored_is_entered_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.cache.frame_index.STEP", 7)
    folder = tmp_path / "frames"
    old = ByteStore(folder, 10**9)
    for x in range(20):
        old.put_many({key(x, 1, 5).plane_key(plane): b"1" for plane in PLANES})
    frames = FrameStore(folder, 10**9)
    assert told(frames) == scanned(folder)
    old.put_many({key(50, 1, 5).plane_key(plane): b"1" for plane in PLANES})
    frames.write(key(51, 1, 5), planes(*PLANES))
    assert told(frames) == scanned(folder)
    assert {x for x, *_ in holdings(frames, RECIPE).frames.tolist()} == {*range(20), 50, 51}


def test_only_the_squares_of_the_ground_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames, seen = FrameStore(tmp_path / "frames", 10**9), []
    for x in range(0, 60, 3):
        frames.write(key(x, 2 * x, 7), planes(*PLANES))
    rows = frames.rows
    monkeypatch.setattr(frames, "rows", lambda *asked: seen.append(rows(*asked)) or seen[-1])  # type: ignore[func-returns-value] # for its effect
    box = TileIndex(20, 30), 11, 25
    expected = {(x, 2 * x) for x in range(0, 60, 3) if 20 <= x < 31 and 30 <= 2 * x < 55}
    found = holdings(frames, RECIPE, box).within(*box)
    assert {(x, y) for x, y, *_ in found.frames.tolist()} == expected
    assert len(seen[0]) < 9
