"""One band of one frame as compressed bytes: blosc2's zstd at its fastest, with the bytes shuffled, never a pickle."""

import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct(">4sBBHH")
"""Name and version of the format, bytes a pixel, 0, height, width."""
_NAME = b"NPP1"
_TYPES: dict[int, type[np.uint8 | np.uint16]] = {1: np.uint8, 2: np.uint16}


class BadPlane(ValueError):
    """The bytes are not a plane of the wanted shape. Not for damage on the disk: see `services.storage.ByteStore`."""


@cache
def _blosc2() -> Any:
    """The package, a tenth of a second of imports that the start of the application does without."""
    import blosc2

    blosc2.set_releasegil(True)  # without it planes are packed one after the other, however many threads ask
    return blosc2


def encode(plane: NDArray[Any]) -> bytes:
    """Compress a (height, width) plane of uint8 or uint16; raises BadPlane for another array."""
    if plane.ndim != 2 or plane.dtype not in (np.uint8, np.uint16) or plane.size == 0 or max(plane.shape) > 65_535:
        raise BadPlane(f"A plane is (height, width) of uint8 or uint16, got {plane.shape} of {plane.dtype}.")
    blosc2 = _blosc2()
    whole = np.ascontiguousarray(plane, plane.dtype.newbyteorder("<"))
    packed: bytes = blosc2.compress2(
        whole,
        codec=blosc2.Codec.ZSTD,
        clevel=1,
        filters=[blosc2.Filter.SHUFFLE],
        typesize=plane.itemsize,
        nthreads=1,  # planes are packed side by side in threads of ours
    )
    return _HEADER.pack(_NAME, plane.itemsize, 0, *plane.shape) + packed


def decode(data: bytes, shape: tuple[int, int] | None = None) -> NDArray[Any]:
    """The (height, width) plane as it was; raises BadPlane where it is none, or none of `shape`."""
    blosc2 = _blosc2()
    try:
        name, itemsize, _, height, width = _HEADER.unpack_from(data)
        packed = data[_HEADER.size :]
        size = blosc2.get_cbuffer_sizes(packed)[0]
    except (struct.error, ValueError, RuntimeError, IndexError) as error:
        raise BadPlane(f"These {len(data)} bytes are not a plane.") from error
    if name != _NAME or itemsize not in _TYPES or size != itemsize * height * width:
        raise BadPlane(f"These {len(data)} bytes are not a plane.")
    if shape is not None and (height, width) != shape:
        raise BadPlane(f"The plane is {height} × {width} px, and {shape[0]} × {shape[1]} are wanted.")
    pixels = np.empty((height, width), np.dtype(_TYPES[itemsize]).newbyteorder("<"))
    try:
        blosc2.decompress2(packed, dst=pixels, nthreads=1)
    except (ValueError, RuntimeError) as error:
        raise BadPlane(f"The plane of {height} × {width} px cannot be unpacked.") from error
    return pixels.astype(_TYPES[itemsize], copy=False)
