"""The histogram as a chart: how many pixels have which value, and between which limits they are shown."""

from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.shared.chart import show_chart
from services.preview import Channel, Histogram
from services.recipe import Recipe
from services.render import View

HEIGHT = 150
"""Pixels of the picture."""
_SOFT, _ACCENT, _LINE, _TEXT = (f"var(--np-{name})" for name in ("soft", "accent", "line", "text"))
_DASHES = ([1, 0], [6, 2], [2, 2])
"""Of red, green and blue: told apart by their lines, not by colours alone."""
_COLOURS = tuple(f"var(--np-{name})" for name in ("red", "green", "blue"))


def histogram_chart(histogram: Histogram, view: View, recipe: Recipe) -> None:
    """A line a channel, its limits upright; a sentence says the same."""
    key = "histogram", histogram, view.limits
    show_chart(key, partial(_chart, histogram, view), histogram_words(histogram, view), HEIGHT)
    of = f"{recipe.interval.words}, at most {recipe.maxcc} % clouds"
    st.caption(f"{histogram.pixels:,} pixels of {of}. {histogram_words(histogram, view)}")


def histogram_words(histogram: Histogram, view: View) -> str:
    """`B04: half of the pixels from 0.03 to 0.08, mean 0.06, σ 0.02, shown from 0 to 0.3.`"""
    return " ".join(
        f"{one.name}: half of the pixels from {one.percentiles[25]:.3g} to {one.percentiles[75]:.3g}, mean "
        f"{one.mean:.3g}, σ {one.sigma:.3g}, shown from {low:g} to {high:g}."
        for one, (low, high) in zip(histogram.channels, view.limits, strict=True)
    )


def _chart(histogram: Histogram, view: View) -> alt.LayerChart:
    """Drawn as SVG, so that the style sheet colours it and screen readers find the lines."""
    layers: list[alt.Chart] = []
    for place, (channel, limits) in enumerate(zip(histogram.channels, view.limits, strict=True)):
        one = len(histogram.channels) == 1
        colour, dash = (_TEXT, [1, 0]) if one else (_COLOURS[place], _DASHES[place])
        bars = alt.Chart(_bars(channel)).encode(x=_value(histogram, view), y=_share())
        layers.append(bars.mark_line(interpolate="step", stroke=colour, strokeWidth=1.6, strokeDash=dash))
        ends = alt.Chart(pd.DataFrame({"value": limits}))
        layers.append(ends.mark_rule(stroke=_ACCENT if one else colour, strokeDash=dash).encode(x="value:Q"))
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(usermeta={"embedOptions": {"renderer": "svg", "actions": False}}, background="transparent")
        .configure(font='"Source Sans", sans-serif', padding={"left": 4, "right": 8, "top": 6, "bottom": 2})
        .configure_view(stroke=None)
        .configure_axis(labelColor=_SOFT, labelFontSize=12, gridColor=_LINE, domainColor=_LINE, tickColor=_LINE)
    )
    return chart


def _bars(channel: Channel) -> pd.DataFrame:
    """The middle of each bar, and its share of the highest one, for a few thousand dark pixels hide all others."""
    width, most = (channel.high - channel.low) / len(channel.counts), max(channel.counts)
    middles = [channel.low + (place + 0.5) * width for place in range(len(channel.counts))]
    return pd.DataFrame({"value": middles, "share": [count / most for count in channel.counts]})


def _value(histogram: Histogram, view: View) -> alt.X:
    ends = [end for pair in view.limits for end in pair]
    low = min(*ends, *(one.low for one in histogram.channels))
    high = max(*ends, *(one.percentiles[99] for one in histogram.channels))
    axis = alt.Axis(title=None, grid=False, tickCount=6)
    return alt.X("value:Q", scale=alt.Scale(domain=[low, high], clamp=True), axis=axis)


def _share() -> alt.Y:
    return alt.Y("share:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
