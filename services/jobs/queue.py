"""Job queue: rows in a database that outlive the browsers and processes that asked for them.

A worker claims a queued job in one transaction and holds a lock of the kernel's for as long as it lives; when it dies,
however it dies, the job is queued again. No lease depends on a clock. Every change of state is written before it is
shown, and a worker that has lost a job cannot write to it any more. On a server workers that claim at once do not wait
for each other: each locks the row that it takes, and passes over those that others have locked.
"""

import time
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.access import Action, Actor, Role, record
from services.errors import JobError, NinepatchError, StorageError
from services.recipe import Recipe
from services.storage import Database, going_on, table_of
from services.text import quoted

LOOK = "look"
"""A job that asks the catalogue."""
FETCH = "fetch"
"""A job that fetches what is missing and makes the picture and the files."""
FILL = "fill"
"""A job that fetches what is missing and makes nothing of it: a comparison draws from the cache."""
SPENDING = (FETCH, FILL)
"""Those that ask for pixels. One thread of a worker does them, so that a member has one of either at a time."""
TITLES = {LOOK: "Look at the catalogue", FETCH: "Fetch", FILL: "Fetch for comparison"}
"""What people read."""
_DOING = {LOOK: "ask the catalogue", FETCH: "fetch", FILL: "fetch"}
"""What only a member may do, after "To"."""
UNFINISHED = ("queued", "running")
STATES = (*UNFINISHED, "done", "failed", "cancelled")
_AGAIN = ("failed", "cancelled")
MOST_ATTEMPTS = 3
"""How many workers in a row may die over a job before it is given up: it may be what kills them."""
KEPT_DAYS = 180
"""How long a job that has ended is remembered."""
_PRUNED_AT_ONCE = 500
"""Jobs that are forgotten in one transaction: others write between two."""

_FRESH = {"phase": "", "waiting": "", "cause": "", "remedy": "", "worker": "", "cancel": False, "attempts": 0}
_FRESH |= {"dates": 0, "dates_done": 0, "done": 0, "total": 0, "units": 0.0, "bytes": 0, "expected": 0}
_FRESH |= {"requests": 0, "expected_requests": 0}
_FRESH |= {"started": None, "beat": None, "finished": None}


@dataclass(frozen=True)
class Job:
    """A snapshot of one row."""

    id: str
    kind: str
    """LOOK, FETCH or FILL."""
    member: str
    """Name of who asked first, or went on with it; empty where that is not known."""
    run: str
    """Number of this attempt: the same over the workers that take it over, another after a resume."""
    recipe: str
    """The recipe as JSON."""
    state: str
    """queued, running, done, failed or cancelled."""
    phase: str
    """What is being done, a few words."""
    waiting: str
    """What the service holds us back by, a few words; empty where it does not."""
    dates: int
    """Acquisitions that the max. cloud cover keeps; 0 while that is not known."""
    dates_done: int
    """Of them: those of which all is there that the picture needs."""
    done: int
    """Block requests answered."""
    total: int
    """Block requests planned; 0 while that is not known."""
    units: float
    """Processing units spent in this attempt."""
    bytes: int
    """Bytes received."""
    expected: int
    """Bytes that the whole is expected to be; 0 while that is not known."""
    cause: str
    """Of a failed job: what happened."""
    remedy: str
    """Of a failed job: what to do next."""
    cancel: bool
    """Somebody asked to stop."""
    worker: str
    created: float
    """Seconds since 1970 at which it was queued, as the others."""
    started: float | None
    beat: float | None
    """When its worker was last heard of."""
    finished: float | None
    attempts: int
    """Workers in a row that took it and did not live to end it, or to store one answer more; with the present one."""
    requests: int
    """Questions over HTTP that were answered."""
    expected_requests: int
    """Those that the whole is expected to be; 0 while that is not known."""

    @property
    def unfinished(self) -> bool:
        """Queued or running."""
        return self.state in UNFINISHED

    @property
    def asked(self) -> tuple[int, int]:
        """Requests answered and planned, as they are told: over HTTP where a block takes several."""
        several = self.expected_requests > self.total
        return (self.requests, self.expected_requests) if several else (self.done, self.total)

    @property
    def resumable(self) -> bool:
        """Ended before its time, so that it can go on with what is missing."""
        return self.state in _AGAIN


