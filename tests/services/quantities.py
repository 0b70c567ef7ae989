"""What can be compared, by its name."""

from collections.abc import Sequence

from services.render import Quantity, quantities


def quantity_named(name: str, bands: Sequence[str]) -> Quantity:
    """One of those that these bands allow."""
    return {quantity.name: quantity for quantity in quantities(bands)}[name]
