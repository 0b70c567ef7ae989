"""What is found at the mark of the picture, beside it."""

import streamlit as st

from pages.components.inspect.marked_place import PANEL, marked_in
from pages.components.inspect.pixel_panel import pixel_panel
from pages.components.inspect.polygon_panel import polygon_panel
from pages.components.shared import messages
from services.recipe import Recipe
from services.render import View


@st.fragment(key=PANEL)
def inspect_panel(recipe: Recipe, drawn: Recipe, view: View) -> None:
    """Of a pixel or a polygon; `drawn` is what the picture shows of `recipe`. Nothing is asked or paid."""
    now = marked_in(recipe)
    if now.at is None and not now.ring:
        return
    with st.container(key="inspect"), messages.told():
        if now.at is not None:
            pixel_panel(recipe, drawn, now.at, view)
        else:
            polygon_panel(recipe, now, view)
