"""A program of ours run as a child without anything of ours: no credentials, no settings, its own folder, an end.

The request and the answer are unnamed files, which are gone with the processes, however these end.
"""

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.errors import StorageError

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 4
"""Children at a time; others wait for their turn."""
_TURN = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Ended:
    """How the child ended."""

    answer: bytes
    """What it wrote; empty where it was ended."""
    why: str = ""
    """`time`, `memory` or `killed` where it gave no answer; else empty."""


def run(module: str, request: bytes, seconds: float, answer_mb: int) -> Ended:
    """Runs `python -m module` on a request, for at most so many seconds. Raises StorageError where it cannot start.

    The module confines itself (see confinement); nothing is run between fork and exec, for this process has threads.
    """
    try:
        with _TURN, tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
            asked.write(request)
            asked.seek(0)
            child = subprocess.Popen(
                [sys.executable, "-E", "-s", "-m", module],
                stdin=asked,
                stdout=answered,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=_environment(),
                start_new_session=True,
            )
            late = _wait(child, seconds)
            answered.seek(0)
            answer = answered.read(answer_mb * 1_000_000)
    except OSError as error:
        raise StorageError(
            f"The file could not be handed to the process that reads it: {error.strerror}.",
            "Free disk space or memory.",
        ) from error
    if child.returncode == 0:
        return Ended(answer)
    late = late or child.returncode in {-signal.SIGXCPU, -signal.SIGALRM}
    return Ended(b"", "time" if late else "killed")


def _wait(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Until it ends or is ended, with all that it may have started; whether it was too late."""
    ended = False
    try:
        ended = _ended(child, seconds)
    finally:
        if child.returncode is None:  # not waited for yet, so that its number is nobody else's
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return not ended


def _ended(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether the child ended within the time; the kernel says so at once where it can."""
    if not hasattr(os, "pidfd_open"):
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
        return child.returncode is not None
    handle = os.pidfd_open(child.pid)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))
    finally:
        os.close(handle)


def _environment() -> dict[str, str]:
    """Nothing that this process knows, but how to start."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PROJ_NETWORK": "OFF", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
