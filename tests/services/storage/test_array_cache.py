"""Arrays in memory, bounded and shared."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage import ArrayCache, owned
from services.storage.memory_cache import OVERHEAD


def zeros(size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.zeros(size, np.uint8)


def test_what_was_not_used_for_longest_makes_room() -> None:
    array_cache = ArrayCache(3 * (100 + OVERHEAD))
    for name in "abc":
        array_cache.keep(name, zeros(100))
    assert array_cache.get("a") is not None
    array_cache.keep("d", zeros(100))
    assert [name for name in "abcd" if array_cache.get(name) is not None] == ["a", "c", "d"]
    assert (len(array_cache), array_cache.bytes) == (3, 3 * (100 + OVERHEAD))


def test_what_is_larger_than_the_limit_is_not_kept_and_yet_comes_back() -> None:
    array_cache = ArrayCache(OVERHEAD + 99)
    array = zeros(100)
    assert array_cache.keep("a", array) is array
    assert (array_cache.get("a"), array_cache.bytes) == (None, 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5000)), max_size=60))
def test_the_limit_always_holds_and_bytes_are_those_of_what_is_there(puts: list[tuple[int, int]]) -> None:
    array_cache = ArrayCache(12_000)
    last: dict[int, int] = {}
    for key, size in puts:
        array_cache.keep(key, zeros(size))
        last[key] = size
        assert array_cache.bytes <= 12_000
        there = {name: array for name in last if (array := array_cache.get(name)) is not None}
        assert array_cache.bytes == sum(array.nbytes + OVERHEAD for array in there.values())
        assert all(array.nbytes == last[name] for name, array in there.items())


def test_nobody_writes_to_what_is_shared() -> None:
    array = ArrayCache(10_000).keep("a", zeros(10))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_a_part_of_a_larger_array_is_refused_for_it_would_hold_the_whole() -> None:
    part = zeros(100)[::2]
    with pytest.raises(ValueError, match=r"part of another one, \(50,\)"):
        ArrayCache(10_000).keep("a", part)
    mine = ArrayCache(10_000).keep("a", owned(part))
    assert mine.base is None and mine.flags.c_contiguous
    whole = zeros(9)
    assert owned(whole) is whole


def test_threads_leave_it_whole() -> None:
    array_cache = ArrayCache(20_000)

    def use(seed: int) -> None:
        for key in np.random.default_rng(seed).integers(0, 50, 500).tolist():
            array_cache.keep(key, zeros(key * 10))
            array_cache.get((key * 7) % 50)

    threads = [threading.Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    there = [array for key in range(50) if (array := array_cache.get(key)) is not None]
    assert array_cache.bytes == sum(array.nbytes + OVERHEAD for array in there) <= 20_000
