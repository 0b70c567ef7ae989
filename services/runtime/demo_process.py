"""Starts the demo archive, a simulated world behind the service's protocol, as a process of its own."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import ProviderUnreachable

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
"""How long it may take to come up."""
STOP_SECONDS = 5.0
"""How long it may take to end; then it is killed."""
_LIMITS = ("--requests-per-minute", "--units-per-minute", "--units-per-month")


@contextmanager
def demo_archive(
    *,
    module: str = "services.demo",
    port: int = 0,
    latency: float = 0.0,
    bandwidth: float = 0.0,
    remember: bool = False,
    token_seconds: float = 3600,
    requests_per_minute: float = 0.0,
    units_per_minute: float = 0.0,
    units_per_month: float = 0.0,
) -> Iterator[str]:
    """The address of a demo archive that runs meanwhile: `http://127.0.0.1:PORT`.

    `module` is what Python runs, `latency` is in seconds an answer, `bandwidth` in Mbit/s for all together; 0 is no
    limit, as for the account's limits. Raises ProviderUnreachable where it does not start.
    """
    command = [sys.executable, "-m", module, "--port", str(port), "--parent", str(os.getpid())]
    command += ["--latency", str(latency), "--bandwidth", str(bandwidth), "--token-seconds", str(token_seconds)]
    limits = zip(_LIMITS, (requests_per_minute, units_per_minute, units_per_month), strict=True)
    command += [word for name, limit in limits if limit for word in (name, str(limit))]
    command += ["--remember"] * remember
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        yield _address(process)
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _address(process: "subprocess.Popen[bytes]") -> str:
    """The line that it prints once it listens."""
    pipe = process.stdout
    deadline = time.monotonic() + START_SECONDS
    while pipe is not None and time.monotonic() < deadline:
        ready, _, _ = select.select([pipe], [], [], 0.2)
        if ready:
            line = pipe.readline().decode().strip()
            if line.startswith("http://127.0.0.1:"):
                return line
            break
    raise ProviderUnreachable(
        "The demo archive did not start.", "Run `python -m services.demo` in the project's folder to see why."
    )
