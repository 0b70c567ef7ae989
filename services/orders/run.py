"""The run of an order under one worker: from the search of its zones to its outputs, or to why it waits."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from services.accounting import Budget, Requester, RequestMeter
from services.catalogue import Acquisition
from services.errors import Cancelled, CapacityExceeded, NinepatchError, NoDataError
from services.jobs import JobStore
from services.mosaic import OUTPUTS, make_outputs
from services.orders.dates import dates_of, keep_dates
from services.orders.made import made_area
from services.orders.parts import Part
from services.orders.pausing import wait_for
from services.orders.rows import CACHED, CANCELLED, DONE, ENDED_PARTS, FAILED, GAPS, NO_DATA, WAITING, OrderRow
from services.orders.stages import Materials, Stages
from services.orders.store import SOMEBODY, OrderStore
from services.orders.survey import Survey, room_of
from services.orders.transfer import bring_tiles, hand_on_made
from services.orders.watch import OrderWatch
from services.orders.workshop import Workshop
from services.providers import Limits, Provider
from services.render import Provenance

log = logging.getLogger(__name__)


class OrderRun:
    """One order, claimed by a worker."""

    def __init__(self, workshop: Workshop, row: OrderRow, leaving: Callable[[], bool]) -> None:
        self._shop, self._row, self._order = workshop, row, row.order
        self._store = OrderStore(workshop.database, workshop.clock)
        self._watch = OrderWatch(self._store, JobStore(workshop.database), row, leaving)

    def run(self) -> Callable[[], None]:
        """Work until it is done or cannot go on; what comes back writes how it ended."""
        key, worker = self._row.id, self._row.worker
        try:
            state = self._work()
        except Cancelled:
            return self._stopped()
        except NinepatchError as error:
            log.warning("order %s: %s", key, error)
            told, wait = error, wait_for(error, self._shop.clock())
            if wait is None or (isinstance(error, CapacityExceeded) and not self._watch.figures["requests"]):
                return lambda: self._store.finish(key, FAILED, told, by=worker)
            return lambda: self._store.wait(key, wait.words, wait.until, told, by=worker)
        return lambda: self._store.finish(key, state, by=worker)

    def _stopped(self) -> Callable[[], None]:
        """Somebody stopped it, the worker leaves, or the database failed."""
        key, worker, row = self._row.id, self._row.worker, self._watch.row
        if row.cancel:
            return lambda: self._store.finish(key, CANCELLED, by=worker)
        if row.pause:
            return lambda: self._store.wait(key, SOMEBODY, 0.0, by=worker)
        return lambda: self._store.leave(key, worker)

    def _work(self) -> str:
        """All of it; the state in which it ends."""
        shop, provider = self._shop, self._shop.provider(self._order.recipe)
        row = self._row
        bill = meter_of(shop, provider, row.id, row.member, row.run, cap=row.cap, share=row.share)
        survey = Survey.of(self._order, self._search(provider, bill), provider.terms, shop.settings)
        provenance = self._provenance(provider)
        rows = [_row_of(part, self._begin(survey, part)) for part in survey.parts]
        self._store.put_parts(self._row.id, rows, self._row.worker)
        keys = (key for part in survey.parts for key in survey.keys(part))
        with shop.frames.reserving(keys, self._order.recipe.planes) as pinned:
            new = sum(survey.lacking(part, shop.frames).packed_bytes for part in survey.parts)
            pinned.claim(
                survey.needs.cache,
                0,
                lambda taken: survey.needs.check(shop.settings, room_of(shop.settings, taken), new),
            )
            connections = survey.needs.connections(shop.settings, room_of(shop.settings, 0).memory)
            parts = (shop, survey, self._store, self._watch, provider, bill, provenance, connections)
            left = (row for row in self._store.parts(self._row.id) if row.state not in ENDED_PARTS)
            Stages(Materials(*parts), left).run()
        return self._finish(survey, provider, provenance)

    def _search(self, provider: Provider, bill: RequestMeter) -> dict[int, tuple[Acquisition, ...]]:
        """One answer a zone, from then on kept with the order."""
        found, settings = {}, self._shop.settings
        self._watch.say("the catalogue")
        for sheet in self._order.sheets:
            asked, _ = dates_of(self._order, sheet, provider, settings, bill, self._watch.stop)
            keep_dates(self._order, sheet, asked, settings)
            found[sheet.lattice.epsg] = asked
        self._watch.say("")
        return found

    def _begin(self, survey: Survey, part: Part) -> str:
        """In which state a part begins."""
        if not survey.dates[part.number]:
            return NO_DATA
        return CACHED if survey.lacking(part, self._shop.frames).is_whole else WAITING

    def _provenance(self, provider: Provider) -> Provenance:
        """Its moment is the order's: a tile that is made twice is the same file."""
        recipe, made = self._order.recipe, datetime.fromtimestamp(self._row.created, UTC)
        said = provider.attribution(recipe.interval.years)
        return Provenance(recipe, provider.title, said, provider.simulated, made=made)

    def _finish(self, survey: Survey, provider: Provider, provenance: Provenance) -> str:
        """The outputs of what is there."""
        from services.mosaic import write_collection  # late: the pages need none of its libraries

        counts = self._store.counts(self._row.id)
        if not counts[DONE][0]:
            failed = self._store.parts(self._row.id, (FAILED,))[0]
            raise NoDataError(f"No part of the order could be made. {failed.cause}", failed.remedy)
        dates = {one.key: one for some in survey.dates.values() for one in some}
        kept = sorted(dates.values(), key=lambda one: one.time)
        area = made_area(self._order, self._shop.settings.home, provenance.tags([one.date for one in kept]))

        def tell(name: str, share: float) -> None:
            self._watch.say(f"{OUTPUTS[name].label}, {100 * share:.0f} %")

        bring_tiles(self._order, self._shop.settings)
        make_outputs(area, self._order.outputs, tell=tell, cancelled=self._watch.stop)
        write_collection(area.sets, self._order.digest, provenance, provider, kept)
        stored = hand_on_made(self._order, self._shop.settings)
        self._store.report(self._row.id, self._row.worker, stored=stored)
        return GAPS if counts[FAILED][0] else DONE


def meter_of(
    shop: Workshop, provider: Provider, key: str, member: str, run: str, *, cap: float, share: float
) -> RequestMeter:
    """Checks each request against the member's budgets, the order's cap, and its share of the month."""
    budget = limited(shop.budget(provider, member), cap, share, provider.limits)
    return RequestMeter(shop.ledger, budget, Requester(provider.name, member, key, run))


def limited(budget: Budget, cap: float, share: float, limits: Limits) -> Budget:
    """A member's budget, with the order's cap as a job's limit, and its share of the account's month as the team's."""
    return replace(
        budget,
        job=_least(budget.job, cap),
        capped=0 < cap <= (budget.job or cap),
        team=_least(budget.team, share * limits.units_per_month),
        requests=_least(budget.requests, share * limits.requests_per_month),
    )


def _least(*limits: float) -> float:
    """Of limits of which 0 is none."""
    return min((limit for limit in limits if limit), default=0.0)


def _row_of(part: Part, state: str) -> dict[str, object]:
    """The beginning of its row."""
    first = part.lower_left
    place = {"epsg": part.lattice.epsg, "x": first.x, "y": first.y, "columns": part.columns, "rows": part.rows}
    return {"number": part.number, "tiles": len(part.indices), "state": state, **place}
