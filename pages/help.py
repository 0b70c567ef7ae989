"""What this is: the steps, where pixels come from, what simulated means, the keyboard, and the attributions."""

import streamlit as st

from pages.components.frame.help_text import help_text
from pages.components.frame.page_header import head
from pages.state.context import settings

head("help", "Help")
with st.container(key="help-text"):
    help_text(settings())
