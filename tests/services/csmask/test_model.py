"""The plane of ukis-csmask against the package's own class, bit for bit; few and small frames, for it is slow."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

csmask = pytest.importorskip("ukis_csmask.mask", reason="requirements-csmask.txt is not installed")
pytest.importorskip("onnxruntime", reason="requirements-csmask.txt is not installed")

from services.csmask import cloud_classes  # noqa: E402 - of the packages above
from services.sentinel2 import SCRIPT_BANDS  # noqa: E402

NAMES = ["blue", "green", "red", "nir", "swir16", "swir22"]


def frame(height: int, width: int, seed: int = 1) -> NDArray[np.uint16]:
    """DN of land with a bright cloud, its shadow, and a corner without data, (height, width, band)."""
    random = np.random.default_rng(seed)
    land = np.array([500, 700, 600, 3000, 1800, 900])
    pixels = (land + random.normal(0, 60, (height, width, 6))).clip(1)
    pixels[height // 5 : height // 2, width // 4 : width // 2] += 5000
    pixels[height // 2 : 3 * height // 4, width // 2 : 3 * width // 4] *= 0.25
    pixels[: height // 8, : width // 8] = 0
    return pixels.astype(np.uint16)


def ours(pixels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    return cloud_classes({band: pixels[..., place] for place, band in enumerate(SCRIPT_BANDS)})


def theirs(pixels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """As a user of the package asks it."""
    reflectance = pixels.astype(np.float32) / np.float32(10_000)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your input image is smaller")
        made = csmask.CSmask(reflectance, NAMES, product_level="l2a", providers=["CPUExecutionProvider"])
    found: NDArray[np.uint8] = made.csm[..., 0]
    return found


@pytest.mark.parametrize(("height", "width"), [(33, 60), (153, 154)])
def test_the_plane_is_that_of_the_package(height: int, width: int) -> None:
    """A frame in one window, and one at whose edge a second one begins."""
    pixels = frame(height, width)
    found = ours(pixels)
    np.testing.assert_array_equal(found, theirs(pixels))
    assert 1 in found, "the cloud is seen"
    assert found.dtype == np.uint8 and found.shape == (height, width) and set(np.unique(found)) <= {0, 1, 2}


def test_a_real_scene_gives_what_the_package_gives(shared_data: Path) -> None:
    """A part of a scene in Patagonia: nearly cloudless."""
    with np.load(shared_data / "real_s2" / "xrspatial_patagonia" / "data.npz", allow_pickle=False) as scene:
        pixels = scene["bands"][:150, :150]
    np.testing.assert_array_equal(ours(pixels), theirs(pixels))
