"""Which acquisitions there are and which the limit keeps: a picture in time, and the same as a table."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.shared.chart import show_chart
from pages.components.shared.html_table import Mark, html_table
from services.catalogue import Choice, slivers_in_words
from services.recipe import Interval, Recipe

HEIGHT = 250
"""Pixels of the picture; it keeps them while the list is waited for."""
_FEW_DAYS = timedelta(days=100)
"""Up to them the axis names days, beyond them months and years."""
_TEXT, _SOFT, _ACCENT, _LINE, _PAPER = (f"var(--np-{name})" for name in ("text", "soft", "accent", "line", "paper"))
"""Colours of the style sheet: they follow the theme without another run."""


def timeline(found: Sequence[Choice], recipe: Recipe) -> None:
    """Cloud cover over time, and the limit: filled circles are kept, hollow ones are over it, crosses are vetoed.

    Small hollow ones show too little of the picture, and a sentence says so.
    """
    kept, vetoed, slivers = (sum(getattr(choice, state) for choice in found) for state in ("kept", "vetoed", "sliver"))
    gone = sum(map(_gone, found))
    over = len(found) - kept - vetoed - slivers - gone
    crossed = f'<span><i class="np-dot np-veto"></i>{vetoed} vetoed</span>' if vetoed else ""
    small = f'<span><i class="np-dot np-sliver"></i>{slivers} touch a corner</span>' if slivers else ""
    lost = f'<span><i class="np-dot"></i>{gone} with a missing file</span>' if gone else ""
    st.html(
        f'<p class="np-legend"><span><i class="np-dot np-kept"></i>{kept} kept</span>'
        f'<span><i class="np-dot"></i>{over} over the limit</span>{small}{crossed}{lost}'
        f'<span class="np-axis">Cloud cover of the granules, %</span></p>'
    )
    key = "timeline", tuple(map(_row, found)), recipe.maxcc, recipe.interval
    show_chart(key, partial(_chart, found, recipe), _words(found, recipe, kept), HEIGHT)
    words = slivers_in_words(found, recipe)
    if words:
        st.caption(f"{words} They cost nothing; a least coverage of 0 takes them in.")


def table(found: Sequence[Choice]) -> None:
    """The acquisitions, oldest first; each date kept or not, with the reason."""
    columns = ("Date", "Kept?", "Clouds", "Covers", "Time UTC", "Satellite", "Orbit")
    html_table("Acquisitions", columns, [(_cells(choice), _mark(choice)) for choice in found])


def _gone(choice: Choice) -> bool:
    return bool(choice.acquisition.gone) and not choice.vetoed


def _mark(choice: Choice) -> Mark:
    return "vetoed" if choice.vetoed else "sliver" if choice.sliver else choice.kept


def _cells(choice: Choice) -> tuple[str, ...]:
    one = choice.acquisition
    return (
        one.date,
        "kept" if choice.kept else "file missing" if _gone(choice) else choice.reason,
        f"{one.cloud_cover:.1f} %",
        f"{100 * one.coverage:.0f} %",
        f"{one.time:%H:%M}",
        one.satellite,
        str(one.orbit),
    )


def _words(found: Sequence[Choice], recipe: Recipe, kept: int) -> str:
    vetoed = sum(choice.vetoed for choice in found)
    besides = f"; {vetoed} {'is' if vetoed == 1 else 'are'} vetoed" if vetoed else ""
    slivers = sum(choice.sliver for choice in found)
    small = f", and {slivers} more that only touch{'es' if slivers == 1 else ''} a corner" if slivers else ""
    return (
        f"Cloud cover of {len(found)} acquisitions in {recipe.interval.label}: {kept} at or under the limit of "
        f"{recipe.maxcc} %{small}{besides}. The table has the same figures."
    )


def _chart(found: Sequence[Choice], recipe: Recipe) -> alt.LayerChart:
    """Drawn as SVG, so that the style sheet colours it and screen readers find the points."""
    observations = alt.Chart(_data(found)).encode(x=_time(recipe.interval), y=_clouds(), tooltip=_tooltip())
    over = observations.transform_filter("!datum.is_kept && !datum.is_vetoed && !datum.is_sliver").mark_circle(
        size=42, fill=_PAPER, stroke=_SOFT, strokeWidth=1.4, opacity=1
    )
    small = observations.transform_filter("datum.is_sliver").mark_circle(
        size=14, fill=_PAPER, stroke=_SOFT, strokeWidth=1.2, opacity=1
    )
    under = observations.transform_filter("datum.is_kept").mark_circle(
        size=70, fill=_TEXT, stroke=_PAPER, strokeWidth=1, opacity=1
    )
    vetoed = observations.transform_filter("datum.is_vetoed").mark_point(
        shape="M-1,-1L1,1M-1,1L1,-1", size=45, stroke=_TEXT, strokeWidth=1.6, opacity=1
    )
    kept, crossed, tiny = (sum(getattr(choice, state) for choice in found) for state in ("kept", "vetoed", "sliver"))
    points = ((over, len(found) - kept - crossed - tiny), (small, tiny), (under, kept), (vetoed, crossed))
    shown = [layer for layer, count in points if count]  # an empty one would be a picture without a name
    chart: alt.LayerChart = (
        alt.layer(*_limit(recipe.maxcc), *shown)
        .properties(usermeta={"embedOptions": {"renderer": "svg", "actions": False}}, background="transparent")
        .configure(font='"Source Sans", sans-serif', padding={"left": 4, "right": 46, "top": 6, "bottom": 2})
        .configure_view(stroke=None)
        .configure_axis(labelColor=_SOFT, labelFontSize=12, gridColor=_LINE, domainColor=_LINE, tickColor=_LINE)
    )
    return chart


def _data(found: Sequence[Choice]) -> pd.DataFrame:
    columns = ("time", "date", "clouds", "kept", "is_kept", "is_vetoed", "is_sliver", "satellite", "orbit")
    return pd.DataFrame(map(_row, found), columns=columns)


def _row(choice: Choice) -> tuple[object, ...]:
    one = choice.acquisition
    return (
        *(one.time, one.date, one.cloud_cover),
        *(choice.reason or "kept", choice.kept, choice.vetoed, choice.sliver),
        *(one.satellite, one.orbit),
    )


def _time(interval: Interval) -> alt.X:
    """The whole interval in UTC, wherever the browser is."""
    ends = [
        alt.DateTime(year=day.year, month=day.month, date=day.day, utc=True) for day in (interval.start, interval.end)
    ]
    days = "%-d %b" if interval.end - interval.start <= _FEW_DAYS else alt.Undefined
    axis = alt.Axis(title=None, grid=False, labelFlush=True, tickCount=12, format=days)
    return alt.X("time:T", scale=alt.Scale(type="utc", domain=ends), axis=axis)


def _clouds() -> alt.Y:
    axis = alt.Axis(title=None, values=[0, 25, 50, 75, 100], domain=False, ticks=False)
    return alt.Y("clouds:Q", scale=alt.Scale(domain=[0, 100]), axis=axis)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("date:N", title="Date"),
        alt.Tooltip("clouds:Q", title="Clouds, %", format=".1f"),
        alt.Tooltip("kept:N", title="Kept?"),
        alt.Tooltip("satellite:N", title="Satellite"),
        alt.Tooltip("orbit:Q", title="Orbit"),
    ]


def _limit(maxcc: int) -> tuple[alt.Chart, alt.Chart]:
    """A line, and its figure beside the end of it."""
    place = alt.Chart(pd.DataFrame({"limit": [maxcc], "words": [f"≤ {maxcc} %"]})).encode(y="limit:Q")
    line = place.mark_rule(color=_ACCENT, strokeWidth=1.5)
    words = place.mark_text(color=_ACCENT, align="left", baseline="middle", dx=5, fontSize=12)
    return line, words.encode(x=alt.value("width"), text="words:N")
