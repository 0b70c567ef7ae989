"""Which acquisitions there are and which the limit keeps: a picture in time, whose dots can be pressed."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import streamlit as st

from pages.components.shared.chart import (
    ACCENT,
    PAPER,
    POINT,
    SOFT,
    TEXT,
    Spec,
    layer,
    layered,
    nominal,
    pressable,
    quantitative,
    show_chart,
)
from pages.components.shared.format import whole_percent
from services.catalogue import slivers_in_words
from services.preview import DateSummary
from services.recipe import Interval, Recipe

HEIGHT = 250
"""Pixels of the picture; it keeps them while the list is waited for."""
_FEW_DAYS = timedelta(days=100)
"""Up to them the axis names days, beyond them months and years."""


def timeline(found: Sequence[DateSummary], recipe: Recipe, on_pick: Callable[[str], None]) -> None:
    """Cloud cover over time, and the limit: filled circles are kept, hollow ones are over it, crosses are vetoed.

    Small hollow ones show too little of the picture, and a sentence says so. A stroke is at the part of this picture
    that is not clear, where that is known; `on_pick` hears the key of a dot that is pressed.
    """
    kept, vetoed, slivers = (sum(getattr(choice, state) for choice in found) for state in ("kept", "vetoed", "sliver"))
    gone = sum(map(_gone, found))
    over = len(found) - kept - vetoed - slivers - gone
    crossed = f'<span><i class="np-dot np-veto"></i>{vetoed} excluded by hand</span>' if vetoed else ""
    small = f'<span><i class="np-dot np-sliver"></i>{slivers} touch a corner</span>' if slivers else ""
    stroke = '<span><i class="np-stroke"></i>not clear in this picture</span>' if _strokes(found) else ""
    lost = f'<span><i class="np-dot"></i>{gone} with a missing file</span>' if gone else ""
    st.html(
        f'<p class="np-legend"><span><i class="np-dot np-kept"></i>{kept} used</span>'
        f'<span><i class="np-dot"></i>{over} over the limit</span>{small}{crossed}{lost}'
        f'{stroke}<span class="np-axis">Scene cloud cover, %</span></p>'
    )
    key = "timeline", tuple(map(_told, found)), recipe.maxcc, recipe.interval
    pressed = "timeline_picked", on_pick
    show_chart(key, partial(_chart, found, recipe), _words(found, recipe, kept), HEIGHT, on_pick=pressed)
    words = slivers_in_words(found, recipe)
    if words:
        st.caption(f"{words} They cost nothing; a least coverage of 0 takes them in.")


def _gone(choice: DateSummary) -> bool:
    return bool(choice.acquisition.gone) and not choice.vetoed


def _words(found: Sequence[DateSummary], recipe: Recipe, kept: int) -> str:
    vetoed = sum(choice.vetoed for choice in found)
    besides = f"; {vetoed} {'is' if vetoed == 1 else 'are'} excluded by hand" if vetoed else ""
    slivers = sum(choice.sliver for choice in found)
    small = f", and {slivers} more that only touch{'es' if slivers == 1 else ''} a corner" if slivers else ""
    return (
        f"Scene cloud cover of {len(found)} acquisitions in {recipe.when}: {kept} used at a limit of "
        f"{recipe.maxcc} %{small}{besides}. The table has the same figures."
    )


def _chart(found: Sequence[DateSummary], recipe: Recipe) -> Spec:
    """Drawn as SVG, so that the style sheet colours it and screen readers find the points."""
    empty = {"type": "circle", "fill": PAPER, "stroke": SOFT, "opacity": 1}
    over = {**empty, "size": 42, "strokeWidth": 1.4}
    small = {**empty, "size": 14, "strokeWidth": 1.2}
    under = {"type": "circle", "size": 70, "fill": TEXT, "stroke": PAPER, "strokeWidth": 1, "opacity": 1}
    cross = {"type": "point", "shape": "M-1,-1L1,1M-1,1L1,-1", "size": 45, "stroke": TEXT, "strokeWidth": 1.6}
    marks = {"over": over, "sliver": small, "kept": under, "vetoed": {**cross, "opacity": 1}}
    rows: dict[str, list[Spec]] = {state: [] for state in marks}
    for choice in found:
        rows[_state(choice)].append(_row(choice))
    place = {"x": _time(recipe.interval), "y": _clouds(), "tooltip": _TOOLTIP}
    shown = [layer(rows[state], mark, **place) for state, mark in marks.items() if rows[state]]  # none without a name
    stroke = {"type": "tick", "color": SOFT, "thickness": 1.6, "size": 9, "opacity": 0.9}
    unclear = _strokes(found)
    strokes = [layer(unclear, stroke, **{**place, "y": quantitative("unclear")})] if unclear else []
    pressed = [pressable(first) for first in shown[:1]]
    return layered(
        [*strokes, *_limit(recipe.maxcc), *pressed, *shown[1:]], {"left": 4, "right": 46, "top": 6, "bottom": 2}
    )


def _state(choice: DateSummary) -> str:
    """Which mark it has."""
    if choice.kept:
        return "kept"
    return "vetoed" if choice.vetoed else "sliver" if choice.sliver else "over"


def _told(choice: DateSummary) -> tuple[object, ...]:
    """All that its mark is made of."""
    return (*_row(choice).values(), _state(choice))


def _strokes(found: Sequence[DateSummary]) -> list[Spec]:
    """Of the dates of which it is known how much of them is clear here."""
    return [_row(choice) for choice in found if choice.clear is not None]


def _row(choice: DateSummary) -> Spec:
    one, clear = choice.acquisition, choice.clear
    return {
        POINT: one.key,
        "unclear": None if clear is None else round(100 * (1 - clear), 1),
        "clear": "not known" if clear is None else f"{whole_percent(100 * clear)}, at {choice.metres} m",
        "time": one.time.isoformat(),
        "date": one.date,
        "clouds": one.cloud_cover,
        "kept": choice.reason or "used",
        "satellite": one.satellite,
        "orbit": one.orbit,
    }


def _time(interval: Interval) -> Spec:
    """The whole interval in UTC, wherever the browser is."""
    ends = [
        {"year": day.year, "month": day.month, "date": day.day, "utc": True} for day in (interval.start, interval.end)
    ]
    days = {"format": "%-d %b"} if interval.end - interval.start <= _FEW_DAYS else {}
    axis = {"title": None, "grid": False, "labelFlush": True, "tickCount": 12, **days}
    return {"field": "time", "type": "temporal", "scale": {"type": "utc", "domain": ends}, "axis": axis}


def _clouds() -> Spec:
    axis = {"title": None, "values": [0, 25, 50, 75, 100], "domain": False, "ticks": False}
    return quantitative("clouds", scale={"domain": [0, 100]}, axis=axis)


_TOOLTIP = [
    nominal("date", title="Date"),
    quantitative("clouds", title="Scene cloud cover, %", format=".1f"),
    nominal("clear", title="Clear in this picture"),
    nominal("kept", title="Used?"),
    nominal("satellite", title="Satellite"),
    quantitative("orbit", title="Orbit"),
]


def _limit(maxcc: int) -> tuple[Spec, Spec]:
    """A line, and its figure beside the end of it."""
    rows, at = [{"limit": maxcc, "words": f"≤ {maxcc} %"}], quantitative("limit")
    words = {"type": "text", "color": ACCENT, "align": "left", "baseline": "middle", "dx": 5, "fontSize": 12}
    line = layer(rows, {"type": "rule", "color": ACCENT, "strokeWidth": 1.5}, y=at)
    return line, layer(rows, words, x={"value": "width"}, y=at, text=nominal("words"))
