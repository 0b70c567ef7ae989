"""The numbers of a result as tables: its dates, kept or not, and the statistics of its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from services.catalogue import Choice, SourceProduct
from services.composite import INDICES, Image
from services.render import EACH_OBSERVATION, offset_words
from services.text import csv_text

DATE_COLUMNS = (
    *("date", "time_utc", "acquisition", "satellite", "relative_orbit", "cloud_cover_percent", "coverage_percent"),
    *("data_percent", "clear_percent", "kept", "reason", "source_products", "processing_baselines", "offset_applied"),
)
"""`cloud_cover_percent` is of the whole granules, `coverage_percent` the part of the neighbourhood in the swath.
`data_percent` is the part of all pixels of the picture that have data, `clear_percent` the part of all of them that
count, as on the page; both are known of the dates that were kept. `offset_applied` is in DN, by Ninepatch as it reads
the files, one for each product."""
PERCENTILES = (5, 25, 50, 75, 95)
STATISTICS_COLUMNS = (
    *("name", "title", "unit", "pixels", "no_data_percent", "mean", "median", "std", "p5", "p25", "p75", "p95"),
    *("min", "max", "source_products", "processing_baselines", "offset_applied"),
)
"""`pixels` have data; `std` is of the population; percentiles lie between two pixels where they must (linear). The last
three are of the whole picture, alike in each row; many products end in how many more there are."""


@dataclass(frozen=True)
class Shares:
    """What an acquisition shows of a picture, as parts of all of its pixels, 0 to 1."""

    data: float
    """With data."""
    clear: float
    """That count."""


def dates_csv(choices: Sequence[Choice], shares: Mapping[str, Shares]) -> str:
    """A row an acquisition of the interval, oldest first; `shares` are by key, where they are known."""
    rows = []
    for choice in sorted(choices, key=lambda choice: choice.acquisition.time):
        one = choice.acquisition
        time = one.time.astimezone(UTC)
        share = shares.get(one.key)
        rows.append(
            (
                one.date,
                f"{time:%H:%M:%S}",
                one.key,
                one.satellite,
                one.orbit,
                one.cloud_cover,
                100 * one.coverage,
                None if share is None else 100 * share.data,
                None if share is None else 100 * share.clear,
                "yes" if choice.kept else "no",
                choice.reason,
                " ".join(product.id for product in one.products),
                " ".join(one.baselines),
                _offsets(one.products),
            )
        )
    return csv_text(DATE_COLUMNS, rows)


def _offsets(products: Sequence[SourceProduct]) -> str | int:
    """A number where all have the same."""
    found = [product.offset for product in products if product.offset is not None]
    if len(found) < len(products):
        return offset_words(products)
    return found[0] if len(set(found)) == 1 else " ".join(map(str, found))


def statistics_csv(image: Image, sources: Mapping[str, str] = MappingProxyType({})) -> str:
    """A row a band, in reflectance, and a row an index that its bands allow, which is computed of each observation.

    `sources` are those of its Provenance.
    """
    last = [sources.get(column.upper()) for column in STATISTICS_COLUMNS[-3:]]
    rows = [
        (band, band, "reflectance", *_numbers(image.reflectance[..., place])) for place, band in enumerate(image.bands)
    ]
    rows += [
        (name, f"{INDICES[name].title} {INDICES[name].formula} {EACH_OBSERVATION}", "index", *_numbers(plane))
        for name, plane in image.indices.items()
    ]
    return csv_text(STATISTICS_COLUMNS, [(*row, *last) for row in rows])


def _numbers(plane: NDArray[np.float32]) -> tuple[object, ...]:
    """From `pixels` on; where there is no pixel with data the rest is empty."""
    values = plane[np.isfinite(plane)]
    share = 100 * (1 - values.size / plane.size)
    if not values.size:
        return (0, share, *[None] * 9)
    low, first, middle, third, high = np.percentile(values, PERCENTILES).tolist()
    mean, spread = values.mean(dtype=np.float64), values.std(dtype=np.float64)
    ends = (float(values.min()), float(values.max()))
    return (values.size, share, *map(_exact, (mean, middle, spread, low, first, third, high, *ends)))


def _exact(value: float) -> Decimal:
    """Six decimals: half a DN is 0.00005, and a cell of the sheet has four."""
    return Decimal(f"{value:.6f}")
