"""Areas that people brought, kept by their digest: so a link to one opens on every server of the team."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from services.area.aoi import AOI, check_limits
from services.errors import AreaError
from services.geo import check_on_earth, flat
from services.settings import Settings
from services.storage import write_beside
from services.text import clean_name, one_line

_SENTENCE = 400
"""Characters of a note."""
_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)


class AreaStore:
    """The folder of areas under `home`."""

    def __init__(self, home: Path) -> None:
        self._root = home / "areas"

    def keep(self, aoi: AOI) -> str:
        """Write the area where it is not there yet, and return its id; the notes are those of who brought it first.

        Raises StorageError where the disk refuses.
        """
        if self.open(aoi.digest) is None:
            name, notes = json.dumps(aoi.name), json.dumps(aoi.notes)
            text = f'{{"name": {name}, "polygons": {_json(aoi.polygons_text)}, "notes": {notes}}}'
            write_beside(self._root / f"{aoi.digest}.json", lambda path: path.write_text(text, encoding="utf-8"))
        return aoi.digest

    def holds(self, id: str) -> bool:  # noqa: A002 - what it is called everywhere
        """Whether there is a file of that id, damaged or not."""
        return _ID.fullmatch(id) is not None and (self._root / f"{id}.json").is_file()

    def open(self, id: str) -> AOI | None:  # noqa: A002 - what it is called everywhere
        """The area of that id, or None where there is none, or where its file is damaged."""
        if not _ID.fullmatch(id):
            return None
        try:
            aoi = area_of(json.loads((self._root / f"{id}.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return aoi if aoi.digest == id else None


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
