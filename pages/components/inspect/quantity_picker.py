"""Which band or index the series is of."""

import streamlit as st

from pages.components.inspect.marked_place import LINK, PANEL, run_again
from pages.state import inspection, session
from services.recipe import Recipe
from services.render import View, quantities

_QUANTITY, _FIRST = "inspect_quantity", "ndvi"
"""The key of the widget, and what is shown first where the picture shows no index."""


def possible_quantities(recipe: Recipe, view: View) -> dict[str, str]:
    """Titles by names; the index of the view may be one that somebody made."""
    found = {one.name: one.title for one in quantities(recipe.bands)}
    return found if view.index is None else found | {view.name: view.title}


def chosen_quantity(recipe: Recipe, view: View) -> str:
    """The name that is chosen, else that of the view's index, else the vegetation or the first band."""
    possible = possible_quantities(recipe, view)
    return next(name for name in (inspection.read().series, view.name, _FIRST, *possible) if name in possible)


def quantity_picker(recipe: Recipe, view: View) -> str:
    """The name that is chosen."""
    possible, shown = possible_quantities(recipe, view), chosen_quantity(recipe, view)
    st.selectbox(
        "Series of",
        list(possible),
        index=list(possible).index(shown),
        key=session.held(_QUANTITY, shown),
        format_func=possible.__getitem__,
        on_change=_take,
    )
    return shown


def _take() -> None:
    inspection.change(series=st.session_state[_QUANTITY])
    run_again((PANEL, LINK))
