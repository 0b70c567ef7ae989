"""What the browser tests share: the application as Streamlit starts it alone, and a Chromium of our own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.visit import Visit
from tests.demo_archive import recording_archive
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
START_SECONDS = 90.0
expect.set_options(timeout=60_000)


@dataclass(frozen=True)
class Application:
    """One that runs."""

    url: str
    """Without a slash at the end."""
    home: Path


@contextmanager
def application(home: Path, program: str = "app.py", **environment: str) -> Iterator[Application]:
    """The application on a free port with its own home, ended after; `environment` are settings of ours.

    Each date that touches a corner counts, as in the numbers that these tests expect; the demo archive is asked.
    """
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NINEPATCH_", "STREAMLIT_"))}
    settings = {"NINEPATCH_HOME": str(home), "NINEPATCH_ONLINE_BASEMAP": "false", "NINEPATCH_LEAST_COVERAGE": "0"}
    settings |= {"NINEPATCH_PROVIDER": "demo"} | environment
    command = [sys.executable, "-m", "streamlit", "run", program, "--server.port", str(port)]
    home.mkdir(parents=True, exist_ok=True)
    with (home / "app.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=clean | settings, stdout=log, stderr=log)
        try:
            _await(f"http://localhost:{port}", process, home / "app.log")
            yield Application(f"http://localhost:{port}", home)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    assert "Traceback" not in (home / "app.log").read_text(), (home / "app.log").read_text()


def _await(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/health", timeout=5).ok:
                return
        except requests.RequestException:  # nobody listens yet, or the machine is busy
            pass
        time.sleep(0.1)
    raise AssertionError(f"the application did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def archive() -> Iterator[str]:
    """A demo archive in test mode: it tells what it was asked, and fails when it is told to."""
    with recording_archive() as url:
        yield url


@pytest.fixture(scope="session")
def app(archive: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application that most tests visit."""
    with application(tmp_path_factory.mktemp("app"), NINEPATCH_DEMO_URL=archive) as running:
        yield running


@pytest.fixture
def asked(archive: str) -> Callable[[], list[dict[str, Any]]]:
    """What the archive was asked for since the last call, without tokens."""

    def since() -> list[dict[str, Any]]:
        entries = requests.get(f"{archive}/_test/log", timeout=30).json()["requests"]
        requests.post(f"{archive}/_test/reset", timeout=30)
        return [entry for entry in entries if entry["endpoint"] != "token"]

    since()
    return since


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all tests; each visit is a person of its own."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visit]]:
    """Opens the application as somebody new does; at the end every visit must have been clean."""
    visits: list[Visit] = []

    def begin(app: Application, path: str = "/", *, width: int = 1360, height: int = 900, dark: bool = False) -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(60_000)
        page: Page = context.new_page()
        visits.append(Visit(page, app.url, request.node.name))
        visits[-1].open(path)
        return visits[-1]

    yield begin
    for one in visits:
        if not one.page.is_closed():
            one.look("last")
            one.page.context.close()
    for one in visits:
        one.assert_clean()
