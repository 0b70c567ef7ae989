"""Whether providers agree: one tile of one product, read through the protocol, compared number by number."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from services.cancellation import never
from services.catalogue import Acquisition
from services.errors import ProviderError
from services.grid import Lattice, TileIndex
from services.plan import BlockRequest, Terms
from services.providers.base import Block, Provider, Source, Step
from services.recipe import Interval
from services.sentinel2 import DATA_MASK, SCL
from services.text import plural

PLACE = Lattice(32635, 389_400.0, 6_715_500.0, 3300.0, 3300.0).neighbourhood(TileIndex(0, 0), 0)
"""One tile of the team grid in southern Finland."""
DAYS = Interval(date(2025, 6, 1), date(2025, 7, 1))
PLANES = ("B04", SCL, DATA_MASK)


@dataclass(frozen=True)
class Sample:
    """The tile as a provider has it at one acquisition."""

    acquisition: Acquisition
    block: Block
    seconds: float

    @property
    def checksum(self) -> str:
        """16 hexadecimal characters of all its planes; equal where they are, on whatever machine."""
        (planes,) = self.block.frames.values()
        content = b"".join(np.ascontiguousarray(planes[name]).tobytes() for name in PLANES)
        return hashlib.sha256(content).hexdigest()[:16]

    @property
    def products(self) -> str:
        """The names of the products, which say their processing baselines too."""
        return ", ".join(granule.id for granule in self.acquisition.granules)


def sample(provider: Provider, source: Source, acquisition: Acquisition) -> Sample:
    """Ask for it. Raises ProviderError."""
    begun = time.monotonic()
    block = source.read_block(sample_request(provider.name, provider.terms, acquisition), never)
    return Sample(acquisition, block, time.monotonic() - begun)


def sample_request(name: str, terms: Terms, acquisition: Acquisition) -> BlockRequest:
    """The tile as a block request of the provider of that name."""
    return BlockRequest(
        provider=name,
        collection="",
        lattice=PLACE.lattice,
        lower_left=PLACE.lower_left,
        columns=1,
        rows=1,
        resolution=10,
        acquisition=acquisition,
        planes=PLANES,
        terms=terms,
    )


def agreement(first: Provider, second: Provider, opened: Callable[[Provider], Source]) -> Step:
    """Whether two, `opened` to be asked, give the same numbers of the clearest product that both have.

    It costs a tile at each.
    """
    names = f"{first.title} and {second.title}"
    try:
        sources = [opened(provider) for provider in (first, second)]
        found = [{_names(one): one for one in source.search(PLACE, DAYS, never)} for source in sources]
        common = sorted(found[0].keys() & found[1].keys(), key=lambda name: (found[0][name].cloud_cover, name))
        if not common:
            counts = f"{len(found[0])} and {plural(len(found[1]), 'date')}"
            return Step("agreement", False, f"{names} have no product of {DAYS.words} in common, of {counts}.")
        asked = zip((first, second), sources, found, strict=True)
        one, other = (sample(provider, source, there[common[0]]) for provider, source, there in asked)
    except ProviderError as error:
        return Step("agreement", False, str(error))
    return Step("agreement", one.checksum == other.checksum, f"{names}, {one.products}: {_compared(one, other)}")


def _names(acquisition: Acquisition) -> tuple[str, ...]:
    return tuple(sorted(granule.id.removesuffix(".SAFE") for granule in acquisition.granules))


def _compared(one: Sample, other: Sample) -> str:
    """`B04 is equal, SCL differs in 3 of 108,900 px, …`."""
    (left,), (right,) = one.block.frames.values(), other.block.frames.values()
    told = []
    for plane in PLANES:
        differing = int(np.count_nonzero(left[plane] != right[plane]))
        of = f"{differing:,} of {left[plane].size:,} px"
        told.append(f"{plane} differs in {of}" if differing else f"{plane} is equal")
    return f"{', '.join(told)}; checksums {one.checksum} and {other.checksum}."
