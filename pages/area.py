"""Where: an area, its grid, and the tile in the middle of the picture."""

import streamlit as st

from pages.components.area import area_preview, cached_tiles
from pages.components.area.area_map import Click, Drawing, Step, area_map
from pages.components.area.area_picker import MAP, area_picker, draw_area
from pages.components.area.grid_picker import grid_picker
from pages.components.area.provider_picker import provider_picker
from pages.components.area.tile_picker import pick, step, table, tile_picker
from pages.components.area.undo_buttons import undo_buttons
from pages.components.frame import navigation
from pages.components.frame.page_header import head
from pages.components.frame.welcome import welcome
from pages.components.shared import messages
from pages.components.shared.glossary import words_on
from pages.state import session
from pages.state.context import settings


def answer(event: Click | Step | Drawing) -> None:
    """What somebody does on the map changes the choices; while an area is offered there is no tile to choose."""
    if isinstance(event, Click | Step) and area_preview.pending():
        return
    if isinstance(event, Click):
        pick(event.longitude, event.latitude)
    elif isinstance(event, Step):
        step(event.dx, event.dy)
    else:
        draw_area(event.features, edited=event.edited)


@st.fragment
def choose() -> None:
    """The map and the panel beside it; the rest of the page does not run again for a click."""
    navigation.summary()
    chosen = session.read()
    with st.container(key="area-head"):  # whatever stands in it: a map that moves in the page is put up anew
        for problem in session.problems():
            messages.tell(problem)
        head("area", "Choose an area and the tile in the middle", link=chosen.aoi is not None)
        welcome(chosen)
    beside, panel = st.columns([8, 5], gap="medium")
    with panel, st.container(key="panel"):
        provider_picker(chosen)
        area_picker(chosen)
        if chosen.grid is not None and not area_preview.pending():
            grid_picker(chosen, chosen.grid)
    with beside:
        undo_buttons(chosen)
        place, below = st.container(), st.container()
        if chosen.grid is not None and chosen.centre is not None and not area_preview.pending():
            with below:  # before the map, which sends its next step when it is answered: by then the fields are right
                going = tile_picker(chosen, chosen.grid, chosen.centre)
            if going:
                st.switch_page("acquisitions.py", query_params=session.address())
        with place:
            area_map(chosen, answer, online=settings().online_basemap)
            messages.recall(MAP)
        if chosen.grid is not None and chosen.centre is not None and not area_preview.pending():
            cached_tiles.legend(chosen)
            with st.expander("The tiles of the picture, as a table"), messages.told():
                table(chosen)


choose()
words_on("area")
