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
GIVING_WAY = ("nice", "-n", "10")
"""Before the command of a process that others go before: it gets a tenth of their weight, and all that they leave. So
who looks at a page does not wait for what is fetched meanwhile, nor for what else starts."""
START_SECONDS = 60.0
"""How long it may take to come up."""
STOP_SECONDS = 5.0
"""How long it may take to end; then it is killed."""


@contextmanager
def demo_archive(module: str = "services.demo", **options: float) -> Iterator[str]:
    """The address of a demo archive that runs meanwhile: `http://127.0.0.1:PORT`.

    `module` is what Python runs, `options` are its own: `port=8600`, and True for one without a value. Raises
    ProviderUnreachable where it does not start.
    """
    command = [*GIVING_WAY, sys.executable, "-m", module, "--parent", str(os.getpid())]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        yield _address(process)
    finally:
        end(process)
        if process.stdout is not None:
            process.stdout.close()


def end(process: "subprocess.Popen[bytes]", seconds: float = STOP_SECONDS) -> None:
    """Ask a process to end, and make it where it does not in time."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


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
        "The demo archive did not start.", "What it said stands above, or in the log; the command demo says it again."
    )
