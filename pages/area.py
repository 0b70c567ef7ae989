"""Where: an area, its grid, and the tile in the middle of the picture."""

import streamlit as st

from pages.components import choices, messages, steps
from pages.components.area_picker import MAP, area_picker, draw_area
from pages.components.facts import heading
from pages.components.grid_picker import grid_picker
from pages.components.maps import Click, Drawing, area_map
from pages.components.product import settings
from pages.components.tile_picker import pick, table, tile_picker

for problem in choices.problems():
    messages.tell(problem)


def answer(event: Click | Drawing) -> None:
    """What somebody does on the map changes the choices."""
    if isinstance(event, Click):
        pick(event.longitude, event.latitude)
    else:
        draw_area(event.features, edited=event.edited)


@st.fragment
def choose() -> None:
    """The map and the panel beside it; the rest of the page does not run again for a click."""
    steps.summary()
    chosen = choices.read()
    beside, panel = st.columns([8, 5], gap="medium")
    with panel, st.container(key="panel"):
        area_picker(chosen)
        if chosen.grid is not None:
            grid_picker(chosen, chosen.grid)
    with beside:
        area_map(chosen, answer, online=settings().online_basemap)
        messages.recall(MAP)
        if chosen.grid is not None and chosen.centre is not None:
            if tile_picker(chosen, chosen.grid, chosen.centre):
                st.switch_page("acquisitions.py", query_params=choices.address())
            with st.expander("The tiles of the picture, as a table"), messages.told():
                table(chosen)


heading("Choose an area and the tile in the middle", level=1)
choose()
