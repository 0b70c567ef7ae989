"""Areas that people brought, kept by their digest: so a link to one opens on every server of the team."""

import json
import re
from pathlib import Path
from typing import Any

from services.aoi import AOI
from services.files import write_beside

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
            text = json.dumps({"name": aoi.name, "polygons": aoi.polygons, "notes": aoi.notes})
            write_beside(self._root / f"{aoi.digest}.json", lambda path: path.write_text(text, encoding="utf-8"))
        return aoi.digest

    def open(self, id: str) -> AOI | None:  # noqa: A002 - what it is called everywhere
        """The area of that id, or None where there is none, or where its file is damaged."""
        if not _ID.fullmatch(id):
            return None
        try:
            aoi = _area(json.loads((self._root / f"{id}.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return aoi if aoi.digest == id else None


def _area(plain: Any) -> AOI:
    polygons = tuple(
        tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings) for rings in plain["polygons"]
    )
    return AOI(str(plain["name"]), polygons, tuple(map(str, plain["notes"])))
