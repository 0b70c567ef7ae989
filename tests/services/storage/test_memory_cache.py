"""Values of any kind in memory, bounded in bytes; test_array_cache has the same with arrays."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage import MemoryCache


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 500)), max_size=60))
def test_the_limit_always_holds_and_the_last_used_stay(puts: list[tuple[int, int]]) -> None:
    cache = MemoryCache[str](1_200)
    order: list[tuple[int, int]] = []
    for key, size in puts:
        assert cache.put(key, f"{key} {size}", size) == f"{key} {size}"
        order = [*(entry for entry in order if entry[0] != key), (key, size)]
        while sum(size for _, size in order) > 1_200:
            order.pop(0)
        assert (cache.bytes, len(cache)) == (sum(size for _, size in order), len(order))
    assert [cache.get(key) for key, _ in order] == [f"{key} {size}" for key, size in order]


def test_what_is_there_is_not_made_again_and_what_is_too_large_is_made_each_time() -> None:
    cache, made = MemoryCache[bytes](10), list[str]()

    def make() -> bytes:
        made.append("made")
        return b"12345678"

    assert cache.made("small", make, len) is cache.made("small", make, len)
    assert len(made) == 1
    for _ in range(2):
        assert cache.made("large", lambda: b"12345678901", len) == b"12345678901"
    assert cache.bytes == 8 and cache.get("large") is None


def test_what_is_dropped_is_gone_and_takes_no_room() -> None:
    cache = MemoryCache[str](100)
    cache.put("a", "kept", 60)
    cache.drop("a")
    cache.drop("never there")
    assert cache.get("a") is None
    assert (cache.bytes, len(cache)) == (0, 0)


def test_what_several_ask_for_at_once_is_made_once() -> None:
    cache, begun, go_on, made = MemoryCache[bytes](100), threading.Event(), threading.Event(), list[str]()

    def make() -> bytes:
        made.append("made")
        begun.set()
        assert go_on.wait(30)
        return b"lines"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(cache.made, "grid", make, len)
        assert begun.wait(30)
        others = [pool.submit(cache.made, "grid", make, len) for _ in range(3)]
        assert cache.made("another", lambda: b"at once", len) == b"at once", "only who wants the same waits"
        go_on.set()
        assert {one.result(30) for one in (first, *others)} == {b"lines"}
    assert made == ["made"]


def test_who_waits_makes_it_where_the_first_one_failed() -> None:
    cache = MemoryCache[bytes](100)

    def fail() -> bytes:
        raise OSError("the disk")

    for _ in range(2):
        with pytest.raises(OSError, match="the disk"):
            cache.made("grid", fail, len)
    assert cache.made("grid", lambda: b"lines", len) == b"lines"
