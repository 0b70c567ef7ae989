"""Whether the catalogue may be asked for what a page shows: what a link brought waits for a press, where it costs.

A press is whatever somebody does in this session: choosing other days, a place or a source, going on to another page by
its step, or the button that asks. Who opens a link, or goes back to it, has pressed nothing.
"""

import streamlit as st

from pages.state import comparison, session
from pages.state.context import product
from pages.state.member import may
from services.recipe import Recipe, shifted

_PAGE = "permission_page"
"""In the session: the page of its last run."""


def follow_page(page: str) -> None:
    """Once in every run, in the place of `session.follow_address`: then see whether a press led to this page."""
    before, linked = st.session_state.get(_PAGE), session.linked()
    st.session_state[_PAGE] = page
    session.follow_address()
    if before not in (None, page) and session.linked() is linked:
        press()


def press() -> None:
    """All that is shown may be asked for."""
    session.forget_link()
    comparison.forget_link()


def may_be_asked(recipe: Recipe) -> bool:
    """Whether the catalogue may be asked for the recipe's interval now. Raises RecipeError and GridError."""
    return may() and not (product().provider(recipe).words.paid and _brought(recipe))


def _brought(recipe: Recipe) -> bool:
    """Whether a link brought the question, and nobody has pressed since."""
    if session.linked() is None and comparison.linked() is None:
        return False
    chosen, compared = session.linked() or session.read(), comparison.linked() or comparison.Comparison()
    there = chosen.recipe()
    if there is None or (recipe.lattice, recipe.centre, recipe.radius) != (there.lattice, there.centre, there.radius):
        return False
    days = {chosen.interval, *(shifted(chosen.interval, year) for year in compared.rows(chosen))}
    return recipe.interval in days and recipe.provider in {chosen.provider, *compared.sources}
