"""Arrays in memory, bounded and shared."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.shelf import OVERHEAD, Shelf, owned


def zeros(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.zeros(size, np.uint8)


def test_what_was_not_used_for_longest_makes_room() -> None:
    shelf = Shelf(3 * (100 + OVERHEAD))
    for name in "abc":
        shelf.put(name, zeros(100))
    assert shelf.get("a") is not None
    shelf.put("d", zeros(100))
    assert [name for name in "abcd" if shelf.get(name) is not None] == ["a", "c", "d"]
    assert (len(shelf), shelf.bytes) == (3, 3 * (100 + OVERHEAD))


def test_what_is_larger_than_the_limit_is_not_kept_and_yet_comes_back() -> None:
    shelf = Shelf(OVERHEAD + 99)
    array = zeros(100)
    assert shelf.put("a", array) is array
    assert (shelf.get("a"), shelf.bytes) == (None, 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5000)), max_size=60))
def test_the_limit_always_holds_and_bytes_are_those_of_what_is_there(puts: list[tuple[int, int]]) -> None:
    shelf = Shelf(12_000)
    last: dict[int, int] = {}
    for key, size in puts:
        shelf.put(key, zeros(size))
        last[key] = size
        assert shelf.bytes <= 12_000
        there = {name: array for name in last if (array := shelf.get(name)) is not None}
        assert shelf.bytes == sum(array.nbytes + OVERHEAD for array in there.values())
        assert all(array.nbytes == last[name] for name, array in there.items())


def test_nobody_writes_to_what_is_shared() -> None:
    array = Shelf(10_000).put("a", zeros(10))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_a_part_of_a_larger_array_is_refused_for_it_would_hold_the_whole() -> None:
    part = zeros(100)[::2]
    with pytest.raises(ValueError, match=r"part of another one, \(50,\)"):
        Shelf(10_000).put("a", part)
    mine = Shelf(10_000).put("a", owned(part))
    assert mine.base is None and mine.flags.c_contiguous
    whole = zeros(9)
    assert owned(whole) is whole


def test_threads_leave_it_whole() -> None:
    shelf = Shelf(20_000)

    def use(seed: int) -> None:
        for key in np.random.default_rng(seed).integers(0, 50, 500).tolist():
            shelf.put(key, zeros(key * 10))
            shelf.get((key * 7) % 50)

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    there = [array for key in range(50) if (array := shelf.get(key)) is not None]
    assert shelf.bytes == sum(array.nbytes + OVERHEAD for array in there) <= 20_000
