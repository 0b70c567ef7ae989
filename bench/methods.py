"""Every method of compositing on one patch of sixty dates, 330 × 330 px and six bands, in one thread.

Beside the seconds the memory that it takes beyond the observations: blocks keep it flat, so that four patches' worth of
pixels take no more than one but for the picture itself.
"""

import statistics
import time
import tracemalloc

import numpy as np
from numpy.typing import NDArray

from services.composite import Stack
from services.reducers import METHODS, Method, Pick, Scenes, distances

DATES, SIDE, BANDS = 60, 330, ("B02", "B03", "B04", "B08", "B11", "B12")
RUNS = 3


def observed(height: int) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
    """Land with noise, a tenth of it under clouds that no mask has found; six tenths count."""
    random = np.random.default_rng(0)
    land = random.integers(200, 4000, (len(BANDS), height, SIDE))
    observations = np.empty((DATES, *land.shape), np.uint16)
    for one in observations:
        clouds = 3000 * (random.random((height, SIDE)) < 0.1)
        one[:] = np.clip(land + random.normal(0, 150, land.shape) + clouds, 0, 65_534)
    return observations, random.random((DATES, height, SIDE)) < 0.6


def reduce(method: Method, observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> float:
    """Seconds, with the distances to clouds where it asks for them."""
    needs = isinstance(method.way, Pick) and method.way.near
    begun = time.perf_counter()
    scenes = Scenes([10.0] * DATES, [20170607] * DATES, range(DATES), distances(clear) if needs else ())
    Stack(BANDS, observations, clear, scenes, (clear.shape[1], clear.shape[2])).reduced(method, BANDS, ())
    return time.perf_counter() - begun


def beyond(method: Method, observations: NDArray[np.uint16], clear: NDArray[np.bool_]) -> float:
    """Most memory while it runs, MB."""
    tracemalloc.start()
    reduce(method, observations, clear)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    """Print a row a method."""
    observations, clear = observed(SIDE)
    larger = observed(4 * SIDE)
    for method in METHODS.values():
        seconds = statistics.median(reduce(method, observations, clear) for _ in range(RUNS))
        memory, of_four = beyond(method, observations, clear), beyond(method, *larger)
        print(f"{method.title:18} {seconds:6.2f} s  {memory:6.0f} MB  {of_four:6.0f} MB of four patches")
