"""The team's library: one entry an outline, one outline a name, the last used on top, whoever writes."""

import json
import multiprocessing
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from services.area import AOI, AreaStore, Library, library, parse_aoi
from services.area.thumbnail import outline_path
from services.errors import LibraryError, StorageError
from services.jobs import FETCH, JobStore
from services.recipe import EXAMPLES
from services.settings import Settings
from services.storage import Database, database
from services.storage.database import STEPS
from tests.actors import administrator
from tests.services.databases import Place
from tests.services.shapes import Ring, geojson, outlines
from tests.services.storage.test_database import old_file

ROOMY = Settings.model_construct(max_area_km2=1e8)
EVIL = "100 % <b>_x_</b> '; DROP TABLE library; --"


def box(number: int, name: str) -> AOI:
    """A place of its own for each number."""
    return parse_aoi(f"{number / 10}, 60, {number / 10 + 0.05}, 60.05", name=name)


def names(array_cache: Library, text: str = "", limit: int = 20) -> list[str]:
    return [entry.name for entry in array_cache.search(text, limit)]


def test_what_is_saved_is_found_with_all_that_a_list_shows(place: Place) -> None:
    aoi = EXAMPLES[0].aoi
    saved = Library(place.open(), clock=lambda: 1_700_000_000.0).save(aoi, administrator("Ada"))
    (found,) = Library(place.open()).search()
    assert found == saved == Library(place.open()).find(replace(aoi, name="anything"))
    assert (found.name, found.member, found.saved) == (aoi.name, "Ada", 1_700_000_000.0)
    assert found.area_km2 == pytest.approx(20_817, abs=1)
    assert (found.longitude, found.latitude) == aoi.centroid
    assert found.path == outline_path(aoi)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(outlines())
def test_an_area_comes_back_to_the_last_digit(place: Place, polygons: list[list[Ring]]) -> None:
    aoi = parse_aoi(json.dumps(geojson(polygons)), name="Åland & <b>Öar</b>", limits=ROOMY)
    array_cache = Library(place.open())
    entry = array_cache.save(aoi, administrator("Ada"))
    assert array_cache.open(entry.id) == aoi
    array_cache.delete(entry.id, administrator())


def test_the_last_used_is_on_top_also_by_a_clock_that_is_set_back(place: Place) -> None:
    times = count(2_000_000_000, -3600)
    array_cache = Library(place.open(), clock=lambda: float(next(times)))
    entries = [array_cache.save(box(number, f"Area {number}"), administrator("Ada")) for number in range(4)]
    assert names(array_cache) == ["Area 3", "Area 2", "Area 1", "Area 0"]
    array_cache.use(entries[1].id)
    assert names(array_cache) == ["Area 1", "Area 3", "Area 2", "Area 0"]
    array_cache.save(box(0, "Area 0"), administrator("Bob"))
    assert names(array_cache, limit=3) == ["Area 0", "Area 1", "Area 3"]


def test_the_same_outline_again_is_the_same_entry_by_its_new_name(place: Place) -> None:
    array_cache = Library(place.open())
    first = array_cache.save(box(1, "One"), administrator("Ada"))
    array_cache.save(box(2, "Two"), administrator("Ada"))
    again = array_cache.save(box(1, "Uno"), administrator("Bob"))
    assert names(array_cache) == ["Uno", "Two"]
    assert (again.id, again.member, again.saved) == (first.id, "Ada", first.saved), "who saved it first is told"
    assert array_cache.search()[0] == again
    assert array_cache.open(first.id).name == "Uno"


def test_a_name_is_one_outlines_whatever_its_case(place: Place) -> None:
    array_cache = Library(place.open())
    one, two = (
        array_cache.save(box(1, "Öja"), administrator("Ada")),
        array_cache.save(box(2, "Oja"), administrator("Ada")),
    )
    with pytest.raises(LibraryError, match="called Öja"):
        array_cache.save(box(3, "ÖJA"), administrator("Ada"))
    with pytest.raises(LibraryError, match="called Öja"):
        array_cache.rename(two.id, " O\u0308ja ", administrator())
    array_cache.rename(one.id, "ÖJA", administrator())
    assert sorted(names(array_cache)) == ["Oja", "ÖJA"]


