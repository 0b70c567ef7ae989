"""What was spent and what was saved."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.errors import InputError
from services.settings import load_settings
from services.text import csv_text, quoted
from terminal.options import Json
from terminal.output import table

if TYPE_CHECKING:  # a second of imports, which the other commands do without
    from services.accounting import UsageSummary
    from services.providers import Provider


def ledger(
    month: Annotated[str, typer.Option(help="One month, e.g. 2026-11; all of them unless given.")] = "",
    by: Annotated[str, typer.Option(help="Sums by member, recipe or month.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets: each request, or the sums.")] = False,
    as_json: Json = False,
) -> None:
    """Say what was spent, by whom and for what, what the cache saved, and how much of the month's quota is left."""
    from services.accounting import Ledger, UsageSummary
    from services.providers import find_provider

    if month and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise InputError(f"--month must be like 2026-11, got {quoted(month)}.", "Give year and month.")
    settings = load_settings()
    found = Ledger(settings.home)
    if csv and not by:
        print(found.csv(month), end="")
        return
    sums, provider = found.sums(by or "member", month), find_provider(settings)
    spent, now = found.month_units(provider.name, month), month or found.month
    limit = provider.limits.units_per_month
    quota = {"provider": provider.name, "month": now, "units": round(spent, 4), "quota": limit}
    if csv:
        print(csv_text([field.name for field in fields(UsageSummary)], map(astuple, sums)), end="")
    elif as_json:
        print(json.dumps({"by": by or "member", "month": month, "sums": list(map(asdict, sums)), "quota": quota}))
    else:
        _show(by or "member", sums)
        _say_quota(provider, spent, now)


def _show(by: str, sums: Sequence["UsageSummary"]) -> None:
    columns = (by, "requests", "failed", "estimated", "units", "MB", "planes", "planes saved", "units saved")
    rows: list[Sequence[Any]] = [
        (
            one.key or "–",
            f"{one.requests:,}",
            f"{one.failed:,}",
            f"{one.estimated:,.1f}",
            f"{one.units:,.1f}",
            f"{one.bytes / 1e6:,.0f}",
            f"{one.planes:,}",
            f"{one.saved:,}",
            f"{one.saved_units:,.1f}",
        )
        for one in sums
    ]
    table(columns, rows)


def _say_quota(provider: "Provider", spent: float, month: str) -> None:
    quota = provider.limits.units_per_month
    part = f" of {quota:,.0f} units in {month} ({100 * spent / quota:.1f} %)" if quota else f" units in {month}"
    print(f"{provider.title}: {spent:,.1f}{part}")
