"""What catalogues answered: kept once for a neighbourhood and an interval, without a cloud limit, for everybody."""

import hashlib
import json
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json
from services.grid import TileBlock
from services.providers.base import Named
from services.recipe import Interval
from services.settings import Settings
from services.storage import ByteStore, MemoryCache

SETTLED = timedelta(days=60)
"""An interval that ended so long ago gets no new acquisitions, but for processing again."""
SHORTEST_SECONDS = 60.0
"""An answer is kept at least so long, or the page that shows it would never find it."""
STORE_BYTES = 500 * 10**6
"""Size limit of the kept answers; a year over a neighbourhood takes some tens of kB."""
GONE_SECONDS = 24 * 3600.0
"""So long it is remembered that files are not there; a new one begins with each that is found."""
SWOLLEN = 7
"""Bytes that an answer takes in memory, with what its acquisitions remember, for one of its text; seen: 6.7."""
GRANULE_BYTES = 3000
"""That a granule of an acquisition takes in memory, about."""
MOST_OFFERED = 100
"""Answers that serve smaller questions too, of one provider."""
MEMORY_BYTES = 150 * 10**6
"""Of all answers that this process has in memory."""
_answers = MemoryCache[tuple[Acquisition, ...]](MEMORY_BYTES)
"""By what lies on the disk."""
_VERSION = 1
_NOTES = "-notes"
"""What is added to the key of an answer for what was left out of it."""
_noting = threading.Lock()
"""Two processes that note something at once may forget one of both, which is found again."""


def cached_search(
    provider: Named, settings: Settings, neighbourhood: TileBlock, interval: Interval
) -> tuple[Acquisition, ...] | None:
    """The kept answer, or None where there is none or it is too old. Asks nobody, and needs no account.

    Where there is none for this very question, what an offered one says of it that covers it.
    """
    for key in _keys(provider, settings, neighbourhood, interval):
        answer = _store(settings.home).get(key)
        with suppress(zlib.error, KeyError, TypeError, ValueError):  # of another version of this program
            if answer is not None:
                return marked(provider, settings, _part(answer, key, provider, neighbourhood, interval))
    return None


def offer_search(provider: Named, settings: Settings, neighbourhood: TileBlock, interval: Interval) -> None:
    """The answer that is kept of this question serves those too that ask for a part of its ground and its days.

    Raises StorageError.
    """
    place = [neighbourhood.lattice.epsg, *neighbourhood.bounds, interval.start.isoformat(), interval.end.isoformat()]
    with _noting:
        others = [one for one in _offered(provider, settings) if one[:-1] != place]
        text = json.dumps([[*place, _key(provider, neighbourhood, interval)], *others[: MOST_OFFERED - 1]])
        _store(settings.home).put(_offered_key(provider), text.encode())


def _offered(provider: Named, settings: Settings) -> list[list[Any]]:
    """Zone, edges, first day and end of the questions whose answers are offered, with their keys; the newest first."""
    kept = _store(settings.home).get(_offered_key(provider))
    return list(json.loads(kept)) if kept else []


def _offered_key(provider: Named) -> str:
    return f"offered/{provider.name}/{_address(provider)}/{provider.collection}"


def _keys(provider: Named, settings: Settings, neighbourhood: TileBlock, interval: Interval) -> Iterator[str]:
    """Of the answer to the very question, and of those that cover it."""
    yield _key(provider, neighbourhood, interval)
    west, south, east, north = neighbourhood.bounds
    begin, end = interval.start.isoformat(), interval.end.isoformat()
    for epsg, left, low, right, high, first, last, key in _offered(provider, settings):
        around = left <= west and low <= south and east <= right and north <= high
        if epsg == neighbourhood.lattice.epsg and around and first <= begin and end <= last:
            yield key


def _part(
    answer: bytes, key: str, provider: Named, neighbourhood: TileBlock, interval: Interval
) -> tuple[Acquisition, ...]:
    """What a search of that place and these days found, or would have found; the same objects for the same question."""
    whole = _unpacked(answer)
    if key == _key(provider, neighbourhood, interval):
        return whole
    begin, end = interval.start_time, interval.end_time

    def make() -> tuple[Acquisition, ...]:
        owns = (one.over(neighbourhood) for one in whole)
        parts = (own for own in owns if own is not None and begin <= own.time < end)
        return tuple(sorted(parts, key=lambda one: (one.time, one.satellite, one.orbit)))

    name = key, zlib.crc32(answer), neighbourhood, interval
    return _answers.made(name, make, lambda found: GRANULE_BYTES * sum(len(one.granules) for one in found))


