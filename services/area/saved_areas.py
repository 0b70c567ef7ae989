"""Areas that people brought, kept by their digest: so a link to one opens on every server of the team."""

import contextlib
import json
import os
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from services.area.aoi import AOI, check_limits
from services.errors import AreaError, StorageError
from services.formats import Rings
from services.geo import check_on_earth, flat
from services.settings import Settings
from services.storage import write_beside
from services.text import clean_name, one_line

_SENTENCE = 400
"""Characters of a note."""
LIMIT_BYTES = 2 * 10**9
"""Of all areas, where nothing else is said."""
RECENT_SECONDS = 3600.0
"""What was used within this time stays."""
_PART = 20
"""The folder is measured again when a twentieth of the limit has been written."""
_FILE = 2048
"""Bytes that a file takes beside its own, on average: the end of its last block."""
_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)


def nowhere(outline: str) -> tuple[Rings, ...] | None:  # noqa: ARG001 - as what is passed in its place
    """No outline is kept elsewhere."""
    return None


class AreaStore:
    """The folder of areas under `home`, at most `limit_bytes` of them; those not used for longest make room.

    An outline is one file, whatever it is called by how many; a name is a small one, and outlives an outline that makes
    room: `elsewhere` gives the polygons of one that the library still has.
    """

    def __init__(
        self,
        home: Path,
        limit_bytes: int = LIMIT_BYTES,
        elsewhere: Callable[[str], tuple[Rings, ...] | None] = nowhere,
    ) -> None:
        self._root, self._limit, self._elsewhere = home / "areas", limit_bytes, elsewhere
        self._left = 0  # bytes that may be written before the folder is measured again
        self._writing = threading.Lock()

    def keep(self, aoi: AOI) -> str:
        """Write the area where it is not there yet, and return its id; the notes are those of who brought it first.

        Raises StorageError where the disk refuses, or the folder is full of areas that were used just now.
        """
        if self.open(aoi.digest) is None:
            named = {"name": aoi.name, "outline": aoi.outline_digest, "notes": aoi.notes}
            texts = {
                self._outline(aoi.outline_digest): _json(aoi.polygons_text),
                self._named(aoi.digest): json.dumps(named),
            }
            with self._writing:
                new = {path: text for path, text in texts.items() if not _holds(path, text)}
                self._make_room(sum(len(text) + _FILE for text in new.values()))
                for path, text in new.items():
                    write_beside(path, partial(_write, text))
        return aoi.digest

    def holds(self, id: str) -> bool:  # noqa: A002 - what it is called everywhere
        """Whether there is a file of that id, damaged or not."""
        return _ID.fullmatch(id) is not None and self._named(id).is_file()

    def open(self, id: str) -> AOI | None:  # noqa: A002 - what it is called everywhere
        """The area of that id, or None where there is none, or where its file is damaged."""
        if not _ID.fullmatch(id):
            return None
        try:
            plain = json.loads(_read(self._named(id)))
            if "polygons" not in plain:  # areas were once one file with their outline
                plain["polygons"] = self._polygons(str(plain["outline"]))
            aoi = area_of(plain)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return aoi if aoi.digest == id else None

    def _polygons(self, outline: str) -> Any:
        """Raises OSError, ValueError or RecursionError where they are nowhere, or damaged."""
        if not _ID.fullmatch(outline):
            raise ValueError(f"{outline} is no outline")
        try:
            return json.loads(_read(self._outline(outline)))
        except FileNotFoundError:
            found = self._elsewhere(outline)
            if found is None:
                raise
            return found

    def _named(self, id: str) -> Path:  # noqa: A002 - what it is called everywhere
        return self._root / f"{id}.json"

    def _outline(self, digest: str) -> Path:
        return self._root / "outlines" / f"{digest}.json"

    def _make_room(self, size: int) -> None:
        """Keep the limit; nothing that was used within RECENT_SECONDS goes."""
        self._left -= size
        if self._left >= 0:
            return
        total = self._prune(self._limit - self._limit // _PART - size)
        if total + size > self._limit:
            raise StorageError(
                f"The folder of areas is full: it may have {self._limit / 1e6:,.0f} MB, and people have just brought "
                "that much.",
                "Wait an hour, or raise the setting areas_gb.",
            )
        self._left = min(self._limit // _PART, self._limit - total - size)

    def _prune(self, goal: int) -> int:
        """Remove the files that were not used for longest until there are `goal` bytes; how many there are."""
        used = []
        for path in (*self._root.glob("*.json"), *self._root.glob("outlines/*.json")):
            with contextlib.suppress(FileNotFoundError):  # another process prunes too
                state = path.stat()
                used.append((state.st_mtime, state.st_size + _FILE, path))
        total = sum(size for _, size, _ in used)
        for moment, size, path in sorted(used):
            if total <= goal or moment > time.time() - RECENT_SECONDS:
                break
            path.unlink(missing_ok=True)
            total -= size
        return total


def _read(path: Path) -> str:
    """What is in it; it counts as used."""
    if path.stat().st_mtime < time.time() - RECENT_SECONDS / 2:
        with contextlib.suppress(OSError):  # the disk is only to be read
            os.utime(path)
    return path.read_text(encoding="utf-8")


def _holds(path: Path, text: str) -> bool:
    """Whether that is in it, whole; then it counts as used."""
    try:
        return _read(path) == text
    except (OSError, ValueError):
        return False


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


def _json(written: str) -> str:
    """Tuples of floats as lists: the floats themselves are written alike, which takes the most time."""
    return written.replace(",)", ")").replace("(", "[").replace(")", "]")


def area_of(plain: Any) -> AOI:
    """What JSON made of an area. Raises ValueError, KeyError or TypeError where it is none."""
    polygons = tuple(
        tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings) for rings in plain["polygons"]
    )
    return AOI(clean_name(plain["name"]), polygons, tuple(one_line(note, _SENTENCE) for note in plain["notes"]))


def check_stored(aoi: AOI, limits: Settings) -> None:
    """What was stored may have been changed since, and so may the limits: the same rules as for one that is new.

    Raises AreaError.
    """
    damaged = AreaError("The stored area is damaged: its outline is no polygon.", "Bring the area again.")
    try:
        if not all(rings and all(len(ring) > 3 and ring[0] == ring[-1] for ring in rings) for rings in aoi.polygons):
            raise damaged
        positions = flat(ring for rings in aoi.polygons for ring in rings)
        check_on_earth(positions)
        if not positions.size or np.abs(positions[:, 0]).max() > 180 or not aoi.geometry.is_valid:
            raise damaged
    except (ValueError, IndexError, shapely.errors.ShapelyError):
        raise damaged from None
    check_limits(aoi, limits)
