"""Two stages side by side: one thread fetches part after part, the other hands what is fetched to the engine."""

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, Queue
from typing import Any

from services.accounting import RequestMeter
from services.csmask import Derivation
from services.engines import ComposePart, PartReceipt, engine_of
from services.errors import (
    BadResponse,
    Cancelled,
    NinepatchError,
    RequestRefused,
    ServiceFailed,
    StorageError,
)
from services.fetch import DownloadStats, gather
from services.orders.parts import Part
from services.orders.rows import COMPOSING, DONE, FAILED, FETCHED, FETCHING, WAITING, PartRow
from services.orders.store import MOST_ATTEMPTS, OrderStore
from services.orders.survey import Survey
from services.orders.watch import OrderWatch
from services.orders.workshop import Workshop
from services.providers import Provider
from services.render import Provenance

ROUNDS = 3
"""How often a part is planned again where frames make room or turn out damaged meanwhile."""
POLL_SECONDS = 0.2
"""How long it is waited for a part that is fetched, at a time."""
_OF_ONE_PART = (RequestRefused, ServiceFailed, BadResponse)
"""Errors that may be of one part: others may go well."""


@dataclass(frozen=True)
class Materials:
    """What the stages work with."""

    shop: Workshop
    survey: Survey
    store: OrderStore
    watch: OrderWatch
    provider: Provider
    bill: RequestMeter
    provenance: Provenance
    """Of any tile."""
    connections: int


