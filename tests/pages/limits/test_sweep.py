"""Sessions whose time to come back is over are let go of, with their files, though nobody else leaves."""

import pytest
from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from pages.limits import sweep


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Session:
    """What Streamlit keeps of somebody who has left."""

    def __init__(self, name: str, ended: list[str]) -> None:
        self.id, self._ended = name, ended
        self.session = self

    def shutdown(self) -> None:
        self._ended.append(self.id)


def test_those_whose_time_is_over_end_and_the_others_may_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ended, storage = Clock(), list[str](), MemorySessionStorage(ttl_seconds=300)
    monkeypatch.setattr(storage, "_cache", TTLCache(128, 300, clock))
    runtime = type("Runtime", (), {"_session_mgr": type("Manager", (), {"_session_storage": storage})})
    monkeypatch.setattr(sweep, "Runtime", type("Runtime", (), {"instance": staticmethod(lambda: runtime)}))
    storage.save(Session("first", ended))  # type: ignore[arg-type] # as far as it matters here
    clock.now = 200.0
    storage.save(Session("second", ended))  # type: ignore[arg-type] # the same
    assert sweep.forget_sessions() == 0
    clock.now = 301.0
    assert sweep.forget_sessions() == 1
    assert ended == ["first"] and storage.get("second") is not None
    sweep.give_back_memory()


def test_streamlits_own_store_of_sessions_is_still_the_one_that_is_swept() -> None:
    assert isinstance(MemorySessionStorage()._cache, TTLCache)
