"""Planes as bytes and back."""

import pickle
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from services.cache import decode
from services.cache.plane_codec import BadPlane, encode

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@settings(deadline=None)
@given(plane=arrays.arrays(st.sampled_from([np.uint8, np.uint16]), SHAPES))
def test_a_plane_comes_back_as_it_was(plane: np.ndarray) -> None:
    again = decode(encode(plane), plane.shape)
    assert again.dtype == plane.dtype
    np.testing.assert_array_equal(again, plane)
    again += 1  # it is an array of its own that can be written


def test_a_part_of_an_image_is_taken_as_it_lies() -> None:
    block = np.arange(6 * 8 * 3, dtype=np.uint16).reshape(6, 8, 3)
    np.testing.assert_array_equal(decode(encode(block[1:5, ::2, 1])), block[1:5, ::2, 1])


@pytest.mark.parametrize("shape", [(4,), (2, 2, 1), (0, 2), (1, 65_536)])
def test_a_plane_has_two_axes_and_pixels(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadPlane, match="A plane is"):
        encode(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("kind", [np.float32, np.int16, ">u2", bool, object])
def test_a_plane_holds_small_whole_numbers(kind: Any) -> None:
    with pytest.raises(BadPlane, match="A plane is"):
        encode(np.zeros((2, 2), kind))


def test_bytes_that_are_no_plane_are_refused() -> None:
    plane = np.arange(900, dtype=np.uint16).reshape(30, 30)
    data = encode(plane)
    others = [b"", b"NPP1", bytes(1000), pickle.dumps(plane), zlib.compress(plane.tobytes()), b"NPP2" + data[4:]]
    for other in [*others, *(data[:end] for end in range(len(data)))]:
        with pytest.raises(BadPlane):
            decode(other)
    with pytest.raises(BadPlane, match="30 × 30 px, and 30 × 31 are wanted"):
        decode(data, (30, 31))


def test_a_header_that_promises_more_than_there_is_is_refused() -> None:
    data = encode(np.ones((30, 30), np.uint8))
    with pytest.raises(BadPlane):
        decode(data[:6] + b"\xff\xff\xff\xff" + data[10:])
    with pytest.raises(BadPlane):
        decode(data[:4] + b"\x02" + data[5:])


def test_real_pixels_take_less_than_their_bytes(shared_data: Path) -> None:
    bands = np.load(shared_data / "real_s2" / "romania_10m" / "data.npz")["bands"]
    packed = sum(len(encode(plane)) for plane in np.moveaxis(bands[::10], -1, 1).reshape(-1, 100, 100))
    assert packed < 0.8 * bands[::10].nbytes
