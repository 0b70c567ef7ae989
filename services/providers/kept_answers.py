"""What catalogues answered: kept once for a neighbourhood and an interval, without a cloud limit, for everybody."""

import hashlib
import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json
from services.grid import TileBlock
from services.providers.base import Named
from services.recipe import Interval
from services.settings import Settings
from services.storage import ByteStore

SETTLED = timedelta(days=60)
"""An interval that ended so long ago gets no new acquisitions, but for processing again."""
SHORTEST_SECONDS = 60.0
"""An answer is kept at least so long, or the page that shows it would never find it."""
STORE_BYTES = 500 * 10**6
"""Size limit of the kept answers; a year over a neighbourhood takes some tens of kB."""
_VERSION = 1
_NOTES = "-notes"
"""What is added to the key of an answer for what was left out of it."""


def cached_search(
    provider: Named, settings: Settings, neighbourhood: TileBlock, interval: Interval
) -> tuple[Acquisition, ...] | None:
    """The kept answer, or None where there is none or it is too old. Asks nobody, and needs no account."""
    kept = _store(settings.home).get(_key(provider, neighbourhood, interval))
    if kept is None:
        return None
    try:
        return _unpacked(kept)
    except (zlib.error, KeyError, TypeError, ValueError):  # of another version of this program
        return None


def search_notes(provider: Named, settings: Settings, neighbourhood: TileBlock, interval: Interval) -> tuple[str, ...]:
    """Of the kept answer: what was left out of it, and why; empty where nothing was, or nothing is kept."""
    kept = _store(settings.home).get(_key(provider, neighbourhood, interval) + _NOTES)
    return tuple(map(str, json.loads(kept))) if kept else ()


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


@lru_cache(maxsize=32)
def _unpacked(answer: bytes) -> tuple[Acquisition, ...]:
    """The same objects for the same answer: they remember where they lie and what they touch."""
    return acquisitions_from_json(zlib.decompress(answer))


def _key(provider: Named, neighbourhood: TileBlock, interval: Interval) -> str:
    """Without the account. The demo archive's address, which changes, does not matter."""
    bounds = [(edge + 0.0).hex() for edge in neighbourhood.bounds]
    address = "" if provider.simulated else provider.base_url
    named = [_VERSION, provider.name, address, provider.collection, neighbourhood.lattice.epsg, bounds, interval.label]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _seconds_kept(interval: Interval, settings: Settings) -> float:
    settled = interval.end_time + SETTLED < datetime.now(UTC)
    hours = settings.catalogue_hours_past if settled else settings.catalogue_hours
    return max(SHORTEST_SECONDS, hours * 3600)


@lru_cache(maxsize=8)
def _store(home: Path) -> ByteStore:
    return ByteStore(home / "catalogue", STORE_BYTES)
