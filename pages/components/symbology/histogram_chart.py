"""The histogram as a chart: how many pixels have which value, and between which limits they are shown."""

from functools import partial

import streamlit as st

from pages.components.shared.chart import ACCENT, TEXT, Spec, layer, layered, quantitative, show_chart
from services.preview import Channel, Histogram
from services.recipe import Recipe
from services.render import View

HEIGHT = 150
"""Pixels of the picture."""
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


def _chart(histogram: Histogram, view: View) -> Spec:
    """Drawn as SVG, so that the style sheet colours it and screen readers find the lines."""
    layers: list[Spec] = []
    for place, (channel, limits) in enumerate(zip(histogram.channels, view.limits, strict=True)):
        one = len(histogram.channels) == 1
        colour, dash = (TEXT, [1, 0]) if one else (_COLOURS[place], _DASHES[place])
        line = {"type": "line", "interpolate": "step", "stroke": colour, "strokeWidth": 1.6, "strokeDash": dash}
        layers.append(layer(_bars(channel), line, x=_value(histogram, view), y=_SHARE))
        rule = {"type": "rule", "stroke": ACCENT if one else colour, "strokeDash": dash}
        layers.append(layer([{"value": limit} for limit in limits], rule, x=quantitative("value")))
    return layered(layers, {"left": 4, "right": 8, "top": 6, "bottom": 2})


def _bars(channel: Channel) -> list[Spec]:
    """The middle of each bar, and its share of the highest one, for a few thousand dark pixels hide all others."""
    width, most = (channel.high - channel.low) / len(channel.counts), max(channel.counts)
    return [
        {"value": channel.low + (place + 0.5) * width, "share": count / most}
        for place, count in enumerate(channel.counts)
    ]


def _value(histogram: Histogram, view: View) -> Spec:
    ends = [end for pair in view.limits for end in pair]
    low = min(*ends, *(one.low for one in histogram.channels))
    high = max(*ends, *(one.percentiles[99] for one in histogram.channels))
    axis = {"title": None, "grid": False, "tickCount": 6}
    return quantitative("value", scale={"domain": [low, high], "clamp": True}, axis=axis)


_SHARE = quantitative("share", axis=None, scale={"domain": [0, 1]})
