"""The lie of the land: a block of the pixel grid comes in, its ground as it is in all years and seasons goes out."""

from services.demo.world.terrain.ground import TILT, Ground, ground_of

__all__ = ["TILT", "Ground", "ground_of"]
