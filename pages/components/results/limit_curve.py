"""How the picture changes with the max. cloud cover: what stays without data, and how cloudy the observations are."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.components.shared.chart import (
    ACCENT,
    LINE,
    PANEL,
    TEXT,
    Spec,
    layer,
    layered,
    nominal,
    quantitative,
    show_chart,
)
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


def limit_curve(recipe: Recipe) -> None:
    """Two lines over all limits, the limit of now and the knee; and the same as a table."""
    try:
        found = product().preview_service.curve(recipe)
    except MissingFrame:  # nothing of this place is here yet
        return
    if not any(point.here and point.dates for point in found.points):
        return
    bend = knee(found)
    heading("Max. cloud cover")
    st.html(f'<p class="np-said">{sentence(found, bend)}</p>')
    left, right = st.columns(2, gap="large")
    for column, title, values in (
        (left, "Without data, % of the picture", [100 * point.no_data for point in found.points]),
        (right, "Cloudy share of observations, %", [_hundred(point.cloud) for point in found.points]),
    ):
        with column:
            st.html(f'<p class="np-legend"><span>{title}</span></p>')
            parts = found, tuple(values), recipe.maxcc, bend
            show_chart(("curve", *parts), partial(_chart, *parts), _words(title, found, recipe.maxcc), HEIGHT)
    with st.expander("Max. cloud cover, as a table"):
        table(found, recipe.maxcc, bend)


def sentence(found: Curve, bend: Knee | None) -> str:
    """What the curve says, and what it cannot."""
    said = [bend.words if bend else "No limit stands out: the share without data has no knee."]
    if found.missing_from is not None:
        said.append(f"From {found.missing_from} % on there are dates that are not cached (shaded).")
    return " ".join(said)


def table(found: Curve, limit: int, bend: Knee | None) -> None:
    """Every few limits, with the one of now and the knee; blank where the curve ends, as dates are missing."""
    limits = sorted({*range(0, 101, _STEP), limit, *([bend.limit] if bend else [])})
    columns = ("Max. cloud cover", "Dates", "Without data", "Cloudy share of observations", "Cached")
    html_table("Max. cloud cover", columns, [(_cells(found.points[one], bend), None) for one in limits])


def _cells(point: Point, bend: Knee | None) -> tuple[str, ...]:
    mark = " (knee)" if bend is not None and point.limit == bend.limit else ""
    no_data = percent(point.no_data) if point.here else ""
    cloud = "" if not point.here else "–" if point.cloud is None else percent(point.cloud)
    return f"{point.limit} %{mark}", f"{point.dates:,}", no_data, cloud, "all" if point.here else "not all"


def _chart(found: Curve, values: Sequence[float | None], limit: int, bend: Knee | None) -> Spec:
    """Drawn as SVG, so that the style sheet colours it; the lines end where dates are missing."""
    rows = [
        {"limit": point.limit, "value": value, "dates": point.dates}
        for point, value in zip(found.points, values, strict=True)
        if point.here
    ]
    limits = quantitative("limit", scale={"domain": [0, 100]}, axis={"title": None, "grid": False, "format": ".0f"})
    axis = {"title": None, "tickCount": 4, "format": ".3~f", "domain": False, "ticks": False}
    tooltip = [
        quantitative("limit", title="Max. cloud cover, %"),
        quantitative("value", title="%", format=".2f"),
        quantitative("dates", title="Dates"),
    ]
    # `alt` says what the marks show
    mark = {"type": "line", "interpolate": "step-after", "color": TEXT, "strokeWidth": 1.6, "aria": False}
    heights = quantitative("value", scale={"domainMin": 0}, axis=axis)
    line = layer(rows, mark, x=limits, y=heights, tooltip=tooltip)
    knees = [] if bend is None else [_knee(bend, values[bend.limit])]
    shade = [] if found.missing_from is None else [_missing(found.missing_from)]
    return layered([*shade, line, *_present(limit), *knees], {"left": 4, "right": 14, "top": 16, "bottom": 2})


def _present(limit: int) -> tuple[Spec, Spec]:
    rows, at = [{"limit": limit, "words": f"{limit} %"}], quantitative("limit")
    words = {"type": "text", "color": ACCENT, "dy": -8, "fontSize": 12, "baseline": "bottom"}
    rule = layer(rows, {"type": "rule", "color": ACCENT, "strokeWidth": 1.5}, x=at)
    return rule, layer(rows, words, x=at, y={"value": 4}, text=nominal("words"))


def _knee(bend: Knee, value: float | None) -> Spec:
    rows = [{"limit": bend.limit, "value": value, "words": f"knee, {bend.limit} %"}]
    diamond = {"type": "point", "shape": "diamond", "size": 90, "fill": PANEL, "stroke": TEXT, "strokeWidth": 1.6}
    tooltip = [nominal("words", title="Where it bends")]
    mark = {**diamond, "opacity": 1, "aria": False}
    return layer(rows, mark, x=quantitative("limit"), y=quantitative("value"), tooltip=tooltip)


def _missing(limit: int) -> Spec:
    mark = {"type": "rect", "color": LINE, "opacity": 0.55}
    return layer([{"from": limit, "to": 100}], mark, x=quantitative("from"), x2={"field": "to"})


def _hundred(part: float | None) -> float | None:
    return None if part is None else 100 * part


def _words(title: str, found: Curve, limit: int) -> str:
    point = found.points[limit]
    known = f"{percent(point.no_data)} without data" if point.here else "not all of them cached"
    return (
        f"{title}, for every max. cloud cover from 0 to 100 %. At {limit} %: {point.dates} dates, {known}. "
        "The table has the same figures."
    )
