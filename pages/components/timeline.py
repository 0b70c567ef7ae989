"""Which acquisitions there are and which the limit keeps: a picture in time, and the same as a table."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.listing import listing
from services.catalogue import Choice
from services.recipe import Recipe

HEIGHT = 250
"""Pixels of the picture; it keeps them while the list is waited for."""
_TEXT, _SOFT, _ACCENT, _LINE, _PAPER = (f"var(--np-{name})" for name in ("text", "soft", "accent", "line", "paper"))
"""Colours of the style sheet: they follow the theme without another run."""


def timeline(found: Sequence[Choice], recipe: Recipe) -> None:
    """Cloud cover over time: filled circles are kept, hollow ones are not, the line is the limit."""
    kept = sum(choice.kept for choice in found)
    st.html(
        f'<p class="np-legend"><span><i class="np-dot np-kept"></i>{kept} kept</span>'
        f'<span><i class="np-dot"></i>{len(found) - kept} over the limit</span>'
        f'<span class="np-axis">Cloud cover of the granules, %</span></p>'
    )
    st.altair_chart(_chart(found, recipe), width="stretch", height=HEIGHT, theme=None, alt=_words(found, recipe, kept))


def table(found: Sequence[Choice]) -> None:
    """The acquisitions, oldest first; each date kept or not, with the reason."""
    columns = ("Date", "Kept?", "Clouds", "Covers", "Time UTC", "Satellite", "Orbit")
    listing("Acquisitions", columns, [(_cells(choice), choice.kept) for choice in found])


def _cells(choice: Choice) -> tuple[str, ...]:
    one = choice.acquisition
    return (
        one.date,
        "kept" if choice.kept else choice.reason,
        f"{one.cloud_cover:.1f} %",
        f"{100 * one.coverage:.0f} %",
        f"{one.time:%H:%M}",
        one.satellite,
        str(one.orbit),
    )


def _words(found: Sequence[Choice], recipe: Recipe, kept: int) -> str:
    return (
        f"Cloud cover of {len(found)} acquisitions in {recipe.interval.label}: {kept} at or under the limit of "
        f"{recipe.maxcc} %. The table has the same figures."
    )


def _chart(found: Sequence[Choice], recipe: Recipe) -> alt.LayerChart:
    data = pd.DataFrame(
        {
            "time": [choice.acquisition.time.replace(tzinfo=None) for choice in found],
            "clouds": [choice.acquisition.cloud_cover for choice in found],
            "kept": ["kept" if choice.kept else choice.reason for choice in found],
            "is_kept": [choice.kept for choice in found],
            "date": [choice.acquisition.date for choice in found],
            "satellite": [choice.acquisition.satellite for choice in found],
            "orbit": [choice.acquisition.orbit for choice in found],
        }
    )
    days = [f"{recipe.interval.start}T00:00:00", f"{recipe.interval.end}T00:00:00"]
    x = alt.X(
        "time:T",
        scale=alt.Scale(type="utc", domain=days),
        axis=alt.Axis(title=None, grid=False, labelFlush=True, tickCount=12),
    )
    y = alt.Y(
        "clouds:Q",
        scale=alt.Scale(domain=[0, 100]),
        axis=alt.Axis(title=None, values=[0, 25, 50, 75, 100], domain=False, ticks=False),
    )
    tooltip = [
        alt.Tooltip("date:N", title="Date"),
        alt.Tooltip("clouds:Q", title="Clouds, %", format=".1f"),
        alt.Tooltip("kept:N", title="Kept?"),
        alt.Tooltip("satellite:N", title="Satellite"),
        alt.Tooltip("orbit:Q", title="Orbit"),
    ]
    limit = pd.DataFrame({"limit": [recipe.maxcc], "words": [f"≤ {recipe.maxcc} %"]})
    rule = alt.Chart(limit).mark_rule(color=_ACCENT, strokeWidth=1.5).encode(y="limit:Q")
    label = (
        alt.Chart(limit)
        .mark_text(color=_ACCENT, align="left", baseline="middle", dx=5, fontSize=12)
        .encode(y="limit:Q", x=alt.value("width"), text="words:N")
    )
    looks = alt.Chart(data).encode(x=x, y=y, tooltip=tooltip)
    over = looks.transform_filter("!datum.is_kept").mark_point(
        shape="circle", size=42, filled=True, fill=_PAPER, stroke=_SOFT, strokeWidth=1.4, opacity=1
    )
    under = looks.transform_filter("datum.is_kept").mark_point(
        shape="circle", size=70, filled=True, fill=_TEXT, stroke=_PAPER, strokeWidth=1, opacity=1
    )
    font = '"Source Sans", sans-serif'
    return (
        alt.layer(rule, over, under, label)
        .properties(usermeta={"embedOptions": {"renderer": "svg", "actions": False}}, background="transparent")
        .configure(font=font, padding={"left": 4, "right": 46, "top": 6, "bottom": 2})
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_SOFT, labelFontSize=12, gridColor=_LINE, domainColor=_LINE, tickColor=_LINE, titleColor=_SOFT
        )
    )
