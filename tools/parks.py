"""National parks and other protected areas of the world: the rows of `parks.csv`, and whose they are.

No package of a registry has them: Natural Earth's own layer is of the USA alone. The rows were written down from public
copies, and a row's `id` says of which: the item of Wikidata, the number in UNESCO's list, or the line of a script.
`other` has names beside the first, `country` is a code of ISO 3166.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parent / "parks.csv"
GENERIC = {
    "biosphere", "conservation", "game", "historical", "marine", "national", "natural", "nature", "park", "protected",
    "provincial", "reserve", "strict", "tiger", "wetland", "wildlife",
}  # fmt: skip
"""Words from which on a name only says what the place is."""
SOURCES = (
    (
        "Wikidata, items that are a national park, 16 August 2026, by the extract of github.com/seorak1275/parknews",
        "CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/)",
    ),
    (
        "UNESCO, World Heritage List 2019: names and positions of rows `whc-…`, by github.com/marcocaserta/unesco",
        "facts; the list itself is © UNESCO World Heritage Centre (https://whc.unesco.org/)",
    ),
    (
        "J. Gómez-Dans, project_points.py: rows `gd-…`, parks of the United Kingdom",
        "public domain, as it says",
    ),
)
"""What was taken from where, and its licence; all other rows are Wikidata's."""


@dataclass(frozen=True)
class Park:
    """A row."""

    names: tuple[str, ...]
    """The first is the one that is shown; none is there without its `National Park` alone."""
    country: str
    """Its code of ISO 3166, three letters."""
    longitude: float
    """Degrees, of a point that stands for all of it."""
    latitude: float


def parks() -> Iterator[Park]:
    """All of them, by name."""
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = tuple(name for name in (row["name"], row["other"]) if name)
            yield Park(names, row["country"], float(row["longitude"]), float(row["latitude"]))


def bare(name: str) -> str:
    """`Serengeti` of Serengeti National Park; empty where less than two letters are left, as of W National Park."""
    words = name.split()
    end = next((n for n, word in enumerate(words) if word.casefold() in GENERIC), len(words))
    return " ".join(words[:end]) if len(words[0]) > 1 else ""


def manifest() -> list[dict[str, str]]:
    """As MANIFEST.json names the packages."""
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    return [
        {"name": "tools/parks.csv", "version": "1", "sha256": digest, "data": data, "licence": licence}
        for data, licence in SOURCES
    ]
