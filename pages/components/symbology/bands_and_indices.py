"""Beside the usual views: a free combination of bands, an index of the community's list, or one by a formula."""

from collections.abc import Mapping

import streamlit as st

from pages.components.shared import messages
from pages.state import session
from pages.state.choices import Choices
from services.composite import FUNCTIONS, LISTED, OWN, Listed, listed_indices
from services.render import COLOURS, GREY, PALETTES, View, restyle, view_named

OPEN = "symbology_more"
"""Key of the popover: True while it is open, and its content is made then alone."""
PLACE = "symbology_formula"
"""Where an error of the formula is shown."""
CHANNELS = ("Red", "Green", "Blue")
_CHANNEL, _INDEX, _FORMULA, _PALETTE = "symbology_band", "symbology_index", "symbology_formula", "symbology_palette"
_FORMULA_HELP = (
    f"Of reflectance, 0 to 1. Signs: + − * / **, parentheses, numbers, and {', '.join(FUNCTIONS)}. It is computed of "
    "each observation, and then reduced."
)


def bands_and_indices(chosen: Choices, view: View) -> None:
    """The button, and behind it the controls; each shows its choice at once, and all goes into the link."""
    with st.popover("More bands and indices", key=OPEN, on_change="rerun") as more:
        if not more.open:
            return
        _combination(chosen, view)
        _list(chosen, view)
        _formula(view)
        if view.index:
            _palette(view, view.index.palette)


def _combination(chosen: Choices, view: View) -> None:
    """Three lists of the bands; one band three times is a picture in grey."""
    shown = (view.bands * 3)[:3] if view.index is None else (chosen.bands * 3)[:3]
    for column, name, band in zip(st.columns(3, gap="small"), CHANNELS, shown, strict=True):
        key = f"{_CHANNEL}_{name.lower()}"
        column.selectbox(
            name,
            list(chosen.bands),
            chosen.bands.index(band),
            key=session.held(key, band),
            on_change=_take_bands,
            help="The same band three times is a picture in grey." if name == CHANNELS[0] else None,
        )


def _take_bands() -> None:
    bands = [st.session_state[f"{_CHANNEL}_{name.lower()}"] for name in CHANNELS]
    text = f"{GREY}{bands[0]}" if len(set(bands)) == 1 else f"{COLOURS}{'-'.join(bands)}"
    _take(text)


def possible_indices(bands: tuple[str, ...]) -> Mapping[str, Listed]:
    """Those of the list that these bands allow, by short name."""
    return {name: one for name, one in listed_indices().items() if set(one.formula.bands) <= set(bands)}


def _list(chosen: Choices, view: View) -> None:
    possible = possible_indices(chosen.bands)
    now = view.index.name.removeprefix(LISTED) if view.index else ""
    picked = now if now in possible and view.index and view.index.name.startswith(LISTED) else None
    names = list(possible)
    st.selectbox(
        "Spectral index",
        names,
        names.index(picked) if picked else None,
        key=session.held(_INDEX, picked),
        format_func=lambda name: f"{name} · {possible[name].title} · {possible[name].domain}",
        placeholder=f"Search {len(possible)} indices by name, words or subject",
        on_change=_take_index,
        help="The list Awesome Spectral Indices, as far as the bands are there.",
    )
    if picked:
        st.caption(f"{possible[picked].formula.words}, after {possible[picked].reference}")
    others = len(listed_indices()) - len(possible)
    if others:
        st.caption(f"{others} more need other bands: add them behind “Mask, method, bands”.")


def _take_index() -> None:
    if st.session_state[_INDEX]:
        _take(f"{LISTED}{st.session_state[_INDEX]}")


def _formula(view: View) -> None:
    shown = view.formula
    st.text_input(
        "Formula",
        shown,
        key=session.held(_FORMULA, shown) if PLACE not in st.session_state.get("messages", {}) else _FORMULA,
        placeholder="(B08 − B11) / (B08 + B11)",
        on_change=_take_formula,
        help=_FORMULA_HELP,
    )
    messages.recall(PLACE)


def _take_formula() -> None:
    if st.session_state[_FORMULA].strip():
        _take(f"{OWN}{st.session_state[_FORMULA]}")


def _take(text: str) -> None:
    """Show what a text means, or why it means nothing."""
    with messages.caught(PLACE):
        session.change(view=view_named(text, session.read().bands).name)


def _palette(view: View, shown: str) -> None:
    st.selectbox(
        "Palette",
        list(PALETTES),
        list(PALETTES).index(shown),
        key=session.held(_PALETTE, shown),
        format_func=lambda name: f"{name} · {PALETTES[name].words}",
        on_change=_take_palette,
        args=(view,),
        help="Colours that readers of every colour vision can tell apart.",
    )


def _take_palette(view: View) -> None:
    session.change(view=restyle(view, palette=st.session_state[_PALETTE]).name)
