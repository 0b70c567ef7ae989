"""The head of a page: its title, and one sentence that says what the page is for and what to do."""

from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.components.frame.guide import guide
from pages.components.inspect.marked_place import LINK
from pages.components.shared.definition_list import heading
from pages.state.context import entrance

SENTENCES = {
    "area": "Choose a place, then the tile of its grid that the picture is to have in the middle.",
    "acquisitions": "Choose the days and how cloudy a date may be; you see which dates are used, and what they cost, "
    "before anything is fetched.",
    "results": "The picture of the dates that are used: see by its numbers how far to trust it, change what it shows, "
    "and take its files.",
    "compare": "The same place, a row a year and a column a maximum cloud cover: down a column the land may differ, "
    "along a row only the sampling does; choose two to compare them.",
    "masks": "What each cloud mask takes out of one date, and how much cloud each lets in over the dates in the cache: "
    "choose by what you see, then by the numbers.",
    "orders": "One picture of a whole area: see what it takes before anything is spent, then watch it grow; it goes on "
    "without a browser.",
    "gallery": "What the team has made: find a picture again, and open it with all its choices in one press.",
    "members": "Who may come in and as what, what each spent this month, and who did what to others' work.",
    "help": "What this is, where its pixels come from, and how it is worked with.",
    "activity": "What everybody asked for, what it cost and what the cache saved; cancel a job here, or let it go on.",
}
"""By the page's file; in the user's words."""


def page_header(page: str) -> None:
    """The page's sentence; in its place the guide, while somebody follows it."""
    if not guide(page):
        st.html(f'<p class="np-lead">{escape(SENTENCES[page])}</p>')


def head(page: str, title: str, *, link: bool = False) -> None:
    """Title and sentence, and beside them the link to what is chosen."""
    with st.container(key="page-head", gap=None):
        with st.container(key="page-title", horizontal=True, vertical_alignment="center"):
            heading(title, level=1)
            if link:
                share()
        page_header(page)


def share() -> None:
    """A button that shows the link, ready to be copied."""
    with st.popover("Share", help="A link to what you see now."):
        st.code(link(), language=None, wrap_lines=True)
        st.caption(
            "Whoever opens it on this server sees the same area, grid, tile, dates, limit and view. "
            "Opening it fetches nothing and costs nothing."
        )


def shared_link() -> None:
    """The same on a page where more is looked into than is chosen: the link holds it too, and runs again alone."""
    with st.container(width="content"):
        st.fragment(key=LINK)(share)()


def link() -> str:
    """The address of the page with everything that is chosen."""
    here, public = (st.context.url or "").partition("?")[0], entrance().public
    if public is not None:
        here = public.origin + urlsplit(here).path
    return f"{here}?{urlencode(st.query_params.to_dict(), safe=',~|')}"
