"""A proxy that does not pass on the name it is asked by gets a sentence in the log."""

import asyncio
from typing import Any

import pytest

from pages.routes.host_watch import HostWatch


def connect(*, host: str, origin: str, refused: bool, kind: str = "websocket", times: int = 1) -> list[str]:
    """The types of the messages that come back."""
    sent: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close" if refused else "websocket.accept"})
        await send({"type": "websocket.close"})

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        return {}

    watch = HostWatch(application)
    headers = [(b"host", host.encode()), (b"origin", origin.encode())]
    for _ in range(times):
        asyncio.run(watch({"type": kind, "headers": headers}, receive, send))
    return sent


def test_a_refused_connection_from_another_name_is_explained_once(caplog: pytest.LogCaptureFixture) -> None:
    sent = connect(host="127.0.0.1:8501", origin="https://gis.example.org", refused=True, times=3)
    assert sent == ["websocket.close"] * 6, "nothing is changed"
    assert len(caplog.messages) == 1
    for words in ("gis.example.org", "127.0.0.1:8501", "Host", "corsAllowedOrigins"):
        assert words in caplog.text


@pytest.mark.parametrize(
    ("host", "refused", "kind"),
    [
        ("127.0.0.1:8501", False, "websocket"),
        ("gis.example.org", True, "websocket"),
        ("127.0.0.1:8501", True, "http"),
    ],
)
def test_nothing_else_is_said(host: str, refused: bool, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    connect(host=host, origin="https://gis.example.org", refused=refused, kind=kind)
    assert caplog.messages == []