_jobs = table_of("jobs", Job)


def job_id(kind: str, recipe: Recipe) -> str:
    """The same for the same question: two people who ask it have one job."""
    return recipe.digest if kind == FETCH else f"{kind}-{recipe.digest}"


class JobStore:
    """The table of jobs. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, kind: str, recipe: Recipe, actor: Actor) -> Job:
        """The job of this question: the unfinished one if there is one, else queued now for the actor.

        Raises NotAllowed for a viewer: also the catalogue's answer is asked of an account.
        """
        actor.require(Role.MEMBER, _DOING[kind])
        key = job_id(kind, recipe)
        with self._database.transaction(write=True) as connection:
            state = connection.scalar(sa.select(_jobs.c.state).where(_jobs.c.id == key))
            if state not in UNFINISHED:
                connection.execute(sa.delete(_jobs).where(_jobs.c.id == key))
                values = {"id": key, "kind": kind, "recipe": recipe.to_json(), "member": actor.name}
                connection.execute(sa.insert(_jobs).values(_FRESH | values | _queued()))
        return self._found(key, StorageError(f"The job {key} is gone.", "Ask again."))

    def resume(self, key: str, actor: Actor) -> Job:
        """Queue a job again that failed or was cancelled, as the actor's own, who pays for the rest of it.

        Any other stays as it is. Raises JobError and NotAllowed.
        """
        actor.require(Role.MEMBER, "go on with a job")
        again = sa.update(_jobs).where(_jobs.c.id == key, _jobs.c.state.in_(_AGAIN))
        with self._database.transaction(write=True) as connection:
            before = _owner(connection, key, _AGAIN)
            if before is not None:
                connection.execute(again.values(_FRESH | _queued() | {"member": actor.name}))
                if before != actor.name:
                    record(connection, actor, Action.JOB_RESUMED, key, _of(before))
        return self._found(key, _no_job(key))

    def cancel(self, key: str, actor: Actor) -> Job:
        """Ask the job to stop; one that is queued stops at once. Raises JobError, and NotAllowed for another's."""
        with self._database.transaction(write=True) as connection:
            owner = _owner(connection, key, UNFINISHED)
            if owner is not None:
                actor.require_own(owner, "cancel a job")
                asked = sa.update(_jobs).where(_jobs.c.id == key)
                connection.execute(asked.values(cancel=True))
                values = {"state": "cancelled", "finished": time.time()}
                connection.execute(asked.where(_jobs.c.state == "queued").values(values))
                if owner != actor.name:
                    record(connection, actor, Action.JOB_STOPPED, key, _of(owner))
        return self._found(key, _no_job(key))

    @going_on
    def get(self, key: str) -> Job | None:
        """The job with that id."""
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(_jobs).where(_jobs.c.id == key)).one_or_none()
        return None if row is None else Job(**row._mapping)

    def recent(self, *kinds: str, limit: int = 20, states: Collection[str] = ()) -> tuple[Job, ...]:
        """Those of all members of these kinds (FETCH unless told), or only in one of the states; the newest first."""
        query = sa.select(_jobs).where(_jobs.c.kind.in_(kinds or (FETCH,)))
        query = query.order_by(_jobs.c.created.desc(), _jobs.c.id).limit(limit)
        if states:
            query = query.where(_jobs.c.state.in_(states))
        with self._database.transaction() as connection:
            return tuple(Job(**row._mapping) for row in connection.execute(query))

    def workers(self) -> tuple[str, ...]:
        """Names of the workers that live, on all machines that share the database."""
        return self._database.locks.living()

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state."""
        query = sa.select(_jobs.c.state, sa.func.count()).group_by(_jobs.c.state)
        with self._database.transaction() as connection:
            found = connection.execute(query).all()
        return dict.fromkeys(STATES, 0) | {state: int(count) for state, count in found}

    def unfinished(self, kinds: Collection[str]) -> bool:
        """Whether a job of these kinds is queued or running. Quick, however many have ended."""
        open_jobs = sa.exists().where(_jobs.c.state.in_(UNFINISHED), _jobs.c.kind.in_(kinds))
        with self._database.transaction() as connection:
            return bool(connection.scalar(sa.select(open_jobs)))

    def claim(self, worker: str, kinds: Collection[str]) -> Job | None:
        """A queued job, now running under `worker`; jobs of dead workers are queued again first.

        It is the oldest one of a member who has the fewest running, so that nobody waits for all jobs of another. One
        whose worker died waits behind all that were queued by then, and fails after MOST_ATTEMPTS in a row. On a server
        those who claim wait for each other, and for nobody else who writes: a row that somebody holds is passed over.
        """
        if not self.unfinished(kinds):
            return None
        with self._database.transaction(write=True, alone=False) as connection:
            self._database.turn(connection, "claim of jobs")  # or two would count the same as running
            self._take_back(connection)
            key = _taken(connection, kinds)
            if key is not None:
                now = time.time()
                values = {"state": "running", "worker": worker, "started": now, "beat": now}
                values |= {"attempts": _jobs.c.attempts + 1}
                connection.execute(sa.update(_jobs).where(_jobs.c.id == key).values(values))
        return None if key is None else self.get(key)

    @going_on
    def report(self, key: str, *, by: str = "", **progress: Any) -> bool:
        """Write progress; True where somebody asked to stop.

        Where it is told `by` which worker, nothing is written, and True, once the job is no longer its own.
        """
        job = (_jobs.c.id == key, _jobs.c.worker == by) if by else (_jobs.c.id == key,)
        with self._database.transaction(write=bool(progress)) as connection:
            if progress:
                values = {"beat": time.time(), **_living(progress.get("done", 0)), **progress}
                connection.execute(sa.update(_jobs).where(*job).values(values))
            return connection.scalar(sa.select(_jobs.c.cancel).where(*job)) is not False

    def finish(self, key: str, state: str, error: NinepatchError | None = None, *, by: str = "") -> None:
        """The job ends as done, failed or cancelled, where it is still the worker's own that it is told `by`."""
        values: dict[str, Any] = {"state": state, "finished": time.time(), "worker": "", "waiting": ""}
        if error is not None:
            values |= {"cause": error.cause, "remedy": error.remedy}
        self.report(key, by=by, **values)

    def leave(self, key: str, by: str) -> None:
        """A worker that was told to end lets go of its job: that is no attempt that failed."""
        self.report(key, by=by, attempts=_jobs.c.attempts - 1)

    def prune(self) -> int:
        """Forget jobs that ended KEPT_DAYS ago or earlier; how many. Their results and their ledger stay."""
        ended = sa.select(_jobs.c.id).where(
            _jobs.c.state.not_in(UNFINISHED), _jobs.c.finished < time.time() - KEPT_DAYS * 86_400
        )
        removed = 0
        while True:
            with self._database.transaction(write=True) as connection:
                gone = sa.delete(_jobs).where(_jobs.c.id.in_(ended.limit(_PRUNED_AT_ONCE)))
                count = connection.execute(gone).rowcount
            removed += count
            if count < _PRUNED_AT_ONCE:
                return removed

    def _take_back(self, connection: sa.Connection) -> None:
        """Queue the jobs of dead workers again, and give up those that keep killing them."""
        running = sa.select(_jobs.c.id, _jobs.c.worker, _jobs.c.attempts).where(_jobs.c.state == "running")
        for key, holder, attempts in connection.execute(running.order_by(_jobs.c.id)).all():
            if not self._database.locks.lives(holder):
                values = {"state": "queued", "worker": "", "waiting": "", "started": time.time()}
                if attempts >= MOST_ATTEMPTS:
                    values |= {"state": "failed", "finished": time.time(), **_GIVEN_UP}
                held = _jobs.c.id == key, _jobs.c.worker == holder  # not taken back meanwhile
                connection.execute(sa.update(_jobs).where(*held).values(values))

    def _found(self, key: str, otherwise: NinepatchError) -> Job:
        job = self.get(key)
        if job is None:
            raise otherwise
        return job


