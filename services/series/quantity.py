"""What a series is of: a band, or an index of each observation, by its name or by the text of a view."""

from collections.abc import Sequence

from services.errors import RecipeError
from services.render import Quantity, quantities, unstyled, view_named


def quantity_named(text: str, bands: Sequence[str]) -> Quantity:
    """One of `quantities(bands)`, or the index or the one band that a view shows. Raises RecipeError for others."""
    possible = {one.name: one for one in quantities(bands)}
    remedy = f"Choose one of {', '.join(possible)}, or a formula like index-(B08-B04):(B08--B04)."
    if text in possible:
        return possible[text]
    try:
        view = unstyled(view_named(text, bands))
    except RecipeError as error:
        raise RecipeError(error.cause, remedy) from error
    if view.index is not None:
        return Quantity(view.name, view.title, view.bands, view)
    if len(view.bands) > 1:
        raise RecipeError(f"The view {view.title} shows colours, and a series is of one number.", remedy)
    return possible[view.bands[0]]
