"""Dates of an order: one search of each zone, kept with it, of which each tile's dates are decided once for all."""

import zlib
from collections.abc import Callable
from pathlib import Path

from services.accounting import RequestMeter
from services.catalogue import Acquisition, acquisitions_from_json, acquisitions_to_json
from services.engines import ORDERS
from services.orders.order import Order, Sheet
from services.providers import Provider, cached_search, marked, offer_search
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
) -> tuple[Acquisition, ...]:
    """The same, asked for where they are not known; the answer serves all pictures in there.

    Raises ProviderError, BudgetReached, StorageError and Cancelled.
    """
    found = known_dates(order, sheet, provider, settings)
    if found is None:
        found = bill.search(provider.open(settings), provider, sheet.rectangle, searched(order), cancelled)
    offer_search(provider, settings, sheet.rectangle, searched(order))
    return found


def keep_dates(order: Order, sheet: Sheet, found: tuple[Acquisition, ...], settings: Settings) -> None:
    """With the order, for as long as it is there: whatever is asked later, its tiles stay the same."""
    path = _file(order, sheet, settings)
    if not path.exists():
        write_beside(path, lambda beside: beside.write_bytes(zlib.compress(acquisitions_to_json(found))))


def _file(order: Order, sheet: Sheet, settings: Settings) -> Path:
    return settings.home / ORDERS / order.digest / f"dates_{sheet.lattice.epsg}.json.z"
