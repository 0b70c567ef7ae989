"""What the present choices come to, in the place of the picture: itself, its making, or what it takes."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from pages.components.acquisitions.bill import bill
from pages.components.acquisitions.no_acquisitions import no_acquisitions
from pages.components.results.picture_bar import view_of
from pages.components.results.pictures import dates, pictures, source_products
from pages.components.results.preview_picture import in_short, part_of, preview_of, preview_picture
from pages.components.results.progress import acquisitions_of, failed, watch
from pages.components.results.requested_result import RequestedResult
from pages.components.shared import messages
from pages.components.shared.redraw import Show, redrawn
from pages.routes.previews import preview_address
from pages.state import session
from pages.state.context import product
from services.catalogue import Choice, choose
from services.export import Result
from services.jobs import Job, missing
from services.preview import Drawable, Preview, StillDrawing
from services.recipe import Recipe
from services.render import View, default_view
from services.text import plural

WHOLE, PART, NOTHING = "whole", "part", "nothing"
"""How much of the picture is shown."""
_BEFORE = "watched_before"
"""In the session: the job that is watched, and what was drawn before."""
LABELS = {"failed": "Resume", "cancelled": "Continue"}
"""What goes on with a job that ended before its time."""


def picture_state(question: RequestedResult, recipe: Recipe) -> str:
    """Show it; how much of it is shown, of which more can be told."""
    job, result, view = question.job, question.result, view_of(session.read())
    if job is not None and job.unfinished:
        _in_short("It sharpens as dates arrive.")
        watch(job, recipe, _before(job, recipe))
        return NOTHING
    with st.container(key="picture-notes"):
        _notes(question)
    if result is not None and product().known(recipe) is None and view.name == "true":
        as_made(result, question.digest)  # the catalogue's answer is no longer kept, and the picture is
        return WHOLE
    found = acquisitions_of(recipe)
    if found is None:
        return NOTHING
    chosen = choose(found, recipe)
    if not any(choice.kept for choice in chosen):
        no_acquisitions(chosen, recipe)
        return NOTHING
    shown = list[str]()

    def make() -> Show:
        show, much = _picture(question, recipe, view, chosen)
        shown.append(much)
        return show

    return shown[-1] if redrawn("picture", make) else PART


def _picture(question: RequestedResult, recipe: Recipe, view: View, chosen: Sequence[Choice]) -> tuple[Show, str]:
    """What shows as much of the picture as there is, and how much that is. Raises StillDrawing."""
    result, preview = question.result, preview_of(recipe, view)
    if preview is not None:
        return partial(_whole, preview, recipe, view, result, chosen), WHOLE
    if result is not None and view.name == "true":
        return partial(as_made, result, question.digest), WHOLE  # its planes made room, and it did not
    found = part_of(recipe, view)
    if found is None:
        return partial(_nothing_here, recipe, view), NOTHING
    return partial(_part, *found, recipe, view), PART


def _whole(preview: Preview, recipe: Recipe, view: View, result: Result | None, chosen: Sequence[Choice]) -> None:
    _in_short(in_short(preview))
    preview_picture(preview, recipe, view, result=result)
    source_products((one.acquisition.date, one.acquisition.products) for one in chosen if one.kept)


def _notes(question: RequestedResult) -> None:
    """What there is to say before the picture; in a place of its own, so that the picture keeps its own."""
    job, result = question.job, question.result
    if job is not None and job.state in LABELS:
        failed(job, LABELS[job.state])
    if question.outdated is not None:
        changed_since(question.outdated)
    if question.nothing_fetched and result is not None and result.requests:
        messages.say("Nothing was fetched this time", "The picture was there, and is shown as it was made.")


def _before(job: Job, recipe: Recipe) -> str:
    """The address of what could be drawn when somebody began to watch the job: seen until it has a picture."""
    kept: tuple[str, str] = st.session_state.get(_BEFORE, ("", ""))
    watched, before = kept
    if watched != job.id:
        with suppress(StillDrawing):  # nobody waits for it
            found = part_of(recipe, default_view(recipe.bands))
            before = preview_address(found[0], found[0].picture) if found is not None else ""
        st.session_state[_BEFORE] = job.id, before
    return before


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


def _part(preview: Preview, part: Drawable, recipe: Recipe, view: View) -> None:
    """What can be drawn of it, and what the rest takes."""
    lacking = plural(part.kept - part.here, "date")
    _in_short(f"{in_short(preview, part)}; {lacking} to be fetched")
    preview_picture(preview, recipe, view, drawn=part.recipe, above=lambda: _rest(recipe))


def _rest(recipe: Recipe) -> None:
    """What the whole takes, beside the part that is here."""
    bill(recipe)
    st.page_link("acquisitions.py", label="To the dates", query_params=session.address())


def _nothing_here(recipe: Recipe, view: View) -> None:
    """How much of it is not in the cache, and what it takes."""
    estimate = product().estimate_known(recipe.showing(view.bands))
    if estimate is not None:
        kept, terms = estimate[0], product().provider(recipe).terms
        lacks = {block.acquisition for block in missing(recipe, kept, product().frames, terms).blocks}
        messages.say(
            "This picture is not made yet" if len(lacks) == len(kept) else "A part of this picture is not cached",
            f"{len(lacks)} of its {len(kept)} dates are to be fetched. What is there is used.",
        )
    with st.container(width=420):
        _rest(recipe)
