"""The processes that live as long as the web application: the worker, and the demo archive, which may be chosen."""

import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.providers import find_provider
from services.runtime.child import ROOT, Child
from services.runtime.demo_process import STOP_SECONDS, demo_archive
from services.runtime.worker import LEAVE_SECONDS
from services.sandbox import confinement
from services.settings import DEMO, Settings
from services.storage import require_local

log = logging.getLogger(__name__)
GRACE_SECONDS = 5.0
"""Beyond the time that a worker takes for what is in flight: then it is killed."""
_LOOK_SECONDS = 0.25
"""Between two looks at the children."""


@contextmanager
def archive_where_needed(settings: Settings, provider: str = DEMO) -> Iterator[Settings]:
    """The settings with the address of a demo archive that runs meanwhile, where that is the provider's name."""
    if provider != DEMO or settings.demo_url:
        yield settings
        return
    with demo_archive() as url:
        yield settings.model_copy(update={"demo_url": url})


@contextmanager
def supervised(settings: Settings, hold: float = 0.0, archive: str = "") -> Iterator[None]:
    """Worker and demo archive run meanwhile, and each is started again when it ends before its time; none where that
    is not ours to do. Their start is put off by `hold` seconds. The archive is at that address where one is given; it
    is not started where the settings have another's.

    Nobody waits for them: the application answers while they start. Raises StorageError where the home lies on a
    network disk.
    """
    require_local(settings.home)
    find_provider(settings)
    for sentence in confinement().sentences:
        log.warning(sentence)
    if not settings.supervise:
        yield
        return
    (settings.home / "logs").mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    supervisor = threading.Thread(
        target=_supervise, args=(settings, stop, hold, archive), name="supervisor", daemon=True
    )
    supervisor.start()
    try:
        yield
    finally:
        stop.set()
        supervisor.join(timeout=LEAVE_SECONDS + STOP_SECONDS + 2 * GRACE_SECONDS)


def _supervise(settings: Settings, stop: threading.Event, hold: float, own: str) -> None:
    """Start both and look after them until somebody says stop; the worker ends first, which asks the archive."""
    if stop.wait(hold):
        return
    logs, archives, address = settings.home / "logs", list[Child](), own or settings.demo_url
    if own or not address:
        address = address or free_address()  # for as long as we live, also after a restart: the worker is told once
        port = address.rpartition(":")[2]
        archive = [sys.executable, "-m", "services.demo", "--port", port, "--parent", str(os.getpid())]
        archives.append(Child("demo archive", archive, logs / "archive.err"))
    command = [sys.executable, str(ROOT / "cli.py"), "worker", "--parent", str(os.getpid())]
    told = {"NINEPATCH_HOME": str(settings.home), "NINEPATCH_DEMO_URL": address}
    worker = Child("worker", command, logs / "worker.err", **told)
    while not stop.wait(_LOOK_SECONDS):
        for child in (worker, *archives):
            child.look()
    worker.end(LEAVE_SECONDS + GRACE_SECONDS)
    for child in archives:
        child.end(STOP_SECONDS)


def free_address() -> str:
    """Of this machine alone, where nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
