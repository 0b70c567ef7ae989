"""Starts PostgreSQL on this machine in a temporary folder; it ends with the tests, also where these are killed.

It does not run as root: there it runs as the user `postgres`, whom its package brings.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

SECONDS = 60.0
"""How long a server may take to come up."""
_QUICK = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off", "jit=off", "shared_buffers=32MB"),
    *("max_connections=100", "listen_addresses=127.0.0.1", "unix_socket_directories=", "autovacuum=off"),
)
"""Nothing of it outlives the tests."""
_WATCH = 'read -r _; kill -INT "$1"; while kill -0 "$1"; do sleep 0.1; done; if [ "$2" ]; then rm -rf "$2"; fi'
"""Waits for the end of a pipe, which the kernel closes when its writer is killed, and ends what that one started."""


class Absent(Exception):
    """Why it cannot be had here, in a sentence."""


def programs(extension: str = "") -> Path:
    """The folder of its programs, of the newest version that has the extension. Raises Absent."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    control = f"/usr/share/postgresql/{{}}/extension/{extension}.control"
    found = [path for path in found if not extension or Path(control.format(path.parts[4])).is_file()]
    if not found:
        named = f"PostgreSQL with {extension}" if extension else "PostgreSQL"
        raise Absent(f"{named} is not installed: run make postgres pgstac as root.")
    return found[-1].parent


@contextmanager
def cluster(of: Path) -> Iterator[dict[str, str]]:
    """A cluster with one empty database; the environment in which its programs find it."""
    folder = Path(tempfile.mkdtemp(prefix="tests-postgres-"))
    user = "postgres" if os.getuid() == 0 else None
    try:
        password, port = secrets.token_hex(16), free_port()
        (folder / "password").write_text(password)
        if user:
            for path in (folder, folder / "password"):
                shutil.chown(path, user, user)
        options = ["--auth=scram-sha-256", "--username=tests", f"--pwfile={folder / 'password'}", "--no-sync"]
        made = [str(of / "initdb"), "-D", str(folder / "data"), "-E", "UTF8", "--locale=C", *options]
        checked(made, user=user)
        command = [str(of / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        command += [word for setting in _QUICK for word in ("-c", setting)]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            **{"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "tests", "PGPASSWORD": password},
            "PGDATABASE": "postgres",
        }
        with running(command, user=user, folder=folder) as server:
            ready = [str(of / "pg_isready"), "-q"]
            until(lambda: subprocess.run(ready, env=environment, check=False).returncode == 0, server)
            yield environment
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def checked(command: list[str], environment: dict[str, str] | None = None, user: str | None = None) -> None:
    """A program that is run to its end, and says what was wrong."""
    done = subprocess.run(command, env=environment, user=user, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


@contextmanager
def running(
    command: list[str], environment: dict[str, str] | None = None, user: str | None = None, folder: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that runs meanwhile; where this process is killed, it ends and its folder goes."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, user=user, cwd="/", stderr=quiet)
    watch = ["sh", "-c", _WATCH, "watch", str(process.pid), str(folder or "")]
    pipe = {"stdin": subprocess.PIPE, "stderr": quiet, "start_new_session": True}
    watcher = subprocess.Popen(watch, user=user, cwd="/", **pipe)  # type: ignore[call-overload] # by name
    try:
        yield process
    finally:
        watcher.kill()
        watcher.communicate()
        process.send_signal(signal.SIGINT)  # PostgreSQL: end without waiting for clients
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait for a server that was started."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ready():
                return
        except OSError:  # nobody listens yet
            pass
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} did not come up.")
