"""Dates that somebody uses or excludes, whatever the limits say, and the way back: of the session alone."""

import streamlit as st

from pages.components.acquisitions.date_strip import FaceView
from pages.state import session
from services.recipe import Veto, ordered

UNSAID = "by hand"
"""The reason of a date that was unticked; the form of the date takes another one."""
STEPS = 50
"""Most changes that can be undone."""
_PAST = "dates_past"

Step = tuple[str, tuple[Veto, ...], tuple[str, ...]]
"""Digest of the area, and what was excluded and included before a change."""


def use(face: FaceView) -> None:
    """Take its veto back; where the limits are against it too, it is included by hand."""
    chosen = session.read()
    vetoes = tuple(veto for veto in chosen.vetoes if veto.acquisition != face.key)
    _change(vetoes, {*chosen.included, face.key} if _against(face) else set(chosen.included))


def exclude(face: FaceView, reason: str = UNSAID) -> None:
    """Leave it out; one that is in by hand alone goes back to what the limits say. Raises RecipeError."""
    chosen = session.read()
    rest = set(chosen.included) - {face.key}
    if face.key in chosen.included and _against(face):
        _change(chosen.vetoes, rest)
    else:
        _change(ordered((*chosen.vetoes, Veto(face.key, reason))), rest)


def give_back(acquisition: str) -> None:
    """Take the veto of one back that may be of another interval: what its clouds are is not known here."""
    chosen = session.read()
    _change(tuple(veto for veto in chosen.vetoes if veto.acquisition != acquisition), set(chosen.included))


def forget_vetoes() -> None:
    """Use all again that were excluded, as far as the limits do."""
    _change((), set(session.read().included))


def can_undo() -> bool:
    """Whether a date of this area was used or excluded by hand in this session."""
    return bool(_steps())


def undo() -> None:
    """As it was before the last such change."""
    *before, (_, vetoes, included) = _steps()
    st.session_state[_PAST] = tuple(before)
    session.change(vetoes=vetoes, included=included)


def tick(face: FaceView, used: bool) -> None:
    """Use it, or not."""
    (use if used else exclude)(face)


def undo_button() -> None:
    """Where there is something to take back."""
    if can_undo():
        st.button("Undo the last change of a date", key="dates_undo", icon=":material/undo:", on_click=undo)


def _against(face: FaceView) -> bool:
    """Whether the limits would leave it out."""
    chosen = session.read()
    return face.clouds > chosen.maxcc or 100 * face.covers < chosen.least_coverage


def _change(vetoes: tuple[Veto, ...], included: set[str]) -> None:
    chosen = session.read()
    step: Step = (_area(), chosen.vetoes, chosen.included)
    st.session_state[_PAST] = (*_steps(), step)[-STEPS:]
    session.change(vetoes=vetoes, included=tuple(sorted(included)))


def _steps() -> tuple[Step, ...]:
    steps: tuple[Step, ...] = st.session_state.get(_PAST, ())
    return tuple(step for step in steps if step[0] == _area())


def _area() -> str:
    aoi = session.read().aoi
    return aoi.digest if aoi else ""
