"""A picture in its frame: its size is known before it has loaded, and the one before it stays until it has."""

from dataclasses import dataclass
from html import escape

import streamlit as st

_BEFORE = "framed_before"


@dataclass(frozen=True)
class PictureHtml:
    """One picture of the page, or the place of one."""

    kind: str
    """`np-counts` for the small one beside a large one."""
    source: str
    """Address of the image, another one for each content; empty where there is none."""
    words: str
    """What one who does not see it is told."""
    width: int
    """Pixels."""
    height: int
    caption: str = ""
    """HTML of ours, escaped."""


def picture_html(one: PictureHtml) -> str:
    """As HTML. In an empty frame its words are read."""
    inside, under = f'<p class="np-vacant">{escape(one.words)}</p>', ""
    if one.source:
        inside = f'<img src="{one.source}" alt="{escape(one.words)}">'
        under = f" style=\"background-image: url('{standing(one.kind, one.source)}')\""
    return (
        f'<figure class="{one.kind}" style="--ratio: {one.width} / {one.height}">'
        f'<div class="np-image np-stands"{under}>{inside}</div>'
        f"<figcaption>{one.caption}</figcaption></figure>"
    )


def outlines(side: int) -> str:
    """The edges of the tiles as HTML, over a picture."""
    middle = side * side // 2
    tiles = "".join(f'<i class="np-centre-{int(place == middle)}"></i>' for place in range(side * side))
    return f'<div class="np-outlines" aria-hidden="true">{tiles}</div>'


def standing(place: str, source: str) -> str:
    """The address that this session was shown at a place before `source`: it is seen until `source` has come."""
    shown: dict[str, tuple[str, str]] = st.session_state.setdefault(_BEFORE, {})
    before, now = shown.get(place, (source, source))
    if now != source:
        before, now = now, source
    shown[place] = (before, now)
    return before
