"""Ledger and audit log as files: each role gets what is its own to read."""

import asyncio
import csv
import io

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from pages.routes.files import file_routes
from pages.state.context import product, settings
from services.access import Action, Actor, AuditLog, Role
from services.accounting.entry import Entry
from services.storage import Database

VIEWER, MEMBER, ROOT = (Actor("ada@example.org", role) for role in Role)


def ask(path: str, who: Actor) -> httpx.Response:
    """One request, as the gate lets it through."""
    routes = Starlette(routes=file_routes(""))

    async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
        await routes({**scope, "state": {"actor": who}}, receive, send)

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(admitted), base_url="http://np") as client:
            return await client.get(path)

    return asyncio.run(sent())


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize(("who", "units"), [(VIEWER, ["1"]), (MEMBER, ["1"]), (ROOT, ["1", "2"])])
def test_the_ledgers_rows_are_ones_own_or_an_administrators(who: Actor, units: list[str]) -> None:
    for name, amount in (("ada@example.org", 1.0), ("bert@example.org", 2.0)):
        row = Entry("demo", "S2A_1", 100, 9, ("B04",), amount, amount, 1000, 1.0, 1, 200, member=name)
        product().ledger.reserve(row)
    assert [row["units"] for row in rows(ask("/ledger/requests.csv", who))] == units
    assert sorted(row["units"] for row in rows(ask("/ledger/member.csv", who))) == units


def test_the_audit_log_is_for_administrators_alone() -> None:
    AuditLog(Database.of(settings())).add(ROOT, Action.CACHE_CLEARED, "2017, everywhere", "12 planes")
    (row,) = rows(ask("/audit.csv", ROOT))
    assert (row["actor"], row["action"], row["detail"]) == ("ada@example.org", "cache cleared", "12 planes")
    for who in (VIEWER, MEMBER):
        answer = ask("/audit.csv", who)
        assert answer.status_code == 403 and "must be an administrator" in answer.text
