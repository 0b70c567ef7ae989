"""Ledger and audit log as files that a spreadsheet opens, streamed by a route."""

import re
from collections.abc import Callable, Iterator
from dataclasses import astuple, fields
from itertools import chain

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from pages.routes.refusal import refused
from pages.state import base_path
from pages.state.context import audit_log, product
from pages.state.member import actor_of
from services.access import Actor
from services.accounting import UsageSummary
from services.errors import NinepatchError
from services.text import csv_text

REQUESTS = "requests"
"""The sheet with a row a request; the others are named by what they are summed by."""
AUDIT = "/audit.csv"
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def address(name: str, month: str = "") -> str:
    """Where a browser gets a sheet: of a month, or of all."""
    return f"{base_path.prefix()}/ledger/{name}.csv" + (f"?month={month}" if month else "")


def sheet(request: Request) -> Response:
    """A sheet, a few rows at a time."""
    name, month = request.path_params["name"], request.query_params.get("month", "")
    if month and not _MONTH.fullmatch(month):
        return PlainTextResponse("A month is like 2026-11.", status_code=400)
    file = "_".join(filter(None, ("ninepatch", name, month)))
    return _streamed(file, lambda: _pieces(name, month, actor_of(request)))


def audit_address() -> str:
    """Where an administrator's browser gets the audit log."""
    return f"{base_path.prefix()}{AUDIT}"


def audit_sheet(request: Request) -> Response:
    """The audit log, a few rows at a time."""
    return _streamed("ninepatch_audit", lambda: audit_log().csv_lines(actor_of(request)))


def _streamed(file: str, begin: Callable[[], Iterator[str]]) -> Response:
    """The pieces as they come; what goes wrong before the first one is an answer of its own."""
    try:
        pieces = begin()
        first = next(pieces)
    except NinepatchError as error:
        return refused(error)
    headers = {"Content-Disposition": f'attachment; filename="{file}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(chain([first], pieces), media_type="text/csv; charset=utf-8", headers=headers)


def _pieces(name: str, month: str, actor: Actor) -> Iterator[str]:
    """Raises InputError for a name that is none, and StorageError."""
    if name == REQUESTS:
        yield from product().ledger.csv_lines(actor, month)
    else:
        sums = product().ledger.sums(name, actor, month)
        yield csv_text((name, *(field.name for field in fields(UsageSummary)[1:])), map(astuple, sums))
