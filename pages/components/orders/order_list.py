"""The orders of all members: what each is of, how far it is, what it cost, and the way to it."""

import time
from html import escape

import streamlit as st

from pages.components.orders.order_words import row_label, spent_words, state_words
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.components.shared.format import ago
from pages.limits import every
from pages.state import session
from pages.state.context import product
from services.orders import OrderRow
from services.text import plural

EVERY_SECONDS = 3.0
MOST = 50
ORDER = "order"
"""In an address: the number of the order that the page shows."""
BESIDE = "with"
"""In an address: the number of the order that is shown beside that one."""
BILL = "bill"
"""In an address: `1` where the page shows what the whole chosen area takes."""
ZONES = "zones"
"""In an address: `1` where each UTM zone of that area has its own grid."""


def order_list(*, billed: bool = False) -> None:
    """The newest first; looked at again every few seconds. Below a bill nobody need be told how an order is made."""
    if billed and not product().orders.list(1):
        return
    heading("All orders")
    st.fragment(_list, run_every=every(EVERY_SECONDS))()


def _list() -> None:
    with messages.told():
        found = product().orders.list(MOST)
        if not found:
            _no_orders()
            return
        with st.container(key="orders", gap=None):
            for row in found:
                _row(row)


def _no_orders() -> None:
    messages.say("No orders yet", "An order makes one picture of a whole area: choose one, then all of its tiles.")
    chosen = session.read()
    if chosen.grid is None:
        st.page_link("area.py", label="Choose an area", query_params=session.address())
    else:
        whole_link(len(chosen.grid))


def whole_link(tiles: int) -> None:
    """The way from a chosen area to the bill of all its tiles."""
    words = "Its one tile" if tiles == 1 else f"All {tiles:,} tiles"
    st.page_link("orders.py", label=words, query_params=session.address() | {BILL: "1"})


def _row(row: OrderRow) -> None:
    with st.container(key=f"order-row-{row.id}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.page_link("orders.py", label="Open", query_params={ORDER: row.id})
            st.text(row_label(row), width="content")
        facts = "".join(f"<span>{escape(fact)}</span>" for fact in _facts(row, time.time()))
        st.html(f'<div class="np-order-facts">{facts}</div>')


def _facts(row: OrderRow, now: float) -> tuple[str, ...]:
    return (
        state_words(row),
        f"by {row.member}" if row.member else "by nobody",
        ago(now - row.created),
        plural(row.parts, "part") if row.parts else "dates not looked up yet",
        spent_words(row) or "nothing spent",
    )
