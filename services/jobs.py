"""Jobs: rows in a database that outlive the browsers and processes that asked for them.

SQLite in WAL mode. A worker claims a queued job in one transaction and holds a lock on a file of its own for as
long as it lives; the kernel frees that lock when the worker dies, however it dies, and the job is queued again.
No lease depends on a clock.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.errors import NinepatchError, StorageError
from services.recipe import Recipe

LOOK = "look"
"""A job that asks the catalogue."""
FETCH = "fetch"
"""A job that fetches what is missing and makes the picture and the files."""
UNFINISHED = ("queued", "running")

_metadata = sa.MetaData()
_jobs = sa.Table(
    "jobs",
    _metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("recipe", sa.Text, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("phase", sa.Text, nullable=False, default=""),
    sa.Column("done", sa.Integer, nullable=False, default=0),
    sa.Column("total", sa.Integer, nullable=False, default=0),
    sa.Column("units", sa.Float, nullable=False, default=0.0),
    sa.Column("bytes", sa.Integer, nullable=False, default=0),
    sa.Column("cause", sa.Text, nullable=False, default=""),
    sa.Column("remedy", sa.Text, nullable=False, default=""),
    sa.Column("cancel", sa.Boolean, nullable=False, default=False),
    sa.Column("worker", sa.String, nullable=False, default=""),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
)


@dataclass(frozen=True)
class Job:
    """A snapshot of one row."""

    id: str
    kind: str
    """LOOK or FETCH."""
    recipe: str
    """The recipe as JSON."""
    state: str
    """queued, running, done, failed or cancelled."""
    phase: str
    """What is being done, a few words."""
    done: int
    """Requests answered."""
    total: int
    """Requests planned; 0 while that is not known."""
    units: float
    """Processing units spent."""
    bytes: int
    """Bytes received."""
    cause: str
    """Of a failed job: what happened."""
    remedy: str
    """Of a failed job: what to do next."""
    cancel: bool
    """Somebody asked to stop."""
    worker: str
    created: float
    """Seconds since 1970, as the others."""
    started: float | None
    finished: float | None

    @property
    def unfinished(self) -> bool:
        """Queued or running."""
        return self.state in UNFINISHED


def job_id(kind: str, recipe: Recipe) -> str:
    """The same for the same question: two people who ask it have one job."""
    return recipe.digest if kind == FETCH else f"{kind}-{recipe.digest}"


class WorkerLock:
    """A name and a locked file that say that a worker is alive."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "workers"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._path = self._folder / self.name
        self._file: IO[str] = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """The worker ends; its jobs may be taken over."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def worker_lives(home: Path, name: str) -> bool:
    """Whether the worker of that name still holds its lock."""
    try:
        with (home / "workers" / name).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class JobStore:
    """The table of jobs under `home`. Every method raises StorageError where the database fails."""

    def __init__(self, home: Path) -> None:
        self._home = home
        home.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(
            f"sqlite:///{home / 'jobs.sqlite'}", connect_args={"timeout": 30}, poolclass=sa.pool.NullPool
        )
        with self._transaction() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with self._transaction(write=True) as connection:
            _metadata.create_all(connection)

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if write:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    if write:
                        connection.exec_driver_sql("ROLLBACK")
                    raise
                if write:
                    connection.exec_driver_sql("COMMIT")
        except SQLAlchemyError as error:
            raise StorageError(
                f"The job database {self._home / 'jobs.sqlite'} cannot be used: {type(error).__name__}.",
                "Check that the disk has space and the folder can be written.",
            ) from error

    def submit(self, kind: str, recipe: Recipe) -> Job:
        """The job of this question: the running one if there is one, else queued now."""
        key = job_id(kind, recipe)
        with self._transaction(write=True) as connection:
            state = connection.scalar(sa.select(_jobs.c.state).where(_jobs.c.id == key))
            if state not in UNFINISHED:
                connection.execute(sa.delete(_jobs).where(_jobs.c.id == key))
                connection.execute(
                    sa.insert(_jobs).values(
                        id=key, kind=kind, recipe=recipe.to_json(), state="queued", created=time.time()
                    )
                )
        found = self.get(key)
        if found is None:
            raise StorageError(f"The job {key} is gone.", "Ask again.")
        return found

    def get(self, key: str) -> Job | None:
        """The job with that id."""
        with self._transaction() as connection:
            row = connection.execute(sa.select(_jobs).where(_jobs.c.id == key)).one_or_none()
        return None if row is None else Job(**row._mapping)

    def recent(self, kind: str = FETCH, limit: int = 20) -> tuple[Job, ...]:
        """The newest first."""
        query = sa.select(_jobs).where(_jobs.c.kind == kind).order_by(_jobs.c.created.desc()).limit(limit)
        with self._transaction() as connection:
            return tuple(Job(**row._mapping) for row in connection.execute(query))

    def claim(self, worker: str, kinds: Collection[str]) -> Job | None:
        """The oldest queued job, now running under `worker`; jobs of dead workers are queued again first."""
        with self._transaction() as connection:
            waiting = connection.scalar(
                sa.select(sa.func.count()).where(_jobs.c.state.in_(UNFINISHED), _jobs.c.kind.in_(kinds))
            )
        if not waiting:
            return None
        with self._transaction(write=True) as connection:
            running = sa.select(_jobs.c.id, _jobs.c.worker).where(_jobs.c.state == "running")
            for key, holder in connection.execute(running).all():
                if not worker_lives(self._home, holder):
                    connection.execute(sa.update(_jobs).where(_jobs.c.id == key).values(state="queued", worker=""))
            oldest = sa.select(_jobs.c.id).where(_jobs.c.state == "queued", _jobs.c.kind.in_(kinds))
            key = connection.scalar(oldest.order_by(_jobs.c.created).limit(1))
            if key is not None:
                values = {"state": "running", "worker": worker, "started": time.time()}
                connection.execute(sa.update(_jobs).where(_jobs.c.id == key).values(values))
        return None if key is None else self.get(key)

    def report(self, key: str, **progress: Any) -> bool:
        """Write progress; True where somebody asked to stop."""
        with self._transaction(write=True) as connection:
            if progress:
                connection.execute(sa.update(_jobs).where(_jobs.c.id == key).values(progress))
            return bool(connection.scalar(sa.select(_jobs.c.cancel).where(_jobs.c.id == key)))

    def finish(self, key: str, state: str, error: NinepatchError | None = None) -> None:
        """The job ends as done, failed or cancelled."""
        values: dict[str, Any] = {"state": state, "finished": time.time(), "worker": ""}
        if error is not None:
            values |= {"cause": error.cause, "remedy": error.remedy}
        self.report(key, **values)

    def cancel(self, key: str) -> None:
        """Ask the job to stop; one that is queued stops at once."""
        with self._transaction(write=True) as connection:
            where = sa.update(_jobs).where(_jobs.c.id == key, _jobs.c.state.in_(UNFINISHED))
            connection.execute(where.values(cancel=True))
            queued = sa.update(_jobs).where(_jobs.c.id == key, _jobs.c.state == "queued")
            connection.execute(queued.values(state="cancelled", finished=time.time()))
