"""The masthead of every page: the steps in their order, and the present choice in one line."""

from collections.abc import Sequence
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.access.oidc import LOGOUT
from pages.components.shared.theme import component
from pages.state import session
from pages.state.base_path import prefix
from pages.state.choices import Choices
from pages.state.context import entrance, product
from pages.state.member import logged_in, member
from services import __version__
from services.access import Login
from services.errors import NinepatchError
from services.providers import Provider

_PLACE, _LINKS, _PRESENT, _WRITTEN = "masthead", "masthead_links", "masthead_present", "masthead_written"
_SOURCE = "masthead_source"
STEPS = (("area", "Area"), ("acquisitions", "Acquisitions"), ("results", "Results"), ("compare", "Compare"))
"""File of the page and what people read, in the order of the work."""

GALLERY = ("gallery", "Gallery")
"""What the team has made, beside them, because it is no step."""
ORDERS = ("orders", "Orders")
"""Pictures of whole areas, beside them too."""
ACTIVITY = ("activity", "Activity")
"""Beside them too."""
HELP = ("help", "Help")
"""What this is, beside them too."""
MASKS = ("masks", "Compare masks")
"""Beside them too, by links of the pictures and of the comparison."""
ASIDE = (GALLERY, ORDERS, ACTIVITY, HELP)
"""In this order."""
MEMBERS = ("members", "Members")
"""For administrators, by a link of the page of activity."""
_steady = component("steady")
"""Keeps history and focus calm while a slider is moved by the keyboard."""


def masthead(present: str) -> None:
    """Draw it at the top of the page `present`, with room for the steps and the line of choices."""
    with st.container(key="masthead", gap=None):
        with st.container(key="masthead-steps", horizontal=True, vertical_alignment="center"):
            st.html('<div class="np-brand"><i></i>Ninepatch</div>', width="content")
            st.session_state[_LINKS] = st.container(width="content")
            with st.container(key="aside", horizontal=True, gap="medium", vertical_alignment="center", width="content"):
                st.session_state[_SOURCE] = st.container(width="content")
                for name, title in ASIDE:
                    _step(name, title, present=present == title)
                _who()
        st.session_state[_PLACE] = st.container(key="choice")
        _steady(key="steady")
        st.session_state[_WRITTEN], st.session_state[_PRESENT] = False, present


def finish() -> None:
    """After the page: write steps and choices where no fragment of the page did.

    Once in a run, and no more: two writers at one place end in a browser that cannot put the pieces together.
    """
    if not st.session_state[_WRITTEN]:
        summary()
    st.html(f'<footer class="np-footer">Ninepatch {__version__}</footer>')


def summary() -> None:
    """Write the steps, whose links hold the choices, where pixels come from, and the line of choices.

    The fragment that changes a choice calls it, once in each of its runs: a link of before would undo the choice.
    """
    place: DeltaGenerator = st.session_state[_PLACE]
    links: DeltaGenerator = st.session_state[_LINKS]
    st.session_state[_WRITTEN] = True
    with links.container(key="steps", horizontal=True, gap=None, width="content"):
        for number, (name, title) in enumerate(STEPS, 1):
            _step(name, f"{number} {title}", present=title == st.session_state[_PRESENT])
    chosen = session.read()
    _provider(st.session_state[_SOURCE], chosen.archive)
    with place.container(horizontal=True, gap="small", vertical_alignment="center"):
        if chosen.aoi is None:
            how = "choose one below" if st.session_state[_PRESENT] == STEPS[0][1] else "step 1 chooses one"
            st.html(f'<span class="np-choice">No area yet: {how}.</span>')
        else:
            st.text(chosen.aoi.name, width="content")
            whole = st.session_state[_PRESENT] == ORDERS[1]
            st.html(_line(asked(chosen) if whole else facts(chosen)), width="content")


def _provider(place: DeltaGenerator, provider: Provider) -> None:
    """Where pixels come from, so that nobody takes simulated ones for real ones."""
    kind, words = ("simulated", "Simulated data") if provider.simulated else ("from", f"Pixels: {provider.title}")
    with place.container(key="source"):
        st.html(f'<span class="np-{kind}">{escape(words)}</span>', width="content")


def _who() -> None:
    """Who is logged in, and the way out; nothing where nobody logs in."""
    if logged_in():
        out = f'<a href="{prefix()}{LOGOUT}" target="_self">Log out</a>' if entrance().login is Login.OIDC else ""
        st.html(f'<span class="np-who"><span>{escape(member())}</span>{out}</span>', width="content")


def _step(name: str, label: str, *, present: bool) -> None:
    if present:
        st.html(f'<span class="np-step" aria-current="step">{label}</span>', width="content")
    else:
        st.page_link(f"{name}.py", label=label, query_params=session.address())


def facts(chosen: Choices) -> tuple[tuple[str, str], ...]:
    """Label and value of what is chosen besides the place; numbers with their units."""
    found: list[tuple[str, str]] = []
    if chosen.centre is not None and chosen.grid is not None:
        number = chosen.grid.number(chosen.centre)
        side = 2 * chosen.radius + 1
        named = f"no. {number:,}" if number is not None else "outside the area"
        found.append(("Tile", f"{chosen.centre} ({named}), {side} × {side}"))
    return (*found, *asked(chosen), *_known(chosen))


def asked(chosen: Choices) -> tuple[tuple[str, str], ...]:
    """Days and limit: what holds for a whole area too, which has no tile in the middle and a bill of its own."""
    whole = "/" not in chosen.interval.label and not chosen.months
    return ("Year" if whole else "Days", chosen.when), ("Max. cloud cover", f"{chosen.maxcc} %")


def _known(chosen: Choices) -> Sequence[tuple[str, str]]:
    """Dates used and cost, where the catalogue's answer is kept here already; asks nobody."""
    try:
        recipe = chosen.recipe()
        found = product().known(recipe) if recipe else None
        if recipe is None or found is None:
            return (("Dates", "not looked up yet"),)
        estimate = product().estimate_known(recipe)
    except NinepatchError:
        return ()  # the page says what is wrong with the choice
    kept = len(estimate[0]) if estimate else 0
    words = product().provider(recipe).words
    cost = words.price(estimate[1].cost) if estimate and estimate[1].requests else "nothing to fetch"
    return (("Dates", f"{kept} of {len(found)} used"), ("Cost", cost))


def _line(pairs: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<span><b>{escape(label)}</b> {escape(value)}</span>" for label, value in pairs)
    return f'<div class="np-choice">{items}</div>'
