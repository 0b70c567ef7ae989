"""A head and further nodes, each with a raylet of its own, in a network of their own where this user may make one.

Everything that belongs to it carries a mark in its environment, and is ended by its id.
"""

import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.conftest import ROOT
from tests.ports import free_port

IP = shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin") or ""
_MARK = "NODES_OF_A_TEST"
_NETWORK = 0x40000000
"""CLONE_NEWNET (sched.h)."""
_OBJECTS = 80_000_000
"""Bytes of a node's store of objects, about the least that Ray accepts: ours are receipts."""


class Absent(Exception):
    """There can be no cluster here, and why."""


@dataclass(frozen=True)
class Nodes:
    """A cluster that runs."""

    address: str
    """Of its head."""
    environment: Mapping[str, str]
    """For who joins it, with the token."""
    inside: Sequence[str]
    """What a command begins with that runs in the cluster's network."""
    raylets: tuple[int, ...]
    """Process ids: of the head's, and of the other nodes'."""

    def kill(self, raylet: int) -> None:
        """As a machine that loses its power."""
        os.kill(raylet, signal.SIGKILL)

    def processes(self) -> list[int]:
        """All of it that lives, who joined it too."""
        return _marked(self.environment[_MARK])


@contextmanager
def cluster(*cores: int, others: Sequence[str] = ()) -> Iterator[Nodes]:
    """A head, and a node for each further number, with so many cores; the commands of these `others` begin with those
    words. Raises Absent."""
    if find_spec("ray") is None:
        raise Absent("Ray is not installed: run sh tests/cluster/install.sh.")
    mark = secrets.token_hex(8)
    folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))  # its sockets' names must be short
    environment = os.environ | {
        _MARK: mark,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_BACKEND_LOG_LEVEL": "error",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    inside = _network(mark)
    with _ending(mark, folder):
        address = f"127.0.0.1:{6379 if inside else free_port()}"
        start = [str(Path(sys.executable).with_name("ray")), "start", "--node-ip-address=127.0.0.1"]
        start += [f"--object-store-memory={_OBJECTS}", "--disable-usage-stats"]
        head = ["--head", f"--port={address.rpartition(':')[2]}", "--include-dashboard=false", f"--temp-dir={folder}"]
        raylets: list[int] = []
        for number, count in enumerate(cores):
            which = [f"--address={address}"] if number else head
            command = [*inside, *(others if number else ()), *start, *which, f"--num-cpus={count}"]
            _run(command, environment)
            raylets += _raylets(mark).difference(raylets)
        yield Nodes(address, environment, inside, tuple(raylets))


def _network(mark: str) -> list[str]:
    """What leads into a network namespace of its own; nothing where this user may not make one: the token guards it."""
    made = subprocess.run([IP, "netns", "add", mark], capture_output=True, check=False) if IP else None
    if made is None or made.returncode:
        return []
    inside = [IP, "netns", "exec", mark]
    subprocess.run([*inside, IP, "link", "set", "lo", "up"], check=True)
    return inside


@contextmanager
def entered(nodes: Nodes) -> Iterator[None]:
    """This thread, and what it starts meanwhile, is in the cluster's network."""
    if not nodes.inside:
        yield
        return
    with Path("/proc/thread-self/ns/net").open() as before, Path("/run/netns", nodes.inside[-1]).open() as network:
        _enter(network.fileno())
        try:
            yield
        finally:
            _enter(before.fileno())


def _enter(network: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(network, _NETWORK):
        raise OSError(ctypes.get_errno(), "setns")


def other_disk(folder: Path, at: Path) -> list[str]:
    """What a command begins with that finds that folder in the place of the other, as on a machine with disks of its
    own. Raises Absent."""
    words = ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh"]
    command = [*words, str(folder), str(at)]
    done = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Absent(f"No two machines on this one, which root alone may make: {done.stderr.strip()}")
    return command


@contextmanager
def _ending(mark: str, folder: Path) -> Iterator[None]:
    """All that has the mark ends with the tests, also where these are killed: then the pipe to this process ends."""
    command = [sys.executable, "-c", f"from {__name__} import main; main()", mark, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT):
        yield


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise Absent(f"Ray does not start: {(done.stderr or done.stdout).strip()[-300:]}")


def _marked(mark: str) -> list[int]:
    """Process ids of all that belongs to it."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if f"{_MARK}={mark}".encode() in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
    return found


def _raylets(mark: str) -> set[int]:
    return {one for one in _marked(mark) if Path(f"/proc/{one}/exe").resolve().name == "raylet"}


def main() -> None:
    """Wait for the end of the pipe, then end all of it; who is just being started is found when one looks again."""
    mark, folder = sys.argv[1:]
    sys.stdin.read()
    while left := _marked(mark):
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)
    if IP:
        subprocess.run([IP, "netns", "delete", mark], capture_output=True, check=False)  # or there was none
    shutil.rmtree(folder, ignore_errors=True)
