"""The large picture that one looks into, with what is under it."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.components.inspect.marked_place import LINK, PANEL, PICTURE, look_at, mark, marked_in, run_again
from pages.components.shared.viewer import Picture, viewer
from services.recipe import Recipe

HINT = "Press a place in the picture, or draw a polygon, for its values and its series over all cached dates."


@dataclass(frozen=True)
class LargePicture:
    """A picture of all tiles."""

    picture: Picture
    size: tuple[int, int]
    """Width and height, px, of the picture in full."""
    caption: str
    """Under it: HTML of ours, escaped."""


@st.fragment(key=PICTURE)
def looked_into(large: LargePicture, recipe: Recipe) -> None:
    """It can be zoomed, and a place in it marked; `recipe` says where it lies."""
    viewer(
        "picture",
        large.picture,
        size=large.size,
        look=look_at(recipe),
        on_mark=partial(mark, recipe),
        on_heard=partial(run_again, (PICTURE, PANEL, LINK)),
    )
    st.html(f'<p class="np-under">{large.caption}</p>')
    now = marked_in(recipe)
    if now.at is None and not now.ring:
        st.html(f'<p class="np-under">{HINT}</p>')
