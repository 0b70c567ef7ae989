"""Colours with the numbers beside them, as HTML."""

from collections.abc import Sequence
from html import escape

from services.render import Legend

VIRIDIS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
"""Its nine equal steps (matplotlib)."""


def ramp(low: str, high: str, colours: Sequence[str], words: str) -> str:
    """What it is, and its two ends."""
    return (
        f'<span>{escape(words)}</span><span class="np-ramp"><b>{escape(low)}</b>'
        f'<i style="background: linear-gradient(90deg, {", ".join(colours)})"></i><b>{escape(high)}</b></span>'
    )


def scale(legend: Legend, words: str) -> str:
    """What it is, with every number of the legend at its place."""
    span = legend.high - legend.low
    ticks = "".join(
        f'<b style="left: {100 * (tick - legend.low) / span:.4g}%">{tick:g}</b>'.replace(">-", ">−")
        for tick in legend.ticks
    )
    colours = f"background: linear-gradient(90deg, {', '.join(legend.colours)})"
    return f'<span>{escape(words)}</span><span class="np-scale"><i style="{colours}"></i>{ticks}</span>'
