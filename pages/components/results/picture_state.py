"""What the present choices come to, in the place of the picture: itself, its making, or what it takes."""

import streamlit as st

from pages.components.acquisitions.bill import bill
from pages.components.acquisitions.no_acquisitions import no_acquisitions
from pages.components.results.picture_bar import view_of
from pages.components.results.pictures import dates, pictures, source_products
from pages.components.results.preview_picture import in_short, preview_of, preview_picture
from pages.components.results.progress import acquisitions_of, failed, watch
from pages.components.results.requested_result import RequestedResult
from pages.components.shared import messages
from pages.state import session
from pages.state.context import product
from services.catalogue import choose
from services.export import Result
from services.jobs import missing
from services.recipe import Recipe
from services.render import View

LABELS = {"failed": "Resume", "cancelled": "Continue"}
"""What goes on with a job that ended before its time."""


def picture_state(question: RequestedResult, recipe: Recipe) -> bool:
    """Show it; True where there is a whole picture, of which more can be told."""
    job, result, view = question.job, question.result, view_of(session.read())
    if job is not None and job.unfinished:
        _in_short("It sharpens as dates arrive.")
        watch(job, recipe)
        return False
    if job is not None and job.state in LABELS:
        failed(job, LABELS[job.state])
    if question.outdated is not None:
        changed_since(question.outdated)
    if question.nothing_fetched and result is not None and result.requests:
        messages.say("Nothing was fetched this time", "The picture was there, and is shown as it was made.")
    if result is not None and product().known(recipe) is None and view.name == "true":
        as_made(result, question.digest)  # the catalogue's answer is no longer kept, and the picture is
        return True
    found = acquisitions_of(recipe)
    if found is None:
        return False
    chosen = choose(found, recipe)
    if not any(choice.kept for choice in chosen):
        no_acquisitions(chosen, recipe)
        return False
    preview = preview_of(recipe, view)
    if preview is not None:
        _in_short(in_short(preview))
        preview_picture(preview, recipe, view, result)
        source_products((one.acquisition.date, one.acquisition.products) for one in chosen if one.kept)
        return True
    if result is not None and view.name == "true":
        as_made(result, question.digest)  # its planes made room, and it did not
        return True
    _lacking(recipe, view)
    return False


def changed_since(result: Result) -> None:
    """Why the files that there are do not count."""
    messages.say(
        "The files are to be made again",
        f"They were made with another definition of {', '.join(result.changed)}. Cached bands cost nothing.",
    )


def not_here(question: RequestedResult) -> None:
    """Why a link leads to no picture, and what it takes to have it."""
    if question.outdated is not None and question.recipe is not None:
        changed_since(question.outdated)
        bill(question.recipe)
    else:
        messages.say(
            "This picture is not on this server",
            "Its link was made on another one, or the picture was removed to make room long ago.",
        )


def _in_short(words: str) -> None:
    """One line over the picture, finished or growing, so that the picture keeps its place."""
    with st.container(key="in-short"):
        st.html(f'<p class="np-said" role="status">{words}</p>')


def as_made(result: Result, digest: str) -> None:
    """The picture of a result, from its files."""
    pictures(result, digest)
    dates(result)
    source_products((one.date, one.products) for one in result.observations)


def _lacking(recipe: Recipe, view: View) -> None:
    """How much of it is not in the cache, and what it takes."""
    estimate = product().estimate_known(recipe.with_(bands=view.bands))
    if estimate is not None:
        kept, terms = estimate[0], product().provider(recipe).terms
        lacks = {block.acquisition for block in missing(recipe, kept, product().frames, terms).blocks}
        messages.say(
            "This picture is not made yet" if len(lacks) == len(kept) else "A part of this picture is not cached",
            f"{len(lacks)} of its {len(kept)} dates are to be fetched. What is there is used.",
        )
    with st.container(width=420):
        bill(recipe)
    st.page_link("acquisitions.py", label="To the dates", query_params=session.address())
