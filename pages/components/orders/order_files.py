"""The files of an order as links: of the whole area, of all tiles in a zip, and of what failed."""

from html import escape

import streamlit as st

from pages.components.shared.definition_list import heading
from pages.routes.orders.files import file_address
from pages.state.context import settings
from services.mosaic import OUTPUTS
from services.orders import Order, OrderReport, OrderRow, made_area, tile_files, whole_files
from services.text import megabytes, plural


def order_files(row: OrderRow) -> None:
    """What there is to download; nothing before there is anything."""
    order = row.order
    rows = [*_whole(order, row.id), *_tiles(order, row.id)]
    if rows:
        heading("Downloads")
        st.html(f'<ul class="np-files">{"".join(rows)}</ul>')


def failures(report: OrderReport) -> None:
    """The ways to a table and a map of what failed."""
    if not report.failures:
        return
    count = plural(len(report.failures), "gap")
    links = "".join(
        f'<a href="{escape(file_address(report.row.id, name))}" download>{escape(words)}</a>'
        for name, words in (("failures.csv", f"{count} as CSV"), ("failures.geojson", f"{count} as GeoJSON"))
    )
    st.html(f'<p class="np-links">{links}</p>')


def _whole(order: Order, key: str) -> list[str]:
    """Link, size and name of each file; a folder is sent as a zip."""
    folder, rows = made_area(order, settings().home).folder, []
    for name, label in whole_files(order, settings().home).items():
        packed = (folder / name).is_dir()
        size = "" if packed else megabytes((folder / name).stat().st_size)
        rows.append(_row(key, f"{name}.zip" if packed else name, label, size))
    return rows


def _tiles(order: Order, key: str) -> list[str]:
    """Of each output that has a file a tile, all of them in one zip, which is made while it is sent."""
    found = {name: tile_files(order, settings().home, name) for name in order.outputs if not OUTPUTS[name].write}
    return [
        _row(key, f"{name}.zip", f"{OUTPUTS[name].label}, in one zip", plural(len(files), "file"))
        for name, files in found.items()
        if files
    ]


def _row(key: str, name: str, label: str, size: str) -> str:
    link = f'<a href="{escape(file_address(key, name))}" download>{escape(label)}</a>'
    return f"<li>{link}<span>{escape(size)}</span><small>{escape(name)}</small></li>"
