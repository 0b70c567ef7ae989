"""The dates of an interval in a strip: how each looks, how clear it is, and whether it is in the picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import streamlit as st

from pages.components.shared.events import last_heard, news
from pages.components.shared.format import whole_percent
from pages.components.shared.theme import component
from services.preview import DateSummary
from services.recipe import Recipe

State = Literal["kept", "over", "sliver", "vetoed", "gone"]
STATES: dict[State, str] = {
    "kept": "used",
    "over": "over the limit",
    "sliver": "touches a corner",
    "vetoed": "excluded",
    "gone": "file missing",
}
"""In words."""
_component = component("dates")


@dataclass(frozen=True)
class FaceView:
    """What one sees of an acquisition; all words are plain text."""

    key: str
    """Of the acquisition."""
    date: str
    """ISO day, UTC."""
    satellite: str
    orbit: int
    """Relative orbit; 0 where the catalogue does not say it."""
    clouds: float
    """Percent of the granules."""
    clear: float | None
    """Part of all pixels of the picture that is clear, 0 to 1; None where nobody knows."""
    state: State
    """kept: in the picture; over: cloudier than the limit; sliver: it shows too little of the picture;
    vetoed: somebody does not want it; gone: the provider has its files no more."""
    words: str = ""
    """Why it is not kept: `12.3 % > 10 %`, `covers 0.3 % < 1 %`, the file that is gone, or the reason of the
    veto alone."""
    data: float | None = None
    """Part of all pixels of the picture that have data, 0 to 1; None where nobody knows."""
    thumbnail: str = ""
    """Address of a small picture, transparent where there are no data; empty where the cache has none."""
    coarse: int = 0
    """Metres a pixel of the coarse preview where `clear` and `data` are of it; 0 where they are of the picture."""
    covers: float = 1.0
    """Part of the picture that lies in the footprint, 0 to 1."""
    time: str = ""
    """Hour and minute, UTC."""


def faces_of(
    faces: Sequence[DateSummary], recipe: Recipe, address: Callable[[DateSummary], str]
) -> tuple[FaceView, ...]:
    """One for each, in time order; `address` is asked for the pictures that the cache can make."""
    reasons = {veto.acquisition: veto.reason for veto in recipe.vetoes}
    return tuple(
        FaceView(
            key=one.key,
            date=one.date,
            satellite=one.satellite,
            orbit=one.orbit,
            clouds=one.cloud_cover,
            clear=face.clear,
            data=face.data,
            state=_state(face),
            words=reasons.get(one.key, f"by hand, {face.included}" if face.included else face.reason),
            thumbnail=address(face) if face.thumbnail else "",
            coarse=face.metres if face.metres != recipe.resolution else 0,
            covers=one.coverage,
            time=f"{one.time:%H:%M}",
        )
        for face in faces
        for one in (face.acquisition,)
    )


def _state(face: DateSummary) -> State:
    if face.kept:
        return "kept"
    if face.vetoed:
        return "vetoed"
    return "gone" if face.acquisition.gone else "sliver" if face.sliver else "over"


def date_strip(
    key: str,
    faces: Sequence[FaceView],
    picked: str,
    *,
    on_pick: Callable[[str], None],
    on_tick: Callable[[FaceView, bool], None],
    label: str = "Dates",
    caption: str = "",
) -> None:
    """The strip, in the order of `faces`; `picked` is the key of the one that is picked, or empty.

    `on_pick` is called once for each press, before the page runs again: with the key of the date, or with an empty
    text where it was picked already. `on_tick` is called with a date and whether it is to be used.
    `label` names the strip for screen readers, `caption` stands above it.
    """

    def hear() -> None:
        known = {face.key: face for face in faces}
        for name, *tick in news(key, st.session_state[key].get("told")):
            if tick in (["use"], ["exclude"]) and name in known:
                on_tick(known[name], tick == ["use"])
            elif not tick and name in {"", *known}:
                on_pick(name)

    _component(
        key=key,
        data={
            "label": label,
            "caption": caption,
            "picked": picked,
            "faces": [_plain(face) for face in faces],
            "heard": list(last_heard(key)),
        },
        on_told_change=hear,
    )


def clear_words(face: FaceView) -> str:
    """`81 %`, `81 %, at 60 m`, or a dash where nobody knows."""
    if face.clear is None:
        return "–"
    return whole_percent(100 * face.clear) + (f", at {face.coarse} m" if face.coarse else "")


def spoken_name(face: FaceView) -> str:
    """All that is to be heard of it in one line."""
    at = f", at {face.coarse} m" if face.coarse else ""
    spoken = "not known" if face.clear is None else f"{whole_percent(100 * face.clear)}{_data(face)}{at}"
    why = f" ({face.words})" if face.words else ""
    return (
        f"{face.date}, {face.satellite}: scene cloud cover {whole_percent(face.clouds)}, clear in this picture "
        f"{spoken}; {STATES[face.state]}{why}"
    )


def _data(face: FaceView) -> str:
    """How much of the picture has data, where that is not all."""
    return "" if face.data is None or face.data == 1 else f", {whole_percent(100 * face.data)} with data"


def _plain(face: FaceView) -> dict[str, Any]:
    """As the browser gets it: texts to show, and parts of one for the bars."""
    clear = "–" if face.clear is None else whole_percent(100 * face.clear)
    return {
        "key": face.key,
        "month": f"{date.fromisoformat(face.date):%B %Y}",
        "date": face.date,
        "satellite": face.satellite,
        "thumbnail": face.thumbnail,
        "bars": [
            ["scene cloud cover", whole_percent(face.clouds), "", face.clouds / 100],
            [f"clear, at {face.coarse} m" if face.coarse else "clear in this picture", clear, _data(face), face.clear],
        ],
        "state": face.state,
        "words": [STATES[face.state], face.words],
        "name": spoken_name(face),
    }
