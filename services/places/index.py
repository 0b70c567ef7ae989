"""The gazetteer: places by the beginning of any of their names, and by what is spelled like one.

The files in `data` are read with the first search and not before. Places stand there by importance, so that a place's
number is its rank: people of a city, and as many as a region, water or park is worth beside one.
"""

import heapq
import lzma
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.area import folded

FOLDER = Path(__file__).resolve().parent / "data"
"""What is in it and where it is from is said in its MANIFEST.json."""
ATTRIBUTION = (
    "Made with Natural Earth; names and people of cities: GeoNames (CC BY 4.0); "
    "parks: Wikidata (CC0) and UNESCO’s World Heritage List."
)
LONGEST = 100
"""Characters of a search that are looked at."""
_WHOLE = 4
"""Letters from which a whole name comes before more important ones that only begin with it."""
_OTHER = 10
"""How many times as important as another a place must be to go first where only a name beside its own fits."""
_LIKE = 70.0
"""Percent of letters that a name shares with one that was misspelled."""
_CANDIDATES = 60
"""Names like a misspelled one among which the more important places go first."""
_WATER = frozenset({"Lake", "Reservoir"})
_KINDS = {
    "lake": _WATER, "reservoir": _WATER, "river": frozenset({"River", "Canal"}), "canal": frozenset({"Canal"}),
    "city": frozenset({"City"}), "town": frozenset({"City"}), "country": frozenset({"Country"}),
    "park": frozenset({"Park"}), "np": frozenset({"Park"}),
} | dict.fromkeys(("region", "state", "province"), frozenset({"Region"}))  # fmt: skip
"""Words beside a name that say what is meant."""


@dataclass(frozen=True)
class Found:
    """A place that can be found."""

    number: int
    """Its rank, from 0; what names it."""
    kind: str
    """`City`, `Lake`, `Reservoir`, `River`, `Canal`, `Park`, `Region` or `Country`."""
    name: str
    where: str
    """`Uusimaa, Finland` of a city, the country of a park, those of a water; empty of a country."""
    people: int
    """Of a city; of others how important they are beside one."""
    longitude: float
    """Degrees, of a place within it."""
    latitude: float
    row: int | None
    """Which one of the file of outlines is its own; None where it has none."""

    @property
    def title(self) -> str:
        """`Helsinki, Uusimaa, Finland`: what its area is called."""
        return f"{self.name}, {self.where}" if self.where else self.name

    @property
    def described(self) -> str:
        """`Lake, Finland`."""
        return f"{self.kind}, {self.where}" if self.where else self.kind

    @property
    def label(self) -> str:
        """`Lake Saimaa — Lake, Finland`."""
        return f"{self.name} — {self.described}"


@dataclass(frozen=True)
class Suggestions:
    """What a search finds, the best first."""

    places: tuple[Found, ...]
    whole: int = 0
    """How many of them, at the beginning, bear just that name."""
    like: bool = False
    """True where no name begins so, and these are spelled like it."""


def suggest(text: str, most: int = 8) -> Suggestions:
    """Places that somebody may mean: `helsinki`, `Lake Geneva`, `springfield, illinois`, `Nile river`.

    Case, accents and signs do not matter. Behind a comma stands where or what a place is.
    """
    head, *rest = text[:LONGEST].split(",")
    tails = tuple(key for key in map(folded, rest) if key)
    found = _beginning(folded(head), tails, most)
    if not found.places and not tails:
        found = _of_kind(head, most)
    return found if found.places else _like(folded(head), tails, most)


def entry(number: int) -> Found:
    """The place of that number. Raises IndexError where there is none."""
    if number < 0:
        raise IndexError(number)
    kind, name, where, people, longitude, latitude, row = _places()[number].split("\t")
    at = float(longitude), float(latitude)
    return Found(number, kind, name, where, int(people), *at, int(row) if row else None)


def _beginning(key: str, tails: tuple[str, ...], most: int, kinds: frozenset[str] = frozenset()) -> Suggestions:
    """Names that are the key, then those that begin with it; each by importance."""
    if not key:
        return Suggestions(())
    lines = _keys()
    start, end = bisect_left(lines, key), bisect_left(lines, f"{key}\U0010ffff")
    whole = lines[start : start + 1] if lines[start : start + 1] and _name(lines[start]) == key else []
    same = _ranked(whole, tails, kinds, most)
    if len(key) < _WHOLE:
        same = tuple(place for place in same if folded(place.name) == key)
    longer = sorted(
        _ranked(lines[start:end], tails, kinds, _OTHER * most),
        key=lambda place: -place.people / (1 if folded(place.name).startswith(key) else _OTHER),
    )
    return Suggestions((*same, *(place for place in longer if place not in same))[:most], len(same))


def _name(line: str) -> str:
    return line[: line.index("\t")]


def _ranked(lines: Iterable[str], tails: tuple[str, ...], kinds: frozenset[str], most: int) -> tuple[Found, ...]:
    """The most important of the places whose numbers stand in those lines."""
    numbers = {int(number) for line in lines for number in line.split()[1:]}
    if not tails and not kinds:
        return tuple(map(entry, heapq.nsmallest(most, numbers)))
    fitting = (place for place in map(entry, sorted(numbers)) if _fits(place, tails, kinds))
    return tuple(place for place, _ in zip(fitting, range(most), strict=False))


def _fits(place: Found, tails: tuple[str, ...], kinds: frozenset[str]) -> bool:
    """Whether each of `tails` begins a word of where and what it is."""
    if kinds and place.kind not in kinds:
        return False
    said = [part.strip() for part in f"{place.kind}, {place.where}".replace(" and ", ", ").split(",")]
    beginnings = [folded(" ".join(words[n:])) for words in map(str.split, said) for n in range(len(words))]
    return all(any(one.startswith(tail) for one in beginnings) for tail in tails)


def _of_kind(text: str, most: int) -> Suggestions:
    """`Nile river`, `river Nile`: a name with a word beside it for what it is."""
    words = text.split()
    for word, others in ((words[-1:], words[:-1]), (words[:1], words[1:])):
        kinds = _KINDS.get(folded(" ".join(word)), frozenset())
        if kinds and others:
            return _beginning(folded(" ".join(others)), (), most, kinds)
    return Suggestions(())


def _like(key: str, tails: tuple[str, ...], most: int) -> Suggestions:
    """Names that are spelled like it: those with the most letters in common, and of these the more important."""
    from rapidfuzz import fuzz, process  # only who misspells needs it

    if len(key) < _WHOLE:
        return Suggestions(())
    lines = _keys()
    near = process.extract(key, map(_name, lines), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=_CANDIDATES)
    scores: dict[Found, float] = {}
    for _, score, place in near:
        for one in _ranked((lines[place],), tails, frozenset(), most):
            scores[one] = max(scores.get(one, 0.0), score)
    best = sorted(scores, key=lambda one: (-round(scores[one] / 5), one.number))
    return Suggestions(tuple(best[:most]), like=True)


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """A line each, by importance; it is taken apart when somebody asks for it."""
    return tuple(_lines("places.tsv.xz"))


@lru_cache(maxsize=1)
def _keys() -> tuple[str, ...]:
    """A line each: a folded name, and behind it the numbers of the places that bear it; in the order of the names."""
    return tuple(_lines("keys.tsv.xz"))


def _lines(name: str) -> Iterator[str]:
    yield from lzma.decompress((FOLDER / name).read_bytes()).decode().rstrip("\n").split("\n")
