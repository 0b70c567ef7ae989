"""The team's gallery on both engines: every result once, saved pictures by name, favourites of each, who may what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.access import Actor, AuditLog
from services.errors import GalleryError, NotAllowed, RecipeError
from services.export import Result, ResultStore
from services.gallery import AT_ONCE, NOTES_LENGTH, Entry, Gallery, gallery
from services.grid import Grid
from services.providers import provider_named
from services.recipe import EXAMPLES, Interval, Recipe, build_recipe
from services.sentinel2 import SCRIPT_BANDS
from services.settings import load_settings
from services.storage.sqlite_file import FILE
from tests.actors import a_member, administrator, viewer
from tests.services.databases import Place

SETTINGS = load_settings()
EVIL = "100 % <b>_x_</b> '; DROP TABLE gallery; --"
ANNA, BERT = a_member("anna"), a_member("bert")


def asks(area: str = "Åland", year: int = 2017) -> Recipe:
    """A picture in an area of that name."""
    example = EXAMPLES[0]
    grid = Grid.from_spec(replace(example.aoi, name=area), example.spec, SETTINGS)
    demo = provider_named("demo", SETTINGS)
    how: dict[str, Any] = {"mask": "clear", "method": "median", "grow": 0, "bands": SCRIPT_BANDS, "resolution": 10}
    how |= {"radius": 0, "maxcc": 10, "least_coverage": 0}
    return build_recipe(demo, grid, example.centre, Interval.of_year(year), area=area, **how)


def made(*, simulated: bool = True) -> Result:
    """A result, of which only this matters."""
    return cast("Result", SimpleNamespace(simulated=simulated))


def opened(place: Place) -> Gallery:
    """It, by a clock that goes on a second with each look."""
    times = count(1_700_000_000)
    return Gallery(place.open(), clock=lambda: float(next(times)))


def keep(there: Gallery, name: str, who: Actor = ANNA, notes: str = "", recipe: Recipe | None = None) -> Entry:
    question = {"year": "2017", "view": "ndvi"}
    return there.save(recipe or asks(), question, who, name=name, notes=notes, simulated=True)


def names(there: Gallery, text: str = "", who: Actor = ANNA, **how: Any) -> list[str]:
    return [entry.name for entry in there.search(text, who, **how)]


def test_a_saved_picture_comes_back_with_its_words_and_the_link_that_draws_it(place: Place) -> None:
    recipe = asks("Åland", 2021)
    question = {"area": "ab12", "veto": "k~a, b & c=d|l~ö", "view": "ndvi"}
    saved = opened(place).save(recipe, question, ANNA, name=f" {EVIL} ", notes="One\u202e\n\ttwo\n", simulated=True)
    assert Gallery(place.open()).search("", BERT) == (saved,)
    assert (saved.name, saved.notes, saved.member, saved.view) == (EVIL, "One\ntwo", "anna", "ndvi")
    assert saved.link == question and not saved.is_result and saved.simulated
    assert Recipe.from_json(saved.recipe) == recipe and saved.digest == recipe.digest


def test_a_result_has_one_entry_however_often_it_is_made(place: Place) -> None:
    there, recipe = opened(place), asks("Åland")
    for _ in range(2):
        there.enter(recipe, made(), "anna")
    (entry,) = there.search("", BERT)
    assert (entry.id, entry.name, entry.member) == (recipe.digest, "Åland, 2017", "anna")
    assert entry.is_result and entry.link == {"result": recipe.digest}


def test_a_result_that_is_asked_for_is_shown_once_it_is_there_and_opens_with_its_choices(place: Place) -> None:
    there, recipe = opened(place), asks()
    there.ask(recipe, {"area": "ab", "view": "ndvi"}, ANNA)
    assert names(there) == []
    there.enter(recipe, made(simulated=False), "anna")
    (entry,) = there.search("", BERT)
    assert entry.link == {"area": "ab", "view": "ndvi"} and entry.view == "ndvi" and not entry.simulated
    there.ask(recipe, {"area": "other"}, BERT)
    assert there.search("", BERT) == (entry,), "who asked first is told, and their link stays"


def test_the_link_of_an_older_result_is_learnt_when_it_is_asked_for_again(place: Place) -> None:
    there, recipe = opened(place), asks()
    there.enter(recipe, made(), "anna")
    there.ask(recipe, {"area": "ab"}, BERT)
    (entry,) = there.search("", ANNA)
    assert entry.link == {"area": "ab"} and entry.member == "anna"


def test_results_of_before_there_was_a_gallery_are_gathered_once(place: Place, tmp_path: Path) -> None:
    there, recipes = opened(place), [asks(year=year) for year in (2017, 2018, 2019)]
    opens = list[str]()

    def read(digest: str) -> Any:
        opens.append(digest)
        return SimpleNamespace(recipe=recipes[int(digest, 16)].to_dict(), simulated=True)

    store = SimpleNamespace(finished=lambda: {str(number): 10.0 + number for number in range(3)}, open=read)
    there.gather(cast("ResultStore", store), lambda digest: "anna" if digest == "1" else "")
    assert [(entry.member, entry.made) for entry in there.search("", BERT, sort="oldest")] == [
        ("", 10.0),
        ("anna", 11.0),
        ("", 12.0),
    ]
    there.remove(recipes[0].digest, administrator())
    there.gather(cast("ResultStore", store), lambda digest: "")
    assert names(there, sort="interval") == ["Åland, 2019", "Åland, 2018"], "what was removed stays out"
    assert ResultStore(tmp_path, 1).finished() == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["Łódź", "Crops"]),
        ("lodz", ["Łódź"]),
        ("ŁÓDŹ", ["Łódź"]),
        ("øland crop", ["Crops"]),
        ("oland", ["Crops"]),
        ("2022", ["Crops"]),
        ("2017", ["Łódź"]),
        ("strasse", ["Łódź"]),
        ("%", []),
        ("'", []),
        ("crops lodz", []),
    ],
)
def test_a_search_looks_through_names_notes_areas_and_years(place: Place, text: str, found: list[str]) -> None:
    there = opened(place)
    keep(there, "Crops", recipe=span("Øland"))
    keep(there, "Łódź", notes="An der\nStraße", recipe=asks("Polska"))
    assert names(there, text) == found


def span(area: str) -> Recipe:
    """Over several years, of which the name of the interval says two."""
    return asks(area).with_(interval=Interval(date(2021, 5, 1), date(2023, 4, 30)))


def test_it_is_sorted_as_asked_and_a_page_at_a_time(place: Place) -> None:
    there = opened(place)
    keep(there, "b", recipe=asks("Y", 2019))
    keep(there, "Á", recipe=asks("X", 2017))
    keep(there, "c", recipe=asks("X", 2018))
    orders = {"newest": "cÁb", "oldest": "bÁc", "name": "Ábc", "place": "Ácb", "interval": "bcÁ"}
    assert {sort: "".join(names(there, sort=sort)) for sort in gallery.SORTS} == orders
    assert names(there, sort="name", limit=2) == ["Á", "b"] and AT_ONCE == 24


def test_a_star_is_of_each_member_and_goes_with_the_picture(place: Place) -> None:
    there = opened(place)
    one, two = keep(there, "One"), keep(there, "Two")
    there.star(one.id, viewer(), on=True)
    there.star(one.id, viewer(), on=True)
    there.star(two.id, BERT, on=True)
    assert there.favourites(viewer()) == {one.id} and there.favourites(BERT) == {two.id}
    assert names(there, who=viewer(), favourites=True) == ["One"] and there.favourites(ANNA) == frozenset()
    there.star(one.id, viewer(), on=False)
    assert names(there, who=viewer(), favourites=True) == []
    there.remove(two.id, ANNA)
    assert there.favourites(BERT) == frozenset()
    with pytest.raises(GalleryError, match="somebody removed it"):
        there.star(two.id, BERT, on=True)


def test_a_change_is_found_by_its_new_words(place: Place) -> None:
    there = opened(place)
    entry = keep(there, "Old", notes="gone")
    there.change(entry.id, "New", "näher", ANNA)
    assert there.search("naher new", ANNA) == (replace(entry, name="New", notes="näher"),)
    assert names(there, "gone") == [] and names(there, "old") == []


ACTS: dict[str, Callable[[Gallery, Entry, Actor], object]] = {
    "look": lambda there, entry, who: there.search("", who),
    "star": lambda there, entry, who: there.star(entry.id, who, on=True),
    "save": lambda there, entry, who: keep(there, "Mine", who),
    "ask": lambda there, entry, who: there.ask(asks(), {}, who),
    "change": lambda there, entry, who: there.change(entry.id, "Other", "", who),
    "remove": lambda there, entry, who: there.remove(entry.id, who),
}
MAY = {
    "viewer": (viewer("anna"), {"look", "star"}),
    "owner": (ANNA, set(ACTS)),
    "other member": (BERT, {"look", "star", "save", "ask"}),
    "administrator": (administrator(), set(ACTS)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", MAY)
def test_who_may_do_what(place: Place, who: str, act: str) -> None:
    there, (actor, allowed) = opened(place), MAY[who]
    entry = keep(there, "Hers")
    if act in allowed:
        ACTS[act](there, entry, actor)
    else:
        with pytest.raises(NotAllowed):
            ACTS[act](there, entry, actor)
        assert there.search("", ANNA) == (entry,)
    recorded = [(row.actor, row.action, row.subject) for row in AuditLog(place.open()).recent(administrator())]
    others = {"change": "picture changed", "remove": "picture removed"} if who == "administrator" else {}
    assert recorded == ([("root", others[act], "Hers")] if act in others else [])


def test_words_are_bounded_and_a_name_must_be_seen(place: Place) -> None:
    there = opened(place)
    entry = keep(there, "n" * 500, notes="x" * 5000)
    assert len(entry.name) == 80 and len(entry.notes) == NOTES_LENGTH == 2000
    for name in ("", " \u200b\n"):
        with pytest.raises(GalleryError, match="name"):
            keep(there, name)
        with pytest.raises(GalleryError, match="name"):
            there.change(entry.id, name, "", ANNA)
    with pytest.raises(RecipeError, match="too many to keep"):
        there.save(asks(), {"veto": "x" * 30_000}, ANNA, name="Long", simulated=True)
    assert there.search("", ANNA) == (entry,)


def test_a_full_gallery_says_so_and_makes_no_result_fail(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MOST", 2)
    there = opened(place)
    first = keep(there, "One")
    there.enter(asks(year=2018), made(), "anna")
    with pytest.raises(GalleryError, match="full: it has 2 pictures"):
        keep(there, "Three")
    there.enter(asks(year=2019), made(), "anna")
    assert len(there.search("", ANNA)) == 2
    there.remove(first.id, ANNA)
    assert keep(there, "Three") in there.search("", ANNA)


def test_a_copy_of_the_database_brings_pictures_and_stars_back(place: Place, tmp_path: Path) -> None:
    there = opened(place)
    entry = keep(there, "One")
    there.star(entry.id, BERT, on=True)
    (tmp_path / "new").mkdir()
    place.open().copy(tmp_path / "new" / FILE)
    back = Gallery(Place(tmp_path / "new", "").open())
    assert back.search("", BERT, favourites=True) == (entry,)
