"""Source reports: how two cells of different providers agree, from the cache alone, kept among the previews."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.catalogue import UNKNOWN_BASELINE, Acquisition, Choice, choose
from services.compare.matrix import Cell, of_two_sources
from services.compare.source_difference import (
    STEPS,
    Agreement,
    BandAgreement,
    SourceDate,
    SourceReport,
    agreement,
)
from services.composite import Image
from services.ninepatch import Ninepatch
from services.preview import step_for
from services.sentinel2 import DN_PER_UNIT
from services.text import csv_text

_VERSION = 1
"""Of how it is computed: another one computes all of them anew."""
_UNIT = 100
"""A picture's DN are told apart by hundredths: its reflectance has single precision, and half DN are in its medians."""
_ABSENT = "not in its catalogue"
_comparing = threading.Lock()
"""One at a time: both pictures are in memory."""


@dataclass(frozen=True)
class SourcePair:
    """The question: two cells of two providers, all else the same, in the bands that are shown."""

    left: Cell
    right: Cell
    left_found: tuple[Acquisition, ...]
    """All that the left catalogue has in the interval, kept or not."""
    right_found: tuple[Acquisition, ...]
    """The same of the right one."""
    px: int = 1000
    """No side of the pictures is longer."""

    @classmethod
    def of(cls, product: Ninepatch, left: Cell, right: Cell) -> "SourcePair | None":
        """None unless they ask the same of two providers. Asks nobody."""
        if not of_two_sources(left, right):
            return None
        return cls(left, right, product.known(left.recipe) or (), product.known(right.recipe) or ())

    @property
    def bands(self) -> tuple[str, ...]:
        """That are shown."""
        return self.left.needs.bands

    @cached_property
    def choices(self) -> tuple[dict[str, Choice], dict[str, Choice]]:
        """What either side makes of its overpasses, by their keys."""
        sides = (self.left, self.left_found), (self.right, self.right_found)
        left, right = ({one.acquisition.key: one for one in choose(found, cell.recipe)} for cell, found in sides)
        return left, right

    @property
    def digest(self) -> str:
        """Of both recipes, of what their names mean now, and of what the catalogues answer: name of a folder."""
        cells = [(cell.recipe.to_json(), cell.recipe.meaning) for cell in (self.left, self.right)]
        answers = [[(key, one.reason, _products(one)) for key, one in side.items()] for side in self.choices]
        return hashlib.sha256(json.dumps([_VERSION, cells, answers]).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Of its file in there."""
        return f"sources-{'-'.join(self.bands)}-{self.px}.json"


def source_report(product: Ninepatch, pair: SourcePair) -> SourceReport:
    """From the disk, or computed from the cache. Raises MissingFrame where that lacks something, and StorageError."""
    found = _kept(product, pair)
    if found is None:
        with _comparing:  # somebody else may have computed it meanwhile
            found = _kept(product, pair) or _computed(product, pair)
    return found


def source_csv(report: SourceReport) -> str:
    """The numbers of the picture and of each date, a row for each band; what is not known is empty."""
    of_dates = (_csv_rows(date.key, date, date.agreement) for date in report.dates)
    rows = chain(_csv_rows("picture", None, report.picture), *of_dates)
    return csv_text((*_DATE_COLUMNS, *_BAND_COLUMNS), rows)


_DATE_COLUMNS = (
    *("acquisition", "time_utc", "left_out_left", "left_out_right", "clouds_left_percent", "clouds_right_percent"),
    *("baselines_left", "baselines_right"),
)
_BAND_COLUMNS = (
    *("valid_in_both", "valid_in_one_of_valid", "equal_all_bands", "band", "equal"),
    *("bias_dn", "median_abs_dn", "p95_abs_dn", *(f"beyond_{step}_dn" for step in STEPS)),
)


def _csv_rows(key: str, date: SourceDate | None, found: Agreement | None) -> Iterator[tuple[object, ...]]:
    about = (None,) * (len(_DATE_COLUMNS) - 1) if date is None else tuple(asdict(date).values())[1:-1]
    if found is None:
        yield key, *about, *(None,) * len(_BAND_COLUMNS)
        return
    for band in found.bands:
        numbers = (found.both, found.one, found.equal), (band.equal, band.bias, band.median, band.p95, *band.beyond)
        yield key, *about, *map(_known, numbers[0]), band.band, *map(_known, numbers[1])


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number


def _kept(product: Ninepatch, pair: SourcePair) -> SourceReport | None:
    text = product.preview_service.book.read(pair.digest, pair.name)
    try:
        return _report_of(json.loads(text)) if text is not None else None
    except (ValueError, KeyError, TypeError):  # of another version of this program
        return None


def _computed(product: Ninepatch, pair: SourcePair) -> SourceReport:
    step = step_for(pair.left.recipe, pair.px)
    report = SourceReport(tuple(_dates(product, pair, step)), _of_pictures(product, pair, step), step)
    text = json.dumps(asdict(report))
    product.preview_service.book.write(pair.digest, pair.name, lambda beside: beside.write_text(text))
    return report


def _of_pictures(product: Ninepatch, pair: SourcePair, step: int) -> Agreement:
    images = [product.compositor.image(cell.recipe, cell.kept, pair.bands, step) for cell in (pair.left, pair.right)]
    (left, left_valid), (right, right_valid) = ((_hundredths(image), image.count > 0) for image in images)
    return agreement(pair.bands, left, left_valid, right, right_valid, _UNIT)


def _hundredths(image: Image) -> NDArray[np.int32]:
    """Of DN, (band, height, width); 0 without data."""
    whole = np.rint(np.moveaxis(image.reflectance, -1, 0) * np.float64(DN_PER_UNIT * _UNIT))
    return np.where(image.count > 0, whole, 0).astype(np.int32)


def _dates(product: Ninepatch, pair: SourcePair, step: int) -> Iterator[SourceDate]:
    """Those that at least one side keeps, oldest first."""
    left, right = pair.choices
    kept = [one for side in (left, right) for one in side.values() if one.kept]
    times = {one.acquisition.key: one.acquisition.time for one in kept}
    for key in sorted(times, key=lambda key: (times[key], key)):
        one, other = left.get(key), right.get(key)
        shared = one is not None and other is not None and one.kept and other.kept
        yield SourceDate(
            key=key,
            time=f"{times[key]:%Y-%m-%d %H:%M}",
            left=one.reason if one else _ABSENT,
            right=other.reason if other else _ABSENT,
            left_clouds=one.acquisition.cloud_cover if one else None,
            right_clouds=other.acquisition.cloud_cover if other else None,
            left_baselines=_baselines(one),
            right_baselines=_baselines(other),
            agreement=_of_observations(product, pair, key, step) if shared else None,
        )


def _baselines(one: Choice | None) -> str:
    known = [baseline for baseline in one.acquisition.baselines if baseline != UNKNOWN_BASELINE] if one else ()
    return ", ".join(known)


def _of_observations(product: Ninepatch, pair: SourcePair, key: str, step: int) -> Agreement:
    """Of the acquisition that both have."""
    room, found = product.compositor, []
    for cell, side in zip((pair.left, pair.right), pair.choices, strict=True):
        shown = side[key].acquisition
        planes = room.planes(cell.recipe, shown, pair.bands, step)
        found.append((planes.values(), room.clear(cell.recipe, shown, step)))
    (left, left_valid), (right, right_valid) = found
    return agreement(pair.bands, left, left_valid, right, right_valid)


def _products(choice: Choice) -> Sequence[object]:
    """What decides its pixels and what is told of it."""
    one = choice.acquisition
    return [one.cloud_cover, one.coverage, *map(astuple, one.products)]


def _report_of(plain: Mapping[str, Any]) -> SourceReport:
    dates = (SourceDate(**date | {"agreement": _agreement_of(date["agreement"])}) for date in plain["dates"])
    picture = _agreement_of(plain["picture"])
    if picture is None:
        raise KeyError("picture")
    return SourceReport(tuple(dates), picture, int(plain["step"]))


def _agreement_of(plain: Mapping[str, Any] | None) -> Agreement | None:
    if plain is None:
        return None
    bands = tuple(BandAgreement(**band | {"beyond": tuple(band["beyond"])}) for band in plain["bands"])
    return Agreement(**dict(plain) | {"bands": bands})
