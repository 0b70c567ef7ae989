"""The access matrix of the services: each action by each role on one's own and on another's, by a table by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from services.access import Actor, AuditLog, OwnBudget, Role
from services.accounting.entry import Entry
from services.area import Library, parse_aoi
from services.errors import NotAllowed
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL, LOOK, JobStore
from services.ninepatch import Ninepatch
from services.providers import find_provider
from services.recipe import Interval, Recipe
from services.settings import load_settings
from services.storage import Database
from tests.actors import administrator

RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 300.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 1), date(2018, 6, 17)),
)
BOX = parse_aoi("24, 60, 24.1, 60.1", name="Öja")
BERT = Actor("bert", Role.MEMBER)
VIEWER, MEMBER, ROOT = (Actor("ada", role) for role in Role)


@dataclass
class Team:
    """A product in which Bert has done something before."""

    home: Path

    def __post_init__(self) -> None:
        settings = load_settings(home=self.home)
        database = Database.of(settings)
        self.jobs, self.library, self.product = JobStore(database), Library(database), Ninepatch(settings)
        self.log = AuditLog(database)

    def job(self, owner: str, *, stopped: bool = False) -> str:
        """One of theirs, which waits or was stopped."""
        job = self.jobs.submit(FETCH, RECIPE, Actor(owner, Role.MEMBER))
        if stopped:
            self.jobs.cancel(job.id, Actor(owner, Role.MEMBER))
        return job.id

    def area(self, owner: str) -> str:
        """One of theirs."""
        return self.library.save(BOX, Actor(owner, Role.MEMBER)).id


Act = Callable[[Team, Actor], object]
ACTIONS: tuple[tuple[str, Act, Role, str], ...] = (
    ("ask the catalogue", lambda team, who: team.jobs.submit(LOOK, RECIPE, who), Role.MEMBER, ""),
    ("fetch", lambda team, who: team.jobs.submit(FETCH, RECIPE, who), Role.MEMBER, ""),
    ("fill", lambda team, who: team.jobs.submit(FILL, RECIPE, who), Role.MEMBER, ""),
    ("stop own", lambda team, who: team.jobs.cancel(team.job("ada"), who), Role.MEMBER, ""),
    ("stop other", lambda team, who: team.jobs.cancel(team.job("bert"), who), Role.ADMINISTRATOR, "job stopped"),
    ("stop nobody's", lambda team, who: team.jobs.cancel(team.job(""), who), Role.ADMINISTRATOR, "job stopped"),
    ("resume own", lambda team, who: team.jobs.resume(team.job("ada", stopped=True), who), Role.MEMBER, ""),
    (
        "resume other",
        lambda team, who: team.jobs.resume(team.job("bert", stopped=True), who),
        Role.MEMBER,
        "job resumed",
    ),
    ("save", lambda team, who: team.library.save(BOX, who), Role.MEMBER, ""),
    ("rename own", lambda team, who: team.library.rename(team.area("ada"), "Oja", who), Role.MEMBER, ""),
    (
        "rename other",
        lambda team, who: team.library.rename(team.area("bert"), "Oja", who),
        Role.ADMINISTRATOR,
        "area renamed",
    ),
    (
        "rename other by saving it",
        lambda team, who: (team.area("bert"), team.library.save(parse_aoi("24, 60, 24.1, 60.1", name="Oja"), who)),
        Role.ADMINISTRATOR,
        "area renamed",
    ),
    ("delete own", lambda team, who: team.library.delete(team.area("ada"), who), Role.MEMBER, ""),
    (
        "delete other",
        lambda team, who: team.library.delete(team.area("bert"), who),
        Role.ADMINISTRATOR,
        "area deleted",
    ),
    ("clear", lambda team, who: team.product.clear_cache(2017, BOX, who), Role.ADMINISTRATOR, "cache cleared"),
)


@pytest.mark.parametrize("who", [VIEWER, MEMBER, ROOT], ids=lambda who: who.role.title)
@pytest.mark.parametrize(("act", "least", "told"), [row[1:] for row in ACTIONS], ids=[row[0] for row in ACTIONS])
def test_an_action_takes_its_role_and_what_is_done_to_others_is_recorded(
    tmp_path: Path, act: Act, least: Role, told: str, who: Actor
) -> None:
    team = Team(tmp_path)
    if who.role < least:
        with pytest.raises(NotAllowed, match=f"ada is an? {who.role.title}"):
            act(team, who)
    else:
        act(team, who)
    allowed = who.role >= least
    records = [(row.actor, row.role, row.action) for row in team.log.recent(administrator())]
    assert records == ([("ada", who.role.title, told)] if told and allowed else [])


@pytest.mark.parametrize("who", [VIEWER, MEMBER], ids=lambda who: who.role.title)
def test_what_is_refused_changes_nothing(tmp_path: Path, who: Actor) -> None:
    team = Team(tmp_path)
    job, area = team.job("bert"), team.area("bert")
    before = team.jobs.get(job), team.library.search()
    for act in (
        lambda: team.jobs.cancel(job, who),
        lambda: team.library.rename(area, "Oja", who),
        lambda: team.library.delete(area, who),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert (team.jobs.get(job), team.library.search()) == before


def test_a_resume_is_booked_to_whoever_presses_it(tmp_path: Path) -> None:
    team = Team(tmp_path)
    key = team.job("bert", stopped=True)
    again = team.jobs.resume(key, MEMBER)
    assert (again.member, again.state) == ("ada", "queued")
    with pytest.raises(NotAllowed):
        team.jobs.cancel(key, BERT)
    (told,) = team.log.recent(administrator())
    assert (told.actor, told.subject, told.detail) == ("ada", key, "It was bert's.")


def test_the_same_question_of_two_stays_the_job_of_the_first(tmp_path: Path) -> None:
    team = Team(tmp_path)
    key = team.job("bert")
    assert team.jobs.submit(FETCH, RECIPE, MEMBER).member == "bert"
    with pytest.raises(NotAllowed):
        team.jobs.cancel(key, MEMBER)


def test_the_ledger_shows_people_their_own_rows_and_administrators_all(tmp_path: Path) -> None:
    ledger = Team(tmp_path).product.ledger
    for member, units in (("ada", 1.0), ("bert", 2.0), ("bert", 4.0)):
        row = Entry("demo", "S2A_1", 100, 1, ("B04",), units, units, tries=1, status=200, member=member)
        ledger.reserve(row)
    for who, units, rows in ((VIEWER, 1.0, 1), (MEMBER, 1.0, 1), (ROOT, 7.0, 3), (Actor("eve", Role.MEMBER), 0.0, 0)):
        for by in ("member", "month", "recipe"):
            assert sum(one.units for one in ledger.sums(by, who)) == units
        assert len(ledger.csv(who).splitlines()) == 1 + rows
    assert {one.key for one in ledger.sums("member", MEMBER)} == {"ada"}


def test_an_own_budget_is_of_the_proven_name_and_counts_in_the_product(tmp_path: Path) -> None:
    product = Team(tmp_path).product
    product.roster.put("Ada@Example.org", Role.MEMBER, ROOT, OwnBudget(units=1.5, gb=2.0))
    provider = find_provider(product.settings, "demo")
    own, other = (product.budget(provider, name) for name in ("ada@example.org", "bert@example.org"))
    assert (own.member, own.member_gb, other.member, other.member_gb) == (1.5, 2.0, 0.0, 0.0)
