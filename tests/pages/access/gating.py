"""The gate around an application that tells what came through, without a server."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from pages.access.door import Door
from pages.access.gate import Gate
from pages.access.visitor import HEADER
from services.access import AuditLog, Entrance, LogOuts, Roster
from services.settings import load_settings
from services.storage import Database


class Gated:
    """One that is asked by `base`, from `peer`."""

    def __init__(
        self, home: Path, base: str = "http://localhost:8501", peer: str = "127.0.0.1", **changes: Any
    ) -> None:
        settings = load_settings(home=home, **changes)
        database = Database.of(settings)
        entrance = Entrance.of(settings)
        self.log_outs, self.roster, self.audit = LogOuts(database), Roster(settings, database), AuditLog(database)
        self.now = 0.0
        door = Door(settings, self.roster, self.log_outs, self.audit, clock=lambda: self.now)
        self.seen: list[dict[str, Any]] = []
        self.sets = b""
        self.location = b""
        self._base, self._peer = base, peer
        self.gate = Gate(self._application, settings=settings, entrance=entrance, door=door, prefix=entrance.path)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(scope)
        headers = [(b"set-cookie", self.sets)] if self.sets else []
        headers += [(b"location", self.location)] if self.location else []
        await send({"type": "http.response.start", "status": 302 if self.location else 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"through"})

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """One request."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask_with(path, list(names.items()), method)

    def ask_with(self, path: str, headers: list[tuple[str, str]], method: str = "GET") -> httpx.Response:
        """The same, of which a header may come twice."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.gate, client=(self._peer, 4711))
            async with httpx.AsyncClient(transport=transport, base_url=self._base) as client:
                sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
                return await client.request(method, path, headers=sent)

        return asyncio.run(send())

    @property
    def actor(self) -> Any:
        """Of what came through last; None of nobody."""
        return self.seen[-1]["state"].get("actor")

    @property
    def handed_on(self) -> list[bytes]:
        """What the script would read of a visitor."""
        return [value for name, value in self.seen[-1]["headers"] if name == HEADER.encode()]


Make = Callable[..., Gated]
