"""Blocks unpacked: prefixes give the first rows of the whole, and damage is told."""

import zlib

import numpy as np
import pytest

from services.errors import BadResponse
from services.providers.stac.decode import Coding, rows_of
from tests.services.providers.stac.made_files import texture

CODING = Coding(128, 96, 2, False, 8, 2)
PIXELS = texture(128, 96, 1)
DATA = zlib.compress(np.diff(PIXELS, axis=1, prepend=np.zeros((96, 1), np.uint16)).astype("<u2").tobytes())
"""Predictor 2 by numpy, Deflate by zlib."""


def test_a_whole_block_comes_back() -> None:
    assert np.array_equal(rows_of(CODING, DATA, 96, whole=True), PIXELS)


@pytest.mark.parametrize("length", [0, 2, 100, 1000, 5000, len(DATA) - 5])
def test_a_prefix_gives_the_first_rows(length: int) -> None:
    rows = rows_of(CODING, DATA[:length], 96, whole=False)
    unpacked = len(zlib.decompressobj().decompress(DATA[:length])) // 256
    assert unpacked - 4 <= len(rows) <= unpacked
    assert np.array_equal(rows, PIXELS[: len(rows)])


def test_no_more_rows_come_than_are_wanted() -> None:
    assert np.array_equal(rows_of(CODING, DATA, 7, whole=False), PIXELS[:7])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no stream",
        DATA[:-20],
        DATA[:-1] + bytes([DATA[-1] ^ 1]),
        DATA[:2000] + b"\xff" * 50 + DATA[2050:],
        zlib.compress(bytes(96 * 256 + 1)),
        zlib.compress(bytes(96 * 256 - 1)),
        zlib.compress(bytes(10**8)),
    ],
)
def test_a_damaged_block_is_refused(data: bytes) -> None:
    with pytest.raises(BadResponse, match="block"):
        rows_of(CODING, data, 96, whole=True)


@pytest.mark.parametrize("compression", [5, 50_000])
def test_damage_of_other_compressions_is_refused(compression: int) -> None:
    with pytest.raises(BadResponse, match="block"):
        rows_of(Coding(128, 96, 2, False, compression, 1), b"\x80\x0b\x60\x50" * 20, 96, whole=True)
