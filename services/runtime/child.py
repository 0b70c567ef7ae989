"""A process of ours that is started again whenever it ends before its time."""

import logging
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from services.runtime.demo_process import GIVING_WAY, end

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
RESTART_SECONDS = 1.0
"""Between its end and its next start."""


class Child:
    """One of them; who owns it looks after it again and again."""

    def __init__(self, name: str, command: Sequence[str], errors: Path, **environment: str) -> None:
        self._name, self._command, self._errors = name, command, errors
        self._environment = os.environ | environment
        self.start()

    def start(self) -> None:
        """A new process; what it prints is in a file, and that of the one before beside it."""
        with _another(self._errors) as output:
            command = [*GIVING_WAY, *self._command]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._due = 0.0

    def look(self) -> None:
        """Start it again where it has ended, after a pause."""
        status, now = self.process.poll(), time.monotonic()
        if status is None:
            return
        if not self._due:
            log.warning("the %s ended with status %s and is started again", self._name, status)
            self._due = now + RESTART_SECONDS
        elif now >= self._due:
            self.start()

    def end(self, seconds: float) -> None:
        """Ask it to end, and make it after so many seconds."""
        end(self.process, seconds)


def _another(path: Path) -> IO[bytes]:
    """A new file for what a process prints; that of the one before is kept beside it."""
    if path.exists() and path.stat().st_size:
        path.replace(path.with_suffix(".err.1"))
    return path.open("wb")
