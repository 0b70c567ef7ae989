"""One picture of the gallery: its thumbnail, what it is, its star, and the buttons that open, change and remove it."""

import time
from html import escape

import streamlit as st

from pages.components.shared import messages
from pages.components.shared.format import UNKNOWN, ago, angles_line, spoken
from pages.routes.gallery import picture_address
from pages.state.context import gallery, product
from pages.state.member import actor, may_change
from services.errors import NinepatchError
from services.gallery import NOTES_LENGTH, Entry
from services.recipe import Recipe
from services.render import default_view, view_named

PLACE, CHANGING = "gallery", "gallery_change"
"""Where errors are shown: over the list, and in the card that is being changed."""
_OPEN, _NAME, _NOTES = "gallery_open", "gallery_name", "gallery_notes"


def card(entry: Entry, *, starred: bool) -> None:
    """What people wrote is plain text or escaped."""
    key, action = st.session_state.get(_OPEN) or ("", "")
    with st.container(key=f"card-{entry.id}", gap="small"):
        st.html(_picture(entry))
        st.html(_facts(entry, time.time()))
        if key == entry.id:
            (_change_form if action == "change" else _remove_form)(entry)
            messages.recall(CHANGING)
        else:
            _buttons(entry, starred=starred)


def _picture(entry: Entry) -> str:
    mark = '<span class="np-simulated">Simulated data</span>' if entry.simulated else ""
    alt = f"{'Simulated data. ' if entry.simulated else ''}Picture of {entry.name}"
    return (
        f'<div class="np-card-picture"><img src="{escape(picture_address(entry))}" loading="lazy" alt="{escape(alt)}" '
        f'width="360" height="360">{mark}</div>'
    )


def _facts(entry: Entry, now: float) -> str:
    """Name, notes, what it is and who made it when; HTML."""
    notes = f'<p class="np-card-notes">{escape(entry.notes)}</p>' if entry.notes else ""
    told = "".join(f"<div><dt>{label}</dt><dd>{escape(value)}</dd></div>" for label, value in facts(entry))
    by = f"{'Made' if entry.is_result else 'Saved'}{f' by {entry.member}' if entry.member else ''}, "
    gone = "" if product().results.find(entry.digest) else f'<p class="np-card-gone">{_gone(entry)}</p>'
    return (
        f'<h2 class="np-card-name">{escape(entry.name)}</h2>{notes}<dl class="np-card-facts">{told}</dl>{gone}'
        f'<p class="np-card-by">{escape(by + ago(now - entry.made))}</p>'
    )


def _gone(entry: Entry) -> str:
    """What becomes of a picture whose files made room, or were never asked for."""
    if entry.question:
        return "Its files are not here: opening it draws it from the cache, and says what is to be fetched."
    return "Its files were removed to make room, and its link is not known: choose the same again to have it drawn."


def facts(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Label and value of what it shows."""
    try:
        recipe = Recipe.from_json(entry.recipe)
        view = view_named(entry.view or default_view(recipe.bands).name, recipe.bands).title
    except NinepatchError:
        return (("Picture", UNKNOWN),)
    side = recipe.neighbourhood.side
    return (
        ("Place", f"{recipe.area}, tile {recipe.centre}, {side} × {side}"),
        ("Interval", recipe.when),
        ("Max. cloud cover", f"{recipe.maxcc} %"),
        ("Method", recipe.compositing.title),
        *angles_line(recipe),
        ("View", view),
    )


def _buttons(entry: Entry, *, starred: bool) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"acts-{entry.id}"):
        st.page_link("results.py", label=spoken("Open", entry.name), query_params=entry.link)
        st.button(
            spoken("★ Favourite" if starred else "☆ Star", entry.name),
            key=f"star-{entry.id}",
            type="tertiary",
            on_click=_star,
            args=(entry.id, not starred),
        )
        for verb in ("Edit", "Remove") if may_change(entry.member) else ():
            args = (entry, "change" if verb == "Edit" else "remove")
            label = spoken(verb, entry.name)
            st.button(label, key=f"{verb.lower()}-{entry.id}", type="tertiary", on_click=_open, args=args)


def _change_form(entry: Entry) -> None:
    with st.form(f"change-form-{entry.id}", border=False):
        st.session_state.setdefault(_NAME, entry.name)  # forgotten while another page was shown
        st.session_state.setdefault(_NOTES, entry.notes)
        st.text_input("Name", key=_NAME, max_chars=80)
        st.text_area("Notes", key=_NOTES, max_chars=NOTES_LENGTH)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Save", key="gallery_change", on_click=_change, args=(entry.id,))
            st.form_submit_button("Leave it", key="gallery_leave", type="tertiary", on_click=forget_change)


def _remove_form(entry: Entry) -> None:
    messages.say(
        "Remove it from the gallery for the whole team?",
        "Its files, its link and the cache stay as they are.",
        "" if entry.member == actor().name else f"{entry.member or 'Nobody'} made it; that you remove it is recorded.",
    )
    with st.container(horizontal=True, gap="small"):
        label = spoken("Remove", entry.name)
        st.button(label, key="gallery_remove", type="primary", on_click=_remove, args=(entry.id,))
        st.button("Keep it", key="gallery_keep", on_click=forget_change)


def forget_change() -> None:
    """Nothing is being changed or removed."""
    with messages.caught(CHANGING):
        st.session_state.pop(_OPEN, None)


def _open(entry: Entry, action: str) -> None:
    with messages.caught(CHANGING):
        st.session_state[_OPEN] = entry.id, action
        st.session_state[_NAME], st.session_state[_NOTES] = entry.name, entry.notes


def _change(key: str) -> None:
    with messages.caught(CHANGING):
        gallery().change(key, st.session_state[_NAME], st.session_state[_NOTES], actor())
        st.session_state.pop(_OPEN, None)


def _remove(key: str) -> None:
    with messages.caught(CHANGING):
        gallery().remove(key, actor())
        st.session_state.pop(_OPEN, None)


def _star(key: str, on: bool) -> None:
    with messages.caught(PLACE):
        gallery().star(key, actor(), on=on)
