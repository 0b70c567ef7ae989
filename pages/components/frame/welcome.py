"""What somebody sees who comes without an area: what this is in one sentence, and a finished picture."""

import hashlib
from functools import lru_cache

import streamlit as st

from pages.components.area import area_preview
from pages.components.frame.guide import invitation
from pages.components.shared.theme import ASSETS
from pages.state import session
from pages.state.base_path import prefix
from pages.state.choices import Choices

PICTURE = "welcome.webp"
"""Below `assets`; made by `python -m tools.welcome`."""
WHAT = "Ninepatch makes cloud-free Sentinel-2 composites of your area, and shows how far each of them can be trusted."
HOW = (
    "A picture covers 1 × 1, 3 × 3 or 5 × 5 tiles of a grid, or by an order all of them: choose the area below, then "
    "the tile in the middle."
)
_SEEN = "Median of the clear observations of a summer, 3 × 3 tiles of 3.3 km. Its pixels are simulated."
_ALT = "Fields, a forest and two lakes from above, without a cloud: a composite of simulated data, made by Ninepatch."


def welcome(chosen: Choices) -> None:
    """For as long as there is no area and nothing else to say; for who may fetch with the way into an example."""
    if chosen.aoi is not None or area_preview.pending() or session.problems():
        return
    with st.container(key="welcome", horizontal=True, gap="medium", vertical_alignment="center"):
        st.html(
            f'<img class="np-welcome" src="{prefix()}/assets/{PICTURE}?v={_stamp()}" alt="{_ALT}">', width="content"
        )
        with st.container(key="welcome-words", gap="xsmall"):
            st.html(f'<p class="np-what">{WHAT}</p><p>{HOW}</p><p class="np-seen">{_SEEN}</p>')
            st.page_link("help.py", label="What simulated means, and all else", query_params=session.address())
            invitation()


@lru_cache
def _stamp() -> str:
    return hashlib.sha256((ASSETS / PICTURE).read_bytes()).hexdigest()[:8]
