"""The order of a whole area: what is asked of all its tiles, what is made of them, and the bill."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.components.acquisitions import dates
from pages.components.orders.order_bill import order_bill
from pages.components.orders.order_list import ZONES
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import outlines, settings
from services.geo import zone_name
from services.grid import Grid, zone_grids, zones_of
from services.mosaic import OUTPUTS
from services.orders import USUAL_OUTPUTS, Order
from services.text import listed, plural

_OUTPUTS, _CRS, _ZONES = "order_outputs", "order_crs", "order_zones"


@st.fragment
def whole_area() -> None:
    """The dates and limits as on the page of acquisitions, the outputs, and the bill; a change runs this alone."""
    chosen = session.read()
    if chosen.grid is None:
        return
    place = st.container()
    st.text(chosen.grid.aoi.name)
    asked, cost = st.columns([9, 6], gap="large")
    with asked:
        _question(chosen)
        grids: tuple[Grid, ...] = ()
        with messages.told():
            grids = _grids(chosen.grid)
        outputs, crs = _outputs()
    if not grids:
        return
    with place:
        heading(_counted(grids))
    with cost, st.container(key="order-bill"), messages.told():
        order = order_of(chosen, grids, outputs, crs)
        if order is not None:
            order_bill(order, urlencode({"area": chosen.grid.aoi.digest, "grid": order.link_of(chosen.grid)}))


def _counted(grids: Sequence[Grid]) -> str:
    """`All 1,947 tiles of 54 × 39`, or those of all zones."""
    tiles = f"All {plural(sum(map(len, grids)), 'tile')}"
    if len(grids) > 1:
        return f"{tiles} in {len(grids)} UTM zones"
    return f"{tiles} of {grids[0].columns:,} × {grids[0].rows:,}"


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


def _grids(grid: Grid) -> tuple[Grid, ...]:
    """The chosen one, or one for each UTM zone of the area. Raises GridError."""
    aoi, limits = grid.aoi, settings()
    if not _zones(grid):
        return (grid,)
    key = "zone grids", aoi.digest, grid.cut
    made: tuple[Grid, ...] = outlines().made(
        key, lambda: zone_grids(aoi, int(grid.cut), limits), lambda found: sum(one.memory_bytes for one in found)
    )
    return made


def _zones(grid: Grid) -> bool:
    """Whether each UTM zone has its own grid; no question where the area lies in one, is cut in columns × rows, or is
    too wide for one."""
    found = outlines().made(("zones", grid.aoi.digest), lambda: zones_of(grid.aoi), lambda _: 100)
    if len(found) < 2:
        return False
    names = listed([zone_name(epsg) for epsg in found])
    if not grid.cut.isdecimal():
        st.caption(f"The area lies in the UTM zones {names}. Choose the team grid to have a grid in each of them.")
        return False
    if grid.aoi.reach_km > settings().max_reach_km:
        st.caption(f"The area is too wide for one grid: each of the UTM zones {names} has its own, and its mosaic.")
        return True
    return st.checkbox(
        f"A grid and a mosaic for each of the UTM zones {names}",
        grid.is_part or st.query_params.get(ZONES) == "1",
        key=_ZONES,
        help="Tiles lie as Sentinel-2's own do, so that none is resampled. One mosaic over all zones is made where you "
        "give another reference system below.",
    )


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


def order_of(chosen: Choices, grids: Sequence[Grid], outputs: tuple[str, ...], crs: int) -> Order | None:
    """The order of all tiles, made once for all sessions; None where there is no question yet. Raises OrderError,
    RecipeError and GridError."""
    recipe = chosen.recipe()
    if recipe is None:
        return None

    def make() -> Order:
        return Order.of_grid(recipe, *grids, outputs=outputs, crs=crs)

    key = "order", recipe.digest, grids[0].aoi.digest, tuple(grid.spec for grid in grids), outputs, crs
    made: Order = outlines().made(key, make, lambda order: 200 * order.tiles)
    return made
