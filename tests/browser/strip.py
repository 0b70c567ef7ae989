"""The page of `strip_app.py`: a strip of dates and the form of the picked one, and a record of what Python heard."""

import time
from datetime import date, timedelta

import numpy as np
import streamlit as st

from pages.components.acquisitions import by_hand
from pages.components.acquisitions.date_strip import FaceView, State, date_strip
from pages.components.acquisitions.veto_form import veto_form, vetoes_list
from pages.components.shared import theme
from pages.state import session
from services.grid import Lattice, TileIndex
from services.recipe import Interval, Recipe

LIMIT = 30
state = st.session_state
st.set_page_config(page_title="Dates", layout="wide")
theme.apply()
if "year" not in state:
    state.year, state.picked, state.heard, state.runs = 2017, st.query_params.get("picked", ""), [], 0
state.runs += 1
recipe = Recipe(
    Lattice(32635, 300000.0, 6600000.0, 3300.0, 3300.0),
    TileIndex(1, 1),
    Interval.of_year(state.year),
    maxcc=LIMIT,
    vetoes=session.read().vetoes,
    included=session.read().included,
)


def face(number: int) -> FaceView:
    """One of every five days; every seventh has no picture, and its clear part is not known."""
    day = date(state.year, 3, 2) + timedelta(days=5 * number)
    satellite, key = f"S2{'AB'[number % 2]}", f"S2{'AB'[number % 2]}_R079_{day:%Y%m%d}T095031"
    clouds = float(np.random.default_rng(number).beta(0.5, 0.6) * 100)
    veto = next((veto for veto in recipe.vetoes if veto.acquisition == key), None)
    mark: State = "vetoed" if veto else "kept" if clouds <= LIMIT or key in recipe.included else "over"
    missing = number % 7 == 4
    return FaceView(
        key=key,
        date=day.isoformat(),
        satellite=satellite,
        orbit=79,
        clouds=clouds,
        clear=None if missing else (1 - clouds / 100) ** 0.7,
        state=mark,
        words=veto.reason if veto else "" if mark == "kept" else f"{clouds:.1f} % > {LIMIT} %",
        thumbnail="" if missing else f"/pictures/{number}-{clouds:.0f}.png",
    )


def pick(key: str) -> None:
    """Keep it, and do what it says; slowly where the address says so."""
    state.heard.append(key)
    time.sleep(float(st.query_params.get("slow", "0")))
    if "refuse" not in st.query_params:
        state.picked = key


faces = [face(number) for number in range(int(st.query_params.get("count", "60")))]
date_strip(
    "strip",
    faces,
    state.picked,
    on_pick=pick,
    on_tick=by_hand.tick,
    label=f"Dates of {state.year}",
    caption=f"{len(faces)} dates. Press one to read about it, or to leave it out. Simulated data.",
)
found = next((one for one in faces if one.key == state.picked), None)
if found is not None:
    veto_form(recipe, found)
vetoes_list(faces)
with st.container(horizontal=True):
    st.button("Run again")
    st.button("Other year", on_click=state.update, kwargs={"year": 2018})
    st.button("Pick the last", on_click=state.update, kwargs={"picked": faces[-1].key if faces else ""})
st.text(f"Runs: {state.runs}")
st.text(f"AnswerCallback: {state.heard!r}")
