"""The dates of a recipe as the pages show them: what the cache and the coarse preview tell of each, with pictures."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from pages.components.acquisitions.date_strip import FaceView, faces_of
from pages.routes.previews import FACES
from pages.state import session
from pages.state.base_path import prefix
from pages.state.context import product
from services.cache import MissingFrame
from services.catalogue import choose
from services.preview import DateSummary
from services.recipe import Recipe
from services.render import View

MOST_TOLD = 400
"""Dates of which the cache is asked at each run of a page; of more, the catalogue alone is told."""


def summaries(recipe: Recipe) -> tuple[DateSummary, ...] | None:
    """Each date with what is known of it; None where the catalogue's answer has just become too old."""
    found = product().known(recipe)
    if found is None:
        return None
    if len(found) > MOST_TOLD:
        return tuple(DateSummary(**vars(choice)) for choice in choose(found, recipe))
    try:
        return product().preview_service.dates(recipe)
    except MissingFrame:
        return None


def faces(recipe: Recipe, dates: Sequence[DateSummary], view: View) -> tuple[FaceView, ...]:
    """The same as the strip, the sheet and the large picture show them, in that view where the cache can."""
    asked = session.address_of_date() | {"view": view.name, "v": view.stamp}

    def address(face: DateSummary) -> str:
        return f"{prefix()}{FACES}{quote(face.acquisition.key)}.png?{urlencode(asked)}&m={face.thumbnail_metres}"

    return faces_of(dates, recipe, address)
