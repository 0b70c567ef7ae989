"""Who has which role: a table of people written by hand against the lists of the settings and the table of members."""

from pathlib import Path

import pytest

from services.access import REMOVED, Actor, AuditLog, OwnBudget, Role, Roster
from services.errors import InputError, NotAllowed
from services.settings import Settings, load_settings
from services.storage import Database
from tests.actors import a_member, administrator, viewer
from tests.services.databases import Place

LISTS = {
    "administrators": "Root@Example.org, group:Ops",
    "members": "@example.org, guest@partner.test, group:field work",
    "viewers": "@partner.test, @example.net, root@example.org",
}
PEOPLE = (
    ("root@example.org", (), "administrator"),  # though they are listed as a viewer, too
    ("ROOT@EXAMPLE.ORG", (), "administrator"),
    (" root@example.org ", (), "administrator"),
    ("ada@example.org", (), "member"),
    ("ada@Example.ORG", (), "member"),
    ("ada@example.net", (), "viewer"),
    ("guest@partner.test", (), "member"),
    ("other@partner.test", (), "viewer"),
    ("other@partner.test", ("ops",), "administrator"),
    ("other@partner.test", ("nothing", "Field Work"), "member"),
    ("stranger@elsewhere.test", ("OPS",), "administrator"),
    ("stranger@elsewhere.test", (), None),
    ("stranger@elsewhere.test", ("op", "opsx", "group:ops"), None),
    ("ada@sub.example.org", (), None),
    ("ada@example.org.elsewhere.test", (), None),
    ("ada@example.org@elsewhere.test", (), None),
    ("@example.org", (), None),
    ("example.org", (), None),
    ("group:ops", (), None),
    ("root", (), None),
    ("", ("ops",), None),
    ("roo\u212a@example.net", (), "viewer"),
)
ROOT = administrator("root@example.org")


@pytest.fixture
def settings(place: Place) -> Settings:
    return load_settings(home=place.home, database_url=place.url, **LISTS)


@pytest.fixture
def roster(settings: Settings) -> Roster:
    return Roster(settings, Database.of(settings))


def title(role: Role | None) -> str | None:
    return role.title if role else None


@pytest.mark.parametrize(("name", "groups", "expected"), PEOPLE)
def test_a_person_has_the_highest_role_that_a_list_gives(
    roster: Roster, name: str, groups: tuple[str, ...], expected: str | None
) -> None:
    assert title(roster.role(name, groups)) == expected


