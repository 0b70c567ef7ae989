"""A series over time: clear observations marked, the others faint; told apart by shapes, and as a table."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from pages.components.shared.chart import (
    ACCENT,
    PANEL,
    SOFT,
    TEXT,
    Spec,
    layer,
    layered,
    nominal,
    quantitative,
    show_chart,
)
from pages.components.shared.format import whole_percent
from pages.components.shared.html_table import html_table
from services.series import PixelPoint, PixelSeries, PolygonPoint, PolygonSeries
from services.text import plural

HEIGHT, SHARE_HEIGHT = 190, 74
"""Pixels of the values, and of the clear shares below them."""
USED, CLEAR, CLOUDED = "clear, used", "clear, excluded", "not clear"
"""What an observation is to the picture."""
_PADDING = {"left": 4, "right": 12, "top": 8, "bottom": 2}
_DATE: Spec = {"field": "date", "type": "temporal", "title": "Date", "format": "%Y-%m-%d"}
_X: Spec = {
    "field": "date",
    "type": "temporal",
    "scale": {"type": "utc"},
    "axis": {"title": None, "grid": False, "format": "%b %Y", "tickCount": 5, "labelOverlap": True},
}
_SPREADS = "Dot: median; thick: 25th to 75th percentile, thin: 10th to 90th, of the clear pixels"
_LEGEND = (
    '<p class="np-legend"><span><i class="np-dot np-kept"></i>clear, used</span>'
    '<span><i class="np-dot"></i>clear, excluded</span><span><i class="np-dot np-veto"></i>not clear</span></p>'
)


def pixel_chart(series: PixelSeries, composite: float | None) -> None:
    """Each date of a pixel; the line is the value in the picture."""
    rows = [(point.date, point.value, state(point)) for point in series.points if point.value is not None]
    if not rows:
        st.caption("No cached date has data here.")
        return
    st.html(_LEGEND)
    title = series.quantity.title
    words = f"{title} of the pixel on {plural(len(rows), 'date')}. The table has the same figures."
    show_chart(("pixel", tuple(rows), composite, title), partial(_pixel, rows, composite, title), words, HEIGHT)


def polygon_chart(series: PolygonSeries) -> None:
    """Median and percentiles of each date with a clear pixel, and the clear share of every date."""
    clear = [point for point in series.points if point.clear]
    shares = [(point.date, 100 * point.clear_share) for point in series.points]
    if not shares:
        st.caption("No cached date shows the polygon.")
        return
    title = series.quantity.title
    st.html(f'<p class="np-legend"><span>{_SPREADS}</span></p>')
    words = f"{title} in the polygon on {plural(len(clear), 'date')}. The table has the same figures."
    if clear:
        show_chart(("polygon", tuple(clear), title), partial(_polygon, clear, title), words, HEIGHT)
    st.html('<p class="np-legend"><span>Clear share, %</span></p>')
    words = f"Clear share of the polygon on {plural(len(shares), 'date')}. The table has the same figures."
    show_chart(("shares", tuple(shares)), partial(_shares, shares), words, SHARE_HEIGHT)


def state(point: PixelPoint | PolygonPoint) -> str:
    """What it is to the picture."""
    if not point.clear:
        return CLOUDED
    return USED if point.used else CLEAR


def pixel_table(series: PixelSeries) -> None:
    """A row a date."""
    columns = ("Date", "Value", "Observation", "SCL class", "Scene cloud cover")
    rows = [
        ((point.date, number(point.value), state(point), point.scl_word or "–", f"{point.cloud_cover:.1f} %"), None)
        for point in series.points
    ]
    html_table(f"{series.quantity.title} of the pixel", columns, rows)


def polygon_table(series: PolygonSeries) -> None:
    """A row a date."""
    columns = ("Date", "Median", "Mean", "p10", "p25", "p75", "p90", "Std", "n", "Clear", "Observation")
    html_table(f"{series.quantity.title} in the polygon", columns, [(_cells(point), None) for point in series.points])


def number(value: float | None) -> str:
    """Four decimals, as DN have them."""
    return "–" if value is None else f"{value:.4f}".replace("-", "−")


def _cells(point: PolygonPoint) -> tuple[str, ...]:
    values = (point.median, point.mean, point.p10, point.p25, point.p75, point.p90, point.std)
    clear = whole_percent(100 * point.clear_share)
    return point.date, *map(number, values), f"{point.count:,}", clear, state(point)


def _pixel(rows: Sequence[tuple[str, float | None, str]], composite: float | None, title: str) -> Spec:
    """The scale is that of the clear values and the picture's; clouds beyond it stand at its edge."""
    values = [value for _, value, word in rows if word != CLOUDED]
    heights = _y([*values, composite] if values else [value for _, value, _ in rows])
    named = [{"date": date, "value": value, "state": word} for date, value, word in rows]
    tooltip = [_DATE, quantitative("value", title=title, format=".4f"), nominal("state", title="Observation")]
    points = [
        layer(some, _mark(word), x=_X, y=quantitative("value", **heights), tooltip=tooltip)
        for word in (CLOUDED, CLEAR, USED)
        if (some := [row for row in named if row["state"] == word])
    ]
    if composite is not None:
        dashes = {"type": "rule", "color": ACCENT, "strokeWidth": 1.3, "strokeDash": [5, 3], "aria": False}
        points.insert(0, layer([{"value": composite}], dashes, y=quantitative("value", **heights)))
    return layered(points, _PADDING)


