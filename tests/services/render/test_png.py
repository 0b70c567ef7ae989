"""Our own PNG files, read by Pillow and by OpenCV."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.render import encode_png

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4]))


@given(arrays.arrays(np.uint8, SHAPES))
def test_other_readers_see_each_pixel(pixels: NDArray[np.uint8]) -> None:
    file = encode_png(pixels, {})
    with Pillow.open(io.BytesIO(file)) as read:
        assert read.mode == ("RGBA" if pixels.shape[2] == 4 else "RGB")
        np.testing.assert_array_equal(np.asarray(read), pixels)
    decoded = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    order = [2, 1, 0, 3][: pixels.shape[2]]
    np.testing.assert_array_equal(decoded, pixels[..., order])


def test_any_order_in_memory_will_do() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (4, 30, 20), np.uint8)
    with Pillow.open(io.BytesIO(encode_png(np.moveaxis(pixels, 0, -1)[::-1], {}))) as read:
        np.testing.assert_array_equal(np.asarray(read), np.moveaxis(pixels, 0, -1)[::-1])


def test_texts_are_read_in_any_language_before_the_pixels() -> None:
    said = {"Title": "Åland × 3, 東京", "Copyright": "© somebody", "Empty": ""}
    file = encode_png(np.zeros((3, 5, 4), np.uint8), said)
    with Pillow.open(io.BytesIO(file)) as read:
        assert read.info == said


def test_each_chunk_has_its_length_and_checksum() -> None:
    file = encode_png(np.zeros((3, 5, 4), np.uint8), {"Title": "One"})
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    place, kinds = 8, []
    while place < len(file):
        length, kind = struct.unpack(">I4s", file[place : place + 8])
        data = file[place + 4 : place + 8 + length]
        assert struct.unpack(">I", file[place + 8 + length : place + 12 + length]) == (zlib.crc32(data),)
        kinds.append(kind)
        place += 12 + length
    assert kinds == [b"IHDR", b"iTXt", b"IDAT", b"IEND"]


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 2), (0, 5, 4), (3, 5, 4, 1)])
def test_what_is_no_picture_is_refused_with_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"got \(" + ", ".join(map(str, shape))):
        encode_png(np.zeros(shape, np.uint8), {})


def test_a_picture_is_not_larger_than_pillow_makes_it() -> None:
    across, down = np.meshgrid(np.arange(200), np.arange(300))
    noise = np.random.default_rng(1).integers(0, 9, (300, 200, 3))
    land = 90 + 60 * np.sin(across / 30)[..., np.newaxis] + 40 * np.cos(down / 50)[..., np.newaxis] + noise
    pixels = np.dstack([land, np.full(across.shape, 255)]).astype(np.uint8)
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, "PNG", compress_level=1)
    assert len(encode_png(pixels, {})) < 1.05 * file.getbuffer().nbytes
