"""Whether two pictures can be compared: what differs between them besides the land, and how to even it out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.catalogue import Acquisition
from services.errors import RecipeError
from services.recipe import Recipe, Veto
from services.text import plural

FEWER = 1.5
"""Times as many dates or clear observations as the other side has. The noise of a median falls with the square root
of their number: one and a half times as many are a fifth less noise, and a smaller step is lost in that of the land
itself."""
ELSEWHERE = 0.25
"""Part of the dates that come from another satellite, orbit or month than the other side's. A quarter of foreign
observations leaves a median within the middle third of the others (a gross error of 0.25, Huber 1981); more may lead
it beyond."""
OFF_SEASON = 0.1
"""The same of months in which the other side has no date at all: leaves and snow change faster than a satellite's
view does, and all in one direction, so that a tenth of the dates is enough."""
EQUALISED = "equalised"
"""The reason of a veto that evens out two sides."""
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Caveat:
    """One thing that differs between two sides besides the land."""

    kind: str
    """dates, looks, months, satellites or orbits."""
    words: str
    """A sentence with the numbers of both sides."""


@dataclass(frozen=True)
class _Side:
    dates: Sequence[Acquisition]
    name: str
    """`2018`, or `the left side`."""
    place: str
    """`in 2018`, or `on the left`."""

    def counts(self, kind: str) -> Counter[str]:
        """How many dates are of each month, satellite or orbit; what the catalogue does not say is left out."""
        of = {
            "months": [_month(one) for one in self.dates],
            "satellites": [one.satellite for one in self.dates],
            "orbits": [str(one.orbit) for one in self.dates if one.orbit],
        }
        return Counter(of[kind])


def caveats(
    left: Sequence[Acquisition],
    right: Sequence[Acquisition],
    left_observations: float | None = None,
    right_observations: float | None = None,
) -> tuple[Caveat, ...]:
    """What differs between the dates that went into two pictures, the weightiest first; empty where they are alike.

    The counts are the median of clear observations of each picture, None where that is not known. Sides of two
    different years are called by these.
    """
    one, other = _sides(left, right)
    found = [_dates(one, other)]
    if left_observations is not None and right_observations is not None:
        found.append(_observations(one, left_observations, other, right_observations))
    if left and right:
        found += [_season(one, other), _origin("satellites", one, other), _origin("orbits", one, other)]
    return tuple(caveat for caveat in found if caveat is not None)


def equalise(
    left: Recipe, left_kept: Sequence[Acquisition], right: Recipe, right_kept: Sequence[Acquisition]
) -> tuple[Recipe, Recipe]:
    """Both recipes with as many dates in each month of the calendar: the least cloudy, as many as both have there.

    The others are vetoed as EQUALISED; vetoes that are there stay. Raises RecipeError where no month has dates on both
    sides.
    """
    months = _by_month(left_kept), _by_month(right_kept)
    common = {month: min(len(months[0][month]), len(months[1][month])) for month in months[0].keys() & months[1]}
    if not common:
        raise RecipeError(
            f"The sides share no month: the left one has {_dates_in(months[0])}, the right one {_dates_in(months[1])}.",
            "Raise the max. cloud cover, or choose days of the same season.",
        )
    return _cut(left, months[0], common), _cut(right, months[1], common)


def common_dates(
    left: Recipe, left_kept: Sequence[Acquisition], right: Recipe, right_kept: Sequence[Acquisition]
) -> tuple[Recipe, Recipe]:
    """Both recipes with the overpasses that both keep, which are those of one key; the others are vetoed as EQUALISED.

    Raises RecipeError where there is none.
    """
    keys = {one.key for one in left_kept}, {one.key for one in right_kept}
    if not keys[0] & keys[1]:
        raise RecipeError(
            f"The sides share no overpass: the left one has {_count(len(keys[0]))}, the right one "
            f"{_count(len(keys[1]))}.",
            "Raise the max. cloud cover, or choose days that both sources have.",
        )
    return _without(left, keys[0] - keys[1]), _without(right, keys[1] - keys[0])


def _sides(left: Sequence[Acquisition], right: Sequence[Acquisition]) -> tuple[_Side, _Side]:
    years = [{one.time.year for one in dates} for dates in (left, right)]
    if all(len(found) == 1 for found in years) and years[0] != years[1]:
        first, second = (str(*found) for found in years)
        return _Side(left, first, f"in {first}"), _Side(right, second, f"in {second}")
    return _Side(left, "the left side", "on the left"), _Side(right, "the right side", "on the right")


def _far(one: float, other: float) -> bool:
    low, high = sorted((one, other))
    return high > low and high >= FEWER * low


def _dates(one: _Side, other: _Side) -> Caveat | None:
    if not _far(len(one.dates), len(other.dates)):
        return None
    words = f"{one.name} has {_count(len(one.dates))}, {other.name} has {len(other.dates) or 'none'}."
    return Caveat("dates", _sentence(words))


def _observations(one: _Side, observations: float, other: _Side, others: float) -> Caveat | None:
    if not _far(observations, others):
        return None
    return Caveat(
        "looks",
        f"The median count of clear observations is {observations:g} {one.place} against {others:g} {other.place}.",
    )


def _season(one: _Side, other: _Side) -> Caveat | None:
    """Months that one side alone has; else the month in which the sides differ most, where they differ."""
    counts, others = one.counts("months"), other.counts("months")
    alone = [_alone(side, mine, theirs) for side, mine, theirs in ((one, counts, others), (other, others, counts))]
    words = [words for words in alone if words]
    if words:
        return Caveat("months", _sentence("; ".join(words) + "."))
    if _distance(counts, others) <= ELSEWHERE:
        return None
    month = max(_in_order(counts), key=lambda month: abs(_share(counts, month) - _share(others, month)))
    mine, theirs = f"{counts[month]} of {_count(len(one.dates))}", f"{others[month]} of {len(other.dates)}"
    return Caveat("months", f"{month} has {mine} {one.place}, and {theirs} {other.place}.")


def _alone(side: _Side, mine: Counter[str], theirs: Counter[str]) -> str:
    """Months of a side in which the other has no date, where they matter."""
    months = [month for month in _in_order(mine) if not theirs[month]]
    dates = sum(mine[month] for month in months)
    if dates <= OFF_SEASON * len(side.dates):
        return ""
    return f"only {side.name} has dates in {_listed(months)} ({dates} of {len(side.dates)})"


def _origin(kind: str, one: _Side, other: _Side) -> Caveat | None:
    """Satellites or orbits, where too many dates are of others."""
    counts, others = one.counts(kind), other.counts(kind)
    if not counts or not others or _distance(counts, others) <= ELSEWHERE:
        return None
    words = f"{_named(kind, counts)} {one.place}, {_named(kind, others)} {other.place}."
    return Caveat(kind, _sentence(words))


def _distance(counts: Counter[str], others: Counter[str]) -> float:
    """Part of the dates, 0 to 1, that would have to be others for both sides to be alike (total variation)."""
    return sum(abs(_share(counts, key) - _share(others, key)) for key in counts | others) / 2


def _share(counts: Counter[str], key: str) -> float:
    return counts[key] / counts.total()


def _named(kind: str, counts: Counter[str]) -> str:
    """`S2A alone`, `S2A (16 dates) and S2B (15)`, `orbits 36 (2 dates) and 79 (10)`."""
    word = "" if kind == "satellites" else "orbit " if len(counts) == 1 else "orbits "
    keys = sorted(counts, key=lambda key: (len(key), key))
    if len(keys) == 1:
        return f"{word}{keys[0]} alone"
    first, *rest = keys
    return word + _listed([f"{first} ({_count(counts[first])})", *(f"{key} ({counts[key]})" for key in rest)])


def _by_month(kept: Iterable[Acquisition]) -> dict[str, list[Acquisition]]:
    """The least cloudy of each month of the calendar first."""
    months: dict[str, list[Acquisition]] = {}
    for one in sorted(kept, key=lambda one: (one.cloud_cover, one.time)):
        months.setdefault(_month(one), []).append(one)
    return months


def _cut(recipe: Recipe, months: Mapping[str, Sequence[Acquisition]], most: Mapping[str, int]) -> Recipe:
    """The recipe with vetoes of what is beyond so many dates of each month."""
    return _without(recipe, (one.key for month, dates in months.items() for one in dates[most.get(month, 0) :]))


def _without(recipe: Recipe, keys: Iterable[str]) -> Recipe:
    """The recipe with vetoes of these acquisitions."""
    return recipe.with_(vetoes=(*recipe.vetoes, *(Veto(key, EQUALISED) for key in keys)))


def _dates_in(months: Iterable[str]) -> str:
    names = _in_order(months)
    return f"dates in {_listed(names)}" if names else "no dates"


def _in_order(months: Iterable[str]) -> list[str]:
    return sorted(months, key=MONTHS.index)


def _month(one: Acquisition) -> str:
    return MONTHS[one.time.month - 1]


def _count(dates: int) -> str:
    return plural(dates, "date") if dates else "no dates"


def _listed(words: Sequence[str]) -> str:
    """`May`, `May and June`, `May, June and July`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
