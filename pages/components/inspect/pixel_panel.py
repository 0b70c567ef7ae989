"""What a pixel of the picture holds, and what it had on each date."""

from html import escape

import streamlit as st

from pages.components.inspect.quantity_picker import quantity_picker
from pages.components.inspect.series_chart import number, pixel_chart, pixel_table
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list, heading
from pages.routes.tables.series import series_address
from pages.state import session
from pages.state.context import product
from pages.state.inspection import Point
from services.recipe import Recipe
from services.render import View
from services.series import Pixel, PixelSeries, PixelValues, pixel_at
from services.text import plural


def pixel_panel(recipe: Recipe, drawn: Recipe, at: Point, view: View) -> None:
    """Values and series; `drawn` is what the picture shows of `recipe`. Raises RecipeError."""
    pixel, service = pixel_at(recipe, *at), product().series_service
    heading("Pixel")
    values: PixelValues | None = None
    with messages.told():
        values = service.pixel_values(drawn, *at)
    definition_list(place(pixel, values))
    if values is not None:
        st.html(values_html(values))
    quantity = quantity_picker(recipe, view)
    with messages.told():
        series = service.pixel_series(recipe, *at, quantity)
        composite = value_of(values, quantity) if values is not None else None
        st.html(f'<p class="np-said" role="status">{escape(in_words(series, composite))}</p>')
        pixel_chart(series, composite)
        with st.expander("The series as a table"):
            pixel_table(series)
        address = escape(series_address(session.read(), quantity, *at))
        st.html(f'<p class="np-take"><a href="{address}" download>CSV of the series</a></p>')


def place(pixel: Pixel, values: PixelValues | None) -> tuple[tuple[str, str], ...]:
    """Label and value."""
    counted = (("Observations", f"{values.count} clear of {plural(values.dates, 'date')}"),) if values else ()
    dated = (("Day", values.day),) if values and values.day else ()
    north, east = "N" if pixel.latitude >= 0 else "S", "E" if pixel.longitude >= 0 else "W"
    return (
        ("UTM", f"{pixel.easting:,.0f} m E, {pixel.northing:,.0f} m N (EPSG:{pixel.epsg})"),
        ("WGS 84", f"{abs(pixel.latitude):.5f}° {north}, {abs(pixel.longitude):.5f}° {east}"),
        ("Place", f"Tile {pixel.tile}; row {pixel.row:,}, column {pixel.column:,} of the picture"),
        *counted,
        *dated,
    )


def values_html(values: PixelValues) -> str:
    """Reflectance of each band with its DN, and the indices."""
    bands = [(one.name, number(one.reflectance), "" if one.dn is None else f"DN {one.dn:,}") for one in values.bands]
    indices = [(one.title, number(one.value), "") for one in values.indices]
    cells = (
        f"<div><dt>{escape(name)}</dt><dd>{value}{f' <small>{dn}</small>' if dn else ''}</dd></div>"
        for name, value, dn in (*bands, *indices)
    )
    return f'<dl class="np-values">{"".join(cells)}</dl>'


def value_of(values: PixelValues, quantity: str) -> float | None:
    """Of a band or an index in the picture; None where it has none."""
    found = {one.name: one.reflectance for one in values.bands} | {one.name: one.value for one in values.indices}
    return found.get(quantity)


def in_words(series: PixelSeries, composite: float | None) -> str:
    """`Vegetation (NDVI) 0.6213 in the picture. 14 of 35 cached dates are clear here; 2 dates are not in the cache.`"""
    clear = sum(point.clear for point in series.points)
    said = f"{series.quantity.title} {number(composite)} in the picture. " if composite is not None else ""
    return f"{said}{clear} of {plural(len(series.points), 'cached date')} clear here{missing_words(series.missing)}."


def missing_words(missing: tuple[str, ...]) -> str:
    """How many dates the series lacks."""
    if not missing:
        return ""
    return f"; {plural(len(missing), 'date')} {'is' if len(missing) == 1 else 'are'} not in the cache"
