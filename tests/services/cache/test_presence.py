"""What is remembered of the table of planes is what the table says, whoever writes to it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cache import FrameKey, presence
from services.cache.presence import Presence
from services.storage import ByteStore

KEYS = [FrameKey("demo", "s2", 32635, (100.0 * x, 0.0, 100.0 * x + 100, 100.0), 10, 10, "S2A_R079") for x in range(4)]
PLANES = ("B04", "SCL", "dataMask")
NAMES = [key.plane_key(plane) for key in KEYS for plane in PLANES]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(NAMES)),
        st.tuples(st.just("remove"), st.sampled_from(NAMES)),
        st.tuples(st.just("ask"), st.sets(st.sampled_from(PLANES), min_size=1)),
    ),
    max_size=25,
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was removed is not believed for a moment longer."""
    monkeypatch.setattr(presence, "HELD_SECONDS", -1.0)


@given(ACTS)
@settings(max_examples=60, deadline=None)
def test_it_says_at_each_moment_what_is_stored(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("table")
    other, there = ByteStore(folder, 10**9), set[str]()
    remembering = Presence(ByteStore(folder, 10**9))
    for act, what in [*acts, ("ask", set(PLANES))]:
        if act == "put":
            other.put(str(what), b"a plane")
            there.add(str(what))
        elif act == "remove":
            other.remove(str(what))
            there.discard(str(what))
        else:
            planes = sorted(map(str, what))  # type: ignore[call-overload] # of `ask` it is a set
            wanted = {key: {plane for plane in planes if key.plane_key(plane) in there} for key in KEYS}
            assert remembering.of(KEYS, planes) == wanted


def counted(store: ByteStore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of how many names the table is asked from now on, each time."""
    asked, holds = list[int](), store.holds

    def holds_counted(names: list[str]) -> set[str]:
        asked.append(len(names))
        return holds(names)

    monkeypatch.setattr(store, "holds", holds_counted)
    return asked


def test_what_was_looked_up_is_not_looked_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ByteStore(tmp_path, 10**9)
    store.put(NAMES[0], b"a plane")
    asked = counted(store, monkeypatch)
    remembering = Presence(store)
    for _ in range(3):
        assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"B04"}
    store.put(NAMES[1], b"another")
    assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"B04", "SCL"}
    assert asked == [len(NAMES)]


def test_an_empty_table_is_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ByteStore(tmp_path, 10**9)
    asked = counted(store, monkeypatch)
    remembering = Presence(store)
    assert not any(remembering.of(KEYS, PLANES).values())
    assert not any(remembering.of(KEYS, PLANES).values())
    assert asked == [len(NAMES)]
    store.put(NAMES[0], b"the first")
    assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"B04"}


def test_of_a_frame_that_turned_out_missing_alone_it_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "HELD_SECONDS", 3600.0)
    store = ByteStore(tmp_path, 10**9)
    store.put_many(dict.fromkeys(NAMES, b"a plane"))
    asked = counted(store, monkeypatch)
    remembering = Presence(store)
    remembering.of(KEYS, PLANES)
    store.remove(NAMES[0])
    remembering.forget(KEYS[0])
    assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"SCL", "dataMask"}
    assert asked == [len(NAMES), len(PLANES)]


def test_what_comes_while_it_is_looked_up_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, asked = ByteStore(tmp_path, 10**9), list[int]()
    store.put(NAMES[0], b"a plane")
    holds = store.holds

    def busy(names: list[str]) -> set[str]:
        found = holds(names)
        asked.append(len(names))
        store.put(NAMES[1], b"just too late")
        return found

    monkeypatch.setattr(store, "holds", busy)
    remembering = Presence(store)
    assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"B04"}
    assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"B04", "SCL"}
    assert asked == [len(NAMES)]


def test_of_more_news_than_are_read_one_by_one_all_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "MOST_NEWS", 3)
    store = ByteStore(tmp_path, 10**9)
    store.put(NAMES[0], b"a plane")
    remembering = Presence(store)
    remembering.of(KEYS, PLANES)
    store.put_many(dict.fromkeys(NAMES, b"a plane"))
    assert set(remembering.of(KEYS, PLANES).values()) == {frozenset(PLANES)}


def test_what_made_room_a_moment_ago_may_still_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "HELD_SECONDS", 3600.0)
    store = ByteStore(tmp_path, 10**9)
    store.put_many(dict.fromkeys(NAMES, b"a plane"))
    remembering = Presence(store)
    before = remembering.of(KEYS, PLANES)
    store.remove(NAMES[0])
    assert remembering.of(KEYS, PLANES) == before
    store.remove(NAMES[-1])  # the newest row, whose number the next one gets again
    assert remembering.of(KEYS, PLANES)[KEYS[0]] == {"SCL", "dataMask"}
