"""The histogram of what is shown, from which a stretch is chosen: of the pixels of a preview, before any stretch."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.composite import Image
from services.render import Limits, View

BINS = 96
"""Bars of a channel."""
_FEW = 0.1
"""Percent of the pixels at either end that may lie beyond the bars."""
_APART = 0.001
"""A stretch is at least so wide, where all pixels are alike."""


@dataclass(frozen=True)
class Channel:
    """One band, or the index."""

    name: str
    """`B04`; of an index its title."""
    low: float
    """Where the first bar begins: reflectance, or the index; what lies below is counted in it."""
    high: float
    """Where the last bar ends; what lies above is counted in it."""
    counts: tuple[int, ...]
    """Pixels in each of BINS bars of one width."""
    percentiles: tuple[float, ...]
    """101: below the first lie 0 % of the pixels, below the last 100 %."""
    mean: float
    sigma: float
    """Standard deviation."""


@dataclass(frozen=True)
class Histogram:
    """Of all channels of a view; without a channel where no pixel has data."""

    channels: tuple[Channel, ...]
    pixels: int
    """With data, of the preview."""

    def percentiles(self, low: int, high: int) -> Limits:
        """Limits of each channel that leave so many percent of its pixels below, and 100 − `high` above."""
        return tuple(_apart(one.percentiles[low], one.percentiles[high]) for one in self.channels)

    def sigmas(self, k: float) -> Limits:
        """Limits of each channel, `k` standard deviations beside its mean."""
        return tuple(_apart(one.mean - k * one.sigma, one.mean + k * one.sigma) for one in self.channels)

    def to_json(self) -> str:
        """What `from_json` reads."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes) -> "Histogram":
        """Raises ValueError, KeyError or TypeError where it is not what was written here."""
        plain: dict[str, Any] = json.loads(text)
        lists = ("counts", "percentiles")
        channels = [Channel(**one | {name: tuple(one[name]) for name in lists}) for one in plain["channels"]]
        return cls(tuple(channels), plain["pixels"])


def histogram_of(view: View, image: Image) -> Histogram:
    """Of the view's bands in reflectance, or of its index; what has no number does not count."""
    if view.index:
        planes: Sequence[tuple[str, NDArray[np.float32]]] = [(view.title, image.indices[view.index.name])]
    else:
        planes = [(band, image.reflectance[..., image.bands.index(band)]) for band in view.bands]
    values = [(name, plane[~np.isnan(plane)]) for name, plane in planes]
    shown = zip(values, view.limits, strict=True)
    channels = [_channel(name, there, *ends) for (name, there), ends in shown if there.size]
    return Histogram(tuple(channels), int(values[0][1].size))


def _channel(name: str, values: NDArray[np.float32], low: float, high: float) -> Channel:
    """The bars reach over the fixed scale and over nearly all pixels."""
    numbers = values.astype(np.float64)
    percentiles = np.percentile(numbers, [*range(101), _FEW, 100 - _FEW])
    low, high = min(low, float(percentiles[-2])), max(high, float(percentiles[-1]))
    counts, _ = np.histogram(np.clip(numbers, low, high), BINS, (low, high))
    return Channel(
        name,
        low,
        high,
        tuple(counts.tolist()),
        tuple(percentiles[:101].tolist()),
        float(numbers.mean()),
        float(numbers.std()),
    )


def _apart(low: float, high: float) -> tuple[float, float]:
    return low, max(high, low + max(_APART, _APART * abs(low)))
