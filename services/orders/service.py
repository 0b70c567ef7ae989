"""What pages and terminal ask of orders: the bill, a start, and what one does to one that runs."""

from services.access import Actor
from services.orders.bill import OrderBill
from services.orders.order import Order
from services.orders.rows import OrderReport, OrderRow, PartRow
from services.orders.store import OrderStore
from services.orders.workshop import Workshop


class OrderService:
    """Orders of the team. Every method raises StorageError where the database fails."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._store = OrderStore(workshop.database)

    def known(self, order: Order) -> bool:
        """Whether the catalogue's answer is kept here, so that a bill asks nobody."""
        raise NotImplementedError

    def estimate(self, order: Order, member: str) -> OrderBill:
        """What it would cost that member. Asks the catalogue, once a zone, where its answer is not kept.

        Raises NoDataError, ProviderError, BudgetReached and StorageError.
        """
        raise NotImplementedError

    def start(self, order: Order, actor: Actor, *, cap: float, share: float | None = None) -> OrderRow:
        """Queue it, to cost so many units at most (0: no limit), stopping at that part of the account's month (that of
        the settings, unless told). Raises NotAllowed; what refuses the bill is found again before it is paid for."""
        share = self._workshop.settings.order_share if share is None else share
        return self._store.submit(order, actor, cap=cap, share=share)

    def list(self, limit: int = 50) -> tuple[OrderRow, ...]:
        """Of all members, the newest first."""
        return self._store.list(limit)

    def get(self, key: str) -> OrderRow:
        """Raises OrderError where there is none."""
        return self._store.found(key)

    def parts(self, key: str) -> tuple[PartRow, ...]:
        """By their numbers; none while the dates of the order are not known."""
        return self._store.parts(key)

    def pause(self, key: str, actor: Actor) -> OrderRow:
        """Until somebody goes on. Raises OrderError and NotAllowed."""
        return self._store.pause(key, actor)

    def resume(self, key: str, actor: Actor, *, cap: float | None = None, share: float | None = None) -> OrderRow:
        """Go on with what is missing, under other limits where they are given. Raises OrderError and NotAllowed."""
        return self._store.resume(key, actor, cap=cap, share=share)

    def cancel(self, key: str, actor: Actor) -> OrderRow:
        """End it; what was fetched and made is kept. Raises OrderError and NotAllowed."""
        return self._store.cancel(key, actor)

    def retry(self, key: str, actor: Actor) -> OrderRow:
        """Try the parts that failed again, and go on. Raises OrderError and NotAllowed."""
        return self._store.resume(key, actor)

    def report(self, key: str) -> OrderReport:
        """How far it is. Raises OrderError."""
        raise NotImplementedError
