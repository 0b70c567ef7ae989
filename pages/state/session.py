"""What the person has chosen so far: one value in the session, and in the address so that a link opens the same."""

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.state import undo
from pages.state.choices import KEYS, Choices, choices_of
from pages.state.context import areas
from services.area import AOI
from services.errors import NinepatchError, RecipeError

_CHOICES, _PROBLEMS, _CHANGED = "choices", "choices_problems", "choices_changed"
_SETTLE_SECONDS = 1.0
"""An address that comes so soon after our own change was sent before the browser knew of it."""


def read() -> Choices:
    """The choices as they are now; at the start of a session those of its link."""
    if _CHOICES not in st.session_state:
        _take(st.query_params.to_dict())
    chosen: Choices = st.session_state[_CHOICES]
    return chosen


def problems() -> tuple[NinepatchError, ...]:
    """What could not be used of the link, as one error; empty where all could."""
    found: tuple[NinepatchError, ...] = st.session_state.get(_PROBLEMS, ())
    if len(found) < 2:
        return found
    causes = " ".join(error.cause for error in found)
    return (RecipeError(causes, "The rest of the link is used; what is missing was left as at the start."),)


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
    _put(chosen)


def address() -> dict[str, str]:
    """The choices as the query of a link."""
    return read().question()


def follow_address() -> None:
    """Once in every run of the frame: go where the browser's way back leads, and show the choices in the address."""
    here = {key: text for key, text in st.query_params.to_dict().items() if key in KEYS}
    settled = time.monotonic() - st.session_state.get(_CHANGED, 0.0) > _SETTLE_SECONDS
    if here and here != address() and settled:
        _take(here)
    _show_address()


def held(key: str, value: Any) -> str:
    """The key of a widget that shows a choice; the widget shows `value` however it came about.

    Give the widget the same value as its default too: one that is put up while the page runs again begins with it.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _take(question: dict[str, str]) -> None:
    st.session_state[_CHOICES], st.session_state[_PROBLEMS] = choices_of(question)


def _set(chosen: Choices, *, same_place: bool = False) -> None:
    undo.note(read(), chosen, same_place=same_place)
    _put(chosen)


def _put(chosen: Choices) -> None:
    st.session_state[_CHOICES], st.session_state[_PROBLEMS] = chosen, ()
    st.session_state[_CHANGED] = time.monotonic()
    _show_address()


def _show_address() -> None:
    """Other parameters, like the number of a job, stay as they are."""
    here = st.query_params.to_dict()
    wanted = {key: text for key, text in here.items() if key not in KEYS} | address()
    if here != wanted:
        st.query_params.from_dict(wanted)
