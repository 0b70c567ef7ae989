"""What a drawn polygon had on each date: mean, median, percentiles and the clear share."""

from html import escape

import streamlit as st

from pages.components.inspect.pixel_panel import missing_words
from pages.components.inspect.quantity_picker import quantity_picker
from pages.components.inspect.series_chart import polygon_chart, polygon_table
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list, heading
from pages.state.context import product
from pages.state.inspection import LINKED_CORNERS, Inspection
from services.recipe import Recipe
from services.render import View
from services.series import PolygonSeries
from services.text import plural

LARGE_M2 = 1e6
"""From here on an area is told in square kilometres, below in hectares."""


def polygon_panel(recipe: Recipe, now: Inspection, view: View) -> None:
    """The polygon and its series."""
    heading("Polygon")
    polygon = now.polygon
    quantity = quantity_picker(recipe, view)
    with messages.told():
        series = product().series_service.polygon_series(recipe, polygon, quantity)
        definition_list(facts(series, polygon.area))
        st.html(f'<p class="np-said" role="status">{escape(in_words(series))}</p>')
        polygon_chart(series)
        with st.expander("The series as a table"):
            polygon_table(series)
        name = f"{recipe.slug}_{series.quantity.slug}_polygon.csv"
        st.download_button("CSV of the series", series.to_csv, name, "text/csv", on_click="ignore")
    if len(now.ring) > LINKED_CORNERS:
        st.caption(f"A polygon of more than {LINKED_CORNERS} corners is too long to stand in the link.")


def facts(series: PolygonSeries, area_m2: float) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    told, large = series.coverage, area_m2 >= LARGE_M2
    area = f"{area_m2 / 1e6:,.2f} km²" if large else f"{area_m2 / 1e4:,.2f} ha"
    partly = (("Note", told.words),) if told.words else ()
    return ("Area", area), ("Pixels", f"{told.pixels:,}, those whose centres lie in it"), *partly


def in_words(series: PolygonSeries) -> str:
    """`Vegetation (NDVI): 14 of 35 cached dates have clear pixels; 2 dates are not in the cache.`"""
    clear = sum(point.clear for point in series.points)
    dates = plural(len(series.points), "cached date")
    return f"{series.quantity.title}: {clear} of {dates} with clear pixels{missing_words(series.missing)}."
