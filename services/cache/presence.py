"""Which planes are there: what was looked up once is believed until the table says that something came or went."""

import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.cache.frame_key import FrameKey
from services.storage import ByteStore

HELD_SECONDS = 2.0
"""So long what has made room may still count as there: who reads it then misses it. A cache at its limit makes room all
the time, and would be looked through for each page else."""
MOST_HELD = 30_000
"""Frames of which that is remembered: about 10 MB beside their keys, which acquisitions have."""
MOST_NEWS = 2000
"""New rows that are read one by one; after more of them nothing that was known counts."""
_NONE = frozenset[str]()
_NOTHING = _NONE, _NONE


@dataclass
class _Known:
    """As the table was when it was looked at last."""

    row: int = 0
    """Its newest."""
    stored: float = 0.0
    """When that was stored."""
    rows: int = 0
    """How many it has, if none was removed."""
    until: float = 0.0
    """Till when, by `time.monotonic`, what was removed since may count as there."""
    frames: dict[FrameKey, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    """Of each the planes that were looked up, and which of them are there."""
    names: dict[str, FrameKey] = field(default_factory=dict)
    """The same frames by their names."""


class Presence:
    """Of one table of planes, for all threads of this process."""

    def __init__(self, store: ByteStore) -> None:
        self._store, self._lock, self._known = store, threading.Lock(), _Known()
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def of(self, keys: Iterable[FrameKey], planes: Collection[str]) -> dict[FrameKey, frozenset[str]]:
        """Which of the planes are there of each frame."""
        known, wanted = self._latest(), self._one(frozenset(planes))
        row, frames = known.row, known.frames
        found, asked = dict[FrameKey, frozenset[str]](), list[FrameKey]()
        for key in keys:
            looked, there = frames.get(key, _NOTHING)
            if looked is wanted:
                found[key] = there
            elif looked >= wanted:
                found[key] = wanted if there is looked else there & wanted
            else:
                found[key] = _NONE
                asked.append(key)
        if asked:
            looked_up = self._looked_up(asked, wanted)
            found |= looked_up
            self._remember(known, row, wanted, looked_up)
        return found

    def forget(self) -> None:
        """Nothing that was known counts any more."""
        with self._lock:
            self._known = _Known()

    def _looked_up(self, keys: Iterable[FrameKey], wanted: frozenset[str]) -> dict[FrameKey, frozenset[str]]:
        names = {key: {key.plane_key(plane): plane for plane in wanted} for key in keys}
        there = self._store.holds([name for frame in names.values() for name in frame])
        return {key: frozenset(plane for name, plane in frame.items() if name in there) for key, frame in names.items()}

    def _remember(self, known: _Known, row: int, wanted: frozenset[str], found: dict[FrameKey, frozenset[str]]) -> None:
        """Unless a plane has come meanwhile, that may be one of these."""
        with self._lock:
            if known.row != row or self._known is not known:
                return
            if len(known.frames) + len(found) > MOST_HELD:
                known.frames, known.names = {}, {}
            for key, there in found.items():
                looked, before = known.frames.get(key, _NOTHING)
                known.frames[key] = self._one(looked | wanted), self._one(before | there)
                known.names[key.stem] = key

    def _one(self, planes: frozenset[str]) -> frozenset[str]:
        """The same object for the same planes: thousands of frames have some of a few."""
        return self._sets.setdefault(planes, planes)

    def _latest(self) -> _Known:
        """What is known after the rows that have come since."""
        with self._lock:
            known, now = self._known, time.monotonic()
            count, news = self._store.news(known.row, MOST_NEWS)
            same = bool(news) and (news[0][0], news[0][2]) == (known.row, known.stored)
            gone = count < known.rows + len(news) - 1
            if not same or len(news) == MOST_NEWS or (gone and now > known.until):
                rows, row, stored = self._store.state()
                self._known = _Known(row, stored, rows, now + HELD_SECONDS)
                return self._known
            for _, name, _ in news[1:]:
                self._come(known, name)
            known.row, _, known.stored = news[-1]
            known.rows += len(news) - 1
            return known

    def _come(self, known: _Known, name: str) -> None:
        stem, _, plane = name.rpartition("/")
        key = known.names.get(stem)
        if key is not None:
            looked, there = known.frames[key]
            known.frames[key] = looked, self._one(there | ({plane} & looked))
