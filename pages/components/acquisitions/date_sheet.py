"""All dates as a table that ticks them, or in a calendar: which are used, and how clear each is here."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

import streamlit as st

from pages.components.acquisitions.date_strip import STATES, FaceView, clear_words, spoken_name
from pages.components.shared.events import last_heard, news
from pages.components.shared.format import whole_percent
from pages.components.shared.theme import component

Mode = Literal["table", "calendar"]
COLUMNS = ("Used?", "Date", "Why not", "Scene cloud cover", "Clear in this picture", "Covers", "Time UTC", "Satellite")
_component = component("sheet")


def date_sheet(
    key: str,
    faces: Sequence[FaceView],
    picked: str,
    mode: Mode,
    *,
    on_pick: Callable[[str], None],
    on_tick: Callable[[FaceView, bool], None],
) -> None:
    """In the order of `faces`; `picked` is the key of the one that is looked at, or empty.

    `on_pick` is called once for each press of a date, with its key; `on_tick` for each tick, with what it says now.
    """

    def hear() -> None:
        known = {face.key: face for face in faces}
        for event, name in news(key, st.session_state[key].get("told")):
            face = known.get(name)
            if face is not None and event == "pick":
                on_pick(name)
            elif face is not None and event in ("use", "exclude"):
                on_tick(face, event == "use")

    _component(
        key=key,
        data={
            "mode": mode,
            "label": "Dates in a calendar" if mode == "calendar" else "All dates",
            "columns": list(COLUMNS),
            "picked": picked,
            "faces": [_plain(face) for face in faces],
            "heard": list(last_heard(key)),
        },
        on_told_change=hear,
    )


def _plain(face: FaceView) -> dict[str, Any]:
    """As the browser gets it: texts to show."""
    named = {"vetoed": f"{STATES['vetoed']}: {face.words}", "gone": STATES["gone"]}
    return {
        "key": face.key,
        "month": f"{date.fromisoformat(face.date):%B %Y}",
        "date": face.date,
        "state": face.state,
        "used": face.state == "kept",
        "clear": face.clear,
        "name": spoken_name(face),
        "cells": [
            named.get(face.state, face.words),
            whole_percent(face.clouds) if face.clouds > 99 else f"{face.clouds:.1f} %",
            clear_words(face),
            f"{100 * face.covers:.0f} %",
            face.time,
            f"{face.satellite}, orbit {face.orbit}" if face.orbit else face.satellite,
        ],
    }
