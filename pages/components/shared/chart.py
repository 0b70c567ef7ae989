"""A chart whose colours are those of the style sheet, with words for those who do not see it."""

import json
from collections.abc import Callable, Hashable
from typing import Any

import altair as alt
import streamlit as st

from services.storage import MemoryCache

_MEMORY = 8 * 10**6
"""Bytes of the charts that are kept, as text; one of a hundred dates has some ten thousand."""
_MADE: MemoryCache[dict[str, Any]] = MemoryCache(_MEMORY)


def show_chart(key: Hashable, make: Callable[[], alt.LayerChart], words: str, height: int) -> None:
    """Draw it as wide as its place, `height` px high; `words` say what it shows.

    `key` is all that it is made of: making one takes a tenth of a second, and a page runs at each press.
    """
    made = _MADE.made(key, lambda: make().to_dict(validate=False), lambda spec: len(json.dumps(spec)))
    st.vega_lite_chart(spec=made, width="stretch", height=height, theme=None, alt=words)
