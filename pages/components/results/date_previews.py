"""The dates of the picture with a preview each, and the veto of those that spoil it."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import streamlit as st

from pages.components.acquisitions.date_strip import FaceView, date_strip, faces_of
from pages.components.acquisitions.timeline import table, timeline
from pages.components.acquisitions.veto_form import veto_form, vetoes_list
from pages.components.results.picture_bar import view_of
from pages.components.shared.definition_list import heading
from pages.routes.previews import FACES
from pages.state import session
from pages.state.base_path import prefix
from pages.state.context import product
from services.cache import MissingFrame
from services.catalogue import choose
from services.preview import DateSummary
from services.recipe import Recipe

_PICKED = "faces_picked"
_OF_PICTURE = ("area", "grid", "centre", "radius", "resolution", "year", "from", "to", "bands", "provider")
"""What the small picture of a date depends on, of all that a link holds; the limit and the vetoes are not among it."""


def date_previews(recipe: Recipe) -> None:
    """The year at a glance, the strip, and what can be done with the date that is picked."""
    found = product().known(recipe)
    if found is None:
        return
    try:
        faces = product().preview_service.dates(recipe)
    except MissingFrame:  # the catalogue's answer has just become too old
        return
    heading("Its dates")
    asked = {name: text for name, text in session.address().items() if name in _OF_PICTURE}
    view = view_of(session.read())
    asked |= {"view": view.name, "v": view.stamp}

    def address(face: DateSummary) -> str:
        return f"{prefix()}{FACES}{quote(face.acquisition.key)}.png?{urlencode(asked)}"

    views = faces_of(faces, recipe, address)
    picked = st.session_state.get(_PICKED, "")
    label = f"Dates of {recipe.when}"
    date_strip("faces", views, picked, on_pick=_pick, label=label, caption=_caption(recipe, views))
    one = next((view for view in views if view.key == picked), None)
    if one is not None:
        veto_form(recipe, one)
    vetoes_list(views)
    with st.expander("Scene cloud cover over time, and all dates as a table"):
        seen = choose(found, recipe)
        timeline(seen, recipe)
        table(seen)


def _caption(recipe: Recipe, views: Sequence[FaceView]) -> str:
    kept = sum(view.state == "kept" for view in views)
    simulated = "Simulated data. " if product().provider(recipe).simulated else ""
    return f"{simulated}{len(views)} dates, {kept} used. Press one to look closer, or to exclude it."


def _pick(key: str) -> None:
    st.session_state[_PICKED] = key
