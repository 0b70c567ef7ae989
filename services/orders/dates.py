"""Dates of an order: one search of each zone, kept with it, of which each tile's dates are decided once for all."""

import zlib
from collections.abc import Callable
from pathlib import Path

from services.accounting import RequestMeter, unheard
from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json
from services.engines import ORDERS
from services.errors import OrderError
from services.geo import zone_name
from services.orders.order import Order, Sheet
from services.plan import Cost
from services.providers import MAX_PAGES, PAGE, Provider, cached_search, marked, offer_search
from services.recipe import Interval
from services.settings import Settings
from services.storage import write_beside


def searched(order: Order) -> Interval:
    """The days that the catalogue is asked for."""
    return order.recipe.with_(date_rule="tile").searched


def known_dates(order: Order, sheet: Sheet, provider: Provider, settings: Settings) -> tuple[Acquisition, ...] | None:
    """All acquisitions over a sheet, as they were found for the order, or as the catalogue's kept answer has them; None
    where it must be asked. Asks nobody."""
    try:
        text = zlib.decompress(_file(order, sheet, settings).read_bytes())
        return marked(provider, settings, acquisitions_from_json(text))
    except FileNotFoundError:
        return cached_search(provider, settings, sheet.rectangle, searched(order))


def dates_of(
    order: Order,
    sheet: Sheet,
    provider: Provider,
    settings: Settings,
    bill: RequestMeter,
    cancelled: Callable[[], bool],
    tell: Callable[[float], None] = unheard,
) -> tuple[tuple[Acquisition, ...], Cost]:
    """The same, asked for where they are not known, and what that is taken to cost; the answer serves all pictures in
    there. `tell` hears how much of it has come, 0 to 1.

    Raises OrderError before anything is asked where the answer is too long, ProviderError, BudgetReached, StorageError
    and Cancelled.
    """
    found, cost = known_dates(order, sheet, provider, settings), Cost()
    if found is None:
        cost = provider.search_cost(sheet.rectangle, searched(order))
        _check_length(order, sheet, cost.requests)
        source = provider.open(settings)
        found = bill.search(source, provider, sheet.rectangle, searched(order), cancelled, tell)
    offer_search(provider, settings, sheet.rectangle, searched(order))
    return found, cost


def _check_length(order: Order, sheet: Sheet, pages: int) -> None:
    if pages > MAX_PAGES:
        zone = zone_name(sheet.lattice.epsg)
        raise OrderError(
            f"The catalogue has about {pages * PAGE:,} pictures of {order.recipe.when} over the rectangle that holds "
            f"all tiles of UTM zone {zone}; at most {MAX_PAGES * PAGE:,} are looked through.",
            "Order a grid for each UTM zone (`--zones` in the terminal), a smaller area, or fewer days.",
        )


def keep_dates(order: Order, sheet: Sheet, found: tuple[Acquisition, ...], settings: Settings) -> None:
    """With the order, for as long as it is there: whatever is asked later, its tiles stay the same."""
    path = _file(order, sheet, settings)
    if not path.exists():
        write_beside(path, lambda beside: beside.write_bytes(zlib.compress(acquisitions_to_json(found))))


def _file(order: Order, sheet: Sheet, settings: Settings) -> Path:
    return settings.home / ORDERS / order.digest / f"dates_{sheet.lattice.epsg}.json.z"
