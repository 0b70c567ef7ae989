"""Keeps the process that reads evalscripts: starts it, waits for it with a deadline, starts it again where it died."""

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from services.demo.protocol.payload import RENDERER, ApiError

ENGINE = Path(__file__).with_name("engine.py")
"""Run as a file: the child imports V8 and nothing of the archive."""
DEADLINE_SECONDS = 3.0
_ENVIRONMENT = {"PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV"}
"""What the engine is told of the environment: nothing that could be secret."""


class EngineSupervisor:
    """One engine, used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The engine's answer. Raises ApiError where the script fails, or ends or blocks the engine."""
        with self._lock:
            answer = self._exchange(json.dumps(request).encode() + b"\n")
        if answer is None:
            raise ApiError("The script used more memory or time than it may.", code=RENDERER)
        if "failed" in answer:
            raise ApiError(f"Failed to evaluate script! {answer['failed']}", code=RENDERER)
        return answer

    def close(self) -> None:
        """End the engine."""
        if self._engine is not None:
            self._engine.kill()
            self._engine.wait()
            for pipe in (self._engine.stdin, self._engine.stdout):
                if pipe is not None:
                    pipe.close()
            self._engine = None

    def start(self) -> "subprocess.Popen[bytes]":
        """The engine, started where it does not run."""
        if self._engine is None or self._engine.poll() is not None:
            self.close()
            self._engine = subprocess.Popen(
                [sys.executable, "-P", str(ENGINE)],
                env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._engine

    def _exchange(self, line: bytes) -> dict[str, Any] | None:
        """None where the engine dies or is killed at the deadline; the next one starts anew."""
        engine = self.start()
        assert engine.stdin is not None
        assert engine.stdout is not None
        deadline = threading.Timer(DEADLINE_SECONDS, engine.kill)
        deadline.start()
        try:
            engine.stdin.write(line)
            engine.stdin.flush()
            found: dict[str, Any] = json.loads(engine.stdout.readline())
            return found
        except (OSError, ValueError):
            self.close()
            return None
        finally:
            deadline.cancel()