def _mark(word: str) -> Spec:
    """Of an observation: a dot, a ring or a faint cross."""
    if word == CLOUDED:
        faint = {"shape": "cross", "size": 30, "angle": 45, "stroke": SOFT, "strokeWidth": 1, "opacity": 0.7}
        return {"type": "point", "fill": "transparent", "aria": False, **faint}
    fill = TEXT if word == USED else PANEL
    return {"type": "point", "size": 46, "stroke": TEXT, "strokeWidth": 1.6, "fill": fill, "opacity": 1, "aria": False}


def _polygon(points: Sequence[PolygonPoint], title: str) -> Spec:
    """Two bars and a dot for each date; `points` have clear pixels."""
    numbers = ("median", "mean", "p10", "p25", "p75", "p90")
    rows = [{"date": one.date, "state": state(one), **{name: getattr(one, name) for name in numbers}} for one in points]
    heights = _y([value for one in points for value in (one.p10, one.p90)])
    tooltip = [_DATE, *(quantitative(name, title=f"{title}, {name}", format=".4f") for name in numbers)]

    def bars(low: str, high: str, **mark: object) -> Spec:
        rule = {"type": "rule", "color": SOFT, "aria": False, **mark}
        return layer(rows, rule, x=_X, y=quantitative(low, **heights), y2={"field": high}, tooltip=tooltip)

    dots = [
        layer(some, _mark(word), x=_X, y=quantitative("median", **heights), tooltip=tooltip)
        for word in (USED, CLEAR)
        if (some := [row for row in rows if row["state"] == word])
    ]
    parts = [bars("p10", "p90", strokeWidth=1), bars("p25", "p75", strokeWidth=5, opacity=0.55), *dots]
    return layered(parts, _PADDING)


def _shares(shares: Sequence[tuple[str, float]]) -> Spec:
    rows = [{"date": date, "share": share, "none": 0} for date, share in shares]
    axis = {"title": None, "values": [0, 50, 100], "domain": False, "ticks": False}
    heights = quantitative("share", scale={"domain": [0, 100]}, axis=axis)
    tooltip = [_DATE, quantitative("share", title="Clear, %", format=".0f")]
    bar = {"type": "rule", "color": TEXT, "strokeWidth": 2.5, "aria": False}
    return layered([layer(rows, bar, x=_X, y=heights, y2={"field": "none"}, tooltip=tooltip)], _PADDING)


def _y(values: Sequence[float | None]) -> Spec:
    """The scale from the lowest to the highest of these, with some room, and its axis."""
    there = [value for value in values if value is not None]
    low, high = min(there), max(there)
    room = 0.08 * (high - low) or 0.05
    return {
        "scale": {"domain": [low - room, high + room], "clamp": True, "nice": False, "zero": False},
        "axis": {"title": None, "tickCount": 4, "format": ".3~f", "domain": False, "ticks": False},
    }
