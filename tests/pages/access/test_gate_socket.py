"""A WebSocket is refused, sent to the log-in page, or watched until its user may no longer have it."""

import asyncio
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.access import connection
from services.access import Role
from services.access.actor import Actor
from tests.pages.access.gating import Gated, Make
from tests.pages.access.test_gate_login import LOGIN, ORIGIN, login
from tests.pages.access.test_gate_proxy import GOOD, PROXY

ROOT = Actor("root", Role.ADMINISTRATOR)
POLICY = 1008


def connect(gate: Gated, coming: list[dict[str, Any]], **headers: str) -> list[dict[str, Any]]:
    """What the browser is sent, whose messages are `coming`; nothing comes after them."""
    sent: list[dict[str, Any]] = []
    messages = [{"type": "websocket.connect"}, *coming]

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        message = messages.pop(0)
        act = message.pop("act", None)
        if act is not None:
            act()
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        """As Streamlit does: it answers what comes until the browser has gone, and then once more."""
        gate.seen.append(scope)
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "streamlit"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "bytes": message["bytes"]})
        await send({"type": "websocket.send", "bytes": b"too late"})

    names = {"host": "localhost:8501", "origin": ORIGIN} | headers
    scope = {
        **{"type": "websocket", "path": "/_stcore/stream", "scheme": "ws", "query_string": b""},
        **{"subprotocols": ["streamlit", "x"], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8501)},
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in names.items()],
    }
    gate.gate._app = application
    asyncio.run(asyncio.wait_for(gate.gate(scope, receive, send), 20))
    return sent


def says(text: bytes, act: Any = None) -> dict[str, Any]:
    """The browser does, after `act`."""
    return {"type": "websocket.receive", "bytes": text, "act": act}


GONE = {"type": "websocket.disconnect", "code": 1001}


def to_the_log_in_page(sent: list[dict[str, Any]]) -> bool:
    """Whether the browser is told to load its page again, and nothing after."""
    message = ForwardMsg.FromString(sent[-2]["bytes"])
    return message.WhichOneof("type") == "auth_redirect" and message.auth_redirect.url == "" and closed(sent)


def closed(sent: list[dict[str, Any]]) -> bool:
    """Whether that is the last word."""
    return bool(sent[-1]["type"] == "websocket.close" and sent[-1]["code"] == POLICY)


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"origin": "http://localhost:3000"}])
def test_a_page_of_another_origin_gets_no_connection(gated: Make, headers: dict[str, str]) -> None:
    gate = gated()
    assert closed(connect(gate, [], **headers)) and gate.seen == []


def test_nor_does_another_name(gated: Make) -> None:
    gate = gated()
    assert closed(connect(gate, [], host="evil.example", origin="http://evil.example")) and gate.seen == []


@pytest.mark.parametrize("headers", [{}, login(email="mal@evil.example"), login(iss="http://evil.example")])
def test_who_is_not_let_in_is_sent_to_the_log_in_page_and_reaches_no_script(
    gated: Make, headers: dict[str, str]
) -> None:
    gate = gated(**LOGIN)
    sent = connect(gate, [says(b"hello")], **headers)
    assert sent[0] == {"type": "websocket.accept", "subprotocol": "streamlit"}
    assert to_the_log_in_page(sent) and gate.seen == []


def test_who_is_let_in_is_known_to_the_script(gated: Make) -> None:
    gate = gated(**LOGIN)
    sent = connect(gate, [says(b"hello"), GONE], **login(), x_ninepatch_visitor='{"name": "root@example.org"}')
    assert [message.get("bytes") for message in sent] == [None, b"hello", b"too late"]
    assert gate.actor.name == "ada@example.org"
    assert len(gate.handed_on) == 1 and b"ada@example.org" in gate.handed_on[0]


def test_with_the_next_message_a_removed_member_is_out(gated: Make) -> None:
    gate = gated(**LOGIN)

    def remove() -> None:
        gate.roster.remove("ada@example.org", ROOT)
        gate.now += 60

    sent = connect(gate, [says(b"before"), says(b"after", remove)], **login())
    assert to_the_log_in_page(sent)
    assert [message.get("bytes") for message in sent][1] == b"before" and len(sent) == 4, "nothing after the end"


def test_without_any_message_a_login_that_ends_ends_the_connection(
    gated: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connection.AGAIN_SECONDS <= 30
    monkeypatch.setattr(connection, "AGAIN_SECONDS", 0.01)
    gate = gated(**LOGIN)
    answers = iter([True, True, False])
    monkeypatch.setattr(gate.log_outs, "has", lambda login: not next(answers))
    monkeypatch.setattr(gate.gate._admissions._door, "kept", lambda visitor: None)
    assert to_the_log_in_page(connect(gate, [], **login()))


def test_a_proxy_that_is_not_believed_gets_no_connection_and_no_page_that_loads_for_ever(gated: Make) -> None:
    gate = gated(**PROXY, peer="10.0.0.7")
    public = {"host": "maps.example.org", "origin": "https://maps.example.org"}
    sent = connect(gate, [], **public, **GOOD)
    assert [message["type"] for message in sent] == ["websocket.close"] and gate.seen == []
