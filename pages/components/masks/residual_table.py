"""How much cloud each mask lets in, by what is left: asked for by a press, for it reads all dates in the cache."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.definition_list import heading
from pages.components.shared.format import percent
from pages.components.shared.html_table import html_table
from pages.state.context import product
from services.catalogue import Acquisition
from services.mask_comparison import FLOOR, LEAST_OTHERS, SCATTERS, MaskResidual, Residual
from services.recipe import MASKS, Recipe

_COLUMNS = ("Mask", "Buffer", "Dates", "Clear a pixel", "Too bright, all dates", "Too bright, used", "Judged, used")
_MEANS = (
    f"Too bright: of the clear observations that have {LEAST_OTHERS} others at their pixel or more, the part that is "
    f"more than {FLOOR:g} of reflectance, and more than {SCATTERS:g} times the pixel's scatter, above the median of "
    "these others, in the shortest band there is. It is a share of what counts as clear, not of all. On simulated "
    "series with 15 dates or more it is right to a percentage point as long as no more than a fifth is cloud, and "
    "too low beyond. Thin haze, shadows and lasting cloud stay unseen: on a real series it found about half of the "
    "contamination, and put the masks in the right order. What is snow by the scene classification is left out where "
    "that is in the cache, and is taken for cloud elsewhere. Made of every n-th pixel."
)


def residual_table(recipe: Recipe, found: Sequence[Acquisition]) -> None:
    """The table where it was made, else the press that makes it."""
    heading("How much cloud gets through")
    made = product().mask_comparison.kept_residuals(recipe, found)
    if made is None:
        if not st.button("Work it out from the dates in the cache", key="residuals"):
            st.caption("Nothing is fetched. It reads every date in the cache once for each mask: some seconds.")
            return
        with st.spinner("Comparing each date with the others …"):
            made = product().mask_comparison.residuals(recipe, found)
    if not made:
        st.caption("No date is in the cache yet.")
        return
    html_table("Cloud that each mask lets in", _COLUMNS, [(_cells(one), one.mask == recipe.mask) for one in made])
    st.caption(_MEANS)


def _cells(one: MaskResidual) -> tuple[str, ...]:
    shape = "round" if MASKS[one.mask].round else "square"
    buffer = f"{one.grow} px, {shape}" if one.grow else "none"
    shares = _share(one.cached), _share(one.used), f"{one.used.judged:,} of {one.used.clear:,}"
    return MASKS[one.mask].title, buffer, f"{one.dates}", f"{one.observations:g}", *shares


def _share(residual: Residual) -> str:
    return "too few observations" if residual.share is None else percent(residual.share)
