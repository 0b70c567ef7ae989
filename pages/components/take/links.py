"""Links to files of what is shown; each says which view it gives."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.components.shared.definition_list import heading
from pages.routes.take import file_name, take_address
from pages.state import session
from services.preview import MOST_SIDE, step_for
from services.recipe import Recipe
from services.render import View


def this_view(recipe: Recipe, view: View) -> None:
    """The picture of the present choices, as it is drawn."""
    heading("This view")
    link_list(view_links(recipe, view, session.address()))


def view_links(recipe: Recipe, view: View, question: dict[str, str], side: str = "") -> list[str]:
    """Of each file of the view a link, HTML; `question` is the link of its choices, `side` the letter of one of two."""
    metres = recipe.resolution * step_for(recipe, MOST_SIDE)
    title = view.title
    offered = {"view.png": f"{title} as PNG", "view.tif": f"{title} as COG, {metres} m"}
    if view.index:
        offered["view.tif"] = f"{title} in colours as COG, {metres} m"
        offered["values.tif"] = f"{view.index.short} values as COG, {metres} m"
    offered["figure.png"] = f"{title} as figure with title and dates"
    of = f"{side}: " if side else ""
    return [
        link(take_address(name, question), file_name(recipe, view, name), f"{of}{words}")
        for name, words in offered.items()
    ]


def link(address: str, name: str, words: str) -> str:
    """One that downloads, HTML."""
    return (
        f'<a href="{escape(address)}" download="{escape(name)}" title="{escape(name)}">{escape(words)}</a>'
        f"<small>{escape(name)}</small>"
    )


def link_list(links: Sequence[str]) -> None:
    """Below each other."""
    st.html(f'<ul class="np-take">{"".join(f"<li>{one}</li>" for one in links)}</ul>')
