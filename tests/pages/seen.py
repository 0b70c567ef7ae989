"""What somebody sees of a page that AppTest has run, and the map as a stand-in that can be told what to say."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest


def html_of(page: AppTest) -> str:
    """Everything that is shown as HTML."""
    return "\n".join(element.body for element in page.html)


def texts_of(page: AppTest) -> list[str]:
    """Everything that is shown as plain text."""
    return [element.value for element in page.text]


def labels(page: AppTest) -> list[str]:
    """Of all buttons."""
    return [button.label for button in page.button]


def downloads(page: AppTest) -> dict[str, str]:
    """Addresses of the files that are offered, by their words."""
    found = re.findall(r'<a href="([^"]*)" download="[^"]*" title="[^"]*">([^<]*)</a>', html_of(page))
    return {words: address.replace("&amp;", "&") for address, words in found}


def markup_of(page: AppTest) -> str:
    """Everything that is rendered as HTML or Markdown."""
    return "\n".join([html_of(page), *(element.value for element in [*page.markdown, *page.caption])])


def viewed(page: AppTest) -> dict[str, Any]:
    """What the viewer of the picture is given; empty where there is none."""
    given = [json.loads(one.proto.json or one.proto.mixed.json or "{}") for one in page.get("bidi_component")]
    return next((data for data in given if "pictures" in data), {})


def sent_to(page: AppTest, key: str) -> dict[str, Any]:
    """What the component whose key ends so was given, as plain values."""
    (data,) = [
        json.loads(element.proto.json or element.proto.mixed.json)
        for element in page.get("bidi_component")
        if element.proto.id.endswith(key)
    ]
    found: dict[str, Any] = data
    return found


def address(page: AppTest) -> dict[str, str]:
    """The query of the page's address."""
    return {key: value if isinstance(value, str) else value[-1] for key, value in page.query_params.items()}


def click(page: AppTest, label: str) -> None:
    """Press the one button whose label begins so."""
    (button,) = [button for button in page.button if button.label.startswith(label)]
    button.click().run()


@contextmanager
def map_that_says(event: dict[str, Any]) -> Iterator[None]:
    """In the map's place a button "map" that does what the browser does when somebody clicks or draws there."""

    numbers = count(1)

    def stand_in(*_: object, key: str, on_change: Callable[[], None], **__: object) -> None:
        def happen() -> None:
            told = {part: value for part, value in event.items() if part != "event"}
            st.session_state[key] = {"sender": "a", "events": [[next(numbers), event["event"], told]]}
            on_change()

        st.button("map", on_click=happen)

    with mock.patch("pages.components.area.area_map.st_folium", stand_in):
        yield


@contextmanager
def component_that_tells(monkeypatch: pytest.MonkeyPatch, module: str, key: str) -> Iterator[Callable[..., None]]:
    """In the place of a module's component a stand-in: what it is called with makes it tell these events."""
    shown: dict[str, Any] = {}
    state: dict[str, Any] = {}

    def tell(*events: list[Any]) -> None:
        state[key] = {"told": {"sender": "a", "events": list(events)}}
        shown["on_told_change"]()

    with monkeypatch.context() as patched:
        patched.setattr(f"{module}._component", lambda **how: shown.update(how))
        patched.setattr(st, "session_state", state)
        yield tell
