"""Which picture the page of results is about: that of a link, else that of the present choices."""

from dataclasses import dataclass

import streamlit as st

from pages.components.acquisitions.bill import PRESSED
from pages.components.shared.definition_list import heading
from pages.state import session
from pages.state.context import jobs, product
from services.export import Result
from services.jobs import Job
from services.recipe import Recipe

LINKS = ("result", "job")
"""Names in an address that give the digest of a recipe."""


@dataclass(frozen=True)
class RequestedResult:
    """A picture, made or not."""

    digest: str
    """Of the recipe: number of the job, folder of the result."""
    recipe: Recipe | None
    """None where a link names a picture that is not here."""
    job: Job | None
    """The last one that was to make it."""
    result: Result | None
    """The finished picture, as its recipe means it now."""
    outdated: Result | None
    """The files of before, where a definition has changed since; they are not shown."""
    elsewhere: bool
    """A link names it, and it is not what is chosen now."""

    @property
    def nothing_fetched(self) -> bool:
        """The press of this person found everything there."""
        pressed = st.session_state.get(PRESSED) == self.digest
        return pressed and self.job is not None and self.job.state == "done" and not self.job.total

    def title(self) -> None:
        """What it is, in a heading; and the choices that it was made with, where they are not those above."""
        if self.recipe is None:
            heading("Picture", level=1)
            return
        of = f" of {len(self.result.observations)} dates" if self.result else ""
        heading(f"{self.recipe.compositing.title} picture{of}, {self.recipe.when}", level=1)
        if self.elsewhere:
            st.text(f"{self.recipe.area} · tile {self.recipe.centre} · max. cloud cover {self.recipe.maxcc} %")


def requested_result() -> RequestedResult | None:
    """None where nothing is chosen and no link names anything.

    Raises RecipeError for a link or a choice that is not possible, and StorageError.
    """
    chosen = session.read().recipe()
    linked = next((st.query_params[name] for name in LINKS if name in st.query_params), "")
    digest = linked or (chosen.digest if chosen else "")
    if not digest:
        return None
    job, result, outdated = jobs().get(digest), product().results.open(digest), product().results.outdated(digest)
    if result is not None:
        product().results.room.show(digest)
    described = result or outdated
    recipe = chosen if chosen is not None and chosen.digest == digest else None
    if recipe is None and described is not None:
        recipe = Recipe.from_dict(described.recipe)
    elif recipe is None and job is not None:
        recipe = Recipe.from_json(job.recipe)
    elsewhere = chosen is None or chosen.digest != digest
    return RequestedResult(digest, recipe, job, result, outdated, elsewhere)
