"""Our own files: what Streamlit's theme cannot say as style sheets, and addresses of what the browser fetches."""

import hashlib
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


def component(name: str, *parts: str) -> Any:
    """A component without a frame, of its style sheet and script in `assets`; what all share stands before it, and
    then its own `parts`."""
    script = "\n".join((ASSETS / f"{file}.js").read_text() for file in ("parts", *parts, name))
    style = (ASSETS / f"{name}.css").read_text()
    return st.components.v2.component(f"ninepatch_{name}", html=f'<div class="{name}"></div>', css=style, js=script)
