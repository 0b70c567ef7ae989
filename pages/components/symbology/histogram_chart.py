"""The histogram as a chart: how many pixels have which value, and between which limits they are shown."""

from functools import partial
from typing import Any

import streamlit as st

from pages.components.shared.chart import ACCENT, TEXT, Spec, layer, layered, quantitative, show_chart
from services.preview import Channel, Histogram
from services.recipe import Recipe
from services.render import View

HEIGHT = 150
"""Pixels of the picture."""
_DASHES = ([1, 0], [6, 2], [2, 2])
"""Of red, green and blue: told apart by their lines, not by colours alone."""
_LINES = (" (red, solid)", " (green, dashed)", " (blue, dotted)")
_COLOURS = tuple(f"var(--np-{name})" for name in ("red", "green", "blue"))


def histogram_chart(histogram: Histogram, view: View, recipe: Recipe) -> None:
    """A line a channel, its limits upright; a sentence says the same."""
    words = histogram_words(histogram, view)
    show_chart(("histogram", histogram, view.limits), partial(_chart, histogram, view), words, HEIGHT)
    of = f"{recipe.interval.words}, scene cloud cover at most {recipe.maxcc} %"
    st.caption(f"{histogram.pixels:,} pixels of {of}. {words}")


def histogram_words(histogram: Histogram, view: View) -> str:
    """`B04 (red, solid): half of the pixels from 0.03 to 0.08, mean 0.06, σ 0.02, shown from 0 to 0.3.`"""
    lines = _LINES if len(histogram.channels) == len(_LINES) else ("",)
    return " ".join(
        f"{one.name}{line}: half of the pixels from {one.percentiles[25]:.3g} to {one.percentiles[75]:.3g}, mean "
        f"{one.mean:.3g}, σ {one.sigma:.3g}, shown from {low:g} to {high:g}."
        for one, line, (low, high) in zip(histogram.channels, lines, view.limits, strict=True)
    )


def _chart(histogram: Histogram, view: View) -> Spec:
    """Drawn as SVG, so that the style sheet colours it and screen readers find the lines."""
    layers, x = list[Spec](), _value(histogram, view)
    y = quantitative("share", axis=None, scale={"domain": [0, 1]})
    for place, (channel, limits) in enumerate(zip(histogram.channels, view.limits, strict=True)):
        one = len(histogram.channels) == 1
        colour, dash = (TEXT, _DASHES[0]) if one else (_COLOURS[place], _DASHES[place])
        line = {"type": "line", "interpolate": "step", "stroke": colour, "strokeWidth": 1.6, "strokeDash": dash}
        rule = {"type": "rule", "stroke": ACCENT if one else colour, "strokeDash": dash}
        layers += [layer(_bars(channel), line, x=x, y=y), layer([{"value": end} for end in limits], rule, x=x)]
    return layered(layers, {"left": 4, "right": 8, "top": 6, "bottom": 2})


def _bars(channel: Channel) -> list[dict[str, float]]:
    """The middle of each bar, and its share of the highest one, for channels have their highest at other counts."""
    width, most = (channel.high - channel.low) / len(channel.counts), max(channel.counts)
    return [
        {"value": channel.low + (place + 0.5) * width, "share": count / most}
        for place, count in enumerate(channel.counts)
    ]


def _value(histogram: Histogram, view: View) -> dict[str, Any]:
    ends = [end for pair in view.limits for end in pair]
    low = min(*ends, *(one.percentiles[1] for one in histogram.channels))
    high = max(*ends, *(one.percentiles[99] for one in histogram.channels))
    axis = {"title": None, "grid": False, "tickCount": 6}
    return quantitative("value", scale={"domain": [low, high], "clamp": True}, axis=axis)
