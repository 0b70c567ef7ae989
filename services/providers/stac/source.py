"""One catalogue of open data, as the Source that is asked for acquisitions and pixels."""

import threading
from collections.abc import Callable
from functools import lru_cache

from services.cancellation import never
from services.catalogue import Acquisition, join
from services.errors import AcquisitionGone
from services.grid import TileBlock
from services.plan import BlockRequest
from services.providers.base import AskPage, Block, TryCallback, directly, ignore
from services.providers.kept_answers import keep_search, marked, remember_gone
from services.providers.stac.asking import Client
from services.providers.stac.blocks import file_blocks
from services.providers.stac.catalog import items_of
from services.providers.stac.items import products
from services.providers.stac.profile import Profile
from services.providers.stac.reader import read_block
from services.recipe import Interval
from services.settings import Settings


class OpenCatalogue(Client):
    """Threads share it."""

    def __init__(self, profile: Profile, settings: Settings) -> None:
        super().__init__(profile, settings)
        self._blocks = file_blocks(settings)

    def search(
        self,
        neighbourhood: TileBlock,
        interval: Interval,
        cancelled: Callable[[], bool] = never,
        ask: AskPage = directly,
    ) -> tuple[Acquisition, ...]:
        """All acquisitions that begin in the interval, oldest first; the answer is kept for `cached_search`.

        Items that cannot be used are left out, and named by `search_notes`. Each page is asked for by `ask`. Raises
        ProviderError, StorageError, and Cancelled once `cancelled` says so.
        """
        found, notes = products(items_of(self, neighbourhood.bounds_wgs84, interval, cancelled, ask), self.profile)
        files = {one.item["id"]: one.files for one in found}
        joined = join([one.item for one in found], neighbourhood, files)
        begin, end = interval.start_time, interval.end_time
        whole = tuple(one for one in joined if begin <= one.time < end)
        keep_search(self.profile, self.settings, neighbourhood, interval, whole, notes)
        return marked(self.profile, self.settings, whole)

    def read_block(self, block: BlockRequest, cancelled: Callable[[], bool], heard: TryCallback = ignore) -> Block:
        """Read the parts of files that show a block. Raises ProviderError and Cancelled.

        AcquisitionGone is remembered for a day, so that no plan has this acquisition.
        """
        try:
            return read_block(block, self, self._blocks, cancelled, heard)
        except AcquisitionGone as gone:
            remember_gone(self.profile, self.settings, block.acquisition, gone.cause)
            raise


_making = threading.Lock()


def source_of(profile: Profile, settings: Settings) -> OpenCatalogue:
    """The one of this process for a catalogue."""
    with _making:
        return _source(profile, settings)


@lru_cache(maxsize=32)
def _source(profile: Profile, settings: Settings) -> OpenCatalogue:
    return OpenCatalogue(profile, settings)
