"""What is around every page: its name, the steps, the present choice."""

import streamlit as st

from pages.components import choices, steps, theme

st.set_page_config(page_title="Ninepatch", page_icon=theme.ICON, layout="wide", initial_sidebar_state="collapsed")
pages = [
    st.Page(f"{name}.py", title=title, url_path=name, default=name == "area")
    for name, title in (*steps.STEPS, steps.ACTIVITY)
]
page = st.navigation(pages, position="hidden")
theme.apply()
choices.follow_address()
steps.masthead(page.title)
page.run()
steps.finish()
