"""Order worker: the thread of a worker that carries out orders, one after the other, beside its jobs."""

import logging
import threading
from collections.abc import Callable

from services.errors import NinepatchError, NotAllowed
from services.logs import about
from services.ninepatch import Ninepatch
from services.orders import FAILED, OrderRow, OrderRun, OrderStore

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
"""How often it is looked for an order, where there is none."""


class OrderWorker:
    """Orders of one product; `written` does an act until the database takes it."""

    def __init__(
        self, product: Ninepatch, name: str, leaving: Callable[[], bool], written: Callable[[Callable[[], None]], None]
    ) -> None:
        self._product, self._name, self._leaving, self._written = product, name, leaving, written

    def loop(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        store = OrderStore(self._product.database, self._product.workshop.clock)
        while not stop.is_set():
            try:
                row = store.claim(self._name)
            except NinepatchError as error:
                log.error("%s", error)
                stop.wait(1)
                continue
            if row is None:
                stop.wait(IDLE_SECONDS)
            else:
                with about(job=row.id, member=row.member):
                    self._written(self._carried_out(store, row))

    def _carried_out(self, store: OrderStore, row: OrderRow) -> Callable[[], None]:
        """Work on one; what comes back writes how it ended."""
        log.info("an order begins, attempt %s", row.attempts)
        try:
            self._require_member(row)
            return OrderRun(self._product.workshop, row, self._leaving).run()
        except NinepatchError as error:
            told = error
        except Exception:  # the last line of defence: one bad order must not end the worker
            if self._leaving():
                return lambda: store.leave(row.id, self._name)
            log.exception("order %s met a fault of the program", row.id)
            told = NinepatchError(
                "The program met a fault of its own.",
                f"Go on with it; if it comes back, send the last lines of the worker's log with the number {row.id}.",
            )
        return lambda: store.finish(row.id, FAILED, told, by=self._name)

    def _require_member(self, row: OrderRow) -> None:
        """Nothing is begun for somebody who was removed while it waited. Raises NotAllowed."""
        if self._product.roster.removed(row.member):
            raise NotAllowed(
                f"{row.member} was removed from the team before this order went on.",
                "Somebody else of the team may go on with it.",
            )
