"""A provider that is not of the Sentinel Hub family: pixels by arithmetic, costs in questions and bytes, no units."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.catalogue import Acquisition, join
from services.errors import QuotaSpent
from services.geo import Bounds
from services.grid import TileBlock
from services.plan import BlockRequest, Cost, Terms
from services.providers import (
    AskPage,
    Block,
    Limits,
    Program,
    Source,
    Step,
    TryCallback,
    Words,
    directly,
    ignore,
    keep_search,
)
from services.providers.registry import KINDS, Kind
from services.recipe import Interval, Recipe
from services.reducers import Chapter
from services.settings import ProviderSettings, Settings
from tests.services.granule_items import START, item

CLOUDS = (3.0, 9.0, 20.0, 70.0)
"""Of its acquisitions, every five days from 7 June 2017 on."""
MAX_PIXELS = 400
HEADER = 8
"""Bytes before the pixels of each plane."""
_FORMULA = '''\
def plane(name, west, north, width, height, day):
    """One plane of the ground whose north-western corner is there, in metres."""
    across = int(west // 10) + np.arange(width)[np.newaxis, :]
    down = int(north // 10) - np.arange(height)[:, np.newaxis]
    if name == "dataMask":
        return np.ones((height, width), np.uint8)
    if name == "SCL":
        return np.where((across + 2 * down + day) % 7 == 0, 9, 4).astype(np.uint8)
    return (1000 + (across * 31 + down * 17 + day * 13 + int(name[1:3]) * 101) % 3000).astype(np.uint16)
'''
_made: dict[str, Any] = {"np": np}
exec(_FORMULA, _made)


def plane(name: str, bounds: Bounds, width: int, height: int, acquisition: Acquisition) -> NDArray[Any]:
    """What it has of a rectangle at an acquisition."""
    found: NDArray[Any] = _made["plane"](name, bounds[0], bounds[3], width, height, _day(acquisition.key))
    return found


def _day(key: str) -> int:
    """Month and day as a number: 607."""
    return int(key.rpartition("_")[2][4:8])


def cost(block: BlockRequest) -> Cost:
    """A question a plane; a band has two bytes a pixel, SCL and dataMask have one."""
    sizes = [block.pixels * (1 if plane in ("SCL", "dataMask") else 2) + HEADER for plane in block.planes]
    return Cost(requests=len(sizes), bytes=sum(sizes))


@dataclass(frozen=True)
class Answered:
    """A try that was answered; the service says nothing of units."""

    bytes: int
    status: int = 200
    units: float | None = None


@dataclass
class TinySource:
    """Counts what it is asked."""

    searches: int = 0
    blocks: list[BlockRequest] = field(default_factory=list)
    home: Settings | None = None
    provider: "TinyProvider | None" = None

    @property
    def waiting(self) -> str:
        """Nothing."""
        return ""

    def search(
        self, neighbourhood: TileBlock, interval: Interval, cancelled: Callable[[], bool], ask: AskPage = directly
    ) -> tuple[Acquisition, ...]:
        """One granule a date, over the whole neighbourhood; it has no pages."""
        self.searches += 1
        west, south, east, north = neighbourhood.bounds
        place, items = (west - 900, south - 900, east + 900, north + 900), []
        for number, cover in enumerate(CLOUDS):
            day = START + timedelta(days=5 * number)
            stamp, seconds = f"{day:%Y%m%dT%H%M%S}", 5 * 86400 * number
            items.append(item(place, clouds=cover, seconds=seconds, datatake=stamp, epsg=neighbourhood.lattice.epsg))
        found = tuple(one for one in join(items, neighbourhood) if interval.start_time <= one.time < interval.end_time)
        assert self.provider is not None and self.home is not None
        keep_search(self.provider, self.home, neighbourhood, interval, found)
        return found

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback = ignore) -> Block:
        """A question a plane."""
        self.blocks.append(block)
        width, height = block.lattice.size_px(block.resolution)
        for name in block.planes:
            alone = block.pixels * (1 if name in ("SCL", "dataMask") else 2) + HEADER
            heard(Answered(alone))
        frames = {
            index: {
                name: plane(name, block.lattice.bounds(index), width, height, block.acquisition)
                for name in block.planes
            }
            for index in block.tiles
        }
        return Block(frames, 0.0, cost(block).bytes, len(block.planes))

    def quota_spent(self) -> QuotaSpent:
        """Never: it has none."""
        raise AssertionError("there is no quota")


_TERMS, _LIMITS, _WORDS = Terms(MAX_PIXELS, cost), Limits(), Words(free=", free")


@dataclass(frozen=True)
class TinyProvider:
    """As `Provider` says."""

    source: TinySource = field(repr=False, compare=False)
    name: str = "tiny"
    title: str = "Tiny archive"
    base_url: str = "https://tiny.example.org"
    collection: str = "sentinel-2-l2a"
    simulated: bool = False
    about: str = "Arithmetic, for nothing."
    open_data: bool = False
    ready: bool = True
    hole: str = ""
    """What its catalogue lacks of 2017."""
    terms: Terms = _TERMS
    limits: Limits = _LIMITS
    words: Words = _WORDS

    def search_cost(self, neighbourhood: TileBlock, interval: Interval) -> Cost:
        """Nothing."""
        return Cost()

    def gaps(self, interval: Interval) -> str:
        """Its hole, where the days reach into it."""
        return self.hole if interval.start.year <= 2017 <= interval.end.year else ""

    def attribution(self, years: Iterable[int]) -> str:
        """Its own."""
        return f"Arithmetic of {', '.join(map(str, sorted(set(years))))}, by nobody"

    def granule_href(self, granule: str) -> str:
        """Its own."""
        return f"https://tiny.example.org/{granule}"

    def program(self, recipe: Recipe, kept: Sequence[Acquisition]) -> Program:
        """The arithmetic itself."""
        code = textwrap.dedent(
            """\

            def fetch_tile(tile, acquisitions):
                \"\"\"As much of an EOPatch as the program needs, of each acquisition.\"\"\"
                found = []
                for name, *_ in acquisitions:
                    west, _, _, north = TILES[tile]
                    place = (west, north, *SIZE, int(name.rpartition("_")[2][4:8]))
                    planes = {one: plane(one, *place) for one in (*BANDS, "SCL", "dataMask")}
                    bands = np.stack([planes[band] for band in BANDS], axis=-1)[np.newaxis]
                    masks = {one: planes[one][np.newaxis, ..., np.newaxis] for one in ("SCL", "dataMask")}
                    found.append(SimpleNamespace(data={"BANDS": bands}, mask=masks))
                return found
            """
        )
        return Program(
            packages=(),
            imports=("from types import SimpleNamespace",),
            needs="",
            account=Chapter("The archive", "It needs no account.", "ARCHIVE = $archive\n"),
            fetch=Chapter("The pixels", "By arithmetic.", f"{_FORMULA}\n{code}"),
            fill={"archive": '"tiny"'},
        )

    def open(self, settings: Settings) -> Source:
        """The one source of the test."""
        self.source.home, self.source.provider = settings, self
        return self.source

    def check(self, settings: Settings, ask: AskPage = directly) -> list[Step]:
        """It always works."""
        return [Step("catalogue", True, "The tiny archive answers.")]


def register(monkeypatch: pytest.MonkeyPatch) -> TinySource:
    """All that it takes to have it: an entry among the kinds. Gives its far end."""
    source = TinySource()
    known = (ProviderSettings(name="tiny", kind="tiny", title="Tiny archive"),)
    monkeypatch.setitem(KINDS, "tiny", Kind(lambda given, _: TinyProvider(source, given.name, given.title), known))
    return source


def register_open(monkeypatch: pytest.MonkeyPatch, *addresses: str, holes: Sequence[str] = ()) -> None:
    """Open data in place of what there is of it: `open-1`, `open-2`, … with catalogues at these addresses."""
    for name in [name for name, kind in KINDS.items() if name not in ("demo", "sentinel-hub")]:
        monkeypatch.delitem(KINDS, name)
    numbers = range(1, len(addresses) + 1)
    known = tuple(
        ProviderSettings(name=f"open-{number}", kind="tiny-open", title=f"Open catalogue {number}", base_url=address)
        for number, address in zip(numbers, addresses, strict=True)
    )
    hole = dict(zip((one.name for one in known), holes, strict=False))

    def make(given: ProviderSettings, _: Settings) -> TinyProvider:
        named = TinyProvider(TinySource(), given.name, given.title, given.base_url)
        return replace(named, open_data=True, hole=hole.get(given.name, ""))

    monkeypatch.setitem(KINDS, "tiny-open", Kind(make, known))
