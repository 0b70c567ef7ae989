"""What there is of an order's picture: the overview that grows, the viewer, and the mosaic on the map."""

from html import escape
from urllib.parse import quote

import streamlit as st

from pages.components.orders.order_list import BESIDE
from pages.components.orders.order_words import row_label
from pages.components.results.layer_map import FROM_FRAME, lay
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.components.shared.viewer import ENLARGE, Picture, viewer
from pages.routes.orders.parts import ORDERS, bounds_of
from pages.routes.orders.pictures import overview_address, provenance_of, squares_address
from pages.state.context import product, settings
from pages.state.session import held
from services.nbar import angles_words
from services.orders import PICTURED, Order, OrderReport, OrderRow, made_area
from services.recipe import Recipe
from services.render import View, default_view, views_of

_VIEW, _OTHER = "order_view", "order_other"
_AGAIN = "Remove the order, then order the same again: what the cache still has costs nothing."


def overview(report: OrderReport) -> None:
    """Of each zone what is made so far, the rest hatched; nothing before there is a tile."""
    made = report.tiles.get("done", 0)
    if not made:
        return
    order = report.row.order
    view = default_view(order.recipe.bands)
    for sheet in order.sheets:
        source = overview_address(report.row.id, sheet.lattice.epsg, view.name, str(made))
        words = f"{notice_of(order)}Overview of the order, {made:,} of {report.row.tiles:,} tiles, north up"
        st.html(
            f'<figure class="np-overview"><img src="{escape(source)}" alt="{escape(words)}">'
            f"<figcaption>{escape(words)}.</figcaption></figure>"
        )


def order_picture(row: OrderRow) -> None:
    """The whole area to look into, in a view of colours, and on the map; nothing while there is no mosaic."""
    from services.mosaic import best_file  # GDAL, which only those need who see pictures

    order = row.order
    sets = [tiles for tiles in made_area(order, settings().home).sets if best_file(tiles) is not None]
    if not sets:
        if row.state in PICTURED and product().orders.here(row):
            messages.say("The files of this order are gone from the disk", _AGAIN, kind="problem")
        return
    heading("Picture")
    view = _view(order)
    other = _other(row)
    for tiles in sets:
        right = _picture(other, tiles.epsg, view) if other is not None else None
        size = tiles.width, tiles.height
        viewer(f"order_viewer_{tiles.epsg}", _picture(row, tiles.epsg, view), right, size=size, mode=ENLARGE)
    with st.expander("On the map, down to each pixel"):
        below = f"{FROM_FRAME}{ORDERS}{row.id}/tiles/{quote(view.name, safe='')}"
        url = f"{below}/{{z}}/{{x}}/{{y}}.png?v={stamp_of(row)}-{view.stamp}"
        lay(url, bounds_of(order), provenance_of(order).attribution, online=settings().online_basemap)


def others_of(row: OrderRow) -> dict[str, OrderRow]:
    """By their numbers those that are made of the same tiles and have a picture."""
    rows = product().orders.same_area(row).rows
    return {one.id: one for one in rows if one.state in PICTURED and one.id != row.id}


def _other(row: OrderRow) -> OrderRow | None:
    """The order of the same tiles that somebody compares with it; no question where there is none."""
    others = others_of(row)
    if not others:
        return None
    labels = {key: row_label(one) for key, one in others.items()}
    asked = st.query_params.get(BESIDE, "")
    key = held(f"{_OTHER}_{row.id}", asked if asked in labels else None)
    begun = list(labels).index(asked) if asked in labels else None
    st.selectbox(
        "Compare with", list(labels), begun, key=key, format_func=labels.__getitem__, on_change=_put, args=(key,)
    )
    return others.get(asked)


def _put(key: str) -> None:
    """The address says what somebody compares it with."""
    chosen = st.session_state[key]
    if chosen:
        st.query_params[BESIDE] = chosen
    else:
        st.query_params.pop(BESIDE, None)


def _picture(row: OrderRow, epsg: int, view: View) -> Picture:
    """A zone's mosaic for the viewer: small, and in squares with every pixel."""
    order, stamp = row.order, stamp_of(row)
    recipe, title = order.recipe, f"{order.recipe.when}, ≤ {order.recipe.maxcc} %"
    return Picture(
        overview_address(row.id, epsg, view.name, stamp, whole=True),
        f"{notice_of(order)}{recipe.compositing.title} picture of the whole area, {title}, {view.title}, north up",
        title,
        ", ".join(filter(None, (f"{notice_of(order)}{view.title}", f"EPSG:{epsg}", angles_words(recipe)))),
        squares=squares_address(row.id, epsg, view.name, stamp),
        notice=provenance_of(order).notice,
    )


def stamp_of(row: OrderRow) -> str:
    """Another one when it has been made anew."""
    return f"{row.finished or 0:.0f}"


def shown_view(recipe: Recipe) -> View:
    """The view of colours that was chosen last, as far as there are such bands."""
    return _views(recipe).get(st.session_state.get(_VIEW, ""), default_view(recipe.bands))


def _views(recipe: Recipe) -> dict[str, View]:
    return {view.name: view for view in views_of(recipe.bands) if view.index is None}


def _view(order: Order) -> View:
    views = _views(order.recipe)
    if len(views) == 1:
        return next(iter(views.values()))
    name = st.segmented_control(
        "View",
        list(views),
        default=next(iter(views)),
        key=_VIEW,
        format_func=lambda name: views[name].title,
        required=True,
        wrap=True,
    )
    return views[name]


def notice_of(order: Order) -> str:
    """That the pixels are simulated, where they are."""
    provenance = provenance_of(order)
    return f"{provenance.notice}. " if provenance.simulated else ""