def _living(done: int) -> dict[str, Any]:
    """What goes on kills nobody: one answer more than there were, and the attempts count anew."""
    return {"attempts": sa.case((_jobs.c.done < done, 1), else_=_jobs.c.attempts)} if done else {}


def _owner(connection: sa.Connection, key: str, states: Collection[str]) -> str | None:
    """Whose job it is; None where there is none in one of the states."""
    owner: str | None = connection.scalar(sa.select(_jobs.c.member).where(_jobs.c.id == key, _jobs.c.state.in_(states)))
    return owner


def _of(owner: str) -> str:
    return f"It was {owner}'s." if owner else ""


def _queued() -> dict[str, Any]:
    return {"state": "queued", "created": time.time(), "run": uuid.uuid4().hex}


_GIVEN_UP = {
    "cause": f"The worker died {MOST_ATTEMPTS} times in a row over this job: most likely it needs more memory than "
    "there is.",
    "remedy": "Choose fewer or smaller tiles, a coarser resolution or a shorter interval; what has been fetched is "
    "kept, and the end of logs/worker.log under NINEPATCH_HOME may say more.",
}


def _taken(connection: sa.Connection, kinds: Collection[str]) -> str | None:
    """Number of the job whose turn it is, locked for this transaction: one that was taken back waits since then.

    One whose row somebody else holds counts as one more that runs of its member.
    """
    others: dict[str, str] = {}
    while turns := _turns(connection, kinds, others):
        free = sa.select(_jobs.c.id).where(_jobs.c.id.in_(list(turns)), _jobs.c.state == "queued")
        oldest = free.order_by(_SINCE, _jobs.c.id).limit(1)
        key: str | None = connection.scalar(oldest.with_for_update(skip_locked=True))
        if key is not None:
            return key
        others |= turns
    return None


