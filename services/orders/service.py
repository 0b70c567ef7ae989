"""What pages and terminal ask of orders: the bill, a start, and what one does to one that runs."""

import logging
import statistics
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from services.access import Actor
from services.accounting import Requester, least_seconds
from services.cancellation import never
from services.catalogue import Acquisition
from services.engines import ORDERS, PartReceipt, TileReceipt, kept_below
from services.errors import BudgetReached, MonthReached, NinepatchError
from services.jobs import Room
from services.orders.bill import OrderBill, months_for, tiles_now
from services.orders.dates import dates_of, known_dates
from services.orders.order import Order
from services.orders.rows import DONE, ENDED_PARTS, FAILED, Failure, OrderReport, OrderRow, PartRow, SameArea
from services.orders.run import meter_of
from services.orders.store import OrderStore
from services.orders.survey import Survey, room_of
from services.orders.transfer import Transfers, bring_made, discard_made
from services.orders.workshop import Workshop
from services.plan import Cost, Plan
from services.preview import DrawingRoom
from services.storage import MemoryCache
from services.text import plural

log = logging.getLogger(__name__)

FRAME_SECONDS = 0.0085
"""Processor time that a tile of 330 × 330 px takes a date, about: 0.29 s at 34 dates, measured."""
_FRAME_PIXELS = 330 * 330
PACE_SECONDS = 1800.0
"""The pace is that of the parts that ended so lately."""
STEADY_PARTS, STEADY_SHARE = 5, 0.1
"""Parts, or the share of all tiles, after which the pace tells the time that is left: a part has 1 to 49 tiles."""
MOST_READ = 5000
"""Tiles of an order whose receipts are read for a page."""
MOST_ALIKE = 100
"""Orders of one area that are looked through for those of the same tiles."""
Told = Callable[[str, float], None]
"""Is told what is done and how much of it is, 0 to 1."""
_surveys = MemoryCache[Survey](8)
"""The orders that were looked at last, counted by their number: a page asks for the bill again at each press."""


def unheard(words: str, part: float) -> None:
    """Of what nobody waits for."""