def test_a_rename_keeps_the_area_and_its_place(place: Place) -> None:
    array_cache = Library(place.open())
    entry = array_cache.save(box(1, "One"), administrator("Ada"))
    array_cache.save(box(2, "Two"), administrator("Ada"))
    array_cache.rename(entry.id, f"  {EVIL}\n", administrator())
    assert names(array_cache) == ["Two", EVIL]
    assert array_cache.open(entry.id) == replace(box(1, "One"), name=EVIL)
    assert names(array_cache, "one") == [] and names(array_cache, "drop") == [EVIL]


@pytest.mark.parametrize("name", ["", "  ", "\u200b\n"])
def test_no_name_is_refused(place: Place, name: str) -> None:
    array_cache = Library(place.open())
    entry = array_cache.save(box(1, "One"), administrator("Ada"))
    with pytest.raises(LibraryError, match="name"):
        array_cache.rename(entry.id, name, administrator())
    with pytest.raises(LibraryError, match="name"):
        array_cache.save(replace(box(2, "Two"), name=name), administrator("Ada"))
    assert names(array_cache) == ["One"]


def test_what_is_deleted_is_gone_for_all_and_can_be_saved_again(place: Place) -> None:
    array_cache = Library(place.open())
    entry = array_cache.save(box(1, "One"), administrator("Ada"))
    array_cache.delete(entry.id, administrator())
    array_cache.delete(entry.id, administrator())
    array_cache.use(entry.id)
    assert Library(place.open()).search() == () and array_cache.find(box(1, "One")) is None
    for act in (array_cache.open, lambda key: array_cache.rename(key, "Two", administrator())):
        with pytest.raises(LibraryError, match="deleted"):
            act(entry.id)
    assert array_cache.save(box(1, "One"), administrator("Bob")).member == "Bob"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("uusimaa", ["Uusimaa coast"]),
        ("SIM coa", ["Uusimaa coast"]),
        ("  ", [EVIL, "Łódź", "Straße 5", "Åland Øst", "Uusimaa coast"]),
        ("aland", ["Åland Øst"]),
        ("ÅLAND ost", ["Åland Øst"]),
        ("lodz", ["Łódź"]),
        ("STRASSE", ["Straße 5"]),
        ("%", [EVIL]),
        ("_", [EVIL]),
        ("'", [EVIL]),
        ("\\", []),
        ("uusimaa aland", []),
        ("x" * 5000, []),
    ],
)
def test_a_search_is_any_part_of_the_name_in_any_case_and_letters(place: Place, text: str, found: list[str]) -> None:
    array_cache = Library(place.open())
    for number, name in enumerate(["Uusimaa coast", "Åland Øst", "Straße 5", "Łódź", EVIL]):
        array_cache.save(box(number, name), administrator("Ada"))
    assert names(array_cache, text) == found


def test_a_full_library_and_an_outline_too_large_are_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    array_cache = Library(place.open())
    array_cache.save(box(1, "One"), administrator("Ada"))
    monkeypatch.setattr(library, "MOST", 1)
    with pytest.raises(LibraryError, match="full: it has 1 areas"):
        array_cache.save(box(2, "Two"), administrator("Ada"))
    assert array_cache.save(box(1, "Uno"), administrator("Ada")).name == "Uno", "no new one"
    monkeypatch.setattr(library, "LARGEST", 100)
    with pytest.raises(LibraryError, match="5 vertices"):
        array_cache.save(box(1, "One"), administrator("Ada"))


