"""The link to what is shown now: it opens the same in another browser, and never spends anything there."""

from urllib.parse import urlencode

import streamlit as st


def share() -> None:
    """A button that shows the link, ready to be copied."""
    with st.popover("Share", help="A link to what you see now."):
        st.code(link(), language=None, wrap_lines=True)
        st.caption(
            "Whoever opens it on this server sees the same area, grid, tile, dates, limit and view. "
            "Opening it fetches nothing and costs nothing."
        )


def link() -> str:
    """The address of the page with everything that is chosen."""
    here = (st.context.url or "").partition("?")[0]
    return f"{here}?{urlencode(st.query_params.to_dict(), safe=',~|')}"
