"""What the picture of a whole area would cost, how long it takes and what it fills; and the press that orders it."""

import math
import time
from collections.abc import Mapping

import streamlit as st

from pages.components.orders.order_list import ORDER
from pages.components.shared import messages
from pages.components.shared.confirm import spend
from pages.components.shared.definition_list import definition_list, heading
from pages.components.shared.format import angles_line, duration, percent
from pages.limits import every
from pages.state.context import product, settings
from pages.state.member import actor, may, member
from services.accounting import dear
from services.errors import NinepatchError
from services.orders import Order, OrderBill
from services.preview import StillDrawing
from services.providers import Words
from services.text import megabytes, plural

_CONFIRM = "order_confirm"
"""Digest and cost that somebody is asked to confirm."""
_CAP, _RESERVE = "order_cap", "order_reserve"
_MADE, _ASKED = "order_bill_made", "order_bill_asked"
"""The last bill of the session, or why there is none, with the order's digest and when it was found; and the digest of
the order of which the catalogue is to be asked."""
PATIENCE_SECONDS, EVERY_SECONDS, KEPT_SECONDS = 0.4, 0.5, 60.0
"""That the page waits for a bill, between two looks at how far it is, and that it is the last one: a change of the cap
runs the page again."""
_ROOM = 1.05
"""A cap that is offered is so much above the bill: a repeated request is no reason to stop."""


def order_bill(order: Order, link: str) -> None:
    """The bill, after a press that asks the catalogue where its answer is not kept; then the press that starts it.

    `link` says area and grid to the page of the order. Raises what asking and reading raise.
    """
    heading("What it takes")
    bill = _bill(order)
    if bill is None:
        return
    words = product().provider(order.recipe).words
    definition_list(figures(order, bill, words).items())
    if not may():
        messages.only_looks()
    elif bill.refusal is not None:
        messages.tell(bill.refusal)
    else:
        _offer(order, bill, words, link)


def _bill(order: Order) -> OrderBill | None:
    """What was found lately, or can be found at once; else None, with the press that asks the catalogue, or with how
    far it is; what was wrong is told above the press that tries again."""
    made: tuple[str, OrderBill | NinepatchError | None, float] = st.session_state.get(_MADE, ("", None, 0.0))
    digest, found, when = made
    asked = st.session_state.get(_ASKED) == order.digest
    if not asked and digest == order.digest and time.monotonic() - when < KEPT_SECONDS:
        if not isinstance(found, NinepatchError):
            return found
        messages.tell(found)
        _look(order)
        return None
    if not asked and not product().orders.known(order):
        _look(order)
        return None
    try:
        return product().orders.bill(order, member(), PATIENCE_SECONDS)
    except StillDrawing:
        st.fragment(_going, run_every=every(EVERY_SECONDS))(order)
        return None


def _going(order: Order) -> None:
    """How far it is, again and again; the page runs on once it is there."""
    found: OrderBill | NinepatchError
    try:
        found = product().orders.bill(order, member(), 0.0)
    except StillDrawing:
        words, part = product().orders.progress(order, member())
        st.progress(part, f"{words} …")
        return
    except NinepatchError as error:
        found = error
    st.session_state.pop(_ASKED, None)
    st.session_state[_MADE] = order.digest, found, time.monotonic()
    st.rerun()


def _look(order: Order) -> None:
    """The press that asks the catalogue; the bill is there when it has answered."""
    if not may():
        messages.only_looks()
        return
    st.text(
        f"Which dates each of the {plural(order.tiles, 'tile')} has is asked of the catalogue, once for all of them. "
        "No pixels are fetched for it."
    )
    if st.button("Look up the dates", key="order_look", type="primary"):
        st.session_state[_ASKED] = order.digest
        st.rerun(scope="fragment")


def figures(order: Order, bill: OrderBill, words: Words) -> Mapping[str, str]:
    """Label and value of each line of the bill."""
    empty = f", {bill.empty:,} of them without a date" if bill.empty else ""
    found = {
        "Tiles": f"{bill.tiles:,} in {plural(bill.parts, 'part')}{empty}",
        "Dates": f"{bill.dates:,}, of which {bill.frames:,} pictures of single tiles are used",
        "Cached bands": f"{bill.cached:,} of {bill.planes:,}, which cost nothing again",
    }
    more = f", {plural(bill.angles.requests, 'small request')} more: {words.price(bill.angles)}"
    found |= {label: value + more * (bill.angles.requests > 0) for label, value in angles_line(order.recipe)}
    found |= _price(bill, words)
    if bill.cost.requests:
        found["Rate limit"] = f"makes it last {duration(bill.seconds)} at least" if bill.seconds else "no limit"
    composing = f"about {duration(bill.composing_seconds)}" if bill.composing_seconds >= 1 else "under 1 s"
    found["Composing"] = f"{composing} of processor time"
    return found | _room(bill)


