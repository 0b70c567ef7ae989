"""The processes that live as long as the web application: the worker, and the demo archive, which may be chosen."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from services.providers import find_provider
from services.runtime.demo_process import demo_archive, end
from services.runtime.worker import LEAVE_SECONDS
from services.sandbox import confinement
from services.settings import DEMO, Settings
from services.storage import require_local

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
RESTART_SECONDS = 1.0
GRACE_SECONDS = 5.0
"""Beyond the time that a worker takes for what is in flight: then it is killed."""


@contextmanager
def archive_where_needed(settings: Settings, provider: str = DEMO) -> Iterator[Settings]:
    """The settings with the address of a demo archive that runs meanwhile, where that is the provider's name."""
    if provider != DEMO or settings.demo_url:
        yield settings
        return
    with demo_archive() as url:
        yield settings.model_copy(update={"demo_url": url})


@contextmanager
def supervised(settings: Settings) -> Iterator[None]:
    """The worker runs meanwhile, and is started again when it ends before its time; none where that is not ours to do.

    Raises StorageError where the home lies on a network disk.
    """
    require_local(settings.home)
    find_provider(settings)
    for sentence in confinement().sentences:
        log.warning(sentence)
    if not settings.supervise:
        yield
        return
    with ExitStack() as stack:
        settings = stack.enter_context(archive_where_needed(settings))
        logs = settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "NINEPATCH_HOME": str(settings.home),
            "NINEPATCH_DEMO_URL": settings.demo_url,
        }
        stop = threading.Event()

        def start() -> "subprocess.Popen[bytes]":
            command = [sys.executable, str(ROOT / "cli.py"), "worker", "--parent", str(os.getpid())]
            with _another(logs / "worker.err") as output:
                return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

        def supervise() -> None:
            worker = start()
            while not stop.is_set():
                try:
                    worker.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    continue
                log.warning("the worker ended with status %s and is started again", worker.returncode)
                stop.wait(RESTART_SECONDS)
                if not stop.is_set():
                    worker = start()
            end(worker, LEAVE_SECONDS + GRACE_SECONDS)

        supervisor = threading.Thread(target=supervise, name="supervisor", daemon=True)
        supervisor.start()
        try:
            yield
        finally:
            stop.set()
            supervisor.join(timeout=LEAVE_SECONDS + 2 * GRACE_SECONDS)


def _another(path: Path) -> IO[bytes]:
    """A new file for what a worker prints besides its log; that of the worker before is kept beside it."""
    if path.exists() and path.stat().st_size:
        path.replace(path.with_suffix(".err.1"))
    return path.open("wb")
