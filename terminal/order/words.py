"""An order, its bill and its report as plain values, for machines and for tables."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from services.errors import NinepatchError
from services.text import plural

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.orders import Order, OrderBill, OrderReport, OrderRow

_OF_ANGLES = ("nbar", "angle_requests", "angle_units")
LEFT_OUT = ("spec", "run", "worker")
"""What lists of orders for machines do without."""


def plain_bill(order: "Order", bill: "OrderBill") -> dict[str, Any]:
    """What stands on a bill."""
    cost = bill.cost
    return {
        "order": order.digest,
        "area": order.name,
        "tiles": bill.tiles,
        "tiles_without_dates": bill.empty,
        "parts": bill.parts,
        "acquisitions": bill.dates,
        "planes_wanted": bill.planes,
        "planes_cached": bill.cached,
        "units": round(cost.units, 2),
        "month_quota_percent": _percent(cost.units, bill.units_month),
        "month_spent_percent": _percent(bill.spent.units, bill.units_month),
        "requests": cost.requests,
        "catalogue_requests": bill.search.requests,
        "nbar": order.recipe.nbar,
        "angle_requests": bill.angles.requests,
        "angle_units": round(bill.angles.units, 2),
        "month_requests_percent": _percent(cost.requests, bill.requests_month),
        "month_requests_spent_percent": _percent(bill.spent.requests, bill.requests_month),
        "months": bill.months,
        "tiles_this_month": bill.now,
        "hours_at_rate_limit": round(bill.seconds / 3600, 2),
        "composing_cpu_hours": round(bill.composing_seconds / 3600, 2),
        "download_gb": _gb(cost.bytes),
        "cache_gb": _gb(bill.cache_bytes),
        "cache_new_gb": _gb(bill.cache_new),
        "results_gb": _gb(bill.result_bytes),
        "temporary_gb": _gb(bill.temporary_bytes),
        "disk_free_gb": _gb(bill.disk_free),
        "memory_gb": _gb(bill.memory_bytes),
        "memory_free_gb": _gb(bill.memory_free),
        "may_start": bill.refusal is None,
    }


def with_limits_said(plain: dict[str, Any]) -> dict[str, Any]:
    """For people: a limit that the provider does not have is said, and is no gap."""
    return {key: "no limit" if value is None else value for key, value in plain.items()}


def with_angles_said(plain: dict[str, Any]) -> dict[str, Any]:
    """For people: that view angles are evened out, with what is asked for that alone, or nothing of them."""
    found = {key: value for key, value in plain.items() if key not in _OF_ANGLES}
    if not plain["nbar"]:
        return found
    asked, units = plain["angle_requests"], plain["angle_units"]
    more = f", {plural(asked, 'small request')} more: {units:,} units" if asked else ""
    return found | {"view_angles": f"evened out (NBAR){more}"}


def plain_row(row: "OrderRow") -> dict[str, Any]:
    """As machines read it."""
    return {key: value for key, value in asdict(row).items() if key not in LEFT_OUT} | {"what": what(row)}


def plain_report(report: "OrderReport") -> dict[str, Any]:
    """The row, how far it is, and what failed."""
    return plain_row(report.row) | {
        "nbar": bool(evened(report.row)),
        "parts_by_state": dict(report.counts),
        "tiles_by_state": dict(report.tiles),
        "units_a_minute": round(report.units_a_minute, 2),
        "tiles_a_minute": round(report.tiles_a_minute, 2),
        "seconds_left": None if report.seconds_left is None else round(report.seconds_left),
        "failures": [asdict(failure) for failure in report.failures],
    }


def what(row: "OrderRow") -> str:
    """The question in one word."""
    try:
        recipe = row.recipe
    except NinepatchError:  # of another version
        return "?"
    return f"{recipe.when}, at most {recipe.maxcc} %"


def evened(row: "OrderRow") -> str:
    """`view angles evened out (NBAR)`; empty where they are not, or the question is of another version."""
    from services.nbar import angles_words

    try:
        return angles_words(row.order.recipe)
    except NinepatchError:
        return ""


def state_of(row: "OrderRow") -> str:
    """The state, as lists have it."""
    if row.unfinished and row.cancel:
        return "cancelling"
    return "pausing" if row.unfinished and row.pause and row.state != "paused" else row.state


def _percent(amount: float, limit: float) -> float | None:
    return round(100 * amount / limit, 2) if limit else None


def _gb(count: int) -> float:
    return round(count / 1e9, 3)
