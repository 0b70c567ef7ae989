"""Backups: one file of what cannot be had again for nothing, written while the server runs, and its way back.

It holds all rows, the areas that links name and, where it is asked for, the frames that were paid for. Results are made
again from frames without a request; settings hold secrets and stay where their administrator keeps them.
"""

import contextlib
import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from services import __version__
from services.errors import InputError, StorageError
from services.settings import Settings
from services.storage.atomic_file import write_beside
from services.storage.copies import check_copy, stamp
from services.storage.database import STEPS, Database
from services.storage.file_lock import living
from services.storage.sqlite_file import FILE

DESCRIPTION = "ninepatch.json"
AREAS, FRAMES = "areas", "frames"
"""Folders under the home, and in the file."""
_TABLE = "cache.db"
"""Of the frames: which file is which."""
_CHUNK = 1 << 20
_DESCRIBED = 1 << 16
"""Bytes of a description at most."""
_SQLITE = b"SQLite format 3\0"
"""What its files begin with (SQLite, "Database File Format", section 1.3)."""


@dataclass(frozen=True)
class Backup:
    """What a file holds."""

    program: str
    """Version of the program that wrote it; empty where that is not known."""
    version: int
    """Of the tables."""
    made: str
    """When, UTC; empty where that is not known."""
    rows: dict[str, int] = field(default_factory=dict)
    """Of each table."""
    areas: int = 0
    """Areas that links name."""
    outlines: int = 0
    """Files of their outlines."""
    frames: int = 0
    """Files of the cache; 0 where it was not asked for."""
    sha256: str = ""
    """Of the database."""


def back_up(database: Database, target: Path, *, cache: bool = False) -> tuple[Path, Backup]:
    """Write a backup into a file, or into a folder under a name of its own, and read it again. Raises StorageError."""
    path = target / f"ninepatch-{stamp()}.tar" if target.is_dir() else target
    found: list[Backup] = []

    def write(beside: Path) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            described = _pack(database, beside, Path(scratch), cache=cache)
        beside.chmod(0o600)
        if examine(beside) != described:
            raise StorageError(f"The backup {path.name} is not what was written.", "Check the disk, and write another.")
        found.append(described)

    write_beside(path, write)
    return path, found[0]


def _pack(database: Database, path: Path, scratch: Path, *, cache: bool) -> Backup:
    rows = database.copy(scratch / FILE)
    home, table = database.home, database.home / FRAMES / _TABLE
    files = [one for one in (home / AREAS).rglob("*.json") if not one.name.startswith(".")]
    with tarfile.open(path, "w") as packed:
        packed.add(scratch / FILE, FILE)
        if cache and table.is_file():
            _copy_table(table, scratch / _TABLE)
            packed.add(scratch / _TABLE, f"{FRAMES}/{_TABLE}")
            files += table.parent.glob("??/*.val")
        for one in sorted(files):
            with contextlib.suppress(FileNotFoundError):  # it has made room meanwhile
                packed.add(one, str(one.relative_to(home)))
        digest, counted = _digest((scratch / FILE).open("rb")), _counted(packed.getmembers())
        described = Backup(__version__, len(STEPS), stamp(), rows, **counted, sha256=digest)
        (scratch / DESCRIPTION).write_text(json.dumps(asdict(described)))
        packed.add(scratch / DESCRIPTION, DESCRIPTION)
    return described


def _counted(members: list[tarfile.TarInfo]) -> dict[str, int]:
    """How many of each there are, besides the description."""
    paths = [Path(member.name) for member in members if member.name != DESCRIPTION]
    areas, frames = (sum(path.parts[0] == folder for path in paths) for folder in (AREAS, FRAMES))
    named = sum(path.parent == Path(AREAS) for path in paths)
    return {"areas": named, "outlines": areas - named, "frames": frames}


