"""A percentile of the clear observations of each pixel, band by band, by the sorting network of the median.

Between two observations it is interpolated as numpy's `linear` does (the seventh of R. J. Hyndman, Y. Fan, Sample
quantiles in statistical packages, The American Statistician 50(4), 1996), in the same steps of float32: of n
observations it lies at the place (n − 1) p / 100. The first quartile is the method of the quarterly mosaics of
Copernicus: clouds that a mask has missed are bright, so that it lies farther from them than the median.
"""

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.reducers.blocks import Rows, picture_by_blocks
from services.reducers.float_median import Ranked, of_blocks
from services.reducers.median import indexed
from services.reducers.median_network import BLOCK, Ranks, Sorter
from services.reducers.method import Chapter, Clear, Formula, Method, Observations, Statistic
from services.sentinel2 import DN_PER_UNIT


@dataclass(frozen=True, eq=False)
class Places:
    """Where a percentile lies among so many observations; each array is by the count of clear ones."""

    ranks: Ranks
    part: NDArray[np.float32]
    """Of the way from the lower to the higher one."""
    rest: NDArray[np.float32]
    """Of the way back: 1 − part, rounded once."""
    is_late: NDArray[np.bool_]
    """Whether the higher one is the nearer: numpy then goes back from it."""

    def between(
        self, low: NDArray[np.float32], high: NDArray[np.float32], count: NDArray[np.uint16]
    ) -> NDArray[np.float32]:
        """Interpolated, (pixel,)."""
        apart = high - low
        found: NDArray[np.float32] = low + apart * self.part[count]
        np.subtract(high, apart * self.rest[count], out=found, where=self.is_late[count])
        return found


@lru_cache(maxsize=256)
def places(percentile: int, times: int) -> Places:
    """Of so many observations, clear or not."""
    at = np.maximum(np.arange(times + 1) - 1, 0) * (percentile / 100)
    lower = np.floor(at)
    part = at - lower
    below = (lower[-1] - lower).astype(np.uint16)
    ranks = Ranks(int(lower[-1]), below)
    return Places(ranks, part.astype(np.float32), (1 - part).astype(np.float32), part >= 0.5)


def percentile_picture(
    percentile: int, observations: Observations, clear: Clear
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Of all bands, and the count of clear ones; to the last bit `np.nanpercentile` of DN / 10000 in float32."""
    found = places(percentile, len(clear))

    def fill(rows: Rows, counts: NDArray[np.bool_], out: NDArray[Any]) -> None:
        sorter = Sorter(counts, np.uint16, found.ranks)
        for band in range(len(out)):
            low, high = (_reflectance(plane) for plane in sorter.pair([planes[band] for planes in rows]))
            out[band] = found.between(low, high, sorter.count)

    return picture_by_blocks(fill, observations, clear, BLOCK)


def _reflectance(dn: NDArray[Any]) -> NDArray[np.float32]:
    reflectance: NDArray[np.float32] = np.divide(dn, np.float32(DN_PER_UNIT), dtype=np.float32)
    return reflectance


def percentile_index(
    percentile: int, formula: Formula, observations: Observations, clear: Clear
) -> NDArray[np.float32]:
    """The percentile of the observations' indices, of the shape of a plane; NaN where none has one."""
    found = places(percentile, len(clear))
    return indexed(formula, observations, clear, partial(of_blocks, ranked=Ranked(found.ranks, found.between)))


PROGRAM = Chapter(
    "The percentile",
    "Over the observations that count, pixel by pixel and band by band; where none counts there is no number. Between "
    "two observations it is interpolated as by np.nanpercentile, which gives the same numbers and takes minutes.",
    """\
PERCENTILE = $percentile


def reduce(dn, clear, wanted):
    \"\"\"Reflectance, (height, width, band), of DN (time, height, width, band) and clear (time, height, width).\"\"\"
    strips = []
    for top in range(0, dn.shape[1], 64):
        seen = clear[:, top : top + 64]
        reflectance = dn[:, top : top + 64] / np.float32(10_000)
        reflectance[~seen] = np.nan
        reflectance.sort(axis=0)  # what does not count goes to the end
        last = np.maximum(seen.sum(axis=0) - 1, 0)
        place = last * (PERCENTILE / 100)
        lower = np.floor(place).astype(int)
        low, high = (
            np.take_along_axis(reflectance, at[np.newaxis, ..., np.newaxis], axis=0)[0]
            for at in (lower, np.minimum(lower + 1, last))
        )
        part, apart = (place - lower)[..., np.newaxis], high - low
        onwards, back = low + apart * part.astype(np.float32), high - apart * (1 - part).astype(np.float32)
        strips.append(np.where(part < 0.5, onwards, back))
    return np.concatenate(strips)
""",
)


def _at(percentile: int) -> Method:
    """The method at that percentile."""
    ordinal = f"{percentile}{_ordinal(percentile)} percentile"
    return replace(
        PERCENTILE,
        title=ordinal.capitalize(),
        words=ordinal,
        meaning=f"Each pixel is, band by band, the {ordinal} of its clear observations.",
        index=f"An index is computed of each clear observation of a pixel, and the pixel has the {ordinal} of these.",
        way=_way(percentile),
        program=replace(PROGRAM, code=PROGRAM.code.replace("$percentile", str(percentile))),
    )


def _ordinal(number: int) -> str:
    if number // 10 == 1:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _way(percentile: int) -> Statistic:
    return Statistic(partial(percentile_picture, percentile), partial(percentile_index, percentile))


USUAL = 40
"""The percentile of who chooses none."""
FIRST_QUARTILE = Method(
    name="first-quartile",
    title="First quartile",
    feature="FIRST_QUARTILE",
    words="first quartile",
    meaning="Each pixel is, band by band, the first quartile (25th percentile) of its clear observations.",
    index="An index is computed of each clear observation of a pixel, and the pixel has the first quartile of these.",
    remark="Darker than the median, as the quarterly mosaics of Copernicus: farther from bright clouds that the mask "
    "has missed, and nearer to shadows.",
    way=_way(25),
    program=replace(PROGRAM, heading="The first quartile", code=PROGRAM.code.replace("$percentile", "25")),
)
PERCENTILE = Method(
    name="percentile",
    title="Percentile",
    feature="PERCENTILE",
    words="percentile",
    meaning="Each pixel is, band by band, a percentile of its clear observations.",
    index="An index is computed of each clear observation of a pixel, and the pixel has the percentile of these.",
    remark="50 is the median, 25 the first quartile; lower ones are darker.",
    way=_way(USUAL),
    program=PROGRAM,
    at=_at,
)
