"""What a series is of: a band, or an index of each observation, by its name or by the text of a view."""

from collections.abc import Sequence

from services.errors import RecipeError
from services.render import Quantity, quantities, view_named
from services.text import quoted


def quantity_named(text: str, bands: Sequence[str]) -> Quantity:
    """One of `quantities(bands)`, or the index that a view shows. Raises RecipeError where it is none."""
    possible = {one.name: one for one in quantities(bands)}
    if text in possible:
        return possible[text]
    try:
        view = view_named(text, bands)
    except RecipeError as error:
        raise RecipeError(
            f"There is no band and no index {quoted(text)} in this picture.", f"Choose one of {', '.join(possible)}."
        ) from error
    if view.index is None:
        raise RecipeError(
            f"The view {view.title} shows colours, and a series is of one number.",
            f"Choose one of {', '.join(possible)}.",
        )
    return Quantity(view.name, view.title, view.bands, view)
