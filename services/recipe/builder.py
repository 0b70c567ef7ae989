"""Recipe builder: the one way from somebody's choices to a Recipe, whether they were typed or clicked.

What cannot change the picture is put in order here, so that the same question has one digest and is paid for once.
"""

from collections.abc import Iterable
from typing import Protocol

from services.errors import RecipeError
from services.grid import Grid, TileIndex
from services.recipe.interval import Interval
from services.recipe.masks import MASKS
from services.recipe.months import months_of
from services.recipe.recipe import Recipe
from services.recipe.veto import Veto, ordered, within
from services.reducers import METHODS, USUAL


class Offer(Protocol):
    """What a provider can give."""

    @property
    def angles(self) -> bool:
        """Whether it has the planes of the sun's and the view's angles."""


class Archive(Protocol):
    """Who is asked for the pixels: what of a provider is part of the question."""

    @property
    def name(self) -> str:
        """Of the provider, never of its account."""

    @property
    def collection(self) -> str:
        """The provider's name of the collection."""


class Supplier(Archive, Protocol):
    """The same, of which it is known what it has."""

    @property
    def terms(self) -> Offer:
        """Of its requests."""


def build_recipe(
    archive: Supplier,
    grid: Grid,
    centre: TileIndex,
    interval: Interval,
    *,
    area: str,
    radius: int,
    maxcc: int,
    least_coverage: int,
    bands: tuple[str, ...],
    resolution: int,
    mask: str,
    method: str,
    grow: int,
    percentile: int = USUAL,
    nbar: bool = False,
    vetoes: Iterable[Veto] = (),
    months: Iterable[int] = (),
    included: Iterable[str] = (),
    date_rule: str = "picture",
) -> Recipe:
    """The recipe of these choices; they are named as the fields of Recipe.

    A mask that does not grow has no growth, a method without a percentile the usual one; a picture of one tile has the
    usual rule of dates, for both are one question there. Vetoes and included dates of other days are left out, and so
    is an included date that is vetoed. Raises RecipeError, also for a mask that cannot be computed here or not of these
    bands, and for NBAR of an archive without angles.
    """
    left_out = ordered(veto for veto in vetoes if veto.may_be_in(interval))
    recipe = Recipe(
        lattice=grid.lattice,
        centre=centre,
        interval=interval,
        provider=archive.name,
        collection=archive.collection,
        area=area,
        radius=radius,
        maxcc=maxcc,
        least_coverage=least_coverage,
        bands=bands,
        resolution=resolution,
        mask=mask,
        method=method,
        grow=grow,
        percentile=percentile if METHODS[method].at else USUAL,
        nbar=nbar,
        vetoes=left_out,
        months=months_of(months),
        included=within(interval, set(included) - {veto.acquisition for veto in left_out}),
        date_rule=date_rule if radius else Recipe.date_rule,
    )
    MASKS[mask].require(bands)
    require_angles(recipe, archive.terms)
    return recipe if MASKS[mask].growing else recipe.with_(grow=0)


def require_angles(recipe: Recipe, offer: Offer) -> None:
    """Raises RecipeError where the recipe needs angles, and its provider has none."""
    if recipe.nbar and not offer.angles:
        raise RecipeError(
            f"View angles cannot be evened out (NBAR): the provider {recipe.provider} has no sun and view angles of "
            "its pixels.",
            "Choose Sentinel Hub or Copernicus Data Space, or leave NBAR out.",
        )
