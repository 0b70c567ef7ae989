"""Order store: orders and their parts as rows, which outlive the browsers and processes that asked for them.

A worker claims an order as it claims a job, and holds a lock for as long as it lives; the parts say how far it came.
"""

import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from services.access import Action, Actor, Role, record
from services.errors import NinepatchError, OrderError
from services.orders.order import Order
from services.orders.rows import (
    CANCELLED,
    DONE,
    FAILED,
    GAPS,
    OPEN,
    PART_STATES,
    PAUSED,
    QUEUED,
    REMOVED,
    REMOVING,
    RUNNING,
    WAITING,
    OrderRow,
    PartRow,
)
from services.storage import Database, going_on, table_of
from services.text import quoted

MOST_ATTEMPTS = 3
"""How often a part is tried before it is given up."""
MOST_DEATHS = 2 * MOST_ATTEMPTS
"""How many workers in a row may die over an order: more than over one part of it, which is given up first."""
SOMEBODY = "until somebody goes on with it"
"""What an order waits for that was paused by hand."""
_ENDED = (DONE, GAPS, FAILED, CANCELLED)
_GONE = (REMOVING, REMOVED)
AGAIN = (GAPS, FAILED, CANCELLED)
"""States of an order that may be gone on with although it has ended."""
_STOPPED = {"cause": "", "remedy": "", "waiting": "", "until": 0.0, "cancel": False, "pause": False}
_FRESH = _STOPPED | {"units": 0.0, "requests": 0, "bytes": 0, "parts": 0, "worker": "", "attempts": 0}
_FRESH |= {"started": None, "beat": None, "finished": None, "stored": 0}
_orders, _parts = table_of("orders", OrderRow), table_of("order_parts", PartRow)
_ROWS = 500
"""Parts written in one statement."""