def search_notes(provider: Named, settings: Settings, neighbourhood: TileBlock, interval: Interval) -> tuple[str, ...]:
    """Of the kept answer: what was left out of it, and why; empty where nothing was, or nothing is kept."""
    keys = _keys(provider, settings, neighbourhood, interval)
    kept = next(filter(None, (_store(settings.home).get(key + _NOTES) for key in keys)), None)
    found = cached_search(provider, settings, neighbourhood, interval) or ()
    gone = [f"{one.date} is excluded. {one.gone}" for one in found if one.gone]
    return (*map(str, json.loads(kept) if kept else ()), *gone)


def remember_gone(provider: Named, settings: Settings, acquisition: Acquisition, reason: str) -> None:
    """For a day no picture wants this acquisition: files of its products are not there. Raises StorageError."""
    with _noting:
        gone = {**_gone(provider, settings), _products(acquisition): reason}
        _store(settings.home).put(_gone_key(provider), json.dumps(gone).encode(), expire=GONE_SECONDS)


def marked(provider: Named, settings: Settings, found: Sequence[Acquisition]) -> tuple[Acquisition, ...]:
    """The same, with the reason at those that are gone."""
    gone = _gone(provider, settings)
    if not gone:
        return tuple(found)
    return tuple(replace(one, gone=gone[name]) if (name := _products(one)) in gone else one for one in found)


def keep_search(
    provider: Named,
    settings: Settings,
    neighbourhood: TileBlock,
    interval: Interval,
    found: Sequence[Acquisition],
    notes: Sequence[str] = (),
) -> None:
    """Keep an answer, which is all acquisitions that begin in the interval; `notes` say what was left out of it.

    Raises StorageError.
    """
    key, seconds = _key(provider, neighbourhood, interval), _seconds_kept(interval, settings)
    answers = _store(settings.home)
    answers.put(key + _NOTES, json.dumps(notes).encode(), expire=seconds)
    answers.put(key, zlib.compress(acquisitions_to_json(found)), expire=seconds)


def _gone(provider: Named, settings: Settings) -> dict[str, str]:
    """Reasons by the names of products."""
    kept = _store(settings.home).get(_gone_key(provider))
    return dict(json.loads(kept)) if kept else {}


def _gone_key(provider: Named) -> str:
    return f"gone/{provider.name}/{provider.base_url}/{provider.collection}"


def _products(acquisition: Acquisition) -> str:
    """Another set of products may be whole: of another neighbourhood, or processed again."""
    return " ".join(sorted(granule.id for granule in acquisition.granules))


def _unpacked(answer: bytes) -> tuple[Acquisition, ...]:
    """The same objects for the same answer: they remember where they lie and what they touch."""
    found = _answers.get(answer)
    if found is None:
        text = zlib.decompress(answer)
        found = _answers.put(answer, acquisitions_from_json(text), len(answer) + SWOLLEN * len(text))
    return found


def _key(provider: Named, neighbourhood: TileBlock, interval: Interval) -> str:
    """Without the account. The demo archive's address, which changes, does not matter."""
    bounds = [(edge + 0.0).hex() for edge in neighbourhood.bounds]
    asked = provider.name, _address(provider), provider.collection
    named = [_VERSION, *asked, neighbourhood.lattice.epsg, bounds, interval.label]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _address(provider: Named) -> str:
    return "" if provider.simulated else provider.base_url


def _seconds_kept(interval: Interval, settings: Settings) -> float:
    settled = interval.end_time + SETTLED < datetime.now(UTC)
    hours = settings.catalogue_hours_past if settled else settings.catalogue_hours
    return max(SHORTEST_SECONDS, hours * 3600)


@lru_cache(maxsize=8)
def _store(home: Path) -> ByteStore:
    return ByteStore(home / "catalogue", STORE_BYTES)
