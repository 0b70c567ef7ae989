"""Our own files: what Streamlit's theme cannot say as style sheets, and addresses of what the browser fetches."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

ASSETS = Path(__file__).resolve().parents[2] / "assets"
ICON = str(ASSETS / "ninepatch.svg")
"""Beside the page's name in the browser; a file of ours, because Streamlit fetches its own icons from elsewhere."""

SHEETS = (
    *("ninepatch.css", "results.css", "activity.css", "compare.css", "library.css", "gallery.css"),
    "orders.css",
)

LEAFLET, DRAW = "vendor/leaflet-1.9.4/leaflet", "vendor/leaflet-draw-1.0.4/leaflet.draw"
TOGETHER = "together"
"""Folder of the addresses of several files in one."""
SCRIPTS: Mapping[str, Sequence[str]] = {
    "map": (LEAFLET, DRAW, "earth", "land", "reading", "measure", "map"),
    "area": ("parts", "choice"),
}
"""Files that a map needs one after the other: its frame asks for one once the one before has run."""


def apply() -> None:
    """Put the style sheets of the pages into the page, in one message: each costs every run of a page."""
    st.html(_Sheets())


class _Sheets:
    """What Streamlit takes as it is: of a text it asks the disk whether that is the name of a file."""

    def _repr_html_(self) -> str:
        return _sheets()


@lru_cache
def _sheets() -> str:
    return "".join(f"<style>{(ASSETS / sheet).read_text()}</style>" for sheet in SHEETS)


@lru_cache
def asset(name: str) -> str:
    """Address of a file below `assets`, as seen from the frame of a map; changes when the file does.

    Relative, so that host, port and base path do not matter.
    """
    stamp = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:8]
    return f"../../assets/{name}?v={stamp}"


@lru_cache
def script(name: str) -> str:
    """Address of the files of SCRIPTS under that name in one, likewise."""
    stamp = hashlib.sha256(together(name)).hexdigest()[:8]
    return f"../../assets/{TOGETHER}/{name}.js?v={stamp}"


@lru_cache
def together(name: str) -> bytes:
    """What that address answers. Raises KeyError for another name."""
    return "\n;\n".join((ASSETS / f"{file}.js").read_text("utf-8") for file in SCRIPTS[name]).encode()


def component(name: str, *parts: str, like: str = "") -> Any:
    """A component without a frame, of its style sheet and script in `assets`; what all share stands before it, and
    then its own `parts`. It may look `like` another one, whose sheet stands before its own."""
    script = "\n".join((ASSETS / f"{file}.js").read_text() for file in ("parts", *parts, name))
    style = "\n".join((ASSETS / f"{sheet}.css").read_text() for sheet in (like, name) if sheet)
    return st.components.v2.component(f"ninepatch_{name}", html=f'<div class="{name}"></div>', css=style, js=script)
