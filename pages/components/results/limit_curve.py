"""How the picture changes with the cloud limit: what stays without data, and how much cloud is let in."""

from collections.abc import Sequence
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.shared.chart import show_chart
from pages.components.shared.definition_list import heading
from pages.components.shared.format import percent
from pages.components.shared.html_table import html_table
from pages.state.context import product
from services.cache import MissingFrame
from services.preview import Curve, Knee, Point, knee
from services.recipe import Recipe

HEIGHT = 130
"""Pixels of each of the two pictures."""
_STEP = 5
"""Percent between two rows of the table."""
_TEXT, _SOFT, _ACCENT, _LINE, _PANEL = (f"var(--np-{name})" for name in ("text", "soft", "accent", "line", "panel"))
"""Colours of the style sheet: they follow the theme without another run."""


def limit_curve(recipe: Recipe) -> None:
    """Two lines over all limits, the limit of now and the knee; and the same as a table."""
    try:
        found = product().preview_service.curve(recipe)
    except MissingFrame:  # nothing of this place is here yet
        return
    if not any(point.here and point.dates for point in found.points):
        return
    bend = knee(found)
    heading("The cloud limit")
    st.html(f'<p class="np-said">{sentence(found, bend)}</p>')
    left, right = st.columns(2, gap="large")
    for column, title, values in (
        (left, "Without data, % of the picture", [100 * point.no_data for point in found.points]),
        (right, "Cloud let in, % of the observations", [_hundred(point.cloud) for point in found.points]),
    ):
        with column:
            st.html(f'<p class="np-legend"><span>{title}</span></p>')
            parts = found, tuple(values), recipe.maxcc, bend
            show_chart(("curve", *parts), partial(_chart, *parts), _words(title, found, recipe.maxcc), HEIGHT)
    with st.expander("The cloud limit, as a table"):
        table(found, recipe.maxcc, bend)


def sentence(found: Curve, bend: Knee | None) -> str:
    """What the curve says, and what it cannot."""
    said = [bend.words if bend else "No limit stands out: the share without data has no knee."]
    if found.missing_from is not None:
        said.append(f"From {found.missing_from} % on there are dates that are not in the cache (shaded).")
    return " ".join(said)


def table(found: Curve, limit: int, bend: Knee | None) -> None:
    """Every few limits, with the one of now and the knee; blank where the curve ends, as dates are missing."""
    limits = sorted({*range(0, 101, _STEP), limit, *([bend.limit] if bend else [])})
    columns = ("Limit", "Dates", "Without data", "Cloud let in", "In the cache")
    html_table("The cloud limit", columns, [(_cells(found.points[one], bend), None) for one in limits])


def _cells(point: Point, bend: Knee | None) -> tuple[str, ...]:
    mark = " (knee)" if bend is not None and point.limit == bend.limit else ""
    no_data = percent(point.no_data) if point.here else ""
    cloud = "" if not point.here else "–" if point.cloud is None else percent(point.cloud)
    return f"{point.limit} %{mark}", f"{point.dates:,}", no_data, cloud, "all" if point.here else "not all"


def _chart(found: Curve, values: Sequence[float | None], limit: int, bend: Knee | None) -> alt.LayerChart:
    """Drawn as SVG, so that the style sheet colours it; the lines end where dates are missing."""
    rows = [(point.limit, value, point.dates) for point, value in zip(found.points, values, strict=True) if point.here]
    data = pd.DataFrame(rows, columns=["limit", "value", "dates"])
    x = alt.X("limit:Q", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(title=None, grid=False, format=".0f"))
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domainMin=0),
        axis=alt.Axis(title=None, tickCount=4, format=".3~f", domain=False, ticks=False),
    )
    tooltip = [
        alt.Tooltip("limit:Q", title="Limit, %"),
        alt.Tooltip("value:Q", title="%", format=".2f"),
        alt.Tooltip("dates:Q", title="Dates"),
    ]
    lines = alt.Chart(data).encode(x=x, y=y, tooltip=tooltip)
    line = lines.mark_line(interpolate="step-after", color=_TEXT, strokeWidth=1.6, aria=False)  # `alt` says it
    layers = [line, *_present(limit)]
    if bend is not None:
        layers.append(_knee(bend, values[bend.limit]))
    if found.missing_from is not None:
        layers.insert(0, _missing(found.missing_from))
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(usermeta={"embedOptions": {"renderer": "svg", "actions": False}}, background="transparent")
        .configure(font='"Source Sans", sans-serif', padding={"left": 4, "right": 14, "top": 16, "bottom": 2})
        .configure_view(stroke=None)
        .configure_axis(labelColor=_SOFT, labelFontSize=12, gridColor=_LINE, domainColor=_LINE, tickColor=_LINE)
    )
    return chart


def _present(limit: int) -> tuple[alt.Chart, alt.Chart]:
    place = alt.Chart(pd.DataFrame({"limit": [limit], "words": [f"{limit} %"]})).encode(x="limit:Q")
    words = place.mark_text(color=_ACCENT, dy=-8, fontSize=12, baseline="bottom")
    return place.mark_rule(color=_ACCENT, strokeWidth=1.5), words.encode(y=alt.value(4), text="words:N")


def _knee(bend: Knee, value: float | None) -> alt.Chart:
    at = pd.DataFrame({"limit": [bend.limit], "value": [value], "words": [f"knee, {bend.limit} %"]})
    points = alt.Chart(at).encode(x="limit:Q", y="value:Q", tooltip=[alt.Tooltip("words:N", title="Where it bends")])
    mark: alt.Chart = points.mark_point(
        shape="diamond", size=90, fill=_PANEL, stroke=_TEXT, strokeWidth=1.6, opacity=1, aria=False
    )
    return mark


def _missing(limit: int) -> alt.Chart:
    at = pd.DataFrame({"from": [limit], "to": [100]})
    shade: alt.Chart = alt.Chart(at).mark_rect(color=_LINE, opacity=0.55).encode(x="from:Q", x2="to:Q")
    return shade


def _hundred(part: float | None) -> float | None:
    return None if part is None else 100 * part


def _words(title: str, found: Curve, limit: int) -> str:
    point = found.points[limit]
    known = f"{percent(point.no_data)} without data" if point.here else "not all of them in the cache"
    return (
        f"{title}, for every cloud limit from 0 to 100 %. At {limit} %: {point.dates} dates, {known}. "
        "The table has the same figures."
    )
