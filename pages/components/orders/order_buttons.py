"""What one does to an order that is there: pause, go on, cancel, try again what failed, remove it."""

import math
from collections.abc import Callable

import streamlit as st

from pages.components.orders.order_list import ORDER
from pages.components.shared import messages
from pages.components.shared.confirm import second_press
from pages.state.context import product
from pages.state.member import actor, may, may_change
from services.access import Actor
from services.orders import OrderReport, OrderRow
from services.text import plural

PLACE = "order"
"""Where errors of these presses are shown."""
_CAP = "order_cap_"
"""Begins the key of the field with the cap of an order that waits."""
_ASKED, _REMOVED = "order_cancel_asked", "order_remove_asked"
Change = Callable[[str, Actor], object]


def order_buttons(report: OrderReport) -> None:
    """Those that its state has; of another's order only for administrators, and cancelling that takes two presses."""
    row = report.row
    messages.recall(PLACE)
    if not may():
        messages.only_looks()
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="order-buttons"):
        if may_change(row.member) and row.unfinished:
            _changes(row)
        if not row.unfinished:
            _again(report)
            if may_change(row.member):
                st.button("Remove…", key="order-remove", on_click=_ask, args=(_REMOVED, row.id))
    _cap(row)
    _second_cancel(row)
    _second_remove(row)


def _cap(row: OrderRow) -> None:
    """The limit under which it goes on, where it has one and waits for a press."""
    if row.cap and (row.state in ("cancelled", "failed") or (row.state == "paused" and may_change(row.member))):
        st.number_input(
            "Hard cap, units, when it goes on",
            0,
            value=math.ceil(row.cap),
            step=1,
            key=f"{_CAP}{row.id}_{row.cap:.0f}",
            width=260,
            help="It stops before it would spend more in all. 0 is no cap. Requests whose answer was lost are counted.",
        )


def _changes(row: OrderRow) -> None:
    orders = product().orders
    if row.state == "paused" or row.pause:
        _button("Go on", "order-resume", _resume, row, primary=True)
    else:
        _button("Pause", "order-pause", orders.pause, row, disabled=row.cancel)
    own = row.member == actor().name
    st.button(
        "Cancelling…" if row.cancel else "Cancel",
        key="order-cancel",
        disabled=row.cancel,
        on_click=_act if own else _ask,
        args=(orders.cancel, row.id) if own else (_ASKED, row.id),
        help="Ends the spending. What has been fetched and made is kept.",
    )


def _again(report: OrderReport) -> None:
    row, failed = report.row, report.counts.get("failed", 0)
    booked = None if row.member == actor().name else "It goes on in your name, and the rest is yours to pay."
    if row.state in ("cancelled", "failed"):
        _button("Go on with it", "order-resume", _resume, row, primary=True, why=booked)
    elif failed:
        words = f"Try {plural(failed, 'failed part')} again"
        _button(words, "order-retry", product().orders.retry, row, primary=True, why=booked)


def _button(
    words: str,
    key: str,
    change: Change,
    row: OrderRow,
    *,
    primary: bool = False,
    disabled: bool = False,
    why: str | None = None,
) -> None:
    kind = "primary" if primary else "secondary"
    st.button(words, key=key, type=kind, disabled=disabled, help=why, on_click=_act, args=(change, row.id))  # type: ignore[arg-type] # one of the two


def _second_cancel(row: OrderRow) -> None:
    if st.session_state.get(_ASKED) != row.id or row.cancel or not row.unfinished:
        return
    with st.container(gap="small"):
        second_press(
            f"Cancel the order of {row.member or 'somebody'}?",
            f"{row.units:,.1f} units are spent and stay spent." if row.units else "",
            "What has been fetched and made is kept; whoever goes on with it pays for the rest.",
            "It is written to the audit log in your name.",
            yes="Cancel the order",
            state=_ASKED,
            place=row.id,
            act=_act,
            args=(product().orders.cancel, row.id),
        )


def _second_remove(row: OrderRow) -> None:
    if st.session_state.get(_REMOVED) != row.id or row.unfinished:
        return
    with st.container(gap="small"):
        second_press(
            "Remove the order with all of its files?",
            "Its pictures go for everybody, on every machine, and cannot be brought back.",
            "What was fetched stays in the cache while there is room: the same order again costs what is gone by then.",
            "It is written to the audit log in your name.",
            yes="Remove the order",
            state=_REMOVED,
            place=row.id,
            act=_remove,
            args=(row.id,),
        )


def _remove(key: str) -> None:
    """Then the page shows the orders that are left."""
    st.session_state.pop(_REMOVED, None)
    with messages.caught(PLACE):
        product().orders.remove(key, actor())
        del st.query_params[ORDER]


def _ask(state: str, key: str) -> None:
    st.session_state[state] = key


def _resume(key: str, who: Actor) -> OrderRow:
    """Under the cap that is written beside the button, if there is one."""
    row = product().orders.get(key)
    cap = st.session_state.get(f"{_CAP}{key}_{row.cap:.0f}")
    return product().orders.resume(key, who, cap=None if cap is None else float(cap))


def _act(change: Change, key: str) -> None:
    st.session_state.pop(_ASKED, None)
    with messages.caught(PLACE):
        change(key, actor())
