"""Who asks in the terminal."""

import getpass

import pytest

from services.settings import load_settings
from terminal.member import NOBODY, member_name


def test_a_given_name_is_first_then_the_settings_then_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NINEPATCH_MEMBER", raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "login")
    assert member_name("anna", load_settings(member="bert")) == "anna"
    assert member_name("", load_settings(member="bert")) == "bert"
    assert member_name("", load_settings()) == "login"
    assert member_name(" \n ", load_settings()) == "login"


def test_a_name_is_one_short_line() -> None:
    assert member_name("an\nna\x1b[31m" + "x" * 500, load_settings()) == ("anna[31m" + "x" * 500)[:100]


def test_a_machine_that_knows_no_name_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert member_name("", load_settings(member="")) == NOBODY
