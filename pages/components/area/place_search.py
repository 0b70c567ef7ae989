"""The way to an area by a name or coordinates: suggestions while one types, and an online search where one is set."""

import streamlit as st

from pages.components.area import area_preview
from pages.components.shared import messages
from pages.components.shared.events import last_heard, news
from pages.components.shared.theme import component
from pages.routes.places import places_address
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import settings
from services.places import (
    ATTRIBUTION,
    Answer,
    area_of_answer,
    area_of_words,
    area_under,
    geocoder_of,
)

PLACE = "place"
"""Where errors of a search are shown."""
KEY = "place_search"
_ONLINE, _SAID = "place_online", "place_said"
_component = component("places")


def place_picker(chosen: Choices) -> None:  # noqa: ARG001 - the ways are called alike
    """Search and choose; what is chosen is offered. Words may be written whole too, coordinates among them."""
    host = ""
    with messages.told():
        geocoder = geocoder_of(settings())
        host = geocoder.host if geocoder else ""
    _component(
        key=KEY,
        data={
            "address": places_address(),
            "online": host,
            "round": area_preview.rounds(),
            "said": st.session_state.get(_SAID, ""),
            "heard": list(last_heard(KEY)),
        },
        on_told_change=_hear,
    )
    messages.recall(PLACE)
    _online_answers()
    st.caption(
        f"{ATTRIBUTION} Borders are as Natural Earth draws them, simplified to about 1 km; they are no statement."
    )


def tile_size() -> int:
    """Metres of the tiles that the next area gets: of the team grid in use, else the setting's."""
    grid = session.read().grid
    return int(grid.cut) if grid is not None and grid.cut.isdecimal() else settings().tile_size


def _hear() -> None:
    """What somebody did in the field: picked a place, wrote words whole, or asked online."""
    for kind, what in news(KEY, st.session_state[KEY].get("told")):
        area_preview.discard()  # of another place
        st.session_state.pop(_ONLINE, None)
        st.session_state[_SAID] = ""
        with messages.caught(PLACE):
            _DOES[str(kind)](what)


def _pick(number: object) -> None:
    area_preview.offer(area_under(int(str(number)), settings()))
    _say()


def _take_words(words: object) -> None:
    area_preview.offer(area_of_words(str(words), settings(), tile_size=tile_size()))
    _say()


def _ask(words: object) -> None:
    geocoder = geocoder_of(settings())
    if geocoder is not None:
        st.session_state[_ONLINE] = geocoder.search(str(words))
        found = len(st.session_state[_ONLINE])
        st.session_state[_SAID] = f"{found} found by {geocoder.host}." if found else f"{geocoder.host} found nothing."


_DOES = {"pick": _pick, "words": _take_words, "online": _ask}
"""By the kind of event that `assets/places.js` tells."""


def _say() -> None:
    """For screen readers: the focus stays in the field."""
    aoi = area_preview.offered()
    st.session_state[_SAID] = f"{aoi.name} is shown on the map. Use it below, or search on." if aoi else ""


def _online_answers() -> None:
    """What the geocoder found, to choose from, and whose data it is."""
    answers: tuple[Answer, ...] | None = st.session_state.get(_ONLINE)
    if answers is None or area_preview.pending():
        return
    with st.container(key="places-online", gap="small"):
        for number, answer in enumerate(answers):
            label = f"{answer.name} ({answer.kind})" if answer.kind else answer.name
            st.button(_plain(label), key=f"place-online-{number}", width="stretch", on_click=_take, args=(answer,))
        st.text(" ".join(dict.fromkeys(answer.attribution for answer in answers)) or st.session_state[_SAID])


def _plain(words: str) -> str:
    """As a label, where a foreign word must not be markup."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!:|<>$~" else sign for sign in words)


def _take(answer: Answer) -> None:
    with messages.caught(PLACE):
        area_preview.offer(area_of_answer(answer, settings(), tile_size()))
        _say()
