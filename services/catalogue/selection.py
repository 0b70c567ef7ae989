"""Which acquisitions a recipe keeps, and why not the others."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from services.catalogue.acquisition import Acquisition, merged
from services.errors import EmptyIntervalError, NothingUnderLimitError
from services.grid import Tile, TileIndex
from services.recipe import DATE_RULES, Recipe
from services.text import plural

_ROUNDED = 1e-6
"""Percent of the picture that may get lost where areas are divided: the whole of it must not be less than 100 %."""


@dataclass(frozen=True)
class Choice:
    """One acquisition under a recipe."""

    acquisition: Acquisition
    kept: bool
    reason: str
    """Why it is not kept: `12.3 % > 10 %`, `covers 0.3 % < 1 %`, `excluded: haze`, or that it is gone; empty where it
    is."""
    vetoed: bool = False
    """Somebody does not want it, whatever its cloud cover."""
    sliver: bool = False
    """It shows less of the picture than the recipe wants, and nothing else is against it."""
    included: str = ""
    """Why it would not be kept, of one that was taken in by hand all the same; empty for all others."""


def choose(acquisitions: Iterable[Acquisition], recipe: Recipe) -> tuple[Choice, ...]:
    """Each acquisition of the months that count, kept or not.

    Kept where it is not vetoed and not gone, and either included by hand, or its cloud cover, as a number, at most
    maxcc while it shows enough of the picture. Where each tile has its dates by itself, kept for the tiles of which it
    is a date so, which its `tiles` name.
    """
    if DATE_RULES[recipe.date_rule].by_tile:
        tiles = recipe.neighbourhood.tiles
        return tuple(choice for one in acquisitions for choice in _by_tile(one, tiles, recipe))
    return tuple(_choice(one, recipe) for one in in_season(acquisitions, recipe))


def dates_of_tiles(
    acquisitions: Iterable[Acquisition], recipe: Recipe, tiles: Sequence[Tile]
) -> tuple[Acquisition, ...]:
    """What each of these tiles keeps by itself, as its own 1 × 1 picture does, of a search of ground that holds them;
    oldest first."""
    return dates_of_groups(acquisitions, recipe, [tiles])[0]


def dates_of_groups(
    acquisitions: Iterable[Acquisition], recipe: Recipe, groups: Sequence[Sequence[Tile]]
) -> list[tuple[Acquisition, ...]]:
    """The same of each of many groups of tiles of one zone, each tile in one group; every pass is looked at once, with
    the tiles that it reaches."""
    tiles, found = [tile for group in groups for tile in group], [list[Acquisition]() for _ in groups]
    places = {tile.index: number for number, group in enumerate(groups) for tile in group}
    squares = np.array([tile.bounds for tile in tiles])
    for one in acquisitions if tiles else ():
        reached = [tiles[place] for place in one.reached(tiles[0].epsg, squares)]
        owns: dict[int, dict[TileIndex, Acquisition]] = {}
        for index, own in _dates(one, reached, recipe).items():
            owns.setdefault(places[index], {})[index] = own
        for number, here in owns.items():
            found[number] += [merged(alike, len(groups[number])) for alike in _groups(here)]
    return [tuple(sorted(some, key=lambda one: one.time)) for some in found]


def _dates(one: Acquisition, tiles: Sequence[Tile], recipe: Recipe) -> dict[TileIndex, Acquisition]:
    """The pass as those tiles have it that keep it."""
    most = math.inf if recipe.included else recipe.maxcc + _ROUNDED
    owns = _owns(one, tiles, recipe, most)
    keeps = {id(own): _keeps(own, recipe) for own in owns.values()}
    return {index: own for index, own in owns.items() if keeps[id(own)]}


def in_season(acquisitions: Iterable[Acquisition], recipe: Recipe) -> tuple[Acquisition, ...]:
    """Those of the months that count: the others are no dates of the question, as those of another year are none.

    Where each tile has its dates by itself, those that may be: a pass over midnight is of another day in another tile.
    """
    if not recipe.months:
        return tuple(acquisitions)
    by_tile = DATE_RULES[recipe.date_rule].by_tile
    return tuple(one for one in acquisitions if _in_season(one, recipe) or (by_tile and _ends_in_season(one, recipe)))


def _in_season(one: Acquisition, recipe: Recipe) -> bool:
    return recipe.in_season(one.time.astimezone(UTC).date())


def _ends_in_season(one: Acquisition, recipe: Recipe) -> bool:
    return recipe.in_season(one.end.astimezone(UTC).date())


def shows_enough(one: Acquisition, recipe: Recipe) -> bool:
    """Whether it shows the least part of the picture that makes it a date; of the usual recipe a hundredth."""
    return 100 * one.coverage >= recipe.least_coverage - _ROUNDED


def slivers_in_words(choices: Iterable[Choice], recipe: Recipe) -> str:
    """`18 dates; 17 more touch a corner: …`, a sentence; empty where only the limit and vetoes leave dates out."""
    found = tuple(choices)
    slivers = sum(choice.sliver for choice in found)
    if not slivers:
        return ""
    dates = plural(sum(choice.kept for choice in found), "date")
    touch, cover = ("touches", "it covers") if slivers == 1 else ("touch", "they cover")
    return f"{dates}; {slivers} more {touch} a corner: {cover} less than {recipe.least_coverage} % of the picture."


def _choice(one: Acquisition, recipe: Recipe) -> Choice:
    veto = recipe.vetoed(one.key)
    if veto is not None:
        return Choice(one, False, f"excluded: {veto.reason}", vetoed=True)
    if one.gone:
        return Choice(one, False, one.gone)
    reason, sliver = _against(one, recipe)
    if reason and one.key in recipe.included:
        return Choice(one, True, "", included=reason)
    return Choice(one, not reason, reason, sliver=sliver)


def _by_tile(one: Acquisition, tiles: Sequence[Tile], recipe: Recipe) -> list[Choice]:
    """One pass as single tiles choose; none where no tile has it in the interval, several where its tiles know it by
    other names or products."""
    owns = _owns(one, tiles, recipe)
    told = {id(own): _choice(own, recipe) for own in owns.values()}
    choices = {index: told[id(own)] for index, own in owns.items()}
    dates = {index: owns[index] for index, choice in choices.items() if choice.kept}
    if dates:
        return [_joined(group, choices, len(tiles)) for group in _groups(dates)]
    if not owns:
        return []
    nearest = min(choices.values(), key=lambda choice: (choice.vetoed, choice.acquisition.cloud_cover))
    over = " over the clearest tile" if len(tiles) > 1 and nearest.acquisition.cloud_cover > recipe.maxcc else ""
    return [replace(nearest, acquisition=merged(owns, len(tiles)), reason=nearest.reason + over)]


def _owns(
    one: Acquisition, tiles: Sequence[Tile], recipe: Recipe, most: float = math.inf
) -> dict[TileIndex, Acquisition]:
    """The pass as each of the tiles has it that have it in the interval; `most` as `Acquisition.owns` has it."""
    begin, end = recipe.interval.start_time, recipe.interval.end_time
    return {
        index: own
        for index, own in one.owns(tiles, most).items()
        if begin <= own.time < end and (not recipe.months or _in_season(own, recipe))
    }


def _groups(owns: Mapping[TileIndex, Acquisition]) -> list[dict[TileIndex, Acquisition]]:
    """One for each key; tiles that have other versions of a product than the rest, as newer ones miss them, apart."""
    found: dict[tuple[object, ...], dict[TileIndex, Acquisition]] = {}
    for index, own in owns.items():
        superseded = frozenset(granule.id for other in owns.values() for granule in other.older)
        odd = sorted(granule.id for granule in own.granules if granule.id in superseded)
        found.setdefault((own.key, *odd), {})[index] = own
    return list(found.values())


def _joined(owns: Mapping[TileIndex, Acquisition], choices: Mapping[TileIndex, Choice], tiles: int) -> Choice:
    included = next((choices[index].included for index in owns if choices[index].included), "")
    return Choice(merged(owns, tiles), True, "", included=included)


def _against(one: Acquisition, recipe: Recipe) -> tuple[str, bool]:
    """What the limits have against it, empty where nothing, and whether it only touches a corner."""
    if one.cloud_cover > recipe.maxcc:
        return f"{_percent(one.cloud_cover, recipe.maxcc)} % > {recipe.maxcc} %", False
    if not shows_enough(one, recipe):
        least = recipe.least_coverage
        return f"covers {_part(100 * one.coverage, least)} % < {least} %", True
    return "", False


def kept(acquisitions: Iterable[Acquisition], recipe: Recipe) -> tuple[Acquisition, ...]:
    """What the recipe keeps, oldest first; empty where it keeps nothing."""
    if DATE_RULES[recipe.date_rule].by_tile:
        return dates_of_tiles(acquisitions, recipe, recipe.neighbourhood.tiles)
    chosen = (one for one in in_season(acquisitions, recipe) if _keeps(one, recipe))
    return tuple(sorted(chosen, key=lambda one: one.time))


def _keeps(one: Acquisition, recipe: Recipe) -> bool:
    """The same as its choice says, without the words."""
    if one.gone or recipe.vetoed(one.key) is not None:
        return False
    return one.key in recipe.included or (one.cloud_cover <= recipe.maxcc and shows_enough(one, recipe))


def kept_or_raise(acquisitions: Sequence[Acquisition], recipe: Recipe) -> tuple[Acquisition, ...]:
    """The same, of which there is something. Raises EmptyIntervalError or NothingUnderLimitError."""
    found = kept(acquisitions, recipe)
    if found:
        return found
    acquisitions = _clearest(acquisitions, recipe)
    if not acquisitions:
        future = recipe.interval.start_time > datetime.now(UTC)
        raise EmptyIntervalError(
            f"There is no acquisition of this place in {recipe.when}.",
            "Choose days that have been."
            if future
            else "Choose a longer interval: a satellite comes by every few days, in 2015 and 2016 every ten.",
        )
    raise _nothing(acquisitions, recipe)


def _clearest(acquisitions: Sequence[Acquisition], recipe: Recipe) -> Sequence[Acquisition]:
    """Those that count; over the tile where it is clearest, where each has its dates by itself."""
    if not DATE_RULES[recipe.date_rule].by_tile:
        return in_season(acquisitions, recipe)
    owns = (_owns(one, recipe.neighbourhood.tiles, recipe).values() for one in acquisitions)
    return [min(some, key=lambda own: own.cloud_cover) for some in owns if some]


def _nothing(acquisitions: Sequence[Acquisition], recipe: Recipe) -> NothingUnderLimitError:
    """Why none is kept, and which limit would keep one."""
    gone = [one for one in acquisitions if one.gone and _choice(replace(one, gone=""), recipe).kept]
    if gone:
        return NothingUnderLimitError(
            f"The files of {plural(len(gone), 'date')} are not there, and no other is used. {gone[0].gone}",
            "Ask again tomorrow, or choose other days or another source of pixels.",
        )
    allowed = [one for one in acquisitions if recipe.vetoed(one.key) is None]
    wanted = [one.cloud_cover for one in allowed if shows_enough(one, recipe)]
    dates, vetoed = plural(len(acquisitions), "date"), len(acquisitions) - len(allowed)
    if not allowed:
        return NothingUnderLimitError(
            f"{vetoed} of {dates} are excluded by hand.", "Use a date again, or choose other days."
        )
    slivers = len(allowed) - len(wanted)
    if not wanted:
        return _only_slivers(dates, slivers, vetoed, recipe)
    clearest = min(wanted)
    besides = f" and not excluded, as {vetoed} of them {'are' if vetoed > 1 else 'is'}" if vetoed else ""
    if slivers:
        touch = "touch" if slivers > 1 else "touches"
        besides += f" and {recipe.least_coverage} % of the picture or more, as {slivers} only {touch} a corner"
    return NothingUnderLimitError(
        f"0 of {dates} ≤ {recipe.maxcc} %{besides}; the clearest{' other' if vetoed or slivers else ''} has "
        f"{_percent(clearest, recipe.maxcc)} %.",
        f"Raise the max. cloud cover to {math.ceil(clearest)} %, or choose other days.",
    )


def _only_slivers(dates: str, slivers: int, vetoed: int, recipe: Recipe) -> NothingUnderLimitError:
    """No date shows enough of the picture, whatever the max. cloud cover."""
    only = f"{slivers} of {dates} only touch{'es' if slivers == 1 else ''} a corner of the picture"
    besides = f", and {vetoed} {'are' if vetoed > 1 else 'is'} excluded by hand" if vetoed else ""
    return NothingUnderLimitError(
        f"{only}, less than {recipe.least_coverage} % of it{besides}.",
        "Set the least coverage to 0 to take them, or choose other days or another tile.",
    )


def _part(covered: float, least: int) -> str:
    """As few decimals as show that it is less than that, and not nothing: `0.3`, `0.004`, `0.98`."""
    shortest = (f"{covered:.{decimals}f}" for decimals in range(1, 9))
    return next((text for text in shortest if 0 < float(text) < least), f"{covered:.9f}".rstrip("0").rstrip("."))


def _percent(clouds: float, limit: int) -> str:
    """As few decimals as show that it is more than the limit: `14`, `12.3`, `10.04`."""
    shortest = (f"{clouds:.{decimals}f}" for decimals in range(1, 9))
    text = next((text for text in shortest if float(text) > limit), repr(clouds))
    return text.removesuffix(".0")
