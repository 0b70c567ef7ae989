"""A picture that is not drawn in time, in a page of its own."""

from streamlit.testing.v1 import AppTest

from services.errors import StorageError
from services.preview import StillDrawing
from tests.pages.seen import html_of


def page() -> None:
    """Shows a number, as `answers` in the session have it: drawn, still being drawn, or an error."""
    from functools import partial
    from typing import Any

    import streamlit as st

    from pages.components.shared.redraw import redrawn

    def make() -> Any:
        answer = st.session_state["answers"].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return partial(st.text, f"picture {answer}")

    st.text(f"whole: {redrawn('place', make)}")


def run(*answers: object) -> AppTest:
    app = AppTest.from_function(page)
    app.session_state["answers"] = list(answers)
    return app.run()


def texts(app: AppTest) -> list[str]:
    return [one.value for one in app.text]


def test_what_is_drawn_is_shown() -> None:
    assert texts(run(1)) == ["picture 1", "whole: True"]


def test_what_was_there_stays_until_the_new_one_is_there() -> None:
    app = run(1)
    app.session_state["answers"] = [StillDrawing(), StillDrawing()]
    app.run()
    assert texts(app) == ["picture 1", "whole: False"]
    assert "Drawing the picture" in html_of(app)
    app.session_state["answers"] = [2]
    assert texts(app.run()) == ["picture 2", "whole: True"]


def test_the_page_runs_again_when_it_is_there() -> None:
    assert texts(run(StillDrawing(), 2, 2)) == ["picture 2", "whole: True"]


def test_what_goes_wrong_is_raised_where_the_picture_would_be() -> None:
    error = StorageError("The disk is full.", "Make space.")
    app = run(StillDrawing(), error, error)
    assert [one.value for one in app.exception] and not texts(app)
