"""One date by each mask, side by side: its picture with what the mask takes out, and the shares in numbers."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

import streamlit as st

from pages.components.shared.definition_list import definition_list, heading
from pages.components.shared.format import percent
from pages.components.shared.messages import say
from pages.components.shared.picture_html import PictureHtml, picture_html
from pages.routes.masks import MASKED, SIDE
from pages.state import session
from pages.state.base_path import prefix
from pages.state.context import product
from services.cache import MissingFrame
from services.catalogue import Acquisition
from services.mask_comparison import MaskShares
from services.preview import DateSummary
from services.recipe import MASKS, Recipe

_DATE = "masks_date"
_COLUMNS = 3
_LEGEND = (
    '<span class="np-masked-key"><i class="np-hatch"></i>masked</span>'
    '<span class="np-masked-key"><i class="np-tint"></i>buffer</span>'
)


def date_picker(recipe: Recipe, found: Sequence[Acquisition]) -> Acquisition | None:
    """Choose among the dates whose picture is in the cache; at first the cloudiest one that is kept, for there masks
    differ. None where there is none."""
    try:
        dates = product().preview_service.dates(recipe)
        summaries = [one for one in dates if one.thumbnail and one.thumbnail_metres == recipe.resolution]
    except MissingFrame:  # the catalogue's answer has just become too old
        summaries = []
    if not summaries:
        say(
            "No date is in the cache yet",
            "Make the picture first: then its dates are compared here.",
        )
        return None
    by_key = {one.acquisition.key: one for one in summaries}
    first = max(summaries, key=lambda one: (one.kept, one.acquisition.cloud_cover)).acquisition.key
    keys = list(by_key)
    picked = st.selectbox(
        "Date", keys, keys.index(first), key=_DATE, format_func=lambda key: _label(by_key[key]), width=420
    )
    return next((one for one in found if one.key == picked), None)


def _label(summary: DateSummary) -> str:
    one, used = summary.acquisition, "used" if summary.kept else "not used"
    return f"{one.date}, {one.satellite}, scene cloud cover {one.cloud_cover:.0f} %, {used}"


def date_by_mask(recipe: Recipe, one: Acquisition) -> None:
    """A picture for each mask, the recipe's own marked."""
    heading(f"{one.date} by each mask")
    shares = product().mask_comparison.shares(recipe, one)
    for row in range(0, len(shares), _COLUMNS):
        for column, told in zip(st.columns(_COLUMNS, gap="medium"), shares[row : row + _COLUMNS], strict=False):
            with column, st.container(key=f"mask-{told.recipe.mask}", gap="small"):
                _card(recipe, one, told)


def _card(recipe: Recipe, one: Acquisition, told: MaskShares) -> None:
    preset, grow = MASKS[told.recipe.mask], told.recipe.grow
    own = told.recipe.mask == recipe.mask
    heading(f"{preset.title}{' (chosen)' if own else ''}", level=3)
    shape = "round" if preset.round else "square"
    definition = (("Classes", preset.classes), ("Buffer", f"{grow} px, {shape}" if grow else "none"))
    if told.masked is None or told.buffer is None:
        definition_list(definition)
        st.caption("Not known for this date yet: make the picture with this mask.")
    else:
        st.html(picture_html(_picture(recipe, one, told)))
        definition_list((*definition, ("Masked", percent(told.masked)), ("By the buffer", percent(told.buffer))))
    if not own:
        link = session.address() | {"mask": told.recipe.mask, "grow": str(grow)}
        st.page_link("results.py", label="Use this mask", query_params=link)


def _picture(recipe: Recipe, one: Acquisition, told: MaskShares) -> PictureHtml:
    simulated = product().provider(recipe).simulated
    asked = session.address_of_date() | {"mask": told.recipe.mask, "grow": str(told.recipe.grow)}
    words = f"{'Simulated data. ' if simulated else ''}{one.date} in true colour by the mask "
    words += f"“{MASKS[told.recipe.mask].title}”: {percent(told.masked or 0)} masked, hatched."
    source = escape(f"{prefix()}{MASKED}{quote(one.key)}.png?{urlencode(asked)}")
    return PictureHtml(f"np-masked-{told.recipe.mask}", source, words, SIDE, SIDE, _LEGEND)
