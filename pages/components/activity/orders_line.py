"""What the orders of whole areas are at, and the way to them: they spend too, and are no jobs."""

import streamlit as st

from pages.state import session
from pages.state.context import product
from services.orders import OPEN, PAUSED
from services.text import plural

_MOST = 1000
"""Orders under way that are counted."""


def orders_line() -> None:
    """Nothing where none is under way. Raises what reading the orders raises."""
    open_ones = product().orders.list(_MOST, OPEN)
    if not open_ones:
        return
    paused = sum(row.state == PAUSED for row in open_ones)
    words = f"{plural(len(open_ones), 'order')} of whole areas under way"
    label = f"{words}, {paused:,} of them paused" if paused else words
    st.page_link("orders.py", label=label, query_params=session.address())
