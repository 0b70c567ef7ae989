"""The present code, as far as these tests need more of it than its programs: the only imports of it are here."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import SecretStr

from pages.state import context
from pages.state.choices import choices_of
from pages.state.comparison import comparison_of
from services.recipe import Recipe
from services.settings import load_settings

__all__ = ["chosen_by", "compared_by", "forget", "recipe_of", "setting"]


def recipe_of(text: str) -> tuple[str, str, dict[str, Any]]:
    """Digest, slug and plain values of a recipe file."""
    recipe = Recipe.from_json(text)
    return recipe.digest, recipe.slug, recipe.to_dict()


def chosen_by(query: Mapping[str, str]) -> tuple[dict[str, Any], str, list[str]]:
    """What a link chooses as plain values, the digest of its recipe, and what could not be used of it."""
    chosen, problems = choices_of(query)
    recipe = chosen.recipe()
    assert chosen.aoi and chosen.grid and chosen.centre and recipe
    same = ("radius", "maxcc", "mask", "resolution", "method", "grow", "view")
    plain = {
        "area": chosen.aoi.name,
        "grid": chosen.grid.spec,
        "tiles": len(chosen.grid),
        "centre": [chosen.centre.x, chosen.centre.y],
        "from": chosen.interval.start.isoformat(),
        "to": chosen.interval.end.isoformat(),
        "bands": list(chosen.bands),
        "vetoes": [[veto.acquisition, veto.reason] for veto in chosen.vetoes],
        **{name: getattr(chosen, name) for name in same},
    }
    return plain, recipe.digest, [str(problem) for problem in problems]


def compared_by(query: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What a link compares as plain values, and what could not be used of it."""
    found, problems = comparison_of(query)
    plain = {
        "years": list(found.years),
        "limits": list(found.limits),
        "selected": [[place.year, place.maxcc, *filter(None, [place.provider])] for place in found.selected],
        **{name: getattr(found, name) for name in ("mode", "quantity", "k", "equal")},
    }
    return plain, [str(problem) for problem in problems]


def setting(name: str) -> Any:
    """A setting of this process as JSON would have it."""
    return _plain(getattr(load_settings(), name))


def forget() -> None:
    """What pages keep for the life of the process."""
    st.cache_resource.clear()
    context.forget()
    st.cache_data.clear()


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [{field: _plain(getattr(one, field)) for field in one.model_fields_set} for one in value]
    return value
