"""`serve` turns our settings into Streamlit's options; where it would be open it does not start."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.errors import SettingsError
from terminal import serve

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
    monkeypatch.setattr(
        os, "execve", lambda program, command, environment: seen.update(command=command, environment=environment)
    )
    return seen


def test_settings_become_options(
    started: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    serve.serve(port=9000)
    command = started["command"]
    given = dict(zip(command[5::2], command[6::2], strict=True))
    assert command[:4] == [sys.executable, "-m", "streamlit", "run"]
    assert given["--server.address"] == "0.0.0.0" and given["--server.port"] == "9000"
    assert given["--server.baseUrlPath"] == "team" and given["--server.maxUploadSize"] == "7"
    assert given["--server.corsAllowedOrigins"] == "https://maps.example.org"
    assert json.loads(given["--server.trustedUserHeaders"]).keys() == {"x-ninepatch-visitor"}
    assert started["environment"]["NINEPATCH_PORT"] == "9000"
    assert started["environment"]["FORWARDED_ALLOW_IPS"] == "", "the other end of a socket is what it is"
    assert int(started["environment"]["WEBSOCKETS_MAX_LINE_LENGTH"]) > 8192, "logins of who is in many groups"
    assert started["environment"]["STREAMLIT_SERVER_COOKIE_SECRET"] == "of cookies"
    assert "of cookies" not in " ".join(command) and "of the client" not in " ".join(command)
    assert "https://maps.example.org/team" in capsys.readouterr().out


def test_this_machine_is_served_at_the_root(started: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    serve.serve()
    assert "127.0.0.1" in started["command"] and "--server.baseUrlPath" not in started["command"]
    assert "http://localhost:8501" in capsys.readouterr().out


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
