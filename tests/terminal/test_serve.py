"""`serve` turns our settings into Streamlit's options; where it would be open it does not start."""

import base64
import hashlib
import inspect
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from services import starting
from services.errors import SettingsError
from terminal import serve
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
LOGIN = {
    "NINEPATCH_LISTEN": "0.0.0.0",
    "NINEPATCH_PUBLIC_URL": "https://maps.example.org/team",
    "NINEPATCH_OIDC_ISSUER": "https://id.example.org",
    "NINEPATCH_OIDC_CLIENT_ID": "maps",
    "NINEPATCH_OIDC_CLIENT_SECRET": "of the client",
    "NINEPATCH_COOKIE_SECRET": "of cookies",
    "NINEPATCH_MAX_UPLOAD_MB": "7",
}


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What would have been started."""
    seen: dict[str, Any] = {}
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setattr(os, "environ", os.environ.copy())

    def run(arguments: list[str], listener: socket.socket) -> None:
        with listener:
            seen.update(command=arguments, bound=listener.getsockname(), first=asked(listener.getsockname()[1]))
            seen["page"] = asked(listener.getsockname()[1], "/", Accept="text/html")
        starting.end()

    monkeypatch.setattr(serve, "run_streamlit", run)
    return seen


def asked(port: int, address: str = "/area?year=2017", **headers: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{port}{address}", headers=headers, timeout=30)


def test_settings_become_options(
    started: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    serve.serve(port=port)
    command = started["command"]
    given = dict(zip(command[2::2], command[3::2], strict=True))
    assert command[0] == "run" and Path(command[1]).samefile(ROOT / "app.py")
    assert given["--server.address"] == "0.0.0.0" and given["--server.port"] == str(port)
    assert given["--server.baseUrlPath"] == "team" and given["--server.maxUploadSize"] == "7"
    assert given["--server.corsAllowedOrigins"] == "https://maps.example.org"
    assert json.loads(given["--server.trustedUserHeaders"]).keys() == {"x-ninepatch-visitor"}
    assert os.environ["NINEPATCH_PORT"] == str(port)
    assert os.environ["FORWARDED_ALLOW_IPS"] == "", "the other end of a socket is what it is"
    assert int(os.environ["WEBSOCKETS_MAX_LINE_LENGTH"]) > 8192, "logins of who is in many groups"
    assert os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] == "of cookies"
    assert "of cookies" not in " ".join(command) and "of the client" not in " ".join(command)
    assert capsys.readouterr().out == "", "the address is told once it answers"
    assert "<script" not in started["page"].text, "whoever has to log in gets nothing of the application before"


def test_this_machine_is_served_at_the_root(started: dict[str, Any]) -> None:
    serve.serve(port=free_port())
    assert "127.0.0.1" in started["command"] and "--server.baseUrlPath" not in started["command"]
    assert started["bound"][0] == "127.0.0.1"
    assert 'id="root"' in started["page"].text, "a browser gets the page that becomes the application"


def test_its_port_answers_before_the_application_is_there(started: dict[str, Any]) -> None:
    serve.serve(port=free_port())
    first = started["first"]
    assert first.status_code == 503 and first.headers["Retry-After"] == "1"
    assert "Ninepatch is starting" in first.text and '<meta http-equiv="refresh" content="1">' in first.text
    assert "<script" not in first.text and "default-src 'none'" in first.headers["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", first.text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in first.headers["Content-Security-Policy"]


def test_a_port_that_is_taken_is_said_so(started: dict[str, Any]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SettingsError, match=f"port {other.getsockname()[1]}: Address already in use"):
            serve.serve(port=other.getsockname()[1])
    assert started == {}


def test_streamlit_listens_at_the_socket_that_it_is_given() -> None:
    from streamlit.web.server.starlette import starlette_server

    names = inspect.signature(starlette_server._bind_server_socket).parameters
    assert list(names) == ["server_address", "bind_address", "port", "backlog"]
    assert "_bind_server_socket(" in inspect.getsource(starlette_server.UvicornRunner.run)


def test_no_library_brings_components_that_are_not_looked_for() -> None:
    from streamlit.components.v2.component_manager import BidiComponentManager
    from streamlit.components.v2.manifest_scanner import scan_component_manifests

    assert scan_component_manifests() == []
    assert "scan_component_manifests()" in inspect.getsource(BidiComponentManager.discover_and_register_components)


def test_an_open_server_does_not_start(started: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        serve.serve(listen="0.0.0.0")
    assert started == {}


def test_nor_does_the_application_by_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NINEPATCH_")}
    environment |= {"NINEPATCH_HOME": str(tmp_path), "NINEPATCH_PROVIDER": "demo"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert "0.0.0.0" in ended.stderr and "NINEPATCH_OIDC_ISSUER" in ended.stderr and "Traceback" not in ended.stderr
