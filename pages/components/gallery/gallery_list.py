"""The list of the gallery: searched, sorted, only favourites, a few at a time."""

import streamlit as st

from pages.components.gallery.card import PLACE, card, forget_change
from pages.components.shared import messages
from pages.state.context import gallery, jobs, product
from pages.state.member import actor
from services.gallery import AT_ONCE, SORTS

_SEARCH, _SORT, _ONLY, _LIMIT = "gallery_search", "gallery_sort", "gallery_only", "gallery_limit"


def gallery_list() -> None:
    """What the team has made, as cards; results of before there was a gallery are among it."""
    gallery().gather(product().results, _member_of)
    st.fragment(_list)()


def _member_of(digest: str) -> str:
    job = jobs().get(digest)
    return job.member if job is not None else ""


def _list() -> None:
    messages.recall(PLACE)
    with messages.told():
        text, sort, only = _controls()
        limit: int = st.session_state.setdefault(_LIMIT, AT_ONCE)
        found = gallery().search(text, actor(), sort=sort, favourites=only, limit=limit + 1)
        if not found:
            _nothing(text, only=only)
            return
        starred = gallery().favourites(actor())
        with st.container(key="gallery"):
            for entry in found[:limit]:
                card(entry, starred=entry.id in starred)
        if len(found) > limit:
            st.button("More", key="gallery_more", on_click=_more)


def _controls() -> tuple[str, str, bool]:
    """What is looked for, in which order, and whether among favourites only."""
    with st.container(key="gallery-bar", horizontal=True, vertical_alignment="bottom", gap="medium"):
        for key, value in ((_SEARCH, ""), (_SORT, "newest"), (_ONLY, False)):
            st.session_state.setdefault(key, value)
        text = st.text_input(
            "Search", key=_SEARCH, max_chars=80, placeholder="Name, note, area or year", on_change=_again
        )
        titles = {name: title for name, (title, _) in SORTS.items()}
        sort = st.selectbox("Sort by", list(titles), key=_SORT, format_func=titles.__getitem__, on_change=_again)
        only = st.toggle("Only my favourites", key=_ONLY, on_change=_again)
    return text, sort, only


def _nothing(text: str, *, only: bool) -> None:
    if text.strip():
        messages.say("No picture has that", "Search for less of it, or clear the field to see them all.")
    elif only:
        messages.say("You have no favourites yet", "Press the star of a picture that you want to find again.")
    else:
        messages.say(
            "Nothing has been made yet",
            "Every finished result comes here by itself; on Results a picture can be saved with a name and notes.",
        )


def _again() -> None:
    st.session_state[_LIMIT] = AT_ONCE
    forget_change()


def _more() -> None:
    st.session_state[_LIMIT] += AT_ONCE
