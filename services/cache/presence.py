"""Which planes are there: what was looked up once is believed until the table says that something came or went."""

import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.cache.frame_key import FrameKey
from services.storage import ByteStore

HELD_SECONDS = 2.0
"""So long what has made room may still count as there: who reads it then misses it. A cache at its limit makes room all
the time, and would be looked through for each page else."""
MOST_HELD = 100_000
"""Frames of which that is remembered: 10 MB beside their names, which acquisitions have."""
MOST_NEWS = 2000
"""New rows that are read one by one; after more of them nothing that was known counts."""
Held = tuple[frozenset[str], frozenset[str]]
"""Of a frame the planes that were looked up, and those that are there: what is in the first alone is not there."""
_NONE = frozenset[str]()
_NOTHING: Held = _NONE, _NONE


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
    read: float = -1.0
    """When, by `time.monotonic`, the table was about to be read last."""
    frames: dict[str, Held] = field(default_factory=dict)
    """By their names."""


class Presence:
    """Of one table of planes, for all threads of this process."""

    def __init__(self, store: ByteStore) -> None:
        self._store, self._lock, self._known = store, threading.Lock(), _Known()
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def of(self, keys: Iterable[FrameKey], planes: Collection[str]) -> dict[FrameKey, frozenset[str]]:
        """Which of the planes are there of each frame."""
        known, wanted = self._latest(), self._one(frozenset(planes))
        frames, found, asked = known.frames, dict[FrameKey, frozenset[str]](), list[FrameKey]()
        for key in keys:
            looked, there = frames.get(key.stem, _NOTHING)
            found[key] = wanted if there is wanted else there & wanted
            if looked is not wanted and not looked >= wanted:
                asked.append(key)
        if asked:
            self._expect(known, asked)
            looked_up = self._looked_up(asked, wanted)
            self._remember(known, wanted, looked_up)
            found |= looked_up
        return found

    def forget(self, key: FrameKey | None = None) -> None:
        """What was known of a frame counts no more; without one, of all."""
        with self._lock:
            if key is None:
                self._known = _Known()
            else:
                self._known.frames.pop(key.stem, None)

    def _looked_up(self, keys: Iterable[FrameKey], wanted: frozenset[str]) -> dict[FrameKey, frozenset[str]]:
        names = {key: {key.plane_key(plane): plane for plane in wanted} for key in keys}
        there = self._store.holds([name for frame in names.values() for name in frame])
        return {key: frozenset(plane for name, plane in frame.items() if name in there) for key, frame in names.items()}

    def _expect(self, known: _Known, keys: Sequence[FrameKey]) -> None:
        """From now on it is noticed what comes of these frames, also while they are looked up."""
        with self._lock:
            for key in keys:
                known.frames.setdefault(key.stem, _NOTHING)

    def _remember(self, known: _Known, wanted: frozenset[str], found: Mapping[FrameKey, frozenset[str]]) -> None:
        """With what has come of them meanwhile."""
        with self._lock:
            for key, there in found.items():
                held = known.frames.get(key.stem)
                if held is not None:  # or it was forgotten while it was looked up
                    known.frames[key.stem] = self._one(held[0] | wanted), self._one(held[1] | there)

    def _one(self, planes: frozenset[str]) -> frozenset[str]:
        """The same object for the same planes: thousands of frames have some of a few."""
        return self._sets.setdefault(planes, planes)

    def _latest(self) -> _Known:
        """What is known after the rows that have come since; who waited while another read them need not read again."""
        asked = time.monotonic()
        with self._lock:
            if self._known.read <= asked:
                self._known = self._followed(self._known, time.monotonic())
            return self._known

    def _followed(self, known: _Known, now: float) -> _Known:
        """The same with the rows that have come, or nothing where it cannot be said what has gone."""
        count, news = self._store.news(known.row, MOST_NEWS)
        known.read = now
        many = len(news) == MOST_NEWS or len(known.frames) > MOST_HELD
        if not (news or known.rows or many):
            return known  # it was empty, and is
        same = bool(news) and (news[0][0], news[0][2]) == (known.row, known.stored)
        gone = count < known.rows + len(news) - 1
        if not same or many or (gone and now > known.until):
            rows, row, stored = self._store.state()
            return _Known(row, stored, rows, now + HELD_SECONDS, now)
        for _, name, _ in news[1:]:
            self._come(known, name)
        known.row, _, known.stored = news[-1]
        known.rows += len(news) - 1
        return known

    def _come(self, known: _Known, name: str) -> None:
        stem, _, plane = name.rpartition("/")
        held = known.frames.get(stem)
        if held is not None:
            known.frames[stem] = held[0], self._one(held[1] | {plane})
