"""The way into the gallery: what Results shows is saved under a name, with notes, as the link that draws it."""

import streamlit as st

from pages.components.shared import messages
from pages.state import session
from pages.state.context import gallery
from pages.state.member import actor, may
from services.gallery import NOTES_LENGTH
from services.recipe import Recipe
from services.text import clean_name

SAVING = "gallery_save"
"""Where errors are shown: under the form."""
_NAME, _NOTES, _DONE = "gallery_save_name", "gallery_save_notes", "gallery_saved"
_OF = "gallery_save_of"
"""In the session: the picture that the words are of."""


def keep_picture(recipe: Recipe) -> None:
    """A form behind a button; nothing for a viewer, who saves nothing."""
    if not may():
        return
    with st.popover("Save to the gallery", help="With its name, your notes and what it shows now."):
        with st.form("gallery-save", border=False):
            _begin(recipe)
            st.text_input("Name", key=_NAME, max_chars=80)
            st.text_area("Notes", key=_NOTES, max_chars=NOTES_LENGTH)
            st.form_submit_button("Save", key="gallery_save", on_click=_save)
        messages.recall(SAVING)
        saved = st.session_state.get(_DONE, "")
        if saved:
            st.text(f"Saved to the gallery as {saved}")


def _begin(recipe: Recipe) -> None:
    """Another picture has words of its own."""
    shown = recipe.digest, session.read().view
    if st.session_state.get(_OF) != shown or _NAME not in st.session_state:
        st.session_state[_OF], st.session_state[_NOTES] = shown, ""
        st.session_state[_NAME] = clean_name(f"{recipe.area}, {recipe.when}")
        st.session_state.pop(_DONE, None)


def _save() -> None:
    st.session_state.pop(_DONE, None)
    with messages.caught(SAVING):
        chosen = session.read()
        recipe = chosen.recipe()
        if recipe is not None:
            words = {"name": st.session_state[_NAME], "notes": st.session_state[_NOTES]}
            simulated = chosen.archive.simulated
            entry = gallery().save(recipe, chosen.question(), actor(), simulated=simulated, **words)
            st.session_state[_DONE] = entry.name
