"""What the tests of compatibility share: the old home, the terminal on it, and the application on it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import cli
from tests.compatibility.before import RESULTS, recipe_file, unpack
from tests.compatibility.present import forget

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"
"""Where no archive answers: what works here needs none."""
START_SECONDS = 90.0
Terminal = Callable[..., Any]
"""Words → what the terminal says as JSON."""


def surroundings(home: Path) -> dict[str, str]:
    """Of a process on that home, without an account or setting of this machine's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NINEPATCH_", "STREAMLIT_"))}
    ours = {"NINEPATCH_HOME": str(home), "NINEPATCH_DEMO_URL": NOBODY, "NINEPATCH_ONLINE_BASEMAP": "false"}
    return clean | ours | {"NINEPATCH_MEMBER": "cy", "NINEPATCH_PROVIDER": "demo"}


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home in which there is nothing yet, and no setting of ours but where it is."""
    for name in [name for name in os.environ if name.startswith("NINEPATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path / "home"))
    forget()
    yield tmp_path / "home"
    forget()


@pytest.fixture
def home(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The old home, and this process on it."""
    for name, value in surroundings(bare).items():
        monkeypatch.setenv(name, value)
    return unpack(bare)


@pytest.fixture
def terminal(home: Path) -> Terminal:
    """The commands of the terminal on the old home, in this process: each must succeed."""

    def say(*words: str) -> Any:
        done = CliRunner().invoke(cli.app, [*words, "--json"])
        assert done.exit_code == 0, done.exception or done.stderr
        return json.loads(done.stdout)

    return say


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The whole application on the old home, whose result `later` was made anew by the present code."""
    home = unpack(tmp_path_factory.mktemp("served") / "home")
    (home / "results" / RESULTS["later"] / "result.json").unlink()
    fetch = [sys.executable, "cli.py", "fetch", "--recipe", str(recipe_file("later")), "--out", str(home / "out")]
    subprocess.run(fetch, cwd=ROOT, env=surroundings(home), check=True, capture_output=True, timeout=120)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home.parent / "app.log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=surroundings(home), stdout=output, stderr=output)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                _await(client, process, log)
                yield client
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    assert "Traceback" not in log.read_text(), log.read_text()


def _await(client: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the server says that its table of jobs and its worker are well."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get("/health").is_success:
                return
        except httpx.TransportError:  # nobody listens yet
            pass
        time.sleep(0.1)
    raise AssertionError(f"the application did not start: {log.read_text()}")
