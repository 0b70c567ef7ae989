"""Countries and regions, as they are called."""

from services.area import all_places
from services.area.gazetteer import Place


def place_called(name: str) -> Place:
    """The one with that label or name; a country comes before a region."""
    called = [place for place in all_places() if name in (place.label, *place.names)]
    return min(called, key=lambda place: bool(place.country))
