"""What the tests of pages share: a fresh home, and the frame as AppTest runs it, without a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.access.visitor import Visitor
from pages.state import member
from pages.state.context import forget

FRAME = Path(__file__).resolve().parents[2] / "pages" / "frame.py"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, components_found_once: None) -> Iterator[Path]:
    """A home of its own for each test; the far end is an address where nobody answers."""
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_DEMO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("NINEPATCH_ONLINE_BASEMAP", "false")
    st.cache_resource.clear()
    forget()
    st.cache_data.clear()
    yield tmp_path
    st.cache_resource.clear()
    forget()
    st.cache_data.clear()


@pytest.fixture
def logged_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who came through the gate by a login, as a member."""
    who = "ada@example.org"
    settings = {"ISSUER": "https://id.example.org", "CLIENT_ID": "maps", "CLIENT_SECRET": "of the client"}
    for name, value in settings.items():
        monkeypatch.setenv(f"NINEPATCH_OIDC_{name}", value)
    monkeypatch.setenv("NINEPATCH_MEMBERS", who)
    monkeypatch.setattr(member, "handed_on", lambda headers: Visitor(who))
    return who


@pytest.fixture
def frame() -> AppTest:
    """The frame, not yet run."""
    return AppTest.from_file(str(FRAME), default_timeout=60)