def _price(bill: OrderBill, words: Words) -> Mapping[str, str]:
    cost, spent = bill.cost, bill.spent
    if not cost.requests:
        return {"To fetch": "nothing"}
    asked = f"{cost.requests:,}, {bill.search.requests:,} of them to the catalogue"
    found = {"Requests": asked + _month(cost.requests, spent.requests, bill.requests_month)}
    if words.units:
        found["Units"] = words.price_in_full(cost) + _month(cost.units, spent.units, bill.units_month) + words.free
    if bill.units_month or bill.requests_month:
        found["Months"] = "this one" if bill.months <= 1 else f"{bill.months:,}, with the pauses between them"
    return found | {"Download": f"about {megabytes(cost.bytes)}"}


def _month(amount: float, spent: float, limit: float) -> str:
    """What part of the account's month it takes, and what is used of it already; nothing where there is no limit."""
    if not limit:
        return ""
    return f"; {percent(amount / limit)} of a month's {limit:,.0f}, of which {percent(spent / limit)} are used"


def _room(bill: OrderBill) -> dict[str, str]:
    return {
        "Cache": f"{megabytes(bill.cache_bytes)}, {megabytes(bill.cache_new)} of them new",
        "Results": f"about {megabytes(bill.result_bytes)}",
        "Temporary files": f"{megabytes(bill.temporary_bytes)} at most",
        "Free disk": megabytes(bill.disk_free),
        "Memory": f"{megabytes(bill.memory_bytes)} of {megabytes(bill.memory_free)}",
    }


def _offer(order: Order, bill: OrderBill, words: Words, link: str) -> None:
    """The limits, and the press; of a dear one a second press, which is asked for by its price."""
    cap, share = _limits(bill, words)
    asked = (order.digest, round(bill.cost.units, 1), round(bill.cost.bytes / 1e6))
    is_dear = dear(bill.cost, settings())
    if is_dear and st.session_state.get(_CONFIRM) == asked:
        if spend(words, bill.cost, f"It is the price of {plural(bill.tiles, 'tile')}", _CONFIRM):
            st.session_state.pop(_CONFIRM, None)
            _start(order, cap, share, link)
        return
    pressed = st.button(_label(bill, words), key="order_start", type="primary", width="stretch")
    if 0 < cap < bill.cost.units:
        st.caption(f"The cap is below the bill: the order pauses before it passes {cap:,.0f} units.")
    st.caption(
        "It goes on when the browser is closed. Pictures of a few tiles that somebody waits for go first."
        if bill.cost.requests
        else "Everything is there: nothing is fetched and nothing is paid."
    )
    if pressed and is_dear:
        st.session_state[_CONFIRM] = asked
        st.rerun()
    elif pressed:
        _start(order, cap, share, link)


def _limits(bill: OrderBill, words: Words) -> tuple[float, float]:
    """The hard cap in units, 0 for none, and the part of the month at which it pauses."""
    cap, share = 0.0, settings().order_share
    left, right = st.columns(2, gap="small")
    if words.units:
        cap = left.number_input(
            "Hard cap, units",
            0,
            value=math.ceil(_ROOM * bill.cost.units),
            step=1,
            key=f"{_CAP}_{bill.cost.units:.1f}",
            help="It stops before it would spend more. 0 is no cap.",
        )
    if bill.units_month or bill.requests_month:
        reserve = right.number_input(
            "Leave the team, % of the month",
            0,
            99,
            value=round(100 * (1 - share)),
            step=5,
            key=_RESERVE,
            help="Where so little is left of the account's month, the order pauses until the 1st.",
        )
        share = 1 - reserve / 100
    return float(cap), share


def _label(bill: OrderBill, words: Words) -> str:
    """What the press does, in one line."""
    if not bill.cost.requests:
        return f"Make {plural(bill.tiles, 'tile')} · nothing to fetch"
    if bill.months > 1:
        return f"Order this month's part, {bill.now:,} of {plural(bill.tiles, 'tile')}, then pause until the 1st"
    return f"Order {plural(bill.tiles, 'tile')} · {words.price(bill.cost)}"


def _start(order: Order, cap: float, share: float, link: str) -> None:
    row = product().orders.start(order, actor(), cap=cap, share=share, link=link)
    st.switch_page("orders.py", query_params={ORDER: row.id})
