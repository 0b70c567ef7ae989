"""Health: whether the parts that a request or a job needs are there, found without asking anybody outside."""

from collections.abc import Callable
from dataclasses import dataclass

from services.accounting import Ledger, outcomes
from services.errors import NinepatchError, StorageError
from services.jobs import JobStore
from services.providers import find_provider
from services.sandbox import confinement
from services.settings import Settings
from services.storage import disk_state, is_writable, object_store
from services.text import megabytes

FAILURES = 5
"""Requests in a row that failed, from which on a provider counts as failing."""


@dataclass(frozen=True)
class Part:
    """One of the parts, and how it is."""

    name: str
    """jobs, worker, disk, store, reader or provider."""
    well: bool
    sentence: str
    """What is, and where it is not well what to do; names no path and no secret."""
    vital: bool = True
    """Without it no job is carried out, and the server counts as failing; else as degraded."""


@dataclass(frozen=True)
class HealthReport:
    """The parts together."""

    parts: tuple[Part, ...]

    @property
    def ready(self) -> bool:
        """All is well: a job that is asked for now can be carried out."""
        return all(part.well for part in self.parts)

    @property
    def status(self) -> str:
        """`ok`; `failing` where a vital part is not well; `degraded` where only others are not."""
        vital = all(part.well for part in self.parts if part.vital)
        return "ok" if self.ready else "degraded" if vital else "failing"


def examine(settings: Settings, jobs: Callable[[], JobStore], ledger: Callable[[], Ledger]) -> HealthReport:
    """How this server is. Stores are opened here, so that one that cannot be is a part that is not well."""
    shared = (_store(settings),) if settings.store else ()
    parts = _jobs(jobs), _worker(jobs), _disk(settings), *shared, _reader(), _provider(settings, ledger)
    return HealthReport(parts)


def _jobs(jobs: Callable[[], JobStore]) -> Part:
    try:
        jobs().recent(limit=1)
    except StorageError:
        return Part("jobs", False, "The database of the jobs cannot be read; see the log, and `cli.py doctor`.")
    return Part("jobs", True, "The database of the jobs answers.")


def _worker(jobs: Callable[[], JobStore]) -> Part:
    try:
        living = jobs().workers()
    except StorageError:  # the part of the jobs says it
        return Part("worker", True, "Whether a worker lives is not known: the database of the jobs knows it.")
    if living:
        return Part("worker", True, "A worker lives.")
    return Part("worker", False, "No worker lives: nothing is looked up or fetched. Start `cli.py worker`.")


def _disk(settings: Settings) -> Part:
    try:
        disk = disk_state(settings)
    except OSError:
        return Part("disk", False, "The folder of all data cannot be read.")
    free = f"{megabytes(disk.free)} are free on the disk"
    if not is_writable(settings.home):
        return Part("disk", False, f"Nothing can be written to the folder of all data; {free}: make room.")
    if disk.low:
        kept = f"{megabytes(disk.kept_free)} are to stay so"
        return Part("disk", False, f"{free}, and {kept}: make room, or nothing new is fetched.", vital=False)
    return Part("disk", True, f"{free}.")


def _store(settings: Settings) -> Part:
    """Asked for an object that there need not be: that costs next to nothing, and who watches asks often."""
    store = object_store(settings, patient=False)
    try:
        if store is not None:
            store.get("health")
    except StorageError:
        told = (
            "The store that all machines share does not answer: orders wait, and what is fetched stays on its machine."
        )
        return Part("store", False, f"{told} See `cli.py doctor`.", vital=False)
    return Part("store", True, "The store that all machines share answers.", vital=False)


def _reader() -> Part:
    """Found out once: it starts a reader of files."""
    try:
        found = confinement()
    except StorageError as error:
        return Part("reader", False, error.sentences, vital=False)
    whole = "The process that reads files is confined."
    return Part("reader", found.reads, " ".join(found.sentences) or whole, vital=False)


def _provider(settings: Settings, ledger: Callable[[], Ledger]) -> Part:
    try:
        provider = find_provider(settings)
        ended = outcomes(ledger(), provider.name, FAILURES)
    except NinepatchError as error:
        return Part("provider", False, error.sentences, vital=False)
    if len(ended) == FAILURES and all(ended):
        words = f"The last {FAILURES} requests to {provider.title} failed ({ended[0]})."
        return Part("provider", False, f"{words} See Activity for what to do.", vital=False)
    return Part("provider", True, f"{provider.title} answered last, or was not asked yet.")
