"""The ways to an area; and what was understood of the one that is chosen.

What may not be what somebody thinks it is, a file, a text or a place, is offered first; the rest is taken at once.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.area import area_preview
from pages.components.area.area_facts import area_facts
from pages.components.area.area_library import area_library, save_area
from pages.components.area.place_search import place_picker, tile_size
from pages.components.shared import messages
from pages.components.shared.definition_list import heading
from pages.limits import give_back, refusal
from pages.state import session
from pages.state.choices import Choices
from pages.state.context import settings
from services.area import AOI, aoi_from_drawing, parse_features, read_features
from services.formats import FORMATS, REFUSED, SUFFIXES
from services.places import brought
from services.recipe import EXAMPLES, Example
from services.text import clean_name

WAYS = ("Example", "Team", "Place", "File", "Text", "Drawing")
PLACE = "area"
"""Where errors of these inputs are shown."""
MAP = "map"
"""Where errors of a drawing are shown."""
_UNNAMED = re.compile(r"Area at \d+\.\d° [NS], \d+\.\d° [EW]")
"""The name of an area that nobody named: it follows the area when that is edited."""
_WAY, _EXAMPLE, _FILE, _TEXT, _NAME = "area_way", "area_example", "area_file", "area_text", "area_name"
_SEEN = "area_file_seen"
"""In the session: id of the last file that was read."""


def area_picker(chosen: Choices) -> None:
    """Choose the area; every way changes the choices before the page runs again."""
    heading("Area")
    st.session_state.setdefault(_WAY, WAYS[0])
    way = st.segmented_control(
        "How to give the area",
        WAYS,
        key=_WAY,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        on_change=messages.forget,
    )
    (_example, area_library, place_picker, _file, _text, _drawing)[WAYS.index(way or WAYS[0])](chosen)
    messages.recall(PLACE)
    if area_preview.pending():
        area_preview.offer_panel()
    elif chosen.aoi is not None:
        echo(chosen.aoi)
        save_area(chosen)


def echo(aoi: AOI) -> None:
    """What was understood."""
    key = session.held(_NAME, aoi.name)
    st.text_input(
        "Name", aoi.name, key=key, max_chars=80, on_change=_rename, help="In titles and in the names of files."
    )
    area_facts(aoi, "area")


def draw_area(features: Sequence[Mapping[str, Any]], *, edited: bool) -> None:
    """For the map: what is drawn there is the area; nothing drawn is no area."""
    now = session.read().aoi
    name = now.name if now is not None and edited and not _UNNAMED.fullmatch(now.name) else ""
    messages.forget()
    with messages.caught(MAP):
        if not features:
            session.change(aoi=None, grid=None, centre=None)
        elif edited:
            session.edit_area(aoi_from_drawing(features, name=name, limits=settings()))
        else:
            session.choose_area(aoi_from_drawing(features, limits=settings()))


def _example(chosen: Choices) -> None:
    if chosen.aoi is None:
        with st.container(key="examples", gap="small"):
            for example in EXAMPLES:  # their words are ours, so they may be markup
                label = f"**{example.name}**  \n{example.words}"
                st.button(label, key=f"example-{example.name}", width="stretch", on_click=take, args=(example,))
        return
    present = next((example for example in EXAMPLES if chosen.aoi.digest == example.aoi.digest), None)
    names = [example.name for example in EXAMPLES]
    key = session.held(_EXAMPLE, present.name if present else None)
    st.pills(
        "Examples",
        names,
        default=present.name if present else None,
        key=key,
        on_change=_take_pill,
        label_visibility="collapsed",
    )
    if present:
        st.caption(present.words)


def _file(chosen: Choices) -> None:  # noqa: ARG001 - the ways are called alike
    file = st.file_uploader(
        ", ".join(kind.title for kind in FORMATS),
        type=[suffix.removeprefix(".") for suffix in (*SUFFIXES, *REFUSED)],
        max_upload_size=settings().max_upload_mb,
        key=f"{_FILE}-{area_preview.rounds()}",  # empty again when what it brought was taken or left
        on_change=_offer_file,
    )
    if file is not None and st.session_state.get(_SEEN) != file.file_id:
        _read(file)  # it came while the connection was lost, and nobody heard of it
        st.rerun()
    if file is None:
        _let_go()
    if sentence := refusal():
        messages.say("This file was not taken", sentence, kind="problem")
    st.caption(
        "A file shows on the map before it is used. One that is only listed here did not arrive: choose it again."
    )


def _text(chosen: Choices) -> None:  # noqa: ARG001 - the ways are called alike
    st.text_area(
        "GeoJSON, WKT, a box, a point or corners in degrees",
        key=_TEXT,
        height=130,
        placeholder="24.5, 60.3, 25.5, 60.9\nor 60°18'N 24°30'E, 60°54'N 25°30'E\nor POLYGON ((24.5 60.3, …))",
        help="A box is west, south, east, north. Two corners with their letters are a box too, more are a polygon. "
        "A point, like 52.37, 4.89, is latitude first, and becomes the tile that holds it.",
    )
    st.button("Show on the map", on_click=_offer_text)


def _drawing(chosen: Choices) -> None:
    if chosen.aoi is None:
        st.caption(
            "Choose the rectangle or the polygon at the left of the map, and draw. A new shape replaces the area."
        )
    else:
        st.caption("A new rectangle or polygon replaces the area; the pencil moves its corners, the bin deletes it.")


def take(example: Example) -> None:
    """An example brings all its choices."""
    messages.forget()
    with messages.caught(PLACE):
        session.choose_example(example)


def _take_pill() -> None:
    for example in EXAMPLES:  # none of them where the chosen one was clicked again
        if example.name == st.session_state[_EXAMPLE]:
            take(example)


def _offer_file() -> None:
    file = st.session_state[f"{_FILE}-{area_preview.rounds()}"]
    area_preview.discard()  # of another file
    if file is None:  # it was taken off the list
        messages.forget()
        return
    _read(file)


def _read(file: UploadedFile) -> None:
    """Offer what is in it, or say why not; once for each file that came."""
    if st.session_state.get(_SEEN) != file.file_id:
        _let_go()
    st.session_state[_SEEN] = file.file_id
    with messages.caught(PLACE):
        area_preview.offer(read_features(file.getvalue(), file.name, limits=settings()))


def _let_go() -> None:
    """The file that was read takes no memory any more: it was taken, left, or another one came."""
    give_back(st.session_state.get(_SEEN, ""))


def _offer_text() -> None:
    area_preview.discard()
    with messages.caught(PLACE):
        text = st.session_state[_TEXT]
        point = brought(text, settings(), tile_size=tile_size())
        area_preview.offer(point or parse_features(text, limits=settings()))


def _rename() -> None:
    chosen, name = session.read(), clean_name(st.session_state[_NAME])
    if chosen.aoi is None or not name:
        return
    messages.forget()
    with messages.caught(PLACE):
        session.edit_area(chosen.aoi.called(name, chosen.aoi.notes))
