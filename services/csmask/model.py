"""The network of ukis-csmask for six bands of Level 2A, asked for one frame; to the last bit what its own class gives.

It looks at windows of 256 × 256 px, which it lays over the picture and its mirrored surroundings, a fifth of each over
its neighbour. Windows that lie wholly outside the frame add nothing to it and are not asked for: a tile of 330 px has
nine, of which four count.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.recipe import MASKS
from services.sentinel2 import DN_PER_UNIT, SPECTRUM

_OVERLAP = 0.2
"""Of a window with its neighbour, as `CSmask` has it."""


@dataclass(frozen=True)
class _Network:
    session: Any
    """Of onnxruntime: may be run by several threads, each with one of its own."""
    mean: list[float]
    std: list[float]
    """Of each band, reflectance."""
    side: int
    """Of a window, px."""


@cache
def _network() -> _Network:
    """Half a second, and 0.3 GB of memory, for those alone who use it. One thread a run: how many runs there are at a
    time is for who asks."""
    import onnxruntime
    import ukis_csmask

    file = Path(ukis_csmask.__file__).with_name("model_6b_l2a.onnx")
    data = json.loads(file.with_suffix(".json").read_text())["data"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, sess_options=options, providers=["CPUExecutionProvider"])
    mean, std = data["dataset_statistics"]["img"]
    names = [SPECTRUM[band][0] for band in MASKS["csmask"].sources]
    if data["dataset_statistics"]["band_names"] != names:
        raise ValueError(f"the network of ukis-csmask wants other bands than {', '.join(names)}")
    return _Network(session, mean, std, data["target_size"][0])


def cloud_classes(frame: Mapping[str, NDArray[np.uint16]]) -> NDArray[np.uint8]:
    """0 clear, 1 cloud, 2 cloud shadow of each pixel, (height, width), from the DN of the six bands."""
    from ukis_csmask.mask import CSmask
    from ukis_csmask.utils import tile_array, untile_array

    network = _network()
    bands = [frame[band] for band in MASKS["csmask"].sources]
    reflectance = np.stack(bands, axis=-1).astype(np.float32) / np.float32(DN_PER_UNIT)
    height, width = reflectance.shape[:2]
    normal = CSmask.normalize(reflectance, network.mean, network.std)
    windows = tile_array(normal, xsize=network.side, ysize=network.side, overlap=_OVERLAP)
    chances = np.zeros((*windows.shape[:-1], 3), np.float32)
    for place in _inside(len(windows), height, width, network.side):
        asked = {network.session.get_inputs()[0].name: np.moveaxis(windows[place : place + 1], -1, 1)}
        chances[place] = np.moveaxis(CSmask.softmax(network.session.run(None, asked)[0])[0], 0, -1)
    whole = untile_array(chances, (height, width, 3), overlap=_OVERLAP, smooth_blending=True)
    found: NDArray[np.uint8] = np.argmax(whole, axis=2).astype(np.uint8)
    return found


def _inside(count: int, height: int, width: int, side: int) -> list[int]:
    """Places of the windows, row by row, that show a pixel of the frame: it begins an overlap behind their corner."""
    stride, margin = int(side - side * _OVERLAP), int(side * _OVERLAP)
    across = (width + 2 * margin + side + 1 - side) // stride + 1
    rows, columns = np.divmod(np.arange(count), across)
    seen = (rows * stride < margin + height) & (columns * stride < margin + width)
    return [int(place) for place in np.flatnonzero(seen)]
