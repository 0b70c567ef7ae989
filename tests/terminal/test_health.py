"""`health` asks by the name that the application answers to, and its exit status says what came."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import typer

from terminal.upkeep.health import health

ASKED: list[tuple[str, str]] = []


class Answer(BaseHTTPRequestHandler):
    """As the application answers: well below `/team` for its own name alone."""

    def do_GET(self) -> None:
        host = self.headers["Host"]
        ASKED.append((host, self.path))
        self.send_response(200 if (host, self.path) == ("maps.example.org", "/team/health") else 503)
        self.end_headers()
        self.wfile.write(b'{"status":"as it is"}')

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    """Its port."""
    with HTTPServer(("127.0.0.1", 0), Answer) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        yield listening.server_port
        listening.shutdown()


@pytest.fixture
def configured(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server for all addresses, below a path."""
    login = {"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "maps", "OIDC_CLIENT_SECRET": "of the client"}
    set_to = {"HOME": str(tmp_path), "PORT": str(server), "LISTEN": "0.0.0.0", **login}
    for name, value in set_to.items():
        monkeypatch.setenv(f"NINEPATCH_{name}", value)


def test_it_asks_by_the_public_name_below_the_path(
    configured: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NINEPATCH_PUBLIC_URL", "https://maps.example.org/team")
    health()
    assert capsys.readouterr().out == '{"status":"as it is"}\n'


def test_what_is_not_well_is_a_status(configured: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_PUBLIC_URL", "https://maps.example.org")
    with pytest.raises(typer.Exit) as ended:
        health()
    assert ended.value.exit_code == 1


def test_nobody_there_is_a_status_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_PORT", "9")
    with pytest.raises(typer.Exit):
        health()
    assert "Nobody answers at 127.0.0.1, port 9" in capsys.readouterr().out
