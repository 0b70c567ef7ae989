"""The page of `comparing_app.py`: the table and the pictures chosen in it, and a record of what Python heard."""

import time
from itertools import product

import streamlit as st

from pages.components.compare.matrix_table import CellView, Fetch, Select, matrix_table
from pages.components.shared import theme
from pages.components.shared.viewer import Picture, viewer
from services.recipe import Variant

YEARS, LIMITS = (2017, 2018, 2019, 2020), (5, 10, 20)
SIZE = (480, 360)
START: dict[tuple[int, int], str] = {
    (2018, 5): "missing",
    (2018, 10): "making",
    (2019, 5): "empty",
    (2019, 20): "missing",
    (2020, 20): "unknown",
}


def selected(text: str) -> Variant:
    """`2017-10` of the address."""
    year, limit = text.split("-")
    return Variant(int(year), int(limit))


state = st.session_state
st.set_page_config(page_title="Comparing", layout="wide")
theme.apply()
if "cells" not in state:
    state.cells = {Variant(*place): START.get(place, "here") for place in product(YEARS, LIMITS)}
    named = st.query_params.get("cells", "2017-10.2020-10")
    state.selected = tuple(selected(cell) for cell in named.split(".") if cell)
    state.mode, state.heard, state.runs, state.version = (
        st.query_params.get("mode", "swipe"),
        [],
        0,
        st.query_params.get("version", ""),
    )
state.runs += 1


def hear(event: Select | Fetch) -> None:
    """Keep it, and do what it says; slowly where the address says so."""
    cells = event.cells if isinstance(event, Select) else (event.cell,)
    said = " ".join(f"{cell.year},{cell.maxcc}" for cell in cells)
    state.heard.append(f"{type(event).__name__} {said}")
    time.sleep(float(st.query_params.get("slow", "0")))
    if isinstance(event, Select):
        state.selected = event.cells
    elif "refuse" not in st.query_params:
        state.cells[event.cell] = "making"


def hear_mode(mode: str) -> None:
    """Keep it."""
    state.heard.append(mode)
    state.mode = st.query_params["mode"] = mode


def view(place: Variant) -> CellView:
    """The cell as one sees it."""
    year, limit = place.year, place.maxcc
    words = {
        "here": (f"{year - 1994} dates", f"{40 / limit:.1f} % without data", f"{year - 2003} looks"),
        "missing": ("31 dates",),
        "empty": ("No acquisition has 5 % clouds or less.",),
        "making": ("12 of 40 dates",),
        "unknown": (),
    }[state.cells[place]]
    return CellView(
        year,
        limit,
        state.cells[place],
        picture=source(place),
        alt=f"Simulated data. Median picture of {year}.",
        words=words,
        bill="40 requests, 62.1 units",
        progress=0.3,
    )


def source(place: Variant) -> str:
    """The address of its picture."""
    return f"/pictures/{state.version}{place.year}{place.maxcc:02}.png"


def picture(place: Variant) -> Picture:
    """It large."""
    year, limit = place.year, place.maxcc
    caption = f"{year - 1994} dates · {40 / limit:.1f} % without data · simulated"
    return Picture(
        "/pictures/none.png" if "broken" in st.query_params and year == 2020 else source(place),
        f"Simulated data. Median picture of {year}, max. cloud cover {limit} %.",
        st.query_params.get("title", f"{year}, ≤ {limit} %"),
        caption,
    )


matrix_table(
    "matrix",
    columns=LIMITS,
    rows=YEARS,
    cells=[view(place) for place in state.cells],
    selected=state.selected,
    size=SIZE,
    caption="Median pictures in true colour. Press one to enlarge it, and a second one to compare.",
    on_event=hear,
)
if state.selected:
    left, *rest = [picture(place) for place in state.selected]
    change = Picture("/pictures/change.png", "Simulated difference.", "B04, B minus A", "grey is below the noise")
    right = rest[0] if rest else None
    shown = viewer("viewer", left, right, change if rest else None, size=SIZE, mode=state.mode, on_mode=hear_mode)
    st.text(f"Shown: {shown}")


def take(version: str) -> None:
    """Others in their place."""
    state.version = version


def finish() -> None:
    """What is being made is here."""
    state.cells = {place: "here" if word == "making" else word for place, word in state.cells.items()}


with st.container(horizontal=True):
    st.button("Run again")
    st.button("Finish", on_click=finish)
    st.button("Others", on_click=take, args=("late",))
    st.button("Set side", on_click=state.update, kwargs={"mode": "side"})
st.text(f"Runs: {state.runs}")
st.text(f"AnswerCallback: {state.heard!r}")
