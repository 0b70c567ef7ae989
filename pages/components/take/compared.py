"""Files of what Compare shows: both sides, their difference, and the table as one picture."""

from dataclasses import replace
from html import escape

import streamlit as st

from pages.components.take.links import link, link_list, view_links
from pages.routes.take_compared import (
    DIFFERENCE,
    MATRIX,
    VALUES,
    compared_address,
    difference_name,
    matrix_name,
)
from pages.state import comparison, session
from pages.state.choices import Choices
from services.compare import Cell, Pair
from services.recipe import Recipe
from services.render import View


def compared_files(left: Cell, right: Cell, view: View, pair: Pair) -> None:
    """Of two pictures and what one is minus the other."""
    question = session.address() | comparison.read().question()
    title = f"{pair.quantity.title}, B minus A"
    with st.expander("Take these pictures as files"):
        link_list(
            [
                link(
                    compared_address(DIFFERENCE, question),
                    difference_name(pair, ".png"),
                    f"{title} as PNG with its legend",
                ),
                link(compared_address(VALUES, question), difference_name(pair, ".tif"), f"{title}, values as COG"),
            ]
        )
        for letter, cell in zip("AB", (left, right), strict=True):
            st.html(f'<p class="np-said">{letter}: {escape(cell.name)}</p>')
            link_list(view_links(cell.recipe, view, question_of(session.read(), cell.recipe), letter))


def question_of(chosen: Choices, recipe: Recipe) -> dict[str, str]:
    """The link of the choices with another recipe's interval, limit, provider and dates by hand."""
    names = ("interval", "maxcc", "provider", "vetoes", "included")
    return replace(chosen, **{name: getattr(recipe, name) for name in names}).question()


def matrix_file(view: View) -> None:
    """The table as it stands, one picture."""
    recipe = session.read().recipe()
    if recipe is not None:
        question = session.address() | comparison.read().question()
        name, words = matrix_name(recipe, view), f"This table as PNG: {view.title}"
        link_list([link(compared_address(MATRIX, question), name, words)])
