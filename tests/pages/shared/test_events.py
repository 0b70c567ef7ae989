"""What a browser tells again and again, heard once and in its order."""

from typing import Any

import pytest
import streamlit as st

from pages.components.shared.events import last_heard, news


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session in which nothing was heard."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def told(*events: list[Any], sender: str = "a") -> dict[str, Any]:
    return {"sender": sender, "events": list(events)}


def test_what_was_told_twice_is_heard_once_and_in_its_order() -> None:
    assert last_heard("map") == ("", 0)
    assert news("map", told([1, "click", {"x": 1}])) == [["click", {"x": 1}]]
    assert news("map", told([1, "click", {"x": 1}], [2, "step"], [3, ""])) == [["step"], [""]]
    assert news("map", told([3, ""])) == []
    assert last_heard("map") == ("a", 3)


def test_who_was_put_up_anew_counts_from_one() -> None:
    news("map", told([7, "step"]))
    assert news("map", told([1, "step"], sender="b")) == [["step"]]
    assert last_heard("map") == ("b", 1)


def test_two_components_are_heard_apart() -> None:
    news("map", told([7, "step"]))
    assert news("strip", told([1, "pick"])) == [["pick"]]


@pytest.mark.parametrize("nothing", [None, {}, "told", {"sender": "b", "events": []}, {"other": 1}])
def test_a_message_without_events_changes_nothing(nothing: Any) -> None:
    news("map", told([7, "step"]))
    assert news("map", nothing) == []
    assert last_heard("map") == ("a", 7)