def _copy_table(path: Path, to: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise StorageError(f"The table of the cache cannot be read: {error}.", "Back up without the cache.") from error


def _digest(file: IO[bytes]) -> str:
    with file:
        digest = hashlib.sha256()
        for piece in iter(lambda: file.read(_CHUNK), b""):
            digest.update(piece)
        return digest.hexdigest()


def examine(path: Path) -> Backup:
    """Read all of a backup, or of a copy of the database. Raises StorageError where it is damaged or is none."""
    try:
        with path.open("rb") as file:
            plain = file.read(len(_SQLITE)) == _SQLITE
        return _copy(path) if plain else _packed(path)
    except (OSError, tarfile.TarError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: Exception) -> StorageError:
    told = error.strerror if isinstance(error, OSError) and error.strerror else "it is cut off or no backup"
    return StorageError(f"The backup {path.name} cannot be used: {told}.", "Use another one.")


def _copy(path: Path) -> Backup:
    rows = check_copy(path)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    return Backup("", int(version), "", rows)


def _packed(path: Path) -> Backup:
    with tarfile.open(path, "r:") as packed:
        members = list(_members(packed))
        described = packed.extractfile(DESCRIPTION)
        found = Backup(**json.loads(described.read(_DESCRIBED))) if described else None
        database = packed.extractfile(FILE)
        if not found or not database or _digest(database) != found.sha256:
            raise ValueError
        if type(found.version) is not int or not isinstance(found.rows, dict):
            raise ValueError
        if any(getattr(found, name) != count for name, count in _counted(members).items()):
            raise ValueError
        return found


def _members(packed: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Each is a plain file, comes once, and is its owner's alone.

    Raises ValueError where one is not of a backup, and TarError where the file ends before its time.
    """
    seen = set[str]()
    for member in packed:
        if not member.isfile() or member.issparse() or member.name in seen or not _ours(member.name):
            raise ValueError
        seen.add(member.name)
        yield member.replace(mode=0o600)


def _ours(name: str) -> bool:
    """Whether a backup has a file of that name: one of two, or one below a folder that stays below it."""
    first, *rest = name.split("/")
    if first not in (AREAS, FRAMES):
        return name in (DESCRIPTION, FILE)
    return bool(rest) and name.isprintable() and not {"", ".", ".."} & set(rest)


def restore(path: Path, settings: Settings, *, force: bool = False) -> tuple[Backup, Path | None]:
    """Put a backup in the place of what is there; with the folder where that is kept, None where there was nothing.

    Raises InputError where something is there and it is not to be forced, or a server runs, and StorageError.
    """
    found, home = examine(path), settings.home
    if found.version > len(STEPS):
        raise StorageError(
            f"The backup {path.name} has version {found.version}, and {len(STEPS)} is known here.",
            f"Use the newer program that made it{f', {found.program}' if found.program else ''}.",
        )
    home.mkdir(parents=True, exist_ok=True)
    url = settings.database_url.get_secret_value()
    old = _occupied(found, home, url)
    if old and not force:
        raise InputError(
            f"There is data already: {', '.join(old)}.", "Restore into an empty NINEPATCH_HOME, or add --force."
        )
    _refuse_running(home)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restoring-") as scratch:
        new = _unpack(path, Path(scratch))
        _require_rows(Database(new), found, path)  # before anything that is there is touched
        aside = _set_aside(old, home, url) if old else None
        if url:
            Database(home, url).take(Database(new))
        else:
            (new / FILE).rename(home / FILE)
        for folder in (AREAS, FRAMES):
            if (new / folder).is_dir():
                (new / folder).rename(home / folder)
    _require_rows(Database(home, url), found, path)
    return found, aside


def _require_rows(database: Database, found: Backup, path: Path) -> None:
    if {name: count for name, count in database.counts().items() if name in found.rows} != found.rows:
        raise StorageError("The rows are not those of the backup.", f"Use another backup than {path.name}.")


def _occupied(found: Backup, home: Path, url: str) -> list[str]:
    """What would be replaced."""
    folders = [AREAS] * bool(found.sha256) + [FRAMES] * bool(found.frames)
    old = [folder for folder in folders if any((home / folder).glob("*"))]
    if url:
        return old + ["rows of the database"] * any(Database(home, url).counts().values())
    return old + [FILE] * (home / FILE).exists()


def _refuse_running(home: Path) -> None:
    running = bool(living(home))
    if (home / FILE).exists():
        with closing(sqlite3.connect(home / FILE, timeout=0)) as connection:
            try:
                connection.execute("PRAGMA journal_mode=DELETE")  # refused where somebody has it open
            except sqlite3.OperationalError:
                running = True
            except sqlite3.DatabaseError:  # a damaged one is what a restore is for
                pass
    if running:
        raise InputError("The server runs.", "Stop the application and its workers, and restore then.")


def _unpack(path: Path, scratch: Path) -> Path:
    """A home of the backup alone, with tables of the present version, all of them in one file."""
    packed, new = scratch / "packed", scratch / "new"
    packed.mkdir()
    if tarfile.is_tarfile(path):
        with tarfile.open(path, "r:") as found:
            try:
                found.extractall(packed, members=_members(found), filter="data")
            except (OSError, tarfile.TarError) as error:
                raise _unusable(path, error) from error
    else:
        shutil.copyfile(path, packed / FILE)
    Database(packed).copy(new / FILE)
    for folder in (AREAS, FRAMES):
        if (packed / folder).is_dir():
            (packed / folder).rename(new / folder)
    return new


def _set_aside(old: list[str], home: Path, url: str) -> Path:
    """The folder of what was there."""
    aside = home / f"replaced-{stamp()}"
    aside.mkdir(mode=0o700)
    if url:
        Database(home, url).copy(aside / FILE)
    for name in (*old, f"{FILE}-wal", f"{FILE}-shm"):
        if (home / name).exists():
            (home / name).rename(aside / name)
    return aside
