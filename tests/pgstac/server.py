"""Starts the server on this machine in a temporary folder, with the items of a published folder; ends with it.

PostgreSQL does not run as root: there it runs as the user `postgres`, whom its package brings.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-pgstac/bin/python"
SECONDS = 60.0
"""How long a server may take to come up."""
_QUICK = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off", "jit=off", "shared_buffers=32MB"),
    *("max_connections=30", "listen_addresses=127.0.0.1", "unix_socket_directories=", "autovacuum=off"),
)
"""Nothing of it outlives the tests."""


class Absent(Exception):
    """Why it cannot be had here, in a sentence."""


@contextmanager
def pgstac(folder: Path) -> Iterator[str]:
    """The address of a catalogue with `collection.json` and `items.ndjson` of a folder. Raises Absent."""
    programs = _postgres()
    if not PYTHON.is_file():
        raise Absent("The STAC server is not installed: run sh tests/pgstac/install.sh.")
    with ExitStack() as stack:
        environment = stack.enter_context(_database(programs))
        _run("migrate", environment)
        for table, name in (("collections", "collection.json"), ("items", "items.ndjson")):
            _run("load", environment, table, str(folder / name))
        port = _free_port()
        command = [str(PYTHON), "-m", "uvicorn", "--factory", "stac_fastapi.pgstac.app:create_app"]
        server = stack.enter_context(_process([*command, "--port", str(port), "--log-level", "warning"], environment))
        url = f"http://127.0.0.1:{port}"
        _until(lambda: requests.get(f"{url}/", timeout=5).ok, server)
        yield url


def _postgres() -> Path:
    """The folder of its programs, of the newest version that has PostGIS."""
    found = sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    programs = [Path("/usr/lib/postgresql") / control.parts[4] / "bin" for control in found]
    if not programs or not (programs[-1] / "initdb").is_file():
        raise Absent("PostgreSQL with PostGIS is not installed: run sh tests/pgstac/install.sh as root.")
    return programs[-1]


@contextmanager
def _database(programs: Path) -> Iterator[dict[str, str]]:
    """A cluster with one empty database; the environment in which its programs find it."""
    folder = Path(tempfile.mkdtemp(prefix="pgstac-"))
    user = "postgres" if os.getuid() == 0 else None
    try:
        password, port = secrets.token_hex(16), _free_port()
        (folder / "password").write_text(password)
        if user:
            for path in (folder, folder / "password"):
                shutil.chown(path, user, user)
        options = ["--auth=scram-sha-256", "--username=tests", f"--pwfile={folder / 'password'}", "--no-sync"]
        made = [str(programs / "initdb"), "-D", str(folder / "data"), "-E", "UTF8", "--locale=C", *options]
        _checked(made, user=user)
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        command += [word for setting in _QUICK for word in ("-c", setting)]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            **{"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "tests", "PGPASSWORD": password},
            "PGDATABASE": "postgres",
        }
        with _process(command, user=user) as server:
            ready = [str(programs / "pg_isready"), "-q"]
            _until(lambda: subprocess.run(ready, env=environment, check=False).returncode == 0, server)
            yield environment
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: str, environment: dict[str, str], *words: str) -> None:
    """One of pypgstac's commands."""
    _checked([str(PYTHON), "-m", "pypgstac.pypgstac", command, *words], environment)


def _checked(command: list[str], environment: dict[str, str] | None = None, user: str | None = None) -> None:
    done = subprocess.run(command, env=environment, user=user, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@contextmanager
def _process(
    command: list[str], environment: dict[str, str] | None = None, user: str | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that runs meanwhile."""
    process = subprocess.Popen(command, env=environment, user=user, cwd="/", stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL: end without waiting for clients
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait for a server to answer."""
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            if ready():
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} did not come up.")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
