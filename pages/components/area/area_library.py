"""The team's library of areas: found by a part of the name, used, renamed, deleted; and the way into it."""

import time
from html import escape
from urllib.parse import quote

import streamlit as st

from pages.components.area.area_facts import square_kilometres
from pages.components.shared import messages
from pages.components.shared.format import ago, spoken
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import library
from pages.state.member import actor, may, may_change
from services.area import Entry, svg
from services.geo import degrees

PLACE, CHANGING, SAVING = "library", "library_change", "library_save"
"""Where errors are shown: over the list, in the entry that is being changed, and under the facts of the area."""
AT_ONCE = 20
_SEARCH, _LIMIT, _OPEN, _NAME = "library_search", "library_limit", "library_open", "library_name"


def area_library(chosen: Choices) -> None:
    """The areas that the team has saved, the last used on top; every button changes things before the page runs."""
    messages.recall(PLACE)
    with messages.told():
        limit: int = st.session_state.setdefault(_LIMIT, AT_ONCE)
        text: str = st.session_state.setdefault(_SEARCH, "")
        found = library().search(text, limit + 1)
        changed, _ = st.session_state.get(_OPEN) or ("", "")
        if changed not in {entry.id for entry in found}:  # somebody has deleted it meanwhile: there is no row to say so
            messages.recall(CHANGING)
        if not found and not text.strip():
            messages.say(
                "Nobody has saved an area yet",
                "Choose one in another way, and press “Save for the team” under it." if may() else "A member may.",
            )
            return
        st.text_input("Search", key=_SEARCH, max_chars=80, placeholder="Part of a name", on_change=_search)
        if not found:
            messages.say("No area has that in its name", "Search for less of it, or clear the field to see them all.")
            return
        with st.container(key="library", gap=None):
            for entry in found[:limit]:
                _row(entry, is_chosen=chosen.aoi is not None and chosen.aoi.outline_digest == entry.id)
        if len(found) > limit:
            st.button("Show more", key="library_more", on_click=_more)


def save_area(chosen: Choices) -> None:
    """For under the facts of the chosen area: a button that saves it, or what it is called in the library."""
    if chosen.aoi is None:
        return
    with messages.told():
        entry = library().find(chosen.aoi)
        with st.container(key="library-save", horizontal=True, gap="small", vertical_alignment="center"):
            if entry is None and not may():
                st.caption("A member may save it for the team.")
            elif entry is None:
                st.button("Save for the team", key="library_save", icon=":material/bookmark_add:", on_click=_save)
            else:
                st.text(f"Saved for the team as {entry.name}", width="content")
                if entry.name != chosen.aoi.name and may_change(entry.member):
                    st.button("Rename it for the team", key="library_save", on_click=_save)
    messages.recall(SAVING)


def _row(entry: Entry, *, is_chosen: bool) -> None:
    key, action = st.session_state.get(_OPEN) or ("", "")
    with st.container(key=f"saved-{entry.id}", horizontal=True, gap="small"):
        st.html(_thumbnail(entry), width="content")
        with st.container(gap=None):
            st.text(entry.name)
            with st.container(key=f"saved-words-{entry.id}"):
                st.text(words(entry, time.time(), is_chosen=is_chosen))
            if key == entry.id:
                (_rename_form if action == "rename" else _delete_form)(entry)
                messages.recall(CHANGING)
            else:
                _buttons(entry)


def _thumbnail(entry: Entry) -> str:
    source = f"data:image/svg+xml,{quote(svg(entry.path), safe='')}"
    return f'<img class="np-thumbnail" src="{source}" alt="Outline of {escape(entry.name)}" width="96" height="72">'


def words(entry: Entry, now: float, *, is_chosen: bool = False) -> str:
    """How large and where, and in a second line by whom and when; what people wrote is among it."""
    place = f"{degrees(entry.latitude, 'NS', '.1f')}, {degrees(entry.longitude, 'EW', '.1f')}"
    first = f"{'Chosen now · ' if is_chosen else ''}{square_kilometres(entry.area_km2)} · {place}"
    return f"{first}\nSaved by {entry.member}, {ago(now - entry.saved)}"


def _buttons(entry: Entry) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(spoken("Use", entry.name), key=f"use-{entry.id}", on_click=_use, args=(entry.id,))
        for verb in ("Rename", "Delete") if may_change(entry.member) else ():
            args = (entry, verb.lower())
            label = spoken(verb, entry.name)
            st.button(label, key=f"{verb.lower()}-{entry.id}", type="tertiary", on_click=_open, args=args)


def _rename_form(entry: Entry) -> None:
    with st.form(f"rename-form-{entry.id}", border=False, enter_to_submit=True):
        st.session_state.setdefault(_NAME, entry.name)  # forgotten while another page was shown
        st.text_input("New name", key=_NAME, max_chars=80)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Rename", key="library_rename", on_click=_rename, args=(entry.id,))
            st.form_submit_button("Leave it", key="library_leave", type="tertiary", on_click=_close)


def _delete_form(entry: Entry) -> None:
    messages.say(
        "Delete it for the whole team?",
        "Links to the area and pictures of it stay as they are.",
        "" if entry.member == actor().name else f"{entry.member} saved it; that you delete it is recorded.",
    )
    with st.container(horizontal=True, gap="small"):
        label = spoken("Delete", entry.name)
        st.button(label, key="library_delete", type="primary", on_click=_delete, args=(entry.id,))
        st.button("Keep it", key="library_keep", on_click=_close)


def _use(key: str) -> None:
    messages.forget()
    with messages.caught(PLACE):
        session.choose_area(library().open(key))
        if may():
            library().use(key)


def _save() -> None:
    aoi = session.read().aoi
    with messages.caught(SAVING):
        if aoi is not None:
            library().save(aoi, actor())


def _open(entry: Entry, action: str) -> None:
    with messages.caught(CHANGING):
        st.session_state[_OPEN], st.session_state[_NAME] = (entry.id, action), entry.name


def _rename(key: str) -> None:
    with messages.caught(CHANGING):
        library().rename(key, st.session_state[_NAME], actor())
        st.session_state.pop(_OPEN, None)


def _delete(key: str) -> None:
    with messages.caught(CHANGING):
        library().delete(key, actor())
        st.session_state.pop(_OPEN, None)


def _close() -> None:
    with messages.caught(CHANGING):
        st.session_state.pop(_OPEN, None)


def _search() -> None:
    _close()
    st.session_state[_LIMIT] = AT_ONCE


def _more() -> None:
    st.session_state[_LIMIT] += AT_ONCE
