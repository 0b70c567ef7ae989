"""What was spent and what was saved."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from typing import TYPE_CHECKING, Annotated

import typer

from services.errors import InputError
from services.settings import load_settings
from services.storage import Database
from services.text import csv_text, megabytes, quoted
from terminal.member import terminal_actor
from terminal.options import Json
from terminal.output import table

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.accounting import UsageSummary
    from services.plan import Cost
    from services.providers import Provider


def ledger(
    month: Annotated[str, typer.Option(help="One month, e.g. 2026-11; all of them unless given.")] = "",
    by: Annotated[str, typer.Option(help="Sums by member, recipe or month.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets: each request, or the sums.")] = False,
    as_json: Json = False,
) -> None:
    """Say what was spent, by whom and for what, what the cache saved, and how much of the month's quota is left."""
    from services.accounting import Ledger, UsageSummary
    from services.providers import all_providers, find_provider

    if month and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise InputError(f"--month must be like 2026-11, got {quoted(month)}.", "Give year and month.")
    settings = load_settings()
    found, actor = Ledger(Database.of(settings)), terminal_actor(settings)
    if csv and not by:
        print(found.csv(actor, month), end="")
        return
    sums, provider = found.sums(by or "member", actor, month), find_provider(settings)
    spent, now = found.month_cost(provider.name, month), month or found.month
    limits = provider.limits
    quota = {"provider": provider.name, "month": now, "units": round(spent.units, 4), "quota": limits.units_per_month}
    quota |= {"requests": spent.requests, "requests_quota": limits.requests_per_month}
    received = {"requests": spent.requests, "bytes": spent.bytes}
    if csv:
        print(csv_text([field.name for field in fields(UsageSummary)], map(astuple, sums)), end="")
    elif as_json:
        plain = {"by": by or "member", "month": month, "sums": list(map(asdict, sums)), "quota": quota}
        print(json.dumps(plain | {"received": received}))
    else:
        _show(by or "member", sums, units=bool(provider.words.units))
        _say_quota(provider, spent, now)
        for other in all_providers(settings):
            cost = found.month_cost(other.name, month)
            if other.name != provider.name and cost.requests:
                _say_quota(other, cost, now)


def _show(by: str, sums: Sequence["UsageSummary"], *, units: bool) -> None:
    """With units where the provider of now, or one of before, counts them."""
    units = units or any(one.counts_units for one in sums)
    columns = (
        by,
        "requests",
        "of the catalogue",
        "failed",
        "received",
        "bands fetched",
        "cached bands",
        "download saved",
    )
    table((*columns, *(("estimated", "units", "units saved") if units else ())), (_row(one, units) for one in sums))


def _row(one: "UsageSummary", units: bool) -> Sequence[str]:
    counts = (one.estimated, one.units, one.saved_units) if units else ()
    return (
        one.key or "–",
        f"{one.requests:,}",
        f"{one.catalogue:,}",
        f"{one.failed:,}",
        megabytes(one.bytes),
        f"{one.planes:,}",
        f"{one.saved:,}",
        megabytes(one.saved_bytes),
        *(f"{count:,.1f}" if count else "–" for count in counts),
    )


def _say_quota(provider: "Provider", spent: "Cost", month: str) -> None:
    quota, words = provider.limits.units_per_month, provider.words
    told = f"{spent.units:,.1f} of {quota:,.0f} units" if quota else words.price(spent)
    part = f" ({100 * spent.units / quota:.1f} %)" if quota else ""
    print(f"{provider.title}: {told} in {month}{part}")
    most = provider.limits.requests_per_month
    if most:
        share = f"{100 * spent.requests / most:.1f} %"
        print(f"{provider.title}: {spent.requests:,} of {most:,.0f} requests in {month} ({share})")
