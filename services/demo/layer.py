"""A block while it is being drawn: two materials a pixel and the share of the second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.demo.raster import Bytes, Plane, either


@dataclass
class Layer:
    """Each step draws over the ones before; arrays are (192, 192)."""

    base: Bytes
    """Material."""
    over: Bytes
    """A second one, over part of the pixel."""
    share: Plane
    """The part of the second, 0 to 1."""

    def main(self) -> Bytes:
        """The material that covers most of each pixel."""
        return either(self.share > 0.5, self.over, self.base)

    def put(self, where: NDArray[np.bool_], base: Bytes | int, over: Bytes | int, share: Plane) -> None:
        """Both materials and the share, where `where` is true."""
        self.base = either(where, base, self.base)
        self.over = either(where, over, self.over)
        self.share = self.share + where * (share - self.share)

    def line(self, cover: Plane, material: int) -> None:
        """A material over part of each pixel, on top of the one that is there most."""
        some = cover > 0.02
        if some.any():
            self.put(some, self.main(), material, cover)
