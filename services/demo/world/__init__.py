"""The simulated world: a window and an overpass come in, bands of Level 2A and the cloud cover go out."""

from services.demo.world.clouds import cloud_cover
from services.demo.world.grid import FINEST, Window, transformer
from services.demo.world.raster import Samples
from services.demo.world.rendering import CLASSES, PLANES, SIMULATED, native_metres, render

__all__ = [
    "CLASSES",
    "FINEST",
    "PLANES",
    "SIMULATED",
    "Samples",
    "Window",
    "cloud_cover",
    "native_metres",
    "render",
    "transformer",
]
