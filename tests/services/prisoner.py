"""A program that tries what a reader of files must not be able to do, after it has confined itself as readers do.

Run by the tests of the sandbox: each word of the request is one attempt, and the answer says what came of it.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.sandbox.confinement import limit, lock_down


def _listen() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("/tmp/ninepatch-prisoner")


def _connect() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def _connect_again() -> None:
    """With a number that was given back."""
    os.close(0)
    _connect()


def _start() -> None:
    os.execv("/bin/true", ["/bin/true"])


def _spin() -> None:
    while True:
        pass


ATTEMPTS: dict[str, Callable[[], Any]] = {
    "environment": lambda: sorted(os.environ),
    "read": lambda: Path("/etc/passwd").read_text(),
    "own": lambda: Path(__file__).read_text(),
    "write": lambda: Path("/tmp/ninepatch-prisoner").write_text("x"),
    "list": lambda: list(Path("/").iterdir()),
    "listen": _listen,
    "connect": _connect,
    "connect-again": _connect_again,
    "execute": _start,
    "memory": lambda: len(bytearray(2_000_000_000)),
    "spin": _spin,
    "sleep": lambda: time.sleep(60),
    "flood": lambda: sys.stdout.write("x" * 3_000_000),
    "stack": lambda: os.abort(),
}


def main() -> None:
    """Confined with the limits of the request, tries its words."""
    request = json.loads(sys.stdin.buffer.readline())
    limit(500, request["seconds"], 2)
    enforced = lock_down(request["spare"])
    found: dict[str, Any] = {"enforced": enforced}
    for word in request["words"]:
        try:
            found[word] = ATTEMPTS[word]()
        except (OSError, MemoryError) as error:
            found[word] = type(error).__name__
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
