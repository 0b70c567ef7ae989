"""What the person has chosen so far: one value in the session, and in the address so that a link opens the same."""

from dataclasses import replace
from typing import Any

import streamlit as st

from pages.state import undo
from pages.state.address import Addressed
from pages.state.choices import KEYS, Choices, choices_of, last_year
from pages.state.context import areas
from services.area import AOI
from services.providers import Provider
from services.recipe import Example, Interval

_STATE = Addressed("choices", KEYS, choices_of)
read, problems, address, follow_address = _STATE.read, _STATE.problems, _STATE.address, _STATE.follow_address
linked, forget_link = _STATE.linked, _STATE.forget_link
_ASKED_FOR = ("area", "grid", "centre", "radius", "year", "from", "to", "provider")
"""Names in a link of what the catalogue's answer depends on."""
_OF_DATE = ("area", "grid", "centre", "radius", "resolution", "year", "from", "to", "bands", "provider")
"""Names of what the picture of a date depends on, besides its view or mask; limit and vetoes are not among it."""


def provider() -> Provider:
    """Where new questions go."""
    return read().archive


def address_of_date() -> dict[str, str]:
    """Of the texts of the address those that the picture of a date depends on."""
    return {name: text for name, text in address().items() if name in _OF_DATE}


def change(**choices: Any) -> None:
    """Choose anew, by the names of `Choices`; the rest stays. For area and grid see below."""
    _set(replace(read(), **choices))


def choose_area(aoi: AOI, spec: str = "", **choices: Any) -> None:
    """Another area, with its grid, its middle as the centre tile, and other choices beside.

    The outline that is chosen already keeps its grid and tile, whatever it is called now. Raises AreaError, GridError
    and StorageError; nothing is changed then.
    """
    now = read().aoi
    if now is not None and now.outline_digest == aoi.outline_digest and not spec and not choices:
        edit_area(aoi)
        return
    chosen = replace(read().with_area(aoi, spec), **choices)
    areas().keep(aoi)
    _set(chosen)


def choose_example(example: Example) -> None:
    """It brings all its choices, but for a year that the provider lacks. Raises as `choose_area`."""
    interval = Interval.of_year(example.year)
    if provider().gaps(interval):
        interval = last_year()
    choose_area(example.aoi, example.spec, centre=example.centre, interval=interval, maxcc=example.maxcc)


def edit_area(aoi: AOI) -> None:
    """The area with another name or outline; grid and centre stay as far as they can. Raises as `choose_area`."""
    chosen = read().with_outline(aoi)
    areas().keep(aoi)
    _set(chosen, same_place=True)


def choose_grid(spec: str) -> None:
    """Another grid; the centre is the tile at the same place. Raises GridError; nothing is changed then."""
    _set(read().with_grid(spec))


def restore(chosen: Choices) -> None:
    """As it was before a change: what `past.back` gives. This is no change that could be undone."""
    _STATE.put(chosen)


def take(name: str, key: str) -> None:
    """For a widget with that key: what it shows now is the choice of that name."""
    change(**{name: st.session_state[key]})


def held(key: str, value: Any) -> str:
    """The key of a widget that shows a choice; the widget shows `value` however it came about.

    Give the widget the same value as its default too: one that is put up while the page runs again begins with it.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _set(chosen: Choices, *, same_place: bool = False) -> None:
    undo.note(read(), chosen, same_place=same_place)
    _STATE.put(chosen)
    brought = linked()
    if brought is not None and _asked_for(brought) != _asked_for(chosen):
        forget_link()


def _asked_for(chosen: Choices) -> list[str | None]:
    return list(map(chosen.question().get, _ASKED_FOR))
