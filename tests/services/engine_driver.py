"""A process of its own that runs an engine: `python -m tests.services.engine_driver HOME ENGINE`, a line a part.

It takes the parts of `five_by_five`, whose frames the home has; the address of a cluster comes by the environment.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from services.engines import PartReceipt, engine_of
from services.errors import Cancelled
from services.settings import load_settings
from tests.conftest import ROOT
from tests.services.engine_parts import five_by_five, watched

TRACES = "traces"
"""Folder in the home: a file for each process whose children composed."""
END, OURS = "end", "> "


@contextmanager
def driving(
    home: Path,
    engine: str,
    then: str,
    *,
    inside: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[str]"]:
    """The process, whose output is read line by line. `then` it may `stay`, or `stop` a second run when it hears of a
    first part, and says so."""
    command = [*inside, sys.executable, "-m", __name__, str(home), engine, then]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def say(line: str) -> None:
    """At once, in a line of ours: Ray has others."""
    sys.stdout.write(f"{OURS}{line}\n")
    sys.stdout.flush()


def said(driver: "subprocess.Popen[str]") -> list[str]:
    """All lines of ours until it ends."""
    assert driver.stdout is not None
    return [line.strip().removeprefix(OURS) for line in driver.stdout if line.startswith(OURS)]


def main() -> None:
    """Run it."""
    home, name, then = sys.argv[1:]
    engine = engine_of(load_settings(home=Path(home), engine=name, workers=1))
    _, parts, _ = five_by_five()
    traces = Path(home, TRACES)
    traces.mkdir(exist_ok=True)
    slow = [watched(part, traces) for part in parts]
    engine.run(slow, lambda receipt: say(receipt.to_json()), lambda: False)
    say(END)
    if then == "stay":
        time.sleep(120)
    heard: list[PartReceipt] = []
    try:
        engine.run(slow, heard.append, lambda: bool(heard))
    except Cancelled:
        say(f"{len(heard)} {END}")
    engine.close()


if __name__ == "__main__":
    main()
