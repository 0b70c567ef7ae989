"""What the picture shows, above it: the max. cloud cover, the view, and how its observations are reduced."""

from collections.abc import Callable

import streamlit as st

from pages.components.acquisitions.dates import bands_picker, limit_picker, mask_picker, method_picker, nbar_picker
from pages.components.symbology.bands_and_indices import bands_and_indices
from pages.components.symbology.stretch import stretch
from pages.state import session
from pages.state.choices import Choices
from services.errors import RecipeError
from services.recipe import Recipe
from services.render import View, default_view, unstyled, view_named, views_of

_VIEW = "picture_view"


def picture_bar(chosen: Choices) -> None:
    """The controls; each changes the choices, and what is in the cache is shown at once."""
    with st.container(key="picture-bar"):
        limit, view = st.columns([7, 20], gap="large")
        with limit:
            limit_picker(chosen)
        with view:
            view_picker(chosen)


def reduction_picker(chosen: Choices) -> None:
    """How the observations of a pixel become one, behind a button."""
    with st.popover("Mask, method, bands"):
        method_picker(chosen)
        mask_picker(chosen)
        nbar_picker(chosen)
        st.page_link("masks.py", label="Compare masks on one date", query_params=session.address())
        bands_picker(chosen)


def view_picker(chosen: Choices, recipe_of: Callable[[], Recipe | None] | None = None) -> None:
    """Choose what is shown of the same observations, and how; `recipe_of` says of whose pixels the histogram is."""
    view = view_of(chosen)
    base = unstyled(view)
    possible = {one.name: one for one in (*views_of(chosen.bands), base)}
    st.pills(
        "Show",
        list(possible),
        default=base.name,
        key=session.held(_VIEW, base.name),
        required=True,
        format_func=lambda name: possible[name].title,
        on_change=session.take,
        args=("view", _VIEW),
        help="All are made of the same picture, in one fixed scale each, so that pictures can be compared. Snow, ice "
        "and thick cloud are plain white in true colour; “Snow and ice” shows their shades. "
        + " ".join(f"{one.title}: {one.words}." for one in possible.values()),
        wrap=True,
    )
    with st.container(horizontal=True, gap="small", key="symbology"):
        bands_and_indices(chosen, view)
        stretch(view, recipe_of or chosen.recipe)


def view_of(chosen: Choices) -> View:
    """The view that is chosen, or the first one that the bands allow."""
    try:
        return view_named(chosen.view, chosen.bands)
    except RecipeError:
        return default_view(chosen.bands)
