"""A picture that takes a moment: what was shown before stays, dimmed, until the new one is there."""

from collections.abc import Callable

import streamlit as st

from pages.limits import every
from services.errors import NinepatchError
from services.preview import StillDrawing

EVERY_SECONDS = 0.3
Show = Callable[[], None]
"""Draws what has been made."""


def redrawn(place: str, make: Callable[[], Show]) -> bool:
    """Show what `make` gives, and True; where it is still being drawn what was shown at that place before, and False:
    the page runs again when it is there. Raises what `make` raises.
    """
    kept = f"shown_{place}"
    try:
        show = make()
    except StillDrawing:
        before: Show | None = st.session_state.get(kept)
        with st.container(key=f"redrawing-{place}"):
            st.html('<p class="np-said np-redrawing" role="status">Drawing the picture …</p>')
            if before is not None:
                before()
        st.fragment(_look, run_every=every(EVERY_SECONDS))(make)
        return False
    st.session_state[kept] = show
    show()
    return True


def _look(make: Callable[[], Show]) -> None:
    """The page runs again when it is there; what is wrong with it is said then."""
    try:
        make()
    except StillDrawing:
        return
    except NinepatchError:
        pass
    st.rerun()
