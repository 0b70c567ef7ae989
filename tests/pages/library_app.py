"""A page for the tests of the library alone: an area is chosen by an example, and both of its parts stand below."""

import streamlit as st

from pages.components.area.area_library import area_library, save_area
from pages.state import session
from services.recipe import EXAMPLES

for example in EXAMPLES:
    st.button(example.name, on_click=session.choose_area, args=(example.aoi,))
area_library(session.read())
save_area(session.read())
