"""When the satellites see what: an area and times come in, granules with their footprints and angles go out."""

from services.demo.orbits.geometry import sun_angles, track_position, view_angles
from services.demo.orbits.granules import Granule, TooManyTiles, granule_with_id, granules_over, pixels_of
from services.demo.orbits.mgrs import degrees_of, in_degrees
from services.demo.orbits.passes import Pass, node_longitude

__all__ = [
    "Granule",
    "Pass",
    "TooManyTiles",
    "degrees_of",
    "granule_with_id",
    "granules_over",
    "in_degrees",
    "node_longitude",
    "pixels_of",
    "sun_angles",
    "track_position",
    "view_angles",
]
