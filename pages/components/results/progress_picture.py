"""The picture while it is made: in its place, at its size, and sharper with every few dates."""

from html import escape

import streamlit as st

from pages.components.shared.picture_html import outlines, standing
from pages.routes.files import address
from pages.state.context import product
from services.export import COUNTS, PICTURE
from services.jobs import Job
from services.recipe import METHODS, Recipe
from services.text import plural


def growing_picture(job: Job, recipe: Recipe) -> None:
    """The picture as far as it is, in the place of the finished one."""
    words = f"{METHODS[recipe.method].title} picture of {so_far(job)} so far, in true colour, north up."
    st.html(_figure(job, recipe, PICTURE, "np-picture", words, "It sharpens as dates arrive"))


def growing_counts(job: Job, recipe: Recipe) -> None:
    """The count of clear observations as far as it is."""
    words = f"How many clear observations each place has after {so_far(job)}."
    st.html(_figure(job, recipe, COUNTS, "np-counts", words, f"Clear observations, {so_far(job)}"))


def so_far(job: Job) -> str:
    """`12 of 35 dates`, as far as it is known."""
    return f"{job.dates_done:,} of {plural(job.dates, 'date')}" if job.dates else "no dates"


def _figure(job: Job, recipe: Recipe, path: str, kind: str, words: str, caption: str) -> str:
    """The image lies over the one before it, which is seen until it has come."""
    side = recipe.neighbourhood.side
    width, height = recipe.lattice.size_px(recipe.resolution)
    stamp = product().results.stamp(job.id, path)
    inside, under = outlines(side) if path == PICTURE else "", ""
    if stamp:
        source = f"{address(job.id, path)}?v={stamp}"
        inside = f'<img src="{source}" alt="{escape(words)}">'
        under = f" style=\"background-image: url('{standing(path + job.run, source)}')\""
    return (
        f'<figure class="{kind} np-making" style="--ratio: {width} / {height}; --side: {side}">'
        f'<div class="np-image"{under}>{inside}</div>'
        f"<figcaption><span>{escape(caption)}</span></figcaption></figure>"
    )
