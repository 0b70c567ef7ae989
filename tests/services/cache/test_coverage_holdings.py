"""What the team has: exactly what was put into the cache, for the lattice, the planes and the days that are asked."""

import sqlite3
import threading
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest

from services.cache import CacheCoverage, FrameKey, FrameStore, Inventory
from services.cache.coverage import _KEPT, HeldYear, holdings
from services.errors import StorageError
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe
from services.storage import ByteStore

TEAM = Lattice(32635, 0.0, 0.0, 60.0, 120.0)
SPLIT = Lattice(32635, 338_123.456_789, 6_690_000.123, 60.1 / 3, 71.3 / 7)
DAYS = ("20160105", "20161231", "20170101", "20170607", "20180101")
PLANES = ("B02", "B04", "SCL", "dataMask")


def recipe(lattice: Lattice = TEAM, **changes: object) -> Recipe:
    """Two bands of tiles of a few pixels, in 2017."""
    plain = Recipe(lattice, TileIndex(3, 4), Interval.of_year(2017), bands=("B02", "B04"))
    return plain.with_(**changes)


def key(index: TileIndex, day: str, lattice: Lattice = TEAM, *, resolution: int = 10, **changes: object) -> FrameKey:
    """One tile at the overpass of a day."""
    plain = {
        "provider": "demo",
        "collection": "sentinel-2-l2a",
        "epsg": lattice.epsg,
        "bounds": lattice.bounds(index),
        "acquisition": f"S2A_R079_{day}T095031",
    }
    width, height = lattice.size_px(resolution)
    return FrameKey(**(plain | {"width": width, "height": height} | changes))  # type: ignore[arg-type] # of mixed types


def put(frames: FrameStore, keys: Iterable[FrameKey], planes: Collection[str] = PLANES) -> None:
    """Through the door that everybody uses."""
    for one in keys:
        kinds = {plane: np.uint8 if plane in ("SCL", "dataMask") else np.uint16 for plane in planes}
        frames.write(one, {plane: np.zeros((one.height, one.width), kind) for plane, kind in kinds.items()})


def told(found: CacheCoverage) -> set[tuple[int, int, str]]:
    """x, y and day of every frame; each is there once."""
    rows = [(x, y, date.fromordinal(day).strftime("%Y%m%d")) for x, y, day, _ in found.frames.tolist()]
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.fixture
def frames(tmp_path: Path) -> FrameStore:
    return FrameStore(tmp_path / "frames", 10**9)


@pytest.mark.parametrize("lattice", [TEAM, SPLIT], ids=["team", "split"])
def test_what_was_put_is_what_is_held(frames: FrameStore, lattice: Lattice) -> None:
    chance = Random(7)
    put_in = {(chance.randrange(-20, 20), chance.randrange(-20, 20), chance.choice(DAYS)) for _ in range(60)} | {
        (0, 0, DAYS[0]),
        (-1, -1, DAYS[0]),
    }
    put(frames, (key(TileIndex(x, y), day, lattice) for x, y, day in put_in))
    found = holdings(frames, recipe(lattice))
    assert told(found) == put_in

    tiles, counts = found.dates(Interval.of_year(2017))
    expected = {(x, y): sum(1 for at in put_in if at[:2] == (x, y) and at[2].startswith("2017")) for x, y, _ in put_in}
    assert dict(zip(map(tuple, tiles.tolist()), counts.tolist(), strict=True)) == expected

    years = {day[:4] for _, _, day in put_in}
    assert found.years() == tuple(
        HeldYear(
            int(year),
            len({at[:2] for at in put_in if at[2].startswith(year)}),
            len({at[2] for at in put_in if at[2].startswith(year)}),
        )
        for year in sorted(years, reverse=True)
    )

    near = found.within(TileIndex(-2, -3), 5, 7)
    assert told(near) == {at for at in put_in if -2 <= at[0] < 3 and -3 <= at[1] < 4}
    some = np.array([[-1, -1], [0, 0], [3, 4]])
    assert told(found.of(some)) == {at for at in put_in if at[:2] in {(0, 0), (3, 4), (-1, -1)}}


def test_nothing_is_held_of_another_question(frames: FrameStore) -> None:
    index, day = TileIndex(3, 4), DAYS[3]
    west, south, east, north = TEAM.bounds(index)
    put(
        frames,
        [
            key(index, day, provider="cdse"),
            key(index, day, collection="sentinel-2-l2a-9"),
            key(index, day, epsg=32634),
            key(index, day, resolution=20),
            key(index, day, bounds=(west, south, east, np.nextafter(north, 1e9))),
            key(index, day, bounds=(west + 10, south, east + 10, north)),
            key(index, day, bounds=(west, south, east + 60, north)),
            key(index, day, acquisition="S2A_R079_unknown"),
            key(index, day, acquisition="S2A_R079_20171332T000000"),
            key(TileIndex(3, 4), day, SPLIT),
        ],
    )
    assert told(holdings(frames, recipe())) == set()
    put(frames, [key(index, day)])
    assert told(holdings(frames, recipe())) == {(3, 4, day)}


def test_a_frame_counts_where_no_plane_that_the_recipe_needs_is_missing(frames: FrameStore) -> None:
    put(frames, [key(TileIndex(0, 0), DAYS[0])], ("B02", "SCL", "dataMask", "B08"))
    put(frames, [key(TileIndex(1, 0), DAYS[0])], ("B02", "B04", "dataMask"))
    put(frames, [key(TileIndex(2, 0), DAYS[0])], (*PLANES, "B08"))
    assert told(holdings(frames, recipe())) == {(2, 0, DAYS[0])}
    assert {at[0] for at in told(holdings(frames, recipe(mask="none")))} == {1, 2}
    assert {at[0] for at in told(holdings(frames, recipe(bands=("B02",))))} == {0, 2}


