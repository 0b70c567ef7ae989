"""Doctor: what is set, reachable, writable, how full and how old, each in a line with what to do; for administrators.

It runs beside the server, and without it. It asks the login service, and providers only where it is told to.
"""

import os
import platform
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path

import requests
from pydantic import SecretStr

from services import __version__
from services.access import Entrance, Login
from services.errors import NinepatchError
from services.ninepatch import Ninepatch
from services.providers import Step, find_provider
from services.sandbox import confinement
from services.settings import Settings, settings_file
from services.storage import Database, disk_state, is_writable, newest_copy, object_store, require_local
from services.text import megabytes

SECONDS = 10.0
"""How long a login service may take to answer."""
SKEW_SECONDS = 60.0
"""By which two clocks may differ: logins and signatures are good for some minutes."""
COPY_DAYS = 3.0
"""Age from which on the newest copy of the database is old."""
_PYTHON = {11: (3, 11, 9), 12: (3, 12, 3)}
"""The first of each series without the faults in reading archives and addresses that were known then."""
_CACHES = {"frames": "cache_gb", "blocks": "blocks_gb", "results": "results_gb"}
"""Folders under the home, and the settings that limit them."""


class State(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and not as well or as safely as it could."""
    WRONG = "wrong"
    """Something that people need does not work."""


@dataclass(frozen=True)
class Finding:
    """One line."""

    topic: str
    """One word."""
    state: State
    said: str
    """What was found, a sentence; no secret."""
    remedy: str = ""
    """What to do, a sentence; empty where nothing is to be done."""


Check = Callable[[Settings], Iterator[Finding]]


def diagnose(settings: Settings, steps: Iterable[Step] = ()) -> Iterator[Finding]:
    """Everything, check by check, and then what a provider was asked. What a check raises is a finding."""
    checks: dict[str, Check] = {
        "versions": _versions,
        "settings": _settings,
        "login": _login,
        "home": _home,
        "database": _database,
        "disk": _disk,
        "store": _store,
        "sandbox": _sandbox,
        "worker": _worker,
        "provider": _provider,
    }
    for topic, check in checks.items():
        try:
            yield from check(settings)
        except NinepatchError as error:
            yield Finding(topic, State.WRONG, error.cause, error.remedy)
    for step in steps:
        yield Finding("provider", State.OK if step.ok else State.WRONG, f"{step.step}: {step.sentence}")


def _versions(_: Settings) -> Iterator[Finding]:
    said = f"Ninepatch {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}."
    numbers = tuple(int(part) for part in platform.python_version_tuple()[:2])
    least = _PYTHON.get(numbers[1], (0,))
    if tuple(int(part) for part in platform.python_version().split(".")[:3] if part.isdigit()) < least:
        wanted = ".".join(map(str, least))
        yield Finding("versions", State.WARNING, said, f"Use Python {wanted} or newer of this series.")
    else:
        yield Finding("versions", State.OK, said)


def _settings(settings: Settings) -> Iterator[Finding]:
    words = [f"{name} = {_shown(getattr(settings, name))}" for name in sorted(settings.model_fields_set)]
    yield Finding("settings", State.OK, f"{'; '.join(words) or 'Nothing is set: defaults hold'}.")
    file = settings_file()
    if file.is_file() and file.stat().st_mode & 0o077:
        yield Finding("settings", State.WARNING, f"{file} can be read by others.", f"Run chmod 600 {file}.")


def _shown(value: object) -> str:
    """A setting without what is secret in it."""
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, tuple):
        return ", ".join(str(getattr(one, "name", one)) for one in value) or "none"
    return str(value)


def _login(settings: Settings) -> Iterator[Finding]:
    entrance = Entrance.of(settings)
    if entrance.login is Login.NONE:
        who = "the network" if entrance.trusted else "this machine"
        state = State.WARNING if entrance.trusted else State.OK
        remedy = "Set NINEPATCH_OIDC_ISSUER for a login." if entrance.trusted else ""
        yield Finding("login", state, f"Nobody logs in: whoever reaches it from {who} may do everything.", remedy)
        return
    yield Finding("login", State.OK, f"People log in by {entrance.login} at {entrance.url}.")
    if not settings.administrators:
        remedy = "Set NINEPATCH_ADMINISTRATORS, or make one by python cli.py members add."
        yield Finding("login", State.WARNING, "The settings name no administrator.", remedy)
    if entrance.login is Login.OIDC:
        yield from _issuer(settings.oidc_issuer.rstrip("/"))


def _issuer(issuer: str) -> Iterator[Finding]:
    remedy = "Check NINEPATCH_OIDC_ISSUER, and that this machine may reach it."
    try:
        answer = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=SECONDS)
        answer.raise_for_status()
        said = answer.json()
        named, addresses = str(said["issuer"]).rstrip("/"), (said["authorization_endpoint"], said["token_endpoint"])
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        yield Finding("login", State.WRONG, f"The issuer {issuer} does not answer: {type(error).__name__}.", remedy)
        return
    if named != issuer or not all(addresses):
        yield Finding("login", State.WRONG, f"The issuer {issuer} calls itself {named}.", remedy)
    else:
        yield Finding("login", State.OK, f"The issuer {issuer} answers.")
    if answer.headers.get("Date"):
        there = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        yield from _clock(there, "The issuer's clock")


def _clock(there: float, whose: str) -> Iterator[Finding]:
    skew = there - time.time()
    if abs(skew) > SKEW_SECONDS:
        told = f"{whose} is {abs(skew):,.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's."
        yield Finding("clock", State.WARNING, told, "Let a time service set this machine's clock.")
    else:
        yield Finding("clock", State.OK, f"{whose} and this machine's agree.")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    require_local(home)
    if not is_writable(home):
        told = f"Nothing can be written to {home}."
        yield Finding("home", State.WRONG, told, "Make it, and give it to the user that runs the server; make room.")
        return
    if home.stat().st_mode & 0o077:
        yield Finding("home", State.WARNING, f"{home} can be read by others.", f"Run chmod 700 {home}.")
    else:
        yield Finding("home", State.OK, f"{home} is on a local disk, and can be written.")
    if os.geteuid() == 0:
        yield Finding("home", State.WARNING, "This runs as root.", "Run the server as a user of its own.")


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database.of(settings)
    if not database.whole():
        yield Finding("database", State.WRONG, "The database is damaged.", "Restore a copy: python cli.py restore.")
        return
    rows = database.counts()
    told = f"{database.name}: {rows['jobs']:,} jobs, {rows['requests']:,} requests, {rows['library']:,} areas; whole."
    yield Finding("database", State.OK, told)
    yield from _clock(database.clock(), "The database's clock") if settings.database_url.get_secret_value() else ()
    newest = newest_copy(settings.home)
    age = (time.time() - newest.stat().st_mtime) / 86_400 if newest else None
    if age is None or age > COPY_DAYS:
        told = "There is no copy of the database." if age is None else f"The newest copy is {age:,.0f} days old."
        remedy = "Let a worker run, with NINEPATCH_DAILY_COPIES above 0, or write one: python cli.py backup."
        yield Finding("copies", State.WARNING if any(rows.values()) else State.OK, told, remedy)
    else:
        yield Finding("copies", State.OK, f"The newest copy is {newest.name if newest else ''}.")


def _disk(settings: Settings) -> Iterator[Finding]:
    disk = disk_state(settings)
    told = f"{megabytes(disk.free)} of {megabytes(disk.total)} are free."
    if not is_writable(settings.home):
        yield Finding("disk", State.WRONG, told, "Make room, and see who may write: nothing can be written.")
    elif disk.low:
        kept = f"{megabytes(disk.kept_free)} are to stay free"
        yield Finding("disk", State.WRONG, told, f"Make room: {kept}, and nothing new is fetched.")
    else:
        yield Finding("disk", State.OK, told)
    used = {folder: _size(settings.home / folder) for folder in _CACHES}
    wanted = {folder: getattr(settings, name) * 10**9 for folder, name in _CACHES.items()}
    words = (f"{folder} {megabytes(used[folder])} of {megabytes(wanted[folder])}" for folder in _CACHES)
    growth = sum(max(0.0, wanted[folder] - used[folder]) for folder in _CACHES)
    short = growth > disk.free
    remedy = f"Lower {', '.join(f'NINEPATCH_{name.upper()}' for name in _CACHES.values())}, or use a larger disk."
    more = ", and the disk is too small for their limits" if short else ""
    state = State.WARNING if short else State.OK
    yield Finding("caches", state, f"{', '.join(words)}{more}.", remedy if short else "")


def _store(settings: Settings) -> Iterator[Finding]:
    """What it raises is said as it is."""
    store, name = object_store(settings, patient=False), f"doctor/{uuid.uuid4().hex}"
    if store is None:
        return
    store.put(name, b"written")
    whole = store.get(name) == b"written"
    store.delete([name])
    if whole:
        product = Ninepatch(settings)
        frames, orders = product.frames.stored(), megabytes(product.orders.stored())
        held = f"{megabytes(frames.bytes)} of frames in {frames.objects:,} objects, and {orders}" if frames else orders
        yield Finding("store", State.OK, f"{store.name} answers, and can be written; it holds {held} of orders.")
    else:
        remedy = "Use a store that is consistent, and that no rule empties at once."
        yield Finding("store", State.WRONG, f"{store.name} does not have what was written to it.", remedy)


def _size(folder: Path) -> int:
    """Bytes of all files below it."""
    found = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                found += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - many thousands of them
            except FileNotFoundError:  # it made room meanwhile
                continue
    return found


def _sandbox(_: Settings) -> Iterator[Finding]:
    walls = confinement()
    state = State.WARNING if walls.reads else State.WRONG
    for sentence in walls.sentences:
        yield Finding("sandbox", state, sentence)
    if not walls.missing:
        yield Finding("sandbox", State.OK, "The process that reads people's files is confined.")


def _worker(settings: Settings) -> Iterator[Finding]:
    count = len(Database.of(settings).locks.living())
    if count:
        yield Finding("worker", State.OK, f"{count} {'worker lives' if count == 1 else 'workers live'}.")
    else:
        remedy = "Start the server, or python cli.py worker."
        yield Finding("worker", State.WARNING, "No worker lives: nothing is fetched.", remedy)


def _provider(settings: Settings) -> Iterator[Finding]:
    provider = find_provider(settings)
    if provider.ready:
        yield Finding("provider", State.OK, f"{provider.title} is set; whether it answers is told with --ask.")
    else:
        remedy = "Set NINEPATCH_CLIENT_ID and NINEPATCH_CLIENT_SECRET, or choose another by NINEPATCH_PROVIDER."
        yield Finding("provider", State.WRONG, f"{provider.title} has no account.", remedy)
