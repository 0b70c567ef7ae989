"""The order of a whole area: what is asked of all its tiles, what is made of them, and the bill."""

from urllib.parse import urlencode

import streamlit as st

from pages.components.acquisitions import dates
from pages.components.orders.order_bill import order_bill
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import outlines
from services.grid import Grid
from services.mosaic import OUTPUTS
from services.orders import USUAL_OUTPUTS, Order
from services.text import plural

_OUTPUTS, _CRS = "order_outputs", "order_crs"


@st.fragment
def whole_area() -> None:
    """The dates and limits as on the page of acquisitions, the outputs, and the bill; a change runs this alone."""
    chosen = session.read()
    if chosen.grid is None:
        return
    heading(f"All {plural(len(chosen.grid), 'tile')} of {chosen.grid.columns:,} × {chosen.grid.rows:,}")
    st.text(chosen.grid.aoi.name)
    asked, cost = st.columns([9, 6], gap="large")
    with asked:
        _question(chosen)
        outputs, crs = _outputs()
    with cost, st.container(key="order-bill"), messages.told():
        order = order_of(chosen, chosen.grid, outputs, crs)
        if order is not None:
            order_bill(order, urlencode({"area": chosen.grid.aoi.digest, "grid": chosen.grid.link}))


def _question(chosen: Choices) -> None:
    with st.container(key="dates-bar"):
        when, limit = st.columns(2, gap="medium")
        with when:
            dates.dates_picker(chosen)
        with limit:
            dates.limit_picker(chosen)
            dates.mask_picker(chosen)
            dates.method_picker(chosen)
            dates.nbar_picker(chosen)
            dates.least_picker(chosen)
            dates.bands_picker(chosen)
    st.caption("The limit and the least coverage are applied to each tile by itself, so that no seam shows.")


def _outputs() -> tuple[tuple[str, ...], int]:
    """What is made when all tiles are there, and the code of one more reference system, 0 for none."""
    names = st.pills(
        "What is made of it",
        list(OUTPUTS),
        selection_mode="multi",
        default=list(USUAL_OUTPUTS),
        key=_OUTPUTS,
        format_func=lambda name: OUTPUTS[name].label,
        wrap=True,
    )
    with st.expander("Another reference system"):
        crs = st.number_input(
            "EPSG code of one more mosaic",
            0,
            999_999,
            0,
            key=_CRS,
            help="Over all UTM zones of the area, e.g. 3067 for Finland. 0 makes none.",
        )
    return tuple(names), int(crs)


def order_of(chosen: Choices, grid: Grid, outputs: tuple[str, ...], crs: int) -> Order | None:
    """The order of all tiles, made once for all sessions; None where there is no question yet. Raises OrderError,
    RecipeError and GridError."""
    recipe = chosen.recipe()
    if recipe is None:
        return None

    def make() -> Order:
        return Order.of_grid(recipe, grid, outputs=outputs, crs=crs)

    key = "order", recipe.digest, grid.aoi.digest, grid.spec, outputs, crs
    made: Order = outlines().made(key, make, lambda order: 200 * order.tiles)
    return made
