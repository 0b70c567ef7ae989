"""Four ways to an area: an example, a file, a text, a drawing; and what was understood of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.components import choices, messages
from pages.components.choices import Choices
from pages.components.facts import degrees, facts, heading
from pages.components.product import settings
from services.aoi import AOI, aoi_from_drawing, parse_aoi, read_aoi
from services.examples import EXAMPLES, Example
from services.formats import SUFFIXES
from services.interval import Interval
from services.outline import clean_name

WAYS = ("Example", "File", "Text", "Drawing")
PLACE = "area"
"""Where errors of these inputs are shown."""
MAP = "map"
"""Where errors of a drawing are shown."""
PLACE_NAME = "Area at "
"""How the name of an area begins that nobody named: it follows the area when that is edited."""
_WAY, _EXAMPLE, _FILE, _TEXT, _NAME = "area_way", "area_example", "area_file", "area_text", "area_name"


def area_picker(chosen: Choices) -> None:
    """Choose the area; every way changes the choices before the page runs again."""
    heading("Area")
    st.session_state.setdefault(_WAY, WAYS[0])
    way = st.segmented_control(
        "How to give the area", WAYS, key=_WAY, required=True, label_visibility="collapsed", width="stretch"
    )
    {"Example": _example, "File": _file, "Text": _text, "Drawing": _drawing}[way or WAYS[0]](chosen)
    messages.recall(PLACE)
    if chosen.aoi is not None:
        echo(chosen.aoi)


def echo(aoi: AOI) -> None:
    """What was understood."""
    key = choices.held(_NAME, aoi.name)
    st.text_input(
        "Name", aoi.name, key=key, max_chars=80, on_change=_rename, help="In titles and in the names of files."
    )
    west, south, east, north = aoi.bounds
    longitude, latitude = aoi.centroid
    facts(
        (
            ("Area", f"{aoi.area_km2:,.0f} km²" if aoi.area_km2 >= 100 else f"{aoi.area_km2:,.2f} km²"),
            ("Longitudes", f"{degrees(west, 'EW')} – {degrees(east, 'EW')}"),
            ("Latitudes", f"{degrees(south, 'NS')} – {degrees(north, 'NS')}"),
            ("Centroid", f"{degrees(latitude, 'NS')}, {degrees(longitude, 'EW')}"),
            ("UTM zone", f"{aoi.epsg % 100} {'N' if aoi.epsg < 32700 else 'S'}, EPSG:{aoi.epsg}"),
        )
    )
    for number, note in enumerate(aoi.notes):
        with st.container(key=f"note-{number}"):
            st.text(note)


def draw_area(features: Sequence[Mapping[str, Any]], *, edited: bool) -> None:
    """For the map: what is drawn there is the area; nothing drawn is no area."""
    now = choices.read().aoi
    name = now.name if now is not None and edited and not now.name.startswith(PLACE_NAME) else ""
    with messages.caught(MAP):
        if not features:
            choices.change(aoi=None, grid=None, centre=None)
        elif edited:
            choices.edit_area(aoi_from_drawing(features, name=name, limits=settings()))
        else:
            choices.choose_area(aoi_from_drawing(features, limits=settings()))


def _example(chosen: Choices) -> None:
    if chosen.aoi is None:
        with st.container(key="examples", gap="small"):
            for example in EXAMPLES:  # their words are ours, so they may be markup
                label = f"**{example.name}**  \n{example.words}"
                st.button(label, key=f"example-{example.name}", width="stretch", on_click=take, args=(example,))
        return
    present = next((example for example in EXAMPLES if chosen.aoi.digest == example.aoi.digest), None)
    names = [example.name for example in EXAMPLES]
    key = choices.held(_EXAMPLE, present.name if present else None)
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
    st.file_uploader(
        "GeoJSON, KML, KMZ, zipped Shapefile, GeoPackage, FlatGeobuf, GPX or WKT",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        max_upload_size=settings().max_upload_mb,
        key=_FILE,
        on_change=_take_file,
    )


def _text(chosen: Choices) -> None:  # noqa: ARG001 - the ways are called alike
    st.text_area(
        "GeoJSON, WKT, or west, south, east, north in degrees",
        key=_TEXT,
        height=110,
        placeholder="24.5, 60.3, 25.5, 60.9",
    )
    st.button("Use this text", on_click=_take_text)


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
        choices.choose_area(
            example.aoi,
            example.spec,
            centre=example.centre,
            interval=Interval.of_year(example.year),
            maxcc=example.maxcc,
        )


def _take_pill() -> None:
    for example in EXAMPLES:  # none of them where the chosen one was clicked again
        if example.name == st.session_state[_EXAMPLE]:
            take(example)


def _take_file() -> None:
    file = st.session_state[_FILE]
    if file is None:  # it was taken off the list; the area stays
        messages.forget()
        return
    with messages.caught(PLACE):
        choices.choose_area(read_aoi(file.getvalue(), file.name, limits=settings()))


def _take_text() -> None:
    with messages.caught(PLACE):
        choices.choose_area(parse_aoi(st.session_state[_TEXT], limits=settings()))


def _rename() -> None:
    chosen, name = choices.read(), clean_name(st.session_state[_NAME])
    if chosen.aoi is None or not name:
        return
    with messages.caught(PLACE):
        choices.edit_area(replace(chosen.aoi, name=name))