def test_names_of_others_and_damaged_ones_are_no_frames(frames: FrameStore, tmp_path: Path) -> None:
    raw = ByteStore(tmp_path / "frames", 10**9)
    prefix = FrameKey.prefix("demo", "sentinel-2-l2a", 32635)
    for rest in (
        "",
        "x",
        "a/b/c",
        "0x0p+0,0x0p+0/6x12/S2A_R079_20170607T095031",
        "inf,inf,inf,inf/6x12/S2A_1_20170607",
    ):
        for plane in PLANES:
            raw.put(f"{prefix}{rest}/{plane}", b"")
    assert told(holdings(frames, recipe())) == set()


def test_days_of_an_interval_are_counted_up_to_its_end(frames: FrameStore) -> None:
    put(frames, (key(TileIndex(0, 0), day) for day in DAYS))
    found = holdings(frames, recipe())
    for interval, count in (
        (Interval(date(2016, 12, 31), date(2017, 1, 1)), 1),
        (Interval(date(2016, 12, 31), date(2017, 1, 2)), 2),
        (Interval(date(2017, 1, 2), date(2017, 6, 7)), 0),
    ):
        assert found.dates(interval)[1].tolist() == [count]


def test_two_overpasses_of_a_day_are_two_dates(frames: FrameStore) -> None:
    put(frames, [key(TileIndex(0, 0), DAYS[3]), key(TileIndex(0, 0), "", acquisition="S2B_R036_20170607T100029")])
    found = holdings(frames, recipe())
    assert found.dates(Interval.of_year(2017))[1].tolist() == [2]
    assert found.years() == (HeldYear(2017, 1, 2),)


def test_nothing_is_scanned_again_until_the_cache_changes(
    frames: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory, others = Inventory(frames), FrameStore(tmp_path / "frames", 10**9)
    scans = []
    rows = frames.rows
    monkeypatch.setattr(frames, "rows", lambda *asked: scans.append(asked) or rows(*asked))  # type: ignore[func-returns-value] # for its effect
    assert told(inventory.of(recipe())) == set()
    put(others, [key(TileIndex(0, 0), DAYS[0])])
    assert told(inventory.of(recipe())) == {(0, 0, DAYS[0])}
    assert inventory.of(recipe()) is inventory.of(recipe(centre=TileIndex(9, 9), radius=0, maxcc=90))
    assert len(scans) == 2

    others.clear(lambda one: one.acquisition.endswith("T095031"))
    put(others, [key(TileIndex(5, 5), DAYS[1])])  # as many as before, in the same rows
    assert told(inventory.of(recipe())) == {(5, 5, DAYS[1])}
    assert told(inventory.of(recipe(bands=("B08",)))) == set()
    assert told(inventory.of(recipe(SPLIT))) == set()
    assert len(scans) == 5


def test_only_the_last_scans_are_kept(frames: FrameStore) -> None:
    inventory = Inventory(frames)
    first = inventory.of(recipe())
    for size in range(_KEPT - 1):
        inventory.of(recipe(Lattice(32635, 0.0, 0.0, 100.0 + size, 100.0)))
    assert inventory.of(recipe()) is first
    for size in range(_KEPT):
        inventory.of(recipe(Lattice(32635, 0.0, 0.0, 300.0 + size, 100.0)))
    assert inventory.of(recipe()) is not first


def test_scans_and_writers_do_not_hinder_each_other(frames: FrameStore, tmp_path: Path) -> None:
    """Scans go on without a break; the writers' lock is taken at once all the same, and a scan does not wait for it."""
    put(frames, (key(TileIndex(x, 0), DAYS[0]) for x in range(8)))
    ended = threading.Event()
    counts: list[int] = []

    def scan() -> None:
        while not ended.is_set():
            counts.append(len(holdings(frames, recipe()).frames))

    reader = threading.Thread(target=scan)
    reader.start()
    try:
        with sqlite3.connect(tmp_path / "frames" / "cache.db", timeout=0) as writer:
            for _ in range(20):
                writer.execute("BEGIN IMMEDIATE")  # raises at once where somebody else writes
                writer.execute("UPDATE Cache SET access_time = access_time + 1")
                before = len(counts)
                while len(counts) < before + 2 and reader.is_alive():
                    pass
                writer.execute("COMMIT")
        writer.close()
    finally:
        ended.set()
        reader.join()
    assert len(counts) >= 40 and set(counts) == {8}


def test_a_cache_that_cannot_be_read_is_said(frames: FrameStore, tmp_path: Path) -> None:
    frames.stock()
    with sqlite3.connect(tmp_path / "frames" / "cache.db") as table:
        table.execute("DROP TABLE Cache")
    table.close()
    with pytest.raises(StorageError, match="cannot be read"):
        holdings(frames, recipe())
    with pytest.raises(StorageError, match="cannot be read"):
        Inventory(frames).of(recipe())


def test_of_no_tiles_nothing_is_held(frames: FrameStore) -> None:
    found = CacheCoverage(np.array([[1, 2, 736_000, 0]], np.int64))
    assert len(found.of(np.empty((0, 2), np.int64)).frames) == 0