class OrderStore:
    """The two tables. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def submit(self, order: Order, actor: Actor, *, cap: float, share: float, link: str = "") -> OrderRow:
        """The order, queued in the actor's name; one that goes on, or is done, stays as it is. Raises NotAllowed, and
        OrderError while it is being removed.

        One that ended before its time goes on with what it has, under the new limits.
        """
        actor.require(Role.MEMBER, "order an area")
        key, limits = order.digest, {"cap": cap, "share": share, "member": actor.name}
        with self._database.transaction(write=True) as connection:
            state = connection.scalar(sa.select(_orders.c.state).where(_orders.c.id == key))
            if state == REMOVING:
                raise OrderError(
                    "What was made of this order before is being removed.", "Order it once the store has answered."
                )
            if state in AGAIN:
                self._again(connection, key, limits)
            elif state in (None, REMOVED):
                connection.execute(sa.delete(_orders).where(_orders.c.id == key))
                values = {"id": key, "spec": order.to_json(), "name": order.name, "tiles": order.tiles, "link": link}
                values |= {"run": uuid.uuid4().hex, "state": QUEUED, "created": self._clock()}
                connection.execute(sa.insert(_orders).values(_FRESH | values | limits))
        return self.found(key)

    def resume(self, key: str, actor: Actor, *, cap: float | None = None, share: float | None = None) -> OrderRow:
        """Go on with an order that is paused or ended before its time; the parts that failed are tried again.

        Where `cap` or `share` is given that is its new limit. It is the actor's own from then on. Raises OrderError
        and NotAllowed.
        """
        limits: dict[str, Any] = {"member": actor.name}
        limits |= {name: value for name, value in (("cap", cap), ("share", share)) if value is not None}
        with self._database.transaction(write=True) as connection:
            if self._may(connection, key, actor, (*AGAIN, PAUSED), "go on with an order", Action.ORDER_RESUMED):
                self._again(connection, key, limits)
            else:  # it has not paused yet
                asked = sa.update(_orders).where(_orders.c.id == key, _orders.c.pause)
                connection.execute(asked.values(pause=False))
        return self.found(key)

    def pause(self, key: str, actor: Actor) -> OrderRow:
        """Ask it to stop until somebody goes on; a queued one stops at once. Raises OrderError and NotAllowed."""
        with self._database.transaction(write=True) as connection:
            if self._may(connection, key, actor, OPEN, "pause an order", Action.ORDER_PAUSED):
                asked = sa.update(_orders).where(_orders.c.id == key)
                connection.execute(asked.values(pause=True))
                values = {"state": PAUSED, "waiting": SOMEBODY, "until": 0.0}
                connection.execute(asked.where(_orders.c.state.in_((QUEUED, PAUSED))).values(values))
        return self.found(key)

    def cancel(self, key: str, actor: Actor) -> OrderRow:
        """Ask it to end; one that has no worker ends at once. Raises OrderError and NotAllowed."""
        with self._database.transaction(write=True) as connection:
            if self._may(connection, key, actor, OPEN, "cancel an order", Action.ORDER_STOPPED):
                asked = sa.update(_orders).where(_orders.c.id == key)
                connection.execute(asked.values(cancel=True))
                values = {"state": CANCELLED, "waiting": "", "finished": self._clock()}
                connection.execute(asked.where(_orders.c.state.in_((QUEUED, PAUSED))).values(values))
        return self.found(key)

    def remove(self, key: str, actor: Actor) -> None:
        """Strike an order out that has ended, with its parts; `removed` says of which the files are to go.

        Raises OrderError where there is none, or it has not ended, and NotAllowed.
        """
        with self._database.transaction(write=True) as connection:
            if self._may(connection, key, actor, _ENDED, "remove an order", Action.ORDER_REMOVED):
                connection.execute(sa.delete(_parts).where(_parts.c.order_id == key))
                gone = {"state": REMOVING, "spec": "", "link": ""}
                connection.execute(sa.update(_orders).where(_orders.c.id == key).values(gone))
                return
        row = self.found(key)
        raise OrderError(f"The order {key} has not ended: it is {row.state}.", "Cancel it first.")

    def removed(self) -> dict[str, bool]:
        """Numbers of those that were removed, and whether the store of all machines may still have something of it."""
        query = sa.select(_orders.c.id, _orders.c.state).where(_orders.c.state.in_(_GONE))
        with self._database.transaction() as connection:
            return {key: state == REMOVING for key, state in connection.execute(query)}

    def is_gone(self, key: str) -> None:
        """The store has nothing of a removed one any more."""
        removing = _orders.c.id == key, _orders.c.state == REMOVING
        with self._database.transaction(write=True) as connection:
            connection.execute(sa.update(_orders).where(*removing).values(state=REMOVED, stored=0))

    def removed_again(self, keys: Collection[str]) -> tuple[str, ...]:
        """Of these numbers, of which the store has something, those of orders that are gone: they are being removed
        once more. Numbers of other orders, and those that this database does not know, are left alone."""
        if not keys:
            return ()
        gone = sa.select(_orders.c.id).where(_orders.c.state == REMOVED)
        with self._database.transaction(write=True) as connection:
            late = sorted(set(connection.scalars(gone)).intersection(keys))
            connection.execute(sa.update(_orders).where(_orders.c.id.in_(late)).values(state=REMOVING))
        return tuple(late)

    def stored(self) -> int:
        """Bytes that the store of all machines has of all orders."""
        with self._database.transaction() as connection:
            return int(connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(_orders.c.stored), 0))) or 0)

    @going_on
    def get(self, key: str) -> OrderRow | None:
        """The order with that number."""
        known = _orders.c.id == key, _orders.c.state.not_in(_GONE)
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(_orders).where(*known)).one_or_none()
        return None if row is None else OrderRow(**row._mapping)

    def found(self, key: str) -> OrderRow:
        """The same. Raises OrderError where there is none."""
        row = self.get(key)
        if row is None:
            raise OrderError(
                f"There is no order {quoted(key, 60)}.", "See `python cli.py order list` for those there are."
            )
        return row

    def list(self, limit: int = 50, states: Collection[str] = ()) -> tuple[OrderRow, ...]:
        """Those of all members, or only in one of the states; the newest first."""
        query = sa.select(_orders).order_by(_orders.c.created.desc(), _orders.c.id).limit(limit)
        query = query.where(_orders.c.state.in_(states) if states else _orders.c.state.not_in(_GONE))
        with self._database.transaction() as connection:
            return tuple(OrderRow(**row._mapping) for row in connection.execute(query))

    def of_area(self, name: str, tiles: int, limit: int) -> tuple[OrderRow, ...]:
        """Those of so many tiles of an area with that name, which an index finds; the newest first."""
        area = _orders.c.name == name, _orders.c.tiles == tiles, _orders.c.state.not_in(_GONE)
        query = sa.select(_orders).where(*area).order_by(_orders.c.created.desc(), _orders.c.id).limit(limit)
        with self._database.transaction() as connection:
            return tuple(OrderRow(**row._mapping) for row in connection.execute(query))

    def parts(self, key: str, states: Collection[str] = ()) -> tuple[PartRow, ...]:
        """Of an order, by their numbers, or only in one of the states; none while its dates are not known."""
        query = sa.select(_parts).where(_parts.c.order_id == key).order_by(_parts.c.number)
        if states:
            query = query.where(_parts.c.state.in_(states))
        with self._database.transaction() as connection:
            return tuple(PartRow(**row._mapping) for row in connection.execute(query))

    def counts(self, key: str) -> dict[str, tuple[int, int]]:
        """Parts and tiles in each of PART_STATES."""
        state, parts, tiles = _parts.c.state, sa.func.count(), sa.func.sum(_parts.c.tiles)
        query = sa.select(state, parts, tiles).where(_parts.c.order_id == key).group_by(state)
        with self._database.transaction() as connection:
            found = {name: (int(count), int(whole)) for name, count, whole in connection.execute(query)}
        return {name: found.get(name, (0, 0)) for name in PART_STATES}

    def claim(self, worker: str) -> OrderRow | None:
        """The oldest order that may go on, now running under `worker`; those of dead workers, and those whose wait is
        over, are queued again first. One that killed MOST_DEATHS workers in a row fails.

        Workers that claim at once do not wait for each other, nor for those that write elsewhere: each passes over what
        another one is taking.
        """
        open_orders = sa.select(sa.func.count()).where(_orders.c.state.in_(OPEN))
        with self._database.transaction() as connection:
            if not connection.scalar(open_orders):
                return None
        now = self._clock()
        with self._database.transaction(write=True, alone=False) as connection:
            self._take_back(connection, now)
            since = sa.func.coalesce(_orders.c.started, _orders.c.created)
            turn = sa.select(_orders.c.id).where(_orders.c.state == QUEUED).order_by(since, _orders.c.id).limit(1)
            key: str | None = connection.scalar(turn.with_for_update(skip_locked=True))
            if key is not None:
                values = {"state": RUNNING, "worker": worker, "started": now, "beat": now, "waiting": "", "until": 0.0}
                values |= {"attempts": _orders.c.attempts + 1}
                connection.execute(sa.update(_orders).where(_orders.c.id == key).values(values))
        return None if key is None else self.get(key)

    @going_on
    def report(self, key: str, by: str, *, handed_on: int = 0, **values: Any) -> OrderRow | None:
        """Write how far it is; the order as it is then, None where it is not the worker's own any more.

        `handed_on` is bytes that the store of all machines has more of it.
        """
        values |= {"stored": _orders.c.stored + handed_on} if handed_on else {}
        ours = _orders.c.id == key, _orders.c.worker == by
        with self._database.transaction(write=bool(values)) as connection:
            if values:
                connection.execute(sa.update(_orders).where(*ours).values({"beat": self._clock(), **values}))
            row = connection.execute(sa.select(_orders).where(*ours)).one_or_none()
        return None if row is None else OrderRow(**row._mapping)

    def finish(self, key: str, state: str, error: NinepatchError | None = None, *, by: str) -> None:
        """It ends in that state, where it is still the worker's own."""
        told: dict[str, Any] = {"cause": error.cause, "remedy": error.remedy} if error else {"cause": "", "remedy": ""}
        self.report(key, by, state=state, finished=self._clock(), worker="", waiting="", until=0.0, **told)

    def wait(self, key: str, waiting: str, until: float, error: NinepatchError | None = None, *, by: str) -> None:
        """It pauses, where it is still the worker's own: until that time, or until somebody goes on where it is 0."""
        told: dict[str, Any] = {"cause": error.cause, "remedy": error.remedy} if error else {"cause": "", "remedy": ""}
        self.report(key, by, state=PAUSED, waiting=waiting, until=until, worker="", attempts=0, **told)

    def leave(self, key: str, by: str) -> None:
        """A worker that was told to end lets go of it: another one goes on."""
        self.report(key, by, state=QUEUED, worker="", waiting="", attempts=_orders.c.attempts - 1)

    def put_parts(self, key: str, rows: Iterable[Mapping[str, Any]], by: str) -> None:
        """The parts of an order that has none yet, where it is still the worker's own."""
        told = [
            {"id": f"{key}-{row['number']}", "order_id": key, "attempts": 0, "units": 0.0, "requests": 0, "cause": ""}
            | {"remedy": "", "receipt": "", "finished": None, **row}
            for row in rows
        ]
        with self._database.transaction(write=True) as connection:
            ours = _orders.c.id == key, _orders.c.worker == by
            if connection.scalar(sa.select(_orders.c.parts).where(*ours)) == 0:
                connection.execute(sa.delete(_parts).where(_parts.c.order_id == key))
                for begin in range(0, len(told), _ROWS):
                    connection.execute(sa.insert(_parts), told[begin : begin + _ROWS])
                connection.execute(sa.update(_orders).where(*ours).values(parts=len(told)))

    @going_on
    def part(self, key: str, number: int, by: str, **values: Any) -> None:
        """What became of a part, where the order is still the worker's own."""
        owned = sa.exists().where(_orders.c.id == key, _orders.c.worker == by)
        changed = sa.update(_parts).where(_parts.c.id == f"{key}-{number}", owned)
        with self._database.transaction(write=True) as connection:
            connection.execute(changed.values(values))

    def _again(self, connection: sa.Connection, key: str, limits: Mapping[str, Any]) -> None:
        """Queue it, and its failed parts with it; one that a worker has taken meanwhile goes on already."""
        values = {**_STOPPED, "state": QUEUED, "worker": "", "attempts": 0, "finished": None, **limits}
        resting = _orders.c.id == key, _orders.c.state != RUNNING
        connection.execute(sa.update(_orders).where(*resting).values(values))
        failed = sa.update(_parts).where(_parts.c.order_id == key, _parts.c.state == FAILED)
        connection.execute(failed.values(state=WAITING, attempts=0, cause="", remedy="", finished=None))

    def _may(
        self, connection: sa.Connection, key: str, actor: Actor, states: Collection[str], doing: str, action: Action
    ) -> bool:
        """Whether it is in one of the states; then the actor may, or NotAllowed is raised. Recorded for another's."""
        query = sa.select(_orders.c.member, _orders.c.state).where(_orders.c.id == key)
        row = connection.execute(query).one_or_none()
        if row is None:
            return False
        actor.require_own(row.member, doing)
        if row.state in states and row.member != actor.name:
            record(connection, actor, action, key, f"It was {row.member}'s." if row.member else "")
        return row.state in states

    def _take_back(self, connection: sa.Connection, now: float) -> None:
        """Queue the orders of dead workers again, and those that waited for a time that has come."""
        running = sa.select(_orders.c.id, _orders.c.worker, _orders.c.attempts).where(_orders.c.state == RUNNING)
        for key, holder, attempts in connection.execute(running).all():
            if not self._database.locks.lives(holder):
                values = {"state": QUEUED, "worker": "", "waiting": "", "started": now}
                if attempts >= MOST_DEATHS:
                    values |= {"state": FAILED, "finished": now, **_GIVEN_UP}
                held = _orders.c.id == key, _orders.c.worker == holder  # not taken back meanwhile
                connection.execute(sa.update(_orders).where(_unheld(*held)).values(values))
        due = _orders.c.state == PAUSED, _orders.c.until > 0, _orders.c.until <= now
        values = {"state": QUEUED, "waiting": "", "until": 0.0, "cause": "", "remedy": ""}
        connection.execute(sa.update(_orders).where(_unheld(*due)).values(values))


def _unheld(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Those of the rows that no other transaction is changing now."""
    return _orders.c.id.in_(sa.select(_orders.c.id).where(*which).with_for_update(skip_locked=True))


_GIVEN_UP = {
    "cause": f"The worker died {MOST_DEATHS} times in a row over this order: most likely it needs more memory than "
    "there is.",
    "remedy": "Set fewer workers in the settings, or order smaller tiles or a coarser resolution; what was fetched is "
    "kept, and the end of logs/worker.log under NINEPATCH_HOME may say more.",
}
