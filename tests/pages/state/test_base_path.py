"""Addresses of pictures and files work below any prefix that a proxy puts before the application."""

import pytest
import streamlit as st

from pages.routes.files import address
from pages.state.base_path import PAGES, prefix_of


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("http://localhost:8501/", ""),
        ("http://localhost:8501/results", ""),
        ("https://gis.example.org/ninepatch", "/ninepatch"),
        ("https://gis.example.org/ninepatch/", "/ninepatch"),
        ("https://gis.example.org/team/ninepatch/compare/", "/team/ninepatch"),
        ("https://gis.example.org/a%22%3E%3Cscript%3E/results", ""),
        ('https://gis.example.org/a"><script>/results', ""),
        ("https://gis.example.org//evil.example/results", ""),
    ],
)
def test_the_prefix_is_what_stands_before_the_page(url: str, prefix: str) -> None:
    assert prefix_of(url) == prefix


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_known(page: str) -> None:
    assert prefix_of(f"https://a.example/x/{page}") == "/x"


def test_addresses_begin_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address("0" * 16, "picture.png") == f"/files/{'0' * 16}/picture.png"

    class Seen:
        url = "https://gis.example.org/ninepatch/results"

    monkeypatch.setattr(st, "context", Seen())
    assert address("0" * 16, "picture.png") == f"/ninepatch/files/{'0' * 16}/picture.png"


def test_the_pages_are_those_of_the_frame() -> None:
    from pages.components.frame.navigation import ACTIVITY, STEPS

    assert tuple(name for name, _ in (*STEPS, ACTIVITY)) == PAGES
