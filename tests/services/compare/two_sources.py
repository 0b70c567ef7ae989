"""A second tiny archive, whose pixels and dates differ from the first one's by what a test says."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from services.catalogue import Acquisition
from services.grid import TileBlock
from services.plan import BlockRequest
from services.providers import AskPage, Block, TryCallback, directly, ignore, keep_search
from services.providers.registry import KINDS, Kind
from services.recipe import Interval
from services.sentinel2 import BANDS
from services.settings import ProviderSettings
from tests.services.providers.tiny_provider import TinyProvider, TinySource, register


@dataclass
class OtherSource(TinySource):
    """The tiny archive's pixels, of which those of even DN are raised, without its first dates."""

    raised: int = 0
    """DN."""
    dropped: int = 0
    """Dates."""

    def search(
        self, neighbourhood: TileBlock, interval: Interval, cancelled: Callable[[], bool], ask: AskPage = directly
    ) -> tuple[Acquisition, ...]:
        """All but the dropped ones."""
        found = super().search(neighbourhood, interval, cancelled)[self.dropped :]
        assert self.provider is not None and self.home is not None
        keep_search(self.provider, self.home, neighbourhood, interval, found)
        return found

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback = ignore) -> Block:
        """Raised."""
        read = super().read_block(block, cancelled, heard)
        frames = {
            index: {
                name: plane + np.uint16(self.raised) * (plane % 2 == 0) if name in BANDS else plane
                for name, plane in planes.items()
            }
            for index, planes in read.frames.items()
        }
        return replace(read, frames=frames)


def register_both(monkeypatch: pytest.MonkeyPatch, *, raised: int = 0, dropped: int = 0) -> OtherSource:
    """The providers `tiny` and `other`; gives the far end of the second one."""
    register(monkeypatch)
    source = OtherSource(raised=raised, dropped=dropped)
    known = (ProviderSettings(name="other", kind="other", title="Other archive"),)

    def make(given: ProviderSettings, _: object) -> TinyProvider:
        return TinyProvider(source, given.name, given.title, collection="s2-other")

    monkeypatch.setitem(KINDS, "other", Kind(make, known))
    return source
