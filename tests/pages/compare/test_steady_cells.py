"""A cell of the table that has shown its picture never goes back to a place without one."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import streamlit as st

from pages.components.compare import matrix_view
from pages.components.compare.matrix_table import CellView, State
from services.compare import HERE, MISSING, Matrix


def table(*cells: tuple[str, str, bool], view: str = "true") -> Matrix:
    """Cells of these recipes in these states, with their pictures drawn or not."""
    made = [
        SimpleNamespace(recipe=SimpleNamespace(digest=digest), state=state, preview=object() if drawn else None)
        for digest, state, drawn in cells
    ]
    return cast(Matrix, SimpleNamespace(view=SimpleNamespace(name=view), cells=made))


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(st, "session_state", {})

    def seen(cell: Any) -> CellView:
        state: State = "missing" if cell.state == MISSING else "here" if cell.preview else "making"
        return CellView(2017, 10, state, f"{cell.recipe.digest}.png" if cell.preview else "")

    monkeypatch.setattr(matrix_view, "seen", seen)
    return lambda found: [(one.state, one.picture) for one in matrix_view._steady(found)]


def test_a_picture_that_was_seen_stays_while_others_are_fetched(states: Any) -> None:
    assert states(table(("a", HERE, True), ("b", MISSING, False))) == [("here", "a.png"), ("missing", "")]
    assert states(table(("a", HERE, False), ("b", HERE, False))) == [("here", "a.png"), ("making", "")]
    assert states(table(("a", HERE, False), ("b", HERE, True))) == [("here", "a.png"), ("here", "b.png")]


def test_another_view_and_a_picture_that_is_gone_are_no_pictures(states: Any) -> None:
    states(table(("a", HERE, True)))
    assert states(table(("a", MISSING, False))) == [("missing", "")]
    states(table(("a", HERE, True)))
    assert states(table(("a", HERE, False), view="ndvi")) == [("making", "")]
