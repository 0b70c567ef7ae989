"""A picture that this machine cannot make is refused before anything is paid for it, with the numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.errors import BudgetReached, CapacityExceeded
from services.grid import Lattice, TileIndex
from services.jobs import Demand, Room, check_capacity
from services.jobs.capacity import free_memory
from services.ninepatch import Ninepatch
from services.plan import Plan
from services.recipe import Interval, Recipe
from services.settings import load_settings

LARGE = Recipe(Lattice(32635, 0.0, 0.0, 22_280.0, 22_280.0), TileIndex(4, 3), Interval.of_year(2017), radius=2)
"""8 × 6 tiles over Southern Finland, and all that one may choose around the middle: 25 tiles of 2,228 px."""
DATES = 35
DEMAND = Demand(LARGE, 25 * DATES, workers=2)
AMPLE = Room(memory=10**12, disk=10**12, cache=10**12, results=10**12)
GB = 10**9


def refusal(room: Room, demand: Demand = DEMAND, *, making: bool = True) -> CapacityExceeded:
    """Why it is refused."""
    with pytest.raises(CapacityExceeded) as raised:
        check_capacity(demand, room, making=making)
    return raised.value


def test_the_largest_picture_needs_what_was_measured() -> None:
    assert 15 * GB <= DEMAND.memory <= 18 * GB
    pixels = 25 * 2228**2
    assert DEMAND.cache == pytest.approx(pixels * DATES * 10.4), "bytes a pixel as the plan expects them"
    patches = pixels * (DATES * (6 * 2 + 3) + 6 * 4 + 2)
    assert patches < DEMAND.result < 1.1 * patches, "EOPatches lie on the disk as in memory"


def test_a_picture_of_the_usual_size_is_small() -> None:
    usual = Demand(replace(LARGE, lattice=Lattice(32635, 0.0, 0.0, 3300.0, 3300.0), radius=1), 9 * 40, workers=2)
    assert usual.memory < GB
    check_capacity(usual, replace(AMPLE, memory=0))


def test_what_fits_is_not_refused() -> None:
    check_capacity(DEMAND, AMPLE)


def test_too_little_memory_is_said_with_the_numbers_and_what_fits() -> None:
    error = refusal(replace(AMPLE, memory=9 * GB))
    assert isinstance(error, BudgetReached), "it starts no more than what a budget stops"
    for words in ("of memory", "9.0 GB are free", "25 tiles of 2,228 × 2,228 px", "6 bands at 35 dates"):
        assert words in error.cause
    assert "a radius of 1 (8.9 GB of memory" in error.remedy
    assert "more columns × rows" in error.remedy


def test_a_suggestion_that_does_not_fit_is_not_made() -> None:
    assert "radius of 1" not in refusal(replace(AMPLE, memory=5 * GB)).remedy


@pytest.mark.parametrize(
    ("name", "words", "setting"),
    [
        ("disk", "under NINEPATCH_HOME", ""),
        ("cache", "are its limit", "cache_gb"),
        ("results", "are left of the limit of results", "results_gb"),
    ],
)
def test_too_little_disk_is_said_and_the_setting_that_would_do(name: str, words: str, setting: str) -> None:
    error = refusal(replace(AMPLE, **{name: GB}))
    assert words in error.cause and "1.0 GB" in error.cause
    assert setting in error.remedy


def test_what_is_to_come_counts_beside_the_files() -> None:
    there = DEMAND.result + GB
    check_capacity(DEMAND, replace(AMPLE, disk=there))
    refusal(replace(AMPLE, disk=there), replace(DEMAND, fetched=2 * GB))


def test_a_fill_of_the_cache_needs_only_the_cache() -> None:
    check_capacity(DEMAND, Room(memory=0, disk=GB, cache=10**12, results=0), making=False)
    refusal(replace(AMPLE, cache=GB), making=False)


def test_the_order_and_the_fetch_are_refused_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Room.here
    monkeypatch.setattr(Room, "here", lambda settings: replace(here(settings), memory=10**12, disk=10**12))
    product = Ninepatch(load_settings(home=tmp_path, results_gb=0.5))
    plan = Plan((), 25 * DATES * len(LARGE.planes), 0, LARGE.planes)
    refused = product.price(LARGE, plan).refusal
    assert refused is not None and "results_gb" in refused.remedy
    assert product.quote(LARGE, plan).refusal is None


def test_a_home_that_is_not_there_yet_lies_on_its_parents_disk(tmp_path: Path) -> None:
    assert Room.here(load_settings(home=tmp_path / "new" / "home")).disk > 0


def test_free_memory_is_that_of_the_machine_or_of_the_container(tmp_path: Path) -> None:
    proc, group = tmp_path / "meminfo", tmp_path / "cgroup"
    assert free_memory(proc, group) == 2**63, "nobody says"
    proc.write_text("MemTotal:       2000 kB\nMemAvailable:   1000 kB\n")
    assert free_memory(proc, group) == 1_024_000
    group.mkdir()
    for name, text in (("max", "900000"), ("current", "500000"), ("stat", "anon 1\ninactive_file 100000")):
        (group / f"memory.{name}").write_text(f"{text}\n")
    assert free_memory(proc, group) == 500_000
    (group / "memory.max").write_text("max\n")
    assert free_memory(proc, group) == 1_024_000


def test_an_older_kernels_container_is_understood(tmp_path: Path) -> None:
    proc, folder = tmp_path / "meminfo", tmp_path / "cgroup" / "memory"
    proc.write_text("MemAvailable:   1000 kB\n")
    folder.mkdir(parents=True)
    for name, text in (("limit_in_bytes", "700000"), ("usage_in_bytes", "500000")):
        (folder / f"memory.{name}").write_text(f"{text}\n")
    assert free_memory(proc, tmp_path / "cgroup") == 200_000
