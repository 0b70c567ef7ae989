"""The audit log: who did what to others' work, added to and never changed."""

import csv
import io

import pytest

from services.access import Action, Actor, AuditLog, record
from services.errors import NotAllowed
from tests.actors import a_member, administrator, viewer
from tests.services.databases import Place

ROOT = administrator("root@example.org")


def test_the_newest_row_is_first_and_tells_who_did_what(place: Place) -> None:
    log = AuditLog(place.open(), clock=lambda: 1_700_000_000.0)
    log.add(ROOT, Action.CACHE_CLEARED, "2017, everywhere", "12 planes")
    log.add(a_member("ada"), Action.JOB_RESUMED, "0123", "It was bert's.")
    newest, oldest = AuditLog(place.open()).recent(ROOT)
    assert (oldest.actor, oldest.role, oldest.action) == ("root@example.org", "administrator", "cache cleared")
    assert (oldest.subject, oldest.detail, oldest.time) == ("2017, everywhere", "12 planes", 1_700_000_000.0)
    assert (newest.actor, newest.role, newest.action, newest.subject) == ("ada", "member", "job resumed", "0123")
    assert [row.actor for row in log.recent(ROOT, limit=1)] == ["ada"]


def test_a_row_is_not_there_without_the_act_that_it_tells_of(place: Place) -> None:
    database = place.open()

    def act() -> None:
        with database.transaction(write=True) as connection:
            record(connection, ROOT, Action.AREA_DELETED, "Öja")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert AuditLog(database).recent(ROOT) == ()


@pytest.mark.parametrize("who", [viewer(), a_member()])
def test_only_administrators_read_it(place: Place, who: Actor) -> None:
    log = AuditLog(place.open())
    with pytest.raises(NotAllowed):
        log.recent(who)
    with pytest.raises(NotAllowed):
        next(log.csv_lines(who))


def test_refused_logins_are_told_once_in_a_while(place: Place) -> None:
    now = [1_700_000_000.0]
    log = AuditLog(place.open(), clock=lambda: now[0])
    for seconds in (0, 1, 300, 400):
        now[0] = 1_700_000_000.0 + seconds
        log.refused("eve@elsewhere.test", "No role.")
    log.refused("mallory@elsewhere.test", "No role.")
    now[0] += 601
    log.refused("eve@elsewhere.test", "No role.")
    told = [(row.actor, row.role, row.action, row.detail) for row in log.recent(ROOT)]
    eve, mallory = ((f"{name}@elsewhere.test", "", "login refused", "No role.") for name in ("eve", "mallory"))
    assert told == [eve, mallory, eve]


def test_the_table_has_every_row_the_oldest_first_and_no_formula(place: Place) -> None:
    log = AuditLog(place.open(), clock=lambda: 1_700_000_000.0)
    for number in range(1003):
        log.add(ROOT, Action.AREA_RENAMED, f"=Area {number}", "x" * 500)
    rows = list(csv.DictReader(io.StringIO("".join(log.csv_lines(ROOT)), newline="")))
    assert [row["subject"] for row in rows] == [f"'=Area {number}" for number in range(1003)]
    assert rows[0]["time"] == "2023-11-14T22:13:20+00:00" and len(rows[0]["detail"]) == 400