@pytest.mark.parametrize("area", ["", "{", "[]", '{"name": "a", "polygons": [], "notes": []}', "[" * 100_000, "other"])
def test_a_damaged_area_is_said_and_the_others_stay(place: Place, area: str) -> None:
    array_cache = Library(place.open())
    whole, broken = (
        array_cache.save(box(1, "One"), administrator("Ada")),
        array_cache.save(box(2, "Two"), administrator("Ada")),
    )
    text = f"(SELECT area FROM library WHERE id = '{whole.id}')" if area == "other" else f"'{area}'"
    place.run(f"UPDATE library SET area = {text} WHERE id = '{broken.id}'")
    with pytest.raises(LibraryError, match="damaged"):
        array_cache.open(broken.id)
    assert names(array_cache) == ["Two", "One"] and array_cache.open(whole.id) == box(1, "One")


def test_a_database_that_fails_is_said(place: Place) -> None:
    array_cache = Library(place.open())
    place.run("DROP TABLE library")
    with pytest.raises(StorageError):
        array_cache.save(box(1, "One"), administrator("Ada"))


def test_a_database_without_a_library_gets_one_and_keeps_its_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_file(tmp_path)
    with monkeypatch.context() as past:
        past.setattr(database, "STEPS", STEPS[:3])
        Database(tmp_path)
        with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection, connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (3,)
            assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'library'").fetchall()
            connection.execute("UPDATE jobs SET member = 'Ada' WHERE id = 'bb'")
            columns = ", ".join(name for _, name, *_ in connection.execute("PRAGMA table_info(jobs)"))
            before = connection.execute(f"SELECT {columns} FROM jobs ORDER BY id").fetchall()
    Library(Database(tmp_path)).save(box(1, "One"), administrator("Ada"))
    assert names(Library(Database(tmp_path))) == ["One"]
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as connection:
        assert connection.execute(f"SELECT {columns} FROM jobs ORDER BY id").fetchall() == before
    assert [(job.id, job.member) for job in JobStore(Database(tmp_path)).recent(FETCH)] == [("aa", ""), ("bb", "Ada")]


def _save_many(task: tuple[Place, str]) -> list[str]:
    """In a process of its own: twenty outlines, the same ones in each process, by the same names."""
    place, who = task
    array_cache, refused = Library(place.open()), []
    for number in range(20):
        array_cache.save(box(number, f"Area {number}"), administrator(who))
        try:
            array_cache.save(box(100 + number + 50 * (who == "Bob"), f"Only one {number}"), administrator(who))
        except LibraryError:
            refused.append(f"Only one {number}")
    return refused


def test_two_processes_that_save_at_once_lose_and_double_nothing(place: Place) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        refused = list(pool.map(_save_many, [(place, "Ada"), (place, "Bob")]))
    found = names(Library(place.open()), limit=100)
    assert sorted(found) == sorted([f"Area {n}" for n in range(20)] + [f"Only one {n}" for n in range(20)])
    assert sorted(refused[0] + refused[1]) == sorted(f"Only one {n}" for n in range(20)), "one of the two got each name"
    used = [entry.used for entry in Library(place.open()).search(limit=100)]
    assert len(set(used)) == len(used)


def test_a_name_that_grows_when_it_is_written_in_full_is_short_enough(tmp_path: Path, place: Place) -> None:
    array_cache, store = Library(place.open()), AreaStore(tmp_path)
    entry = array_cache.save(box(1, "\u0958" * 80), administrator("Ada"))
    assert len(entry.name) == 80
    aoi = array_cache.open(entry.id)
    assert store.open(store.keep(aoi)) == aoi, "its link works"


def test_the_outlines_together_have_a_limit(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.area.library.TOTAL", 400)
    array_cache = Library(place.open())
    array_cache.save(box(1, "One"), administrator("Ada"))
    with pytest.raises(LibraryError, match="characters"):
        for number in range(2, 9):
            array_cache.save(box(number, f"Number {number}"), administrator("Ada"))
    array_cache.save(replace(box(1, "One"), name="First"), administrator("Ada"))
