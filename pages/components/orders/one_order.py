"""One order: how far it is, the map of its parts, what is there of the picture, and all that one does with it."""

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from pages.components.activity.meter import meter
from pages.components.orders.look_closer import look_closer
from pages.components.orders.order_buttons import order_buttons
from pages.components.orders.order_files import failures, order_files
from pages.components.orders.order_picture import order_picture, overview
from pages.components.orders.order_words import order_label, spent_words, state_words
from pages.components.orders.part_map import part_legend, part_map, part_table
from pages.components.orders.same_area import same_area
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list
from pages.components.shared.format import angles_line, duration
from pages.limits import every
from pages.state.context import product
from services.errors import OrderError
from services.orders import PICTURED, OrderReport, OrderRow

EVERY_SECONDS = 2.0


def one_order(key: str) -> None:
    """What it is, then how far it is, then what came of it, before the parts when it has ended.

    Raises what reading it raises.
    """
    row = _found(key)
    if row is None:
        return
    st.text(order_label(row.order))
    if row.unfinished:
        st.fragment(_going, run_every=every(EVERY_SECONDS))(key)
        _made(row)
    else:
        report = product().orders.report(key)
        _state(report)
        _bring(row)
        if row.state in PICTURED:
            _made(row)
            _parts(key, report)
        else:
            _parts(key, report)
            _made(row)


def _found(key: str) -> OrderRow | None:
    """That of a link; None, with the reason, where there is none of that number."""
    with suppress(OrderError):
        return product().orders.get(key)
    messages.say("There is no such order here", "It was removed, or its link is of another server.", kind="problem")
    return None


def _made(row: OrderRow) -> None:
    """The picture, and what leads on from it; before there is one, the room of it is not left empty."""
    picture, beside = st.columns([17, 10], gap="medium")
    with picture, st.container(key="order-picture"), messages.told():
        order_picture(row)
    with beside, messages.told():
        order_files(row)
    with beside if row.state in PICTURED else picture, messages.told():
        look_closer(row)
    with messages.told():
        same_area(row)


def _going(key: str) -> None:
    """The page runs again when it has ended."""
    with messages.told():
        report = product().orders.report(key)
        if not report.row.unfinished:
            st.rerun()
        _state(report)
        _parts(key, report)
        product().orders.here(report.row)


def _bring(row: OrderRow) -> None:
    """What another machine made comes first; the page runs again when it is here."""
    with messages.told():
        if not product().orders.here(row):
            st.fragment(_coming, run_every=every(EVERY_SECONDS))(row)


def _coming(row: OrderRow) -> None:
    with messages.told():
        if product().orders.here(row):
            st.rerun()
        st.text("The files are on their way from the machine that made them.")


def _state(report: OrderReport) -> None:
    """The state in a sentence, with the buttons that change it."""
    row = report.row
    kind = "problem" if row.state == "failed" else "hint"
    messages.say(state_words(row), row.cause if row.unfinished else "", row.remedy, kind=kind)
    order_buttons(report)
    failures(report)


def _parts(key: str, report: OrderReport) -> None:
    """The map of parts, and beside it the numbers and the picture as far as it is."""
    place, beside = st.columns([17, 10], gap="medium")
    with place:
        if report.row.parts:
            parts = product().orders.parts(key)
            part_map(report.row, parts)
            part_legend(report)
            with st.expander("The parts, as a table"):
                part_table(report.row.order, parts)
        else:
            st.text("The parts are known once the catalogue has said which dates each tile has.")
    with beside, st.container(key="order-numbers"):
        _spent(report)
        definition_list(numbers(report).items())
        if report.row.unfinished:
            overview(report)


def _spent(report: OrderReport) -> None:
    row = report.row
    if row.cap:
        meter("Spent of the cap", report.spent_share, f"{row.units:,.1f} of {row.cap:,.0f} units")


def numbers(report: OrderReport) -> Mapping[str, str]:
    """Label and value."""
    row, tiles = report.row, report.tiles
    done = tiles.get("done", 0) + tiles.get("no data", 0)
    found = {"Tiles made": f"{done:,} of {row.tiles:,}"}
    if failed := tiles.get("failed", 0):
        found["Tiles that failed"] = f"{failed:,}"
    found["Spent"] = spent_words(row) or "nothing"
    found["Requests"] = f"{row.requests:,}"
    found |= angles_line(row.order.recipe)
    if row.unfinished and row.share < 1:
        found["Pauses"] = f"where {100 * row.share:.0f} % of the account's month are spent"
    if row.unfinished and row.state != "paused":
        found["Pace"] = _pace(report)
        left = report.seconds_left
        found["Time left"] = f"about {duration(left)}" if left is not None else "not known yet"
    return found | {"Asked for by": row.member or "nobody"}


def _pace(report: OrderReport) -> str:
    pace = [f"{report.tiles_a_minute:,.1f} tiles" if report.tiles_a_minute else ""]
    pace.append(f"{report.units_a_minute:,.1f} units" if report.units_a_minute else "")
    told = ", ".join(filter(None, pace))
    return f"{told} a minute" if told else "–"
