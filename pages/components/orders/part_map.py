"""The map of an order's parts in the colours of their states, its legend, and the same as a table."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.components.orders.part_states import LOOKS, for_map, letters
from pages.components.shared.html_table import html_table
from pages.components.shared.leaflet import LocalMap, looking_map
from pages.components.shared.theme import asset
from pages.routes.orders.parts import bounds_of, parts_address
from pages.state.context import settings
from services.geo import zone_name
from services.orders import Order, OrderReport, OrderRow, PartRow, box_of
from services.text import plural

HEIGHT = 460
"""Pixels."""
MOST_ROWS = 200
"""Of the table; the report has all."""
_FIRST = ("failed", "fetching", "composing", "fetched", "waiting", "cached", "no data", "done")
"""What stands first in the table: what somebody may have to do something about."""


class PartMap(LocalMap):
    """A map with the script of the parts."""

    default_js = [*LocalMap.default_js, ("order", asset("order.js"))]  # noqa: RUF012 - as folium has it
    default_css = [*LocalMap.default_css, ("orders", asset("orders.css"))]  # noqa: RUF012 - the same


def part_map(row: OrderRow, parts: Sequence[PartRow]) -> None:
    """Where each part lies, and how far it is; the map stays where somebody moved it while states change."""
    data = {
        "parts": parts_address(row.id),
        "states": letters([part.state for part in parts]),
        "bounds": bounds_of(row.order),
        **for_map(),
    }
    online = settings().online_basemap
    looking_map(PartMap, "beginOrder", "order", data, key="part-map", height=HEIGHT, online=online)


def part_legend(report: OrderReport) -> None:
    """What the colours mean, with how many parts there are of each."""
    rows = "".join(
        f'<li><i class="np-part-{look.shape}"></i>{escape(look.title)} {report.counts.get(look.name, 0):,}</li>'
        for look in LOOKS.values()
    )
    st.html(f'<div class="np-parts-legend"><span>Parts</span><ul>{rows}</ul></div>')


def part_table(order: Order, parts: Sequence[PartRow]) -> None:
    """The map in words: what failed first, then what is on its way."""
    place = {state: number for number, state in enumerate(_FIRST)}
    shown = sorted(parts, key=lambda part: (place[part.state], part.number))[:MOST_ROWS]
    html_table(
        "Parts of the order",
        ("Part", "State", "Zone", "Tiles", "From tile", "To tile", "Attempts", "Units", "Why"),
        [(_cells(part, order), None) for part in shown],
    )
    if len(parts) > MOST_ROWS:
        st.caption(f"{MOST_ROWS} of {plural(len(parts), 'part')}; the report has all of them.")


def _cells(part: PartRow, order: Order) -> tuple[str, ...]:
    x, y, columns, rows = box_of(part, order.sheet(part.epsg))
    return (
        f"{part.number:,}",
        LOOKS[part.state].title,
        zone_name(part.epsg),
        f"{part.tiles:,}",
        f"{x},{y}",
        f"{x + columns - 1},{y + rows - 1}",
        f"{part.attempts:,}",
        f"{part.units:,.1f}",
        f"{part.cause} {part.remedy}".strip() or "–",
    )
