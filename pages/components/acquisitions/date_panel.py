"""One date large, beside what there is to say of it; the arrow keys go to the one before and the one after."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.components.acquisitions.date_strip import FaceView, spoken_name
from pages.components.acquisitions.veto_form import veto_form
from pages.components.shared.events import last_heard, news
from pages.components.shared.theme import component
from services.recipe import Recipe

PICKED = "dates_picked"
"""In the session: the key of the date that is looked at, on whatever page."""
_component = component("look")


def picked() -> str:
    """Key of the date that is looked at; empty where none is."""
    key: str = st.session_state.get(PICKED, "")
    return key


def pick(key: str) -> None:
    """Look at this date; none where it is empty."""
    st.session_state[PICKED] = key


def date_panel(recipe: Recipe, faces: Sequence[FaceView], *, key: str = "date-panel") -> None:
    """Of the picked date, where it is among these; `date-beside` stays in sight while a long list scrolls."""
    place = next((number for number, face in enumerate(faces) if face.key == picked()), None)
    if place is None:
        return
    face = faces[place]
    with st.container(key=key):
        picture, words = st.columns([5, 4], gap="medium")
        with picture:
            _look("look", faces, place, pick)
        with words:
            veto_form(recipe, face)
            st.button("Close", key="look_close", on_click=pick, args=("",))


def _look(key: str, faces: Sequence[FaceView], place: int, on_pick: Callable[[str], None]) -> None:
    around = faces[max(0, place - 1) : place + 2]

    def hear() -> None:
        known = {face.key for face in faces}
        for (name,) in news(key, st.session_state[key].get("told")):
            if name in known:
                on_pick(name)

    _component(
        key=key,
        data={
            "faces": [_plain(face) for face in around],
            "at": faces[place].key,
            "heard": list(last_heard(key)),
        },
        on_told_change=hear,
    )


def _plain(face: FaceView) -> dict[str, str]:
    return {
        "key": face.key,
        "name": spoken_name(face),
        "caption": f"{face.date}, {face.satellite}" + (f", at {face.coarse} m" if face.coarse else ""),
        "picture": f"{face.thumbnail}&large=1" if face.thumbnail else "",
    }
