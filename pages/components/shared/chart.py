"""A chart whose colours are those of the style sheet, with words for those who do not see it.

Charts are written in Vega-Lite's own JSON: a library that validates each of their words takes a tenth of a second for
a chart, and a page with three of them runs at each press.
"""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import streamlit as st

from services.storage import MemoryCache

Spec = dict[str, Any]
"""A part of a Vega-Lite specification (https://vega.github.io/vega-lite/docs/)."""
TEXT, SOFT, ACCENT, LINE, PANEL, PAPER = (
    f"var(--np-{name})" for name in ("text", "soft", "accent", "line", "panel", "paper")
)
"""Colours of the style sheet: they follow the theme without another run."""
_MEMORY = 8 * 10**6
"""Bytes of the charts that are kept, as text; one of a hundred dates has some ten thousand."""
_MADE: MemoryCache[Spec] = MemoryCache(_MEMORY)


_PICK = "pick"
"""Name of the selection of a chart whose points can be pressed."""
POINT = "key"
"""The field that names a point."""


def show_chart(
    key: Hashable,
    make: Callable[[], Spec],
    words: str,
    height: int,
    *,
    on_pick: tuple[str, Callable[[str], None]] | None = None,
) -> None:
    """Draw it as wide as its place, `height` px high; `words` say what it shows. `key` is all that it is made of.

    `on_pick` is the key of the widget, and what hears the POINT that somebody presses, where a layer is `pressable`.
    """
    made = _MADE.made(key, make, lambda spec: len(json.dumps(spec)))
    if on_pick is None:
        st.vega_lite_chart(spec=made, width="stretch", height=height, theme=None, alt=words)
        return
    name, hear = on_pick

    def heard() -> None:
        points = st.session_state[name].selection.get(_PICK) or []
        found = next((str(point[POINT]) for point in points if point.get(POINT)), "")
        if found:
            hear(found)

    how: Any = {"on_select": heard, "selection_mode": _PICK, "key": name}
    st.vega_lite_chart(spec=made, width="stretch", height=height, theme=None, alt=words, **how)


def pressable(first: Spec) -> Spec:
    """A layer whose points, and those of the layers over it, can be pressed."""
    chosen = {"type": "point", "fields": [POINT], "on": "click", "clear": False}
    return {**first, "params": [{"name": _PICK, "select": chosen}]}


def quantitative(field: str, **more: Any) -> Spec:
    """The encoding of a number."""
    return {"field": field, "type": "quantitative", **more}


def nominal(field: str, **more: Any) -> Spec:
    """The encoding of a word."""
    return {"field": field, "type": "nominal", **more}


def layer(rows: Sequence[Mapping[str, Any]], mark: Spec, **encoding: Any) -> Spec:
    """One kind of mark for each of the rows."""
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def layered(layers: Sequence[Spec], padding: Mapping[str, int]) -> Spec:
    """Layers over each other, the first one lowest; drawn as SVG, so that the style sheet colours them."""
    axis = {"labelColor": SOFT, "labelFontSize": 12, "gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    return {
        "layer": list(layers),
        "background": "transparent",
        "usermeta": {"embedOptions": {"renderer": "svg", "actions": False}},
        "config": {
            "font": '"Source Sans", sans-serif',
            "padding": dict(padding),
            "view": {"stroke": None},
            "axis": axis,
        },
    }
