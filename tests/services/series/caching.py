"""A cache on the disk with some dates of a catalogue's answer, and the service on it."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from services.cache import FrameKey, FrameStore
from services.catalogue import Acquisition
from services.preview import PreviewCompositor
from services.series import SeriesService
from tests.services.overpasses import random_frames
from tests.services.passes import passes
from tests.services.scenes import recipe

QUESTION = recipe(px=12, height_px=9, maxcc=25, bands=("B02", "B03", "B04", "B08"))
FOUND = passes(QUESTION, [8.0, 3.0, 20.5, 60.0, 90.0], cut=[1])
FRAMES = random_frames(QUESTION, FOUND[:4])
WEST, SOUTH, EAST, NORTH = QUESTION.neighbourhood.bounds
"""Of 27 rows and 36 columns."""


def service(
    home: Path, found: Sequence[Acquisition] | None = FOUND, lost: Sequence[str] = (), less: Sequence[FrameKey] = ()
) -> tuple[SeriesService, PreviewCompositor]:
    """All of the first four dates are in the cache but the planes that are `lost`, and nothing of the last one."""
    store = FrameStore(home / "frames", 10**8)
    for key, planes in FRAMES.planes.items():
        if key not in less:
            store.write(key, {name: plane for name, plane in planes.items() if name not in lost})
    compositor = PreviewCompositor(store, 10**8)
    provider: Any = SimpleNamespace(title="A provider", simulated=False, attribution=lambda years: f"Data of {years}")
    return SeriesService(store, compositor, lambda recipe: found, lambda recipe: provider), compositor
