"""One date in words, and whether it is in the picture: left out for a reason, or taken in again."""

import math
import re
from collections.abc import Sequence

import streamlit as st

from pages.components.acquisitions.by_hand import exclude, forget_vetoes, give_back, use
from pages.components.acquisitions.date_strip import FaceView
from pages.components.shared import messages
from pages.components.shared.definition_list import definition_list, heading
from pages.components.shared.format import whole_percent
from pages.state import session
from services.recipe import LONGEST, Recipe

REASONS = (
    "Haze or thin cloud",
    "Cloud that the mask missed",
    "Shadow that the mask missed",
    "Snow or ice",
    "Smoke or dust",
    "Defect in the data",
)
ANOTHER = "Another reason…"
_REASON, _WORDS = "veto_reason", "veto_words"
_KEY = re.compile(r"(\w+?)_R\d{3}_(\d{4})(\d\d)(\d\d)(?:T\d{6})?")
_MANY = 5
"""More vetoes than these scroll in their place."""
_HEIGHT = 260
"""Pixels of that place."""


def veto_form(recipe: Recipe, face: FaceView) -> None:
    """What there is to say of the date, and the way to leave it out or to take it in again."""
    heading(f"{face.date}, {face.satellite}")
    definition_list(_facts(face))
    if face.key in recipe.included and face.state == "kept":
        st.text(f"Used {face.words or 'by hand'}")
        st.button("Exclude this date", on_click=exclude, args=(face,))
    elif face.state == "kept":
        _leave(face)
    elif face.state == "vetoed":
        st.text(f"Excluded: {face.words}")
        if face.clouds > recipe.maxcc:
            _note(f"Its scene cloud cover is over the maximum of {recipe.maxcc} % too.")
        st.button("Use it again", on_click=use, args=(face,))
    elif face.state == "gone":
        st.text(f"It is excluded: {face.words}")
    else:
        _over(face)
    messages.recall(_place(face.key))


def _over(face: FaceView) -> None:
    """What the limits have against it, and how it is used all the same."""
    if face.state == "sliver":
        st.text(f"It only touches a corner: {face.words}. A least coverage of 0 would use it.")
    else:
        st.text(
            f"It is over the max. cloud cover: {face.words or f'{face.clouds:.1f} %'}. "
            f"A maximum of {math.ceil(face.clouds)} % would use it."
        )
    st.button("Use this date all the same", on_click=use, args=(face,))


def vetoes_list(faces: Sequence[FaceView] = ()) -> None:
    """All dates that are left out, of whatever interval, with their reasons; nothing where there are none.

    `faces` are the dates of the interval: a veto of another one says so.
    """
    chosen = session.read()
    if not chosen.vetoes:
        return
    count, named = len(chosen.vetoes), {face.key: face for face in faces}
    heading(f"{count} {'date is' if count == 1 else 'dates are'} excluded")
    rows = sorted(
        ((*_named(veto.acquisition, named.get(veto.acquisition)), veto) for veto in chosen.vetoes),
        key=lambda row: (row[0], row[2].acquisition),
    )
    with st.container(height=_HEIGHT if count > _MANY else "content", border=False, gap="xsmall"):
        for day, satellite, veto in rows:
            here = veto.acquisition in named or (not faces and veto.may_be_in(chosen.interval))
            with st.container(horizontal=True, wrap=False, gap="small", vertical_alignment="center"):
                st.button(
                    f"Use {day or 'it'} again",
                    key=f"veto-again-{veto.acquisition}",
                    on_click=give_back,
                    args=(veto.acquisition,),
                )
                st.text(f"{satellite}: {veto.reason}{'' if here else ' (not among these dates)'}", width="stretch")
    if count > 1:
        st.button("Use all again", on_click=forget_vetoes)


def _facts(face: FaceView) -> list[tuple[str, str]]:
    unknown = "not known: their classification is not cached"
    return [
        ("Orbit", str(face.orbit) if face.orbit else "not known"),
        ("Scene cloud cover", f"{face.clouds:.1f} %"),
        (
            "Clear in this picture",
            unknown if face.clear is None else f"{whole_percent(100 * face.clear)} of the pixels{_at(face)}",
        ),
        ("Data", unknown if face.data is None else f"on {whole_percent(100 * face.data)} of the pixels{_at(face)}"),
    ]


def _at(face: FaceView) -> str:
    return f", at {face.coarse} m" if face.coarse else ""


def _leave(face: FaceView) -> None:
    reason = st.selectbox("Reason", [*REASONS, ANOTHER], key=_REASON, width=320)
    if reason == ANOTHER:
        st.text_input("The reason in a few words", key=_WORDS, max_chars=LONGEST, width=420)
    st.button("Exclude this date", on_click=_leave_out, args=(face,))


def _note(words: str) -> None:
    with st.container(key="note-veto"):
        st.text(words)


def _place(acquisition: str) -> str:
    """Where errors of its form are shown."""
    return f"veto {acquisition}"


def _named(acquisition: str, face: FaceView | None) -> tuple[str, str]:
    """Day and satellite; of a date that is not among the faces as its key has them, or no day and the whole key."""
    if face is not None:
        return face.date, face.satellite
    parts = _KEY.fullmatch(acquisition)
    if parts is None:
        return "", acquisition
    satellite, *day = parts.groups()
    return "-".join(day), satellite


def _leave_out(face: FaceView) -> None:
    reason = st.session_state[_REASON]
    with messages.caught(_place(face.key)):
        exclude(face, " ".join(st.session_state.get(_WORDS, "").split()) if reason == ANOTHER else reason)
