"""A server that is told to end does, though somebody reads no further."""

import asyncio
import signal
from typing import Any

import pytest
import uvicorn

from pages.limits import shutdown


def test_after_a_while_nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutdown, "LINGER_SECONDS", 0.01)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        """Never asked."""

    server = uvicorn.Server(uvicorn.Config(application))
    before = signal.signal(signal.SIGTERM, server.handle_exit)

    async def life() -> None:
        shutdown.end_in_time()
        signal.raise_signal(signal.SIGTERM)
        assert server.should_exit and not server.force_exit, "what is nearly done has its time"
        while not server.force_exit:
            await asyncio.sleep(0.01)

    try:
        asyncio.run(asyncio.wait_for(life(), 30))
    finally:
        signal.signal(signal.SIGTERM, before)
