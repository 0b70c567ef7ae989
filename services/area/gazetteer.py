"""Countries and regions by name: the outlines that Natural Earth draws, from the files in `services/places`."""

import json
import lzma
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import shapely

from services.area.aoi import AOI, aoi_from_outline
from services.errors import AreaError
from services.formats import Outline
from services.settings import Settings
from services.text import fold

FOLDER = Path(__file__).resolve().parent / "places"
"""What is in it and where it is from is said in its MANIFEST.json."""


@dataclass(frozen=True)
class Place:
    """A country, a region of it, or several regions under one name."""

    label: str
    """`Bavaria (Bayern), Germany`: no other place has the same."""
    names: tuple[str, ...]
    """The English name first, then the local and other ones."""
    country: str
    """Its country's English name; empty where it is one itself."""
    codes: tuple[str, ...]
    """Of ISO 3166, where it has any: `FI` and `FIN`, or `FI-18`."""
    row: int
    """Which one of the file of outlines is its own."""

    @property
    def title(self) -> str:
        """`Bavaria, Germany`: what its area is called."""
        named = self.label.endswith(f", {self.country}")  # which says the country itself otherwise
        return f"{self.names[0]}, {self.country}" if self.country and named else self.names[0]


@lru_cache(maxsize=1)
def all_places() -> tuple[Place, ...]:
    """All of them, some 5,000, in the order of their labels without accents."""
    entries = json.loads((FOLDER / "places.json").read_text(encoding="utf-8"))
    return tuple(
        Place(
            label=entry["label"],
            names=tuple(entry["names"]),
            country=entry.get("country", ""),
            codes=tuple(entry.get("codes", ())),
            row=row,
        )
        for row, entry in enumerate(entries)
    )


def outline_of_place(place: Place) -> Outline:
    """In degrees; what lies across the 180th meridian goes on beyond 180°. The shape is read anew with each call."""
    import pyogrio.raw  # costs up to a second, which only those spend who choose a place

    _, _, shapes, _ = pyogrio.raw.read(_file(), columns=[], fids=[place.row])
    parts = ((part.exterior, *part.interiors) for part in shapely.from_wkb(shapes[0]).geoms)
    polygons = tuple(tuple(tuple(map(tuple, ring.coords)) for ring in rings) for rings in parts)
    return Outline(polygons, name=place.title)


def area_of_place(place: Place, limits: Settings) -> AOI:
    """The place as an area, judged like any other. Raises AreaError, where it is too large for instance."""
    try:
        return aoi_from_outline(outline_of_place(place), place.title, limits)
    except AreaError as error:
        rest = error.cause.removeprefix("The area ")
        cause = f"{place.names[0]} {rest}" if rest != error.cause else error.cause
        regions = not place.country and any(other.country == place.names[0] for other in all_places())
        raise AreaError(cause, f"{error.remedy}{' Its regions are in the list too.' if regions else ''}") from None


def folded(text: str) -> str:
    """Letters and digits alone, without case and accents; of writings without such, the text as it is."""
    return "".join(letter for letter in fold(text[:200]) if letter.isalnum())


@lru_cache(maxsize=1)
def _file() -> bytes:
    """The FlatGeobuf of all outlines, 17 MB; packed it has a sixth of that."""
    return lzma.decompress((FOLDER / "outlines.fgb.xz").read_bytes())
