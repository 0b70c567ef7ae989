"""What the tests of compatibility share: the old home, the terminal on it, and the application on it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import cli
from tests.compatibility.before import RESULTS, recipe_file, unpack
from tests.compatibility.present import forget
from tests.served import served as served_on

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "http://127.0.0.1:9"
"""Where no archive answers: what works here needs none."""
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
    settings = {name: value for name, value in surroundings(home).items() if name.startswith("NINEPATCH_")}
    with (
        served_on(home, **settings) as running,
        httpx.Client(base_url=running.url, timeout=30, trust_env=False) as client,
    ):
        yield client
