"""What the orders of whole areas are at, and the way to them: they spend too, and are no jobs."""

import streamlit as st

from pages.state import session
from pages.state.context import product
from services.text import plural

_MOST = 50


def orders_line() -> None:
    """Nothing where none is under way. Raises what reading the orders raises."""
    open_ones = [row for row in product().orders.list(_MOST) if row.unfinished]
    if not open_ones:
        return
    paused = sum(row.state == "paused" for row in open_ones)
    words = f"{plural(len(open_ones), 'order')} of whole areas under way"
    label = f"{words}, {paused:,} of them paused" if paused else words
    st.page_link("orders.py", label=label, query_params=session.address())
