"""Areas of interest: a text, file, drawing or place in, a valid AOI with a name out; and those that the team keeps."""

from services.area.aoi import AOI, aoi_from_drawing, aoi_from_outline, parse_aoi, read_aoi
from services.area.gazetteer import all_places, area_of_place, folded
from services.area.library import Entry, Library
from services.area.saved_areas import AreaStore, check_stored
from services.area.thumbnail import svg
from services.area.upload import Feature, Part, UploadedFeatures, parse_features, read_features

__all__ = [
    "AOI",
    "AreaStore",
    "Entry",
    "Feature",
    "Library",
    "Part",
    "UploadedFeatures",
    "all_places",
    "aoi_from_drawing",
    "aoi_from_outline",
    "area_of_place",
    "check_stored",
    "folded",
    "parse_aoi",
    "parse_features",
    "read_aoi",
    "read_features",
    "svg",
]
