"""Words of a place in, an area out: names of cities, waters, regions and countries, and coordinates as people write."""

from services.places.coordinates import Point, read_point
from services.places.geocoder import Answer, Geocoder, geocoder_of
from services.places.index import ATTRIBUTION, Found, Suggestions, entry, suggest
from services.places.search import area_around, area_of_answer, area_of_found, area_of_words, area_under, brought

__all__ = [
    "ATTRIBUTION",
    "Answer",
    "Found",
    "Geocoder",
    "Point",
    "Suggestions",
    "area_around",
    "area_of_answer",
    "area_of_found",
    "area_of_words",
    "area_under",
    "brought",
    "entry",
    "geocoder_of",
    "read_point",
    "suggest",
]
