"""What is around every page: its name, the steps, the present choice."""

import streamlit as st

from pages.components.frame import navigation
from pages.components.shared import theme
from pages.limits import turn
from pages.state import permission

st.set_page_config(page_title="Ninepatch", page_icon=theme.ICON, layout="wide", initial_sidebar_state="collapsed")
pages = [
    st.Page(f"{name}.py", title=title, url_path=name, default=name == "area")
    for name, title in (*navigation.STEPS, navigation.MASKS, *navigation.ASIDE, navigation.MEMBERS)
]
page = st.navigation(pages, position="hidden")
with turn():
    theme.apply()
    permission.follow_page(page.title)
    navigation.masthead(page.title)
    page.run()
    navigation.finish()
