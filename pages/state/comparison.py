"""What is compared as one value, and as the texts of a link.

``years=2017,2018&limits=10,20&left=2017,10&right=2018,20&mode=swipe&quantity=ndvi&k=2&equal=1`` beside the choices' own
texts; what is as at the start may be left out. ``sources=demo,earth-search`` compares providers too, and a side may
name one: ``right=2017,10,earth-search``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.state.address import Addressed, Problems, from_link, one_of, within
from pages.state.choices import Choices
from pages.state.context import settings
from services.compare import EQUALISED, K
from services.composite import LISTED, OWN
from services.errors import RecipeError
from services.providers import Provider, all_providers
from services.recipe import MOST_LIMITS, MOST_SOURCES, MOST_YEARS, Interval, Recipe, Variant, shifted
from services.render import parse_view, quantities
from services.sentinel2 import BANDS
from services.text import quoted

MODES = {"swipe": "Swipe", "side": "Side by side", "flicker": "Flicker", "difference": "Difference"}
"""How two pictures are compared, by the names that links hold."""

KEYS = ("years", "limits", "sources", "left", "right", "mode", "quantity", "k", "equal")
"""Names in a link, in this order."""
FIRST_YEAR = 2015
LIMITS = (5, 10, 20, 30, 40, 60, 80, 100)
"""Percent: what is offered besides the present limit."""
FLOORS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
"""What is offered for `k`."""
_START = (10, 20, 40)
"""Limits at the start, besides the present one."""
_BEFORE = 2
"""Years before the chosen one at the start."""


@dataclass(frozen=True)
class Comparison:
    """Everything that is chosen on the page besides the choices of all pages."""

    years: tuple[int, ...] = ()
    """Upwards; empty as at the start, see `rows`."""
    limits: tuple[int, ...] = ()
    """Percent, upwards; empty as at the start, see `columns`."""
    sources: tuple[str, ...] = ()
    """Names of the providers that are compared; empty for that of the choices alone."""
    selected: tuple[Variant, ...] = ()
    """None, one to enlarge, or left and right."""
    mode: str = "swipe"
    """Name in MODES."""
    quantity: str = ""
    """Name of what is subtracted; empty for that of the view."""
    k: float = K
    """A difference counts from so many standard errors on."""
    equal: bool = False
    """Whether both sides have the same months and as many dates."""

    def rows(self, chosen: Choices) -> tuple[int, ...]:
        """The years: those chosen, else the present one and those before it of which there are pictures."""
        year = chosen.interval.start.year
        return self.years or tuple(one for one in range(year - _BEFORE, year + 1) if _exists(chosen.interval, one))

    def columns(self, chosen: Choices) -> tuple[int, ...]:
        """The limits: those chosen, else some and the present one."""
        return self.limits or tuple(sorted({*_START, chosen.maxcc}))

    def cells(self, chosen: Choices) -> tuple[Variant, ...]:
        """Those of the table: of each year the sources in their order, and of each the lowest limit first."""
        rows, columns = self.rows(chosen), self.columns(chosen)
        return tuple(Variant(year, limit, name) for year in rows for name in self.sources or ("",) for limit in columns)

    def shown(self, chosen: Choices) -> tuple[Variant, ...]:
        """Of those selected the ones that are in the table, each once: a side without a source is of the choices' own,
        and the other way round."""
        cells, own = self.cells(chosen), own_source(chosen)
        instead = {"": own} if self.sources else {own: ""}
        named = (replace(one, provider=instead.get(one.provider, one.provider)) for one in self.selected)
        return tuple(dict.fromkeys(one for one in named if one in cells))

    def question(self) -> dict[str, str]:
        """As the texts of a link, without what is as at the start."""
        left, right = (*map(_text, self.selected), "", "")[:2]
        start = Comparison()
        texts = {
            "years": ",".join(map(str, self.years)),
            "limits": ",".join(map(str, self.limits)),
            "sources": ",".join(self.sources),
            "left": left,
            "right": right,
            "mode": self.mode if self.mode != start.mode else "",
            "quantity": self.quantity,
            "k": f"{self.k:g}" if self.k != start.k else "",
            "equal": "1" if self.equal else "",
        }
        return {key: text for key, text in texts.items() if text}


def possible_sources() -> dict[str, Provider]:
    """By their names, those that may be asked here."""
    return {provider.name: provider for provider in all_providers(settings()) if provider.ready}


def own_source(chosen: Choices) -> str:
    """Name of the provider that the choices ask; empty while there is no area."""
    recipe = chosen.recipe()
    return recipe.provider if recipe else ""


def possible_years(chosen: Choices) -> tuple[int, ...]:
    """Of which there may be pictures of these days."""
    now = datetime.now(UTC).year
    return tuple(year for year in range(FIRST_YEAR, now + 1) if _exists(chosen.interval, year))


def recipe_in(chosen: Choices, year: int) -> Recipe | None:
    """The question in that year, without what was vetoed to even out two sides; None while there is no area.

    Raises RecipeError and GridError.
    """
    interval = shifted(chosen.interval, year)
    vetoes = tuple(veto for veto in chosen.vetoes if veto.reason != EQUALISED)
    return replace(chosen, interval=interval, vetoes=vetoes).recipe()


def comparison_of(question: Mapping[str, str]) -> tuple[Comparison, Problems]:
    """The comparison of a link; what cannot be used is left as at the start, and the reasons come with it."""
    return from_link(Comparison(), question, _READERS)


def _exists(interval: Interval, year: int) -> bool:
    try:
        return shifted(interval, year).start.year >= FIRST_YEAR
    except RecipeError:
        return False


def _numbers(text: str, allowed: range, most: int) -> tuple[int, ...]:
    """Upwards and each once."""
    found = tuple(sorted({within(part, allowed) for part in text.split(",")}))
    if len(found) > most:
        raise ValueError(text)
    return found


def _years() -> range:
    return range(FIRST_YEAR, datetime.now(UTC).year + 1)


def _sources(text: str) -> tuple[str, ...]:
    """In their order and each once."""
    found, possible = tuple(dict.fromkeys(text.split(","))), possible_sources()
    unknown = [name for name in found if name not in possible]
    if unknown:
        raise RecipeError(
            f"The link compares the source {quoted(unknown[0])}; usable here are {', '.join(possible)}.",
            "Set its account in the settings, or choose among these sources.",
        )
    if len(found) > MOST_SOURCES:
        raise ValueError(text)
    return found


def _text(one: Variant) -> str:
    """`2017,10`, `2017,10,earth-search`."""
    return ",".join(filter(None, (str(one.year), str(one.maxcc), one.provider)))


def _place(found: Comparison, text: str) -> Comparison:
    """One more that is selected."""
    year, limit, *source = text.split(",", 2)
    named = (one_of(name, possible_sources()) for name in source)
    place = Variant(within(year, _years()), within(limit, range(101)), *named)
    if place in found.selected:
        raise ValueError(text)
    return replace(found, selected=(*found.selected, place))


def _quantity(text: str) -> str:
    bands = tuple(BANDS)
    own = parse_view(text, bands) if text.startswith((LISTED, OWN)) else None
    return one_of(text, {quantity.name for quantity in quantities(bands, own)})


def _floor(text: str) -> float:
    if float(text) not in FLOORS:
        raise ValueError(text)
    return float(text)


_READERS: dict[str, Callable[[Comparison, str], Comparison]] = {
    "years": lambda found, text: replace(found, years=_numbers(text, _years(), MOST_YEARS)),
    "limits": lambda found, text: replace(found, limits=_numbers(text, range(101), MOST_LIMITS)),
    "sources": lambda found, text: replace(found, sources=_sources(text)),
    "left": _place,
    "right": _place,
    "mode": lambda found, text: replace(found, mode=one_of(text, MODES)),
    "quantity": lambda found, text: replace(found, quantity=_quantity(text)),
    "k": lambda found, text: replace(found, k=_floor(text)),
    "equal": lambda found, text: replace(found, equal=one_of(text, ("0", "1")) == "1"),
}

_STATE = Addressed("comparison", KEYS, comparison_of)
read, problems, follow_address = _STATE.read, _STATE.problems, _STATE.follow_address
linked, forget_link = _STATE.linked, _STATE.forget_link


def change(**parts: Any) -> None:
    """Choose anew, by the names of `Comparison`; the rest stays."""
    _STATE.put(replace(read(), **parts))


def take(name: str, key: str) -> None:
    """For a widget with that key: what it shows now is the part of that name."""
    change(**{name: st.session_state[key]})
