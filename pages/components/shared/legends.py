"""Colours with the numbers beside them, as HTML."""

from collections.abc import Sequence
from html import escape

from services.render import Legend

COUNTS = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962")
"""Of clear observations: matplotlib's viridis by equal steps, up to its green, as `services.render` draws them."""
FEW = '<i class="np-few"></i><b>fewer than 3</b>'
"""How places with few of them are hatched."""


def counts_ramp(most: int, words: str) -> str:
    """Of clear observations from none to the most of a picture, with the hatching."""
    return f'{ramp("0", str(most), COUNTS, words)}<span class="np-ramp">{FEW}</span>'


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
