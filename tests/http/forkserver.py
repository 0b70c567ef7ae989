"""The reader of files, ready many times over: a process that is prepared for a format forks a child for each file.

Each child runs the reader's own `main` on unnamed files, as `sandbox.run` has it done, and confines itself as it does
there. Only the start is saved, which takes ten times as long as a small file. The application starts readers anew:
nothing is shared between the files of two people, not even the places of things in memory.
"""

import ctypes
import gc
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from services.formats import format_named
from services.sandbox import reader_process
from services.sandbox.client import Ended, _environment
from tests.services import prisoner

ROOT = Path(__file__).resolve().parents[2]
MODULES = {module.__name__: module.main for module in (reader_process, prisoner)}
"""What can be run."""
OPEN_DOOR = 77
"""Exit status of a child that could still open a folder when it was done."""
_SUBREAPER = 36
PATIENCE = 60
"""Seconds for which a child is waited for; each ends itself after 15."""


@dataclass(frozen=True)
class Spent:
    """What became of one child."""

    status: int
    """Exit status; negative the signal that ended it."""
    cpu: float
    """Seconds of processor time."""
    memory_mb: float
    """At its largest, what it shares with its parent included."""
    left: int
    """Processes that it left behind."""
    answer: bytes


class Readers:
    """Fork servers, and `run` in place of `sandbox.run`; a context that ends them. Each thread has its own `last`."""

    def __init__(self, folder: Path, kind: str, small: bytes, count: int = 2) -> None:
        self.folder = folder
        """Empty; the children's working folder and the one for temporary files."""
        self.kind = kind
        """Name of the format that is read; GDAL has its driver and no other."""
        self._small = small
        """A file of the format in EPSG:3067, which each child reads once while it can open PROJ's database."""
        self._free: queue.SimpleQueue[tuple[subprocess.Popen[bytes], socket.socket]] = queue.SimpleQueue()
        self._here = threading.local()
        self._count = count
        for _ in range(count):
            self._free.put(self._start())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        for _ in range(self._count):
            server, control = self._free.get()
            control.close()
            assert server.wait(PATIENCE) == 0

    @property
    def last(self) -> Spent | None:
        """Of the child that this thread asked for; None where there was none since `forget`."""
        return getattr(self._here, "last", None)

    def forget(self) -> None:
        """There was no child yet."""
        self._here.last = None

    def run(self, module: str, request: bytes, seconds: float, answer_mb: int) -> Ended:
        """As `sandbox.run`, but that nobody ends the child before its own alarm."""
        server, control = self._free.get()
        try:
            with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
                asked.write(request)
                asked.seek(0)
                socket.send_fds(control, [module.encode()], [asked.fileno(), answered.fileno()])
                told = json.loads(control.recv(1000))
                answered.seek(0)
                spent = Spent(**told, answer=answered.read(answer_mb * 1_000_000))
        finally:
            self._free.put((server, control))
        self._here.last = spent
        if spent.status == 0:
            return Ended(spent.answer)
        return Ended(b"", "time" if spent.status in {-signal.SIGXCPU, -signal.SIGALRM} else "killed")

    def _start(self) -> tuple["subprocess.Popen[bytes]", socket.socket]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(PATIENCE)
        with theirs:
            server = subprocess.Popen(
                [sys.executable, "-E", "-s", "-m", "tests.http.forkserver", str(self.folder), self.kind],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                env=_environment() | {"TMPDIR": str(self.folder)},
            )
        ours.send(self._small)
        return server, ours


def main() -> None:
    """Serves requests of the socket that is its input, until nobody is there who asks."""
    control = socket.socket(fileno=0)
    small = control.recv(1_000_000)
    format_named(sys.argv[2]).prepare()  # each child does so too, and finds it done
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)  # whatever a child leaves behind is ours
    os.chdir(sys.argv[1])
    gc.collect()
    gc.freeze()
    while True:
        module, handles, *_ = socket.recv_fds(control, 100, 2)
        if not module:
            return
        child = os.fork()
        if child == 0:
            _child(module.decode(), small, *handles)
        for handle in handles:
            os.close(handle)
        _, ended, used = os.wait4(child, 0)
        told = {
            "status": os.waitstatus_to_exitcode(ended),
            "cpu": used.ru_utime + used.ru_stime,
            "memory_mb": used.ru_maxrss / 1000,
            "left": _left(),
        }
        control.send(json.dumps(told).encode())


def _child(module: str, small: bytes, asked: int, answered: int) -> None:
    """Never returns."""
    status = 1
    try:
        os.setsid()
        for handle, number in ((asked, 0), (answered, 1)):
            os.dup2(handle, number)
            os.close(handle)
        sys.stdin, sys.stdout = open(0), open(1, "w")  # noqa: SIM115 - they are numbers, and stay open
        _open_again(small)
        MODULES[module]()
        sys.stdout.flush()
        status = OPEN_DOOR
        with suppress(OSError):
            os.open("/", os.O_RDONLY)
            os._exit(OPEN_DOOR)
        status = 0
    finally:
        os._exit(status)


def _open_again(small: bytes) -> None:
    """Where PROJ is there: a fork has to open its databases itself, pyproj's and GDAL's, for codes not known yet."""
    if "pyproj" in sys.modules:
        from pyproj import CRS

        CRS.from_epsg(3067)
    if "pyogrio" in sys.modules:
        import pyogrio.raw

        with warnings.catch_warnings(action="ignore"):
            pyogrio.raw.read(small)


def _left() -> int:
    """Processes of ours that are there still; they are ended."""
    left = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for number in left:
        os.kill(int(number), signal.SIGKILL)
        os.waitpid(int(number), 0)
    return len(left)


if __name__ == "__main__":
    main()
