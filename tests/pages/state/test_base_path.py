"""Addresses of pictures and files work below any prefix that a proxy puts before the application."""

import pytest
import streamlit as st

from pages.routes.files import address
from pages.state.base_path import PAGES, prefix_of, require_served
from services.access import Entrance
from services.errors import SettingsError
from services.settings import load_settings


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
    from pages.components.frame.navigation import ASIDE, MASKS, MEMBERS, STEPS

    assert tuple(name for name, _ in (*STEPS, MASKS, *ASIDE, MEMBERS)) == PAGES


def test_the_application_is_served_as_its_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    public = Entrance.of(load_settings(public_url="https://maps.example.org/team"))
    with pytest.raises(SettingsError, match="served below /"):
        require_served(public)
    require_served(Entrance.of(load_settings(public_url="https://maps.example.org")))
    proxied = Entrance.of(load_settings(proxy_addresses="127.0.0.1", proxy_secret="0123456789abcdef"))
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    with pytest.raises(SettingsError, match="whom a connection comes from"):
        require_served(proxied)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "")
    require_served(proxied)