def test_without_lists_and_rows_nobody_has_a_role(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    roster = Roster(settings, Database.of(settings))
    assert [roster.role(name, groups) for name, groups, _ in PEOPLE] == [None] * len(PEOPLE)


@pytest.mark.parametrize(
    ("row", "ada", "stranger", "root"),
    [
        (Role.VIEWER, "member", "viewer", "administrator"),
        (Role.MEMBER, "member", "member", "administrator"),
        (Role.ADMINISTRATOR, "administrator", "administrator", "administrator"),
        (None, None, None, None),
    ],
)
def test_a_row_raises_above_the_lists_and_a_removed_one_beats_them_all(
    roster: Roster, row: Role | None, ada: str | None, stranger: str | None, root: str | None
) -> None:
    people = {"ada@example.org": ada, "Stranger@elsewhere.test": stranger, "root@example.org": root}
    for name in people:
        roster.put(name, row, ROOT) if row else roster.remove(name, ROOT)
    assert {name: title(roster.role(name)) for name in people} == people
    if row is None:
        assert roster.role("stranger@elsewhere.test", ("ops",)) is None, "a group does not bring them back"
        assert title(roster.role("bert@example.org")) == "member", "the others of the domain stay"


def test_letters_that_only_look_alike_are_other_people(roster: Roster) -> None:
    roster.put("karl@elsewhere.test", Role.MEMBER, ROOT)
    assert roster.role("\u212aarl@elsewhere.test") is None and roster.role("KARL@elsewhere.test") is Role.MEMBER


def test_a_change_of_another_process_counts_seconds_later(settings: Settings) -> None:
    now = [100.0]
    here, there = Roster(settings, Database.of(settings), lambda: now[0]), Roster(settings, Database.of(settings))
    assert here.role("ada@example.org") is Role.MEMBER
    there.remove("ada@example.org", ROOT)
    assert there.role("ada@example.org") is None, "where it was made it counts at once"
    now[0] += 3.0
    assert here.role("ada@example.org") is None


def test_an_own_budget_stays_over_a_change_of_the_role(place: Place) -> None:
    roster = Roster(load_settings(home=place.home), place.open())
    assert roster.budget("ada@example.org") == OwnBudget()
    roster.put("Ada@example.org", Role.MEMBER, ROOT, OwnBudget(units=50.0))
    roster.put("ada@example.org", Role.ADMINISTRATOR, ROOT)
    assert roster.budget("ADA@example.org") == OwnBudget(50.0, None)
    roster.put("ada@example.org", Role.ADMINISTRATOR, ROOT, OwnBudget(0.0, 2.5))
    assert roster.budget("ada@example.org") == OwnBudget(0.0, 2.5)


def test_who_is_listed_is_named_by_the_table_or_the_settings(roster: Roster) -> None:
    roster.put("bert@elsewhere.test", Role.VIEWER, ROOT)
    roster.remove("guest@partner.test", ROOT)
    roster.put("root@example.org", Role.VIEWER, ROOT)
    assert [(one.id, one.role, one.added_by) for one in roster.listed(ROOT)] == [
        ("bert@elsewhere.test", "viewer", "root@example.org"),
        ("guest@partner.test", REMOVED, "root@example.org"),
        ("root@example.org", "administrator", "root@example.org"),
    ]


@pytest.mark.parametrize("who", [viewer(), a_member()])
def test_only_administrators_see_and_change_members(roster: Roster, who: Actor) -> None:
    for act in (
        roster.listed,
        lambda one: roster.put("a@b.test", Role.MEMBER, one),
        lambda one: roster.remove("a", one),
    ):
        with pytest.raises(NotAllowed):
            act(who)
    assert roster.role("a@b.test") is None


@pytest.mark.parametrize(
    "name", ["", "  ", "@example.org", "group:ops", "a b@c.test", "a@b.test,c@d.test", "a\n@b", "x" * 300]
)
def test_what_names_nobody_is_refused(roster: Roster, name: str) -> None:
    with pytest.raises(InputError):
        roster.put(name, Role.MEMBER, ROOT)


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
def test_a_budget_is_a_number_from_nothing_up(roster: Roster, amount: float) -> None:
    for budget in (OwnBudget(units=amount), OwnBudget(gb=amount)):
        with pytest.raises(InputError, match="budget"):
            roster.put("a@b.test", Role.MEMBER, ROOT, budget)
    assert roster.role("a@b.test") is None


def test_what_is_done_to_members_is_in_the_audit_log(place: Place) -> None:
    roster, log = Roster(load_settings(home=place.home, **LISTS), place.open()), AuditLog(place.open())
    roster.put("ada@elsewhere.test", Role.VIEWER, ROOT)
    roster.put("ada@elsewhere.test", Role.VIEWER, ROOT)
    roster.put("ada@elsewhere.test", Role.MEMBER, ROOT, OwnBudget(units=1500.0))
    roster.put("ada@elsewhere.test", Role.MEMBER, ROOT, OwnBudget(gb=0.0))
    roster.remove("ada@elsewhere.test", ROOT)
    roster.remove("ada@elsewhere.test", ROOT)
    roster.put("ada@elsewhere.test", Role.VIEWER, ROOT)
    told = [(row.action, row.detail) for row in reversed(log.recent(ROOT))]
    assert told == [
        ("member added", "viewer"),
        ("member changed", "viewer, now member"),
        ("budget changed", "1,500 units, download as all"),
        ("budget changed", "units as all, any download"),
        ("member removed", "member, now removed"),
        ("member added", "removed, now viewer"),
    ]
    assert {row.subject for row in log.recent(ROOT)} == {"ada@elsewhere.test"}
