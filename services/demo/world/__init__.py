"""The simulated world: a window and an overpass come in, bands of Level 2A and the cloud cover go out."""

from services.demo.world.clouds import cloud_cover
from services.demo.world.grid import Window, transformer
from services.demo.world.raster import Samples
from services.demo.world.rendering import PLANES, render

__all__ = ["PLANES", "Samples", "Window", "cloud_cover", "render", "transformer"]
