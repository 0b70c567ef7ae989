"""A page for the tests of the library alone: an area is chosen by an example, and both of its parts stand below."""

import streamlit as st

from pages.components import choices
from pages.components.area_library import area_library, save_area
from services.examples import EXAMPLES

for example in EXAMPLES:
    st.button(example.name, on_click=choices.choose_area, args=(example.aoi,))
area_library(choices.read())
save_area(choices.read())