class Stages:
    """The parts of one order that are not ended."""

    def __init__(self, materials: Materials, rows: Iterator[PartRow]) -> None:
        self._of = materials
        self._parts = {part.number: part for part in materials.survey.parts}
        self._dates = dict(materials.survey.dates)
        self._todo = deque(rows)
        self._rows = {row.number: row for row in self._todo}
        self._fetched: Queue[Part | None] = Queue()
        self._open, self._news = 0, threading.Condition()
        self._broken = False
        self._answered = False
        """Whether the provider has answered since the last time that it did not."""

    def run(self) -> None:
        """Until all are ended. Raises the first error that is not of one part alone, once what is fetched is made;
        Cancelled once the watch says so."""
        with (
            closing(engine_of(self._of.shop.settings)) as engine,
            ThreadPoolExecutor(1, thread_name_prefix="compose") as pool,
        ):
            composing = pool.submit(engine.run, self._composable(), self._composed, self._of.watch.stop)
            composing.add_done_callback(self._ended)
            try:
                while (row := self._next()) is not None and not composing.done():
                    self._fetch(row)
            finally:
                self._fetched.put(None)
                wait([composing])
                self._leave()
            composing.result()

    def _ended(self, composing: "Future[None]") -> None:
        """Nobody composes any more: where that is a failure nothing is to be fetched any more."""
        if composing.exception() is not None:
            self._of.watch.halt()
        with self._news:
            self._broken = composing.exception() is not None
            self._news.notify()

    def _leave(self) -> None:
        """What was fetched and is not made is no attempt that failed."""
        for row in [*self._rows.values()]:
            if row.state in (FETCHED, COMPOSING):
                self._put(row, state=WAITING, attempts=row.attempts - 1)

    def _next(self) -> PartRow | None:
        """The next to be fetched; None where none is and none can come back. Raises Cancelled."""
        while True:
            with self._news:
                if self._broken:
                    return None
                if self._todo:
                    return self._todo.popleft()
                if not self._open:
                    return None
                self._news.wait(timeout=0.5)
            self._check()

    def _check(self) -> None:
        if self._of.watch.stop():
            raise Cancelled("The order was stopped.", "What had been fetched is kept.")

    def _fetch(self, row: PartRow) -> None:
        """One part into the cache; what is wrong with it alone is written down, and the others go on."""
        part = self._parts[row.number]
        if row.attempts >= MOST_ATTEMPTS:
            self._put(row, state=FAILED, cause=row.cause or _KILLED, remedy=row.remedy)
            return
        self._put(row, state=FETCHING, attempts=row.attempts + 1)
        begun = self._of.watch.spent
        try:
            self._gather(part)
        except BaseException as error:
            counts = isinstance(error, _OF_ONE_PART) and (self._answered or not isinstance(error, ServiceFailed))
            self._answered = False
            told: dict[str, Any] = {"state": WAITING, "attempts": row.attempts + counts}
            if isinstance(error, NinepatchError):
                told |= {"cause": error.cause, "remedy": error.remedy}
            self._spent(row, begun)
            self._put(row, **told)
            if not counts or isinstance(error, ServiceFailed):
                raise
            with self._news:
                self._todo.append(self._rows[row.number])
        else:
            self._spent(row, begun)
            self._put(row, state=FETCHED)
            with self._news:
                self._open += 1
            self._fetched.put(part)

    def _gather(self, part: Part) -> None:
        """What the cache lacks of it, until nothing is. Raises as `gather`."""
        of, before = self._of, self._of.watch.spent
        frames = of.shop.frames
        for _ in range(ROUNDS):
            keys, lacking = self._keys(part), of.survey.lacking(part, frames, self._dates[part.number])
            if lacking.is_whole:
                return
            with frames.reserving(keys, part.recipe.planes) as reserved:
                reserved.claim(0, lacking.packed_bytes, _all_is_counted)
                if lacking.blocks:
                    source = of.provider.open(of.shop.settings)
                    came = gather(
                        lacking,
                        source,
                        frames,
                        of.connections,
                        partial(self._tell, before),
                        of.watch.stop,
                        ask=of.bill.ask,
                        reserved=reserved,
                        turn=of.watch.take_turn,
                    )
                    before += came
                    gone = dict(came.gone)
                    self._dates[part.number] = tuple(one for one in self._dates[part.number] if one.key not in gone)
                derivation = Derivation(part.recipe, frames, of.shop.settings.workers, of.watch.stop, reserved)
                derivation.add_all(self._keys(part), _nobody_waits)
        if not of.survey.lacking(part, frames, self._dates[part.number]).is_whole:
            raise StorageError(
                f"The cache lost planes {ROUNDS} times while they were fetched.",
                "Raise the setting cache_gb, and check the disk under NINEPATCH_HOME.",
            )

    def _tell(self, before: DownloadStats, now: DownloadStats) -> None:
        self._answered = self._answered or bool(now.requests)
        self._of.watch.came(now, before)

    def _keys(self, part: Part) -> Any:
        return self._of.survey.keys(part, self._dates[part.number])

    def _composable(self) -> Iterator[ComposePart | None]:
        """What is fetched; None where nothing more is for a moment, so that who composes tells what is ready."""
        while True:
            try:
                part = self._fetched.get(timeout=POLL_SECONDS)
            except Empty:
                yield None
                continue
            if part is None:
                return
            self._put(self._rows[part.number], state=COMPOSING)
            yield ComposePart(
                self._of.survey.order.digest,
                part.number,
                replace(self._of.provenance, recipe=part.recipe),
                part.indices,
                self._dates[part.number],
                patches="eopatches" in self._of.survey.order.outputs,
            )

    def _composed(self, receipt: PartReceipt) -> None:
        """A part is made, or some of its tiles are not: then it is tried again, a few times."""
        row = self._rows[receipt.number]
        if not receipt.failed:
            self._put(row, state=DONE, receipt=receipt.to_json(), cause="", remedy="", ended=True)
            if self._of.shop.settings.store:
                size = sum(tile.bytes for tile in receipt.tiles)
                self._of.store.report(row.order_id, self._of.watch.row.worker, handed_on=size)
        else:
            first, again = receipt.failed[0], row.attempts < MOST_ATTEMPTS
            told: dict[str, Any] = {"cause": first.cause, "remedy": first.remedy, "receipt": receipt.to_json()}
            self._put(row, state=WAITING if again else FAILED, ended=not again, **told)
            if any(tile.lost for tile in receipt.failed):
                part = self._parts[row.number]
                self._of.shop.frames.verify(self._keys(part), part.recipe.planes)
        with self._news:
            if receipt.failed and self._rows[row.number].state == WAITING:
                self._todo.append(self._rows[row.number])
            self._open -= 1
            self._news.notify()

    def _spent(self, row: PartRow, begun: DownloadStats) -> None:
        """What the part cost is added to its row."""
        now, known = self._of.watch.spent, self._rows[row.number]
        units, requests = now.units - begun.units, now.requests - begun.requests
        if units or requests:
            self._put(row, units=known.units + units, requests=known.requests + requests)

    def _put(self, row: PartRow, *, ended: bool = False, **values: Any) -> None:
        """Write what became of it; that one is ended is progress, so that the workers' deaths count anew."""
        of = self._of
        if ended:
            values["finished"] = of.shop.clock()
        self._rows[row.number] = replace(self._rows[row.number], **values)
        of.store.part(row.order_id, row.number, of.watch.row.worker, **values)
        if ended:
            of.store.report(row.order_id, of.watch.row.worker, attempts=1, **of.watch.figures)


def _all_is_counted(taken: int) -> None:
    """The order's own reservation counts on its part of the cache."""


def _nobody_waits(done: int, whole: int) -> None:
    """It is not told how far the masks of a part are."""


_KILLED = f"The worker died {MOST_ATTEMPTS} times while it worked on this part."