class OrderService:
    """Orders of the team. Every method raises StorageError where the database fails."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._store = OrderStore(workshop.database, workshop.clock)
        self._transfers, self._room = Transfers(), DrawingRoom()
        self._observed = MemoryCache[tuple[float | None]](500)
        """Clear observations of the orders that were looked at last, counted by their number."""
        self._progress: dict[tuple[str, str], tuple[str, float]] = {}
        """By order and member, of the bills that are made."""

    def known(self, order: Order) -> bool:
        """Whether the catalogue's answer is kept here, so that a bill asks nobody."""
        provider, settings = self._workshop.provider(order.recipe), self._workshop.settings
        return all(known_dates(order, sheet, provider, settings) is not None for sheet in order.sheets)

    def bill(self, order: Order, member: str, patience: float) -> OrderBill:
        """As `estimate`, which goes on beside who asks, once for all who do.

        Raises StillDrawing where it is not done after `patience` seconds, and as `estimate`.
        """
        return self._room.drawn((order.digest, member), partial(self._billed, order, member), patience)

    def progress(self, order: Order, member: str) -> tuple[str, float]:
        """What its bill is at, and how much of that is done, 0 to 1."""
        return self._progress.get((order.digest, member), ("Waiting for its turn", 0.0))

    def _billed(self, order: Order, member: str) -> OrderBill:
        key = order.digest, member
        try:
            return self.estimate(order, member, lambda words, part: self._progress.update({key: (words, part)}))
        finally:
            self._progress.pop(key, None)

    def estimate(self, order: Order, member: str, tell: Told = unheard) -> OrderBill:
        """What it would cost that member. Asks the catalogue, once a zone, where its answer is not kept.

        Raises NoDataError, ProviderError, BudgetReached and StorageError.
        """
        shop, provider = self._workshop, self._workshop.provider(order.recipe)
        settings, share = shop.settings, shop.settings.order_share
        found, search = self._found(order, member, tell)
        survey = self._survey(order, found, tell)
        lacking = self._lacking(survey, tell)
        pixels = sum((planned.cost for _, planned in lacking), Cost())
        new = sum(planned.packed_bytes for _, planned in lacking)
        spent, limits = shop.ledger.month_cost(provider.name), provider.limits
        most = share * limits.units_per_month, share * limits.requests_per_month
        room, needs = room_of(settings, shop.frames.claimed()), survey.needs
        width, height = order.recipe.lattice.size_px(order.recipe.resolution)
        return OrderBill(
            tiles=order.tiles,
            empty=survey.empty,
            parts=len(survey.parts),
            dates=len({one.key for some in survey.dates.values() for one in some}),
            frames=needs.frames,
            planes=sum(planned.wanted for _, planned in lacking),
            cached=sum(planned.cached for _, planned in lacking),
            search=search,
            pixels=pixels,
            angles=sum((planned.angles_cost for _, planned in lacking), Cost()),
            spent=spent,
            units_month=limits.units_per_month,
            requests_month=limits.requests_per_month,
            share=share,
            months=months_for(pixels, spent, *most),
            seconds=least_seconds(pixels, limits),
            composing_seconds=needs.frames * FRAME_SECONDS * width * height / _FRAME_PIXELS,
            cache_bytes=max(needs.cache, new),  # a request is a rectangle, and may bring more than the order has
            cache_new=new,
            result_bytes=needs.sizes.results,
            temporary_bytes=needs.sizes.temporary,
            disk_free=room.disk,
            memory_bytes=needs.memory(settings, room.memory),
            memory_free=room.memory,
            now=tiles_now(lacking, spent, *most),
            refusal=self._refusal(survey, member, pixels, room, new),
        )

    def dates(self, order: Order, member: str, tell: Told = unheard) -> tuple[Acquisition, ...]:
        """All passes over its zones, each once, whatever their clouds. Asks and raises as `estimate`."""
        found, _ = self._found(order, member, tell)
        return tuple({one.key: one for some in found.values() for one in some}.values())

    def _found(self, order: Order, member: str, tell: Told) -> tuple[dict[int, tuple[Acquisition, ...]], Cost]:
        """By the EPSG code of each zone what the catalogue has there, and what it costs to ask for what is not kept."""
        shop, provider = self._workshop, self._workshop.provider(order.recipe)
        share, search, zones = shop.settings.order_share, Cost(), len(order.sheets)
        meter = meter_of(shop, provider, order.digest, member, uuid.uuid4().hex, cap=0.0, share=share)
        found: dict[int, tuple[Acquisition, ...]] = {}
        for number, sheet in enumerate(order.sheets):

            def told(part: float, before: int = number) -> None:
                tell("Asking the catalogue", (before + part) / zones)

            told(0.0)
            dates, cost = dates_of(order, sheet, provider, shop.settings, meter, never, told)
            found[sheet.lattice.epsg], search = dates, search + cost
        return found, search

    def _lacking(self, survey: Survey, tell: Told) -> list[tuple[int, Plan]]:
        """Of each part its tiles and what the cache lacks of it."""
        words, found = f"Looking up what is cached of {plural(len(survey.parts), 'part')}", list[tuple[int, Plan]]()
        for part in survey.parts:
            tell(words, len(found) / len(survey.parts))
            found.append((len(part.indices), survey.lacking(part, self._workshop.frames)))
        return found

    def _survey(self, order: Order, found: dict[int, tuple[Acquisition, ...]], tell: Told) -> Survey:
        """The same object while the answers are the same."""
        words = f"Deciding the dates of {plural(order.tiles, 'tile')}"
        told = tuple((epsg, len(some), sum(bool(one.gone) for one in some)) for epsg, some in found.items())
        terms, settings = self._workshop.provider(order.recipe).terms, self._workshop.settings
        return _surveys.made(
            (order.digest, told), lambda: Survey.of(order, found, terms, settings, partial(tell, words)), lambda _: 1
        )

    def _refusal(self, survey: Survey, member: str, pixels: Cost, room: Room, new: int) -> NinepatchError | None:
        """Why it would not start: memory, disk, cache, or a budget that no new month fills again."""
        shop, order = self._workshop, survey.order
        provider = shop.provider(order.recipe)
        try:
            survey.needs.check(shop.settings, room, new)
            own = Requester(provider.name, member, order.digest, uuid.uuid4().hex)
            shop.budget(provider, member).check(pixels, shop.ledger.spending(own), member)
        except MonthReached:  # it pauses, and goes on in the next one
            return None
        except BudgetReached as error:
            return error
        return None

    def start(self, order: Order, actor: Actor, *, cap: float, share: float | None = None, link: str = "") -> OrderRow:
        """Queue it, to cost so many units at most (0: no limit), stopping at that part of the account's month (that of
        the settings, unless told). `link` says its area and grid to pages. Raises NotAllowed; what refuses the bill is
        found again before it is paid for."""
        share = self._workshop.settings.order_share if share is None else share
        return self._store.submit(order, actor, cap=cap, share=share, link=link)

    def list(self, limit: int = 50, states: Collection[str] = ()) -> tuple[OrderRow, ...]:
        """Of all members, or only in one of the states; the newest first."""
        return self._store.list(limit, states)

    def same_area(self, row: OrderRow) -> SameArea:
        """The orders of the same tiles, by year and limit, of the newest MOST_ALIKE of an area of its name and size.
        Raises OrderError and RecipeError where another version of the program wrote it."""
        return SameArea.of(row, self._store.of_area(row.name, row.tiles, MOST_ALIKE))

    def progress_of(self, row: OrderRow) -> float:
        """Part of its tiles that is made or needs not be, 0 to 1."""
        counts = self._store.counts(row.id)
        return sum(counts[state][1] for state in ENDED_PARTS) / row.tiles

    def clear_observations(self, row: OrderRow) -> float | None:
        """Of an order that has ended, the median over its tiles of theirs; None where no tile has any, and of more
        than MOST_READ tiles, whose receipts take too long for a page."""
        if row.tiles > MOST_READ:
            return None
        key = row.id, row.finished
        return self._observed.made(key, lambda: (_median(self._store.parts(row.id, (DONE,))),), lambda _: 1)[0]

    def get(self, key: str) -> OrderRow:
        """Raises OrderError where there is none."""
        return self._store.found(key)

    def parts(self, key: str) -> tuple[PartRow, ...]:
        """By their numbers; none while the dates of the order are not known."""
        return self._store.parts(key)

    def here(self, row: OrderRow) -> bool:
        """Whether this machine has what is made of it; else that comes meanwhile. Raises StorageError if it fails."""
        if not self._workshop.settings.store:
            return True
        stamp = row.finished, self._store.counts(row.id)[DONE]
        return self._transfers.here(row.id, stamp, lambda: self.bring(row))

    def bring(self, row: OrderRow) -> None:
        """What other machines made of it, by the store that all share. Raises StorageError."""
        bring_made(row.order, self._store.parts(row.id, (DONE,)), self._workshop.settings)

    def pause(self, key: str, actor: Actor) -> OrderRow:
        """Until somebody goes on. Raises OrderError and NotAllowed."""
        return self._store.pause(key, actor)

    def resume(self, key: str, actor: Actor, *, cap: float | None = None, share: float | None = None) -> OrderRow:
        """Go on with what is missing, under other limits where they are given. Raises OrderError and NotAllowed."""
        return self._store.resume(key, actor, cap=cap, share=share)

    def cancel(self, key: str, actor: Actor) -> OrderRow:
        """End it; what was fetched and made is kept. Raises OrderError and NotAllowed."""
        return self._store.cancel(key, actor)

    def remove(self, key: str, actor: Actor) -> None:
        """Remove an order that has ended with all that was made of it, here and in the store of all machines; what was
        fetched stays in the cache. Raises OrderError and NotAllowed; after StorageError the worker goes on with it."""
        self._store.remove(key, actor)
        self.tidy()

    def tidy(self) -> None:
        """Remove what is still there of orders that were removed, also by other machines. Raises StorageError."""
        for key, everywhere in self._store.removed().items():
            count = discard_made(key, self._workshop.settings, everywhere=everywhere)
            if everywhere:
                self._store.is_gone(key)
                log.info("order %s is removed, with %s in the store", key, plural(count, "file"))

    def sweep(self) -> None:
        """The same, also of what a machine had in hand and stored only after the order was gone; for workers, now and
        then, for the store is asked of which orders it has something. Raises StorageError."""
        late = self._store.removed_again(kept_below(self._workshop.settings, ORDERS))
        if late:
            log.info("the store has files again of removed orders: %s", ", ".join(late))
        self.tidy()

    def stored(self) -> int:
        """Bytes that the store of all machines has of all orders, by the rows of the database."""
        return self._store.stored()

    def retry(self, key: str, actor: Actor) -> OrderRow:
        """Try the parts that failed again, and go on. Raises OrderError and NotAllowed."""
        return self._store.resume(key, actor)

    def report(self, key: str) -> OrderReport:
        """How far it is; its units are those of the ledger, which its cap counts too. Raises OrderError."""
        row, counts = self._store.found(key), self._store.counts(key)
        row = replace(row, units=max(row.units, self._workshop.ledger.of_run(row.run).units))
        now = self._workshop.clock()
        since = max(now - PACE_SECONDS, row.started or row.created)
        ended = [part for part in self._store.parts(key, ENDED_PARTS) if (part.finished or 0.0) >= since]
        minutes = max(1.0, (row.finished or now) - since) / 60
        tiles = sum(part.tiles for part in ended if part.state == DONE) / minutes
        steady = len(ended) >= STEADY_PARTS or sum(part.tiles for part in ended) >= STEADY_SHARE * row.tiles
        left = sum(whole for state, (_, whole) in counts.items() if state not in ENDED_PARTS)
        return OrderReport(
            row=row,
            counts={state: parts for state, (parts, _) in counts.items()},
            tiles={state: whole for state, (_, whole) in counts.items()},
            units_a_minute=sum(part.units for part in ended) / minutes,
            tiles_a_minute=tiles,
            seconds_left=60 * left / tiles if tiles and steady else None,
            failures=tuple(_failures(self._store.parts(key, (FAILED,)))),
        )


def _median(parts: Sequence[PartRow]) -> float | None:
    """Clear observations of the tile in the middle; tiles without any do not count."""
    found = list[float]()
    for part in parts:
        with suppress(KeyError, TypeError, ValueError):  # of another version of this program
            found += [tile.median for tile in PartReceipt.from_json(part.receipt).tiles if tile.median]
    return statistics.median(found) if found else None


def _failures(parts: Sequence[PartRow]) -> Iterator[Failure]:
    """Of each part that failed its tiles that did, or itself where it did not come to its tiles."""
    for part in parts:
        tiles: Sequence[TileReceipt] = ()
        with suppress(KeyError, TypeError, ValueError):  # of another version of this program, or none
            tiles = PartReceipt.from_json(part.receipt).failed
        for tile in tiles:
            yield Failure(part.number, tile.epsg, str(tile.index), tile.cause, tile.remedy)
        if not tiles:
            yield Failure(part.number, part.epsg, "", part.cause, part.remedy)