def _turns(connection: sa.Connection, kinds: Collection[str], others: Mapping[str, str]) -> dict[str, str]:
    """First jobs of the members who have the fewest running, by their numbers; but for `others`, which are being taken.

    The index gives the first of each member who waits, however many jobs do.
    """
    running = sa.select(_jobs.c.member, sa.func.count()).where(_jobs.c.state == "running", _jobs.c.kind.in_(kinds))
    running = running.where(*_besides(others)).group_by(_jobs.c.member)
    count = Counter(dict(connection.execute(running).all())) + Counter(others.values())
    waiting = [row for kind in kinds for row in connection.execute(_first_of_each(kind, others))]
    fewest = min((count[member] for member, _ in waiting), default=0)
    return {key: member for member, key in waiting if count[member] == fewest}


def _besides(others: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return (_jobs.c.id.not_in(list(others)),) if others else ()


_SINCE = sa.func.coalesce(_jobs.c.started, _jobs.c.created)
"""Since when a queued job waits."""


def _first_of_each(kind: str, others: Collection[str] = ()) -> "sa.Select[Any]":
    """Of each member with queued jobs of that kind, but for some others, the first: its member and its number; of those
    that were taken back the first as well.

    A loose scan: from member to member in the index, where DISTINCT would read all rows.
    """
    queued = _jobs.c.state == "queued", _jobs.c.kind == kind
    members = sa.select(sa.func.min(_jobs.c.member).label("member")).where(*queued).cte("members", recursive=True)
    following = sa.select(sa.func.min(_jobs.c.member)).where(*queued, _jobs.c.member > members.c.member)
    step = sa.select(following.correlate(members).scalar_subquery()).where(members.c.member.is_not(None))
    members = members.union_all(step)
    ours = sa.select(_jobs.c.id).where(*queued, _jobs.c.member == members.c.member).limit(1).correlate(members)
    ours = ours.where(*_besides(others)).order_by(_jobs.c.started, _jobs.c.created, _jobs.c.id)
    firsts = (ours.where(taken) for taken in (_jobs.c.started.is_(None), _jobs.c.started.is_not(None)))
    keys = (sa.select(first.scalar_subquery()).select_from(members) for first in firsts)
    return sa.select(_jobs.c.member, _jobs.c.id).where(_jobs.c.id.in_(sa.union_all(*keys)))


def _no_job(key: str) -> JobError:
    return JobError(f"There is no job {quoted(key, 60)}.", "See `python cli.py jobs` for those that there are.")
