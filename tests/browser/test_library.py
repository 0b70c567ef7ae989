"""Areas that a team shares: one saves them, another finds, uses, renames and deletes them, by mouse and by keyboard."""

from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import expect

from services.area import AreaStore, Library
from services.recipe import EXAMPLES
from services.storage import Database
from tests.actors import administrator
from tests.browser.conftest import Application, application
from tests.browser.visit import Visit

EVIL = "![x](http://x.example/a.png) <img src=x onerror=alert(1)> *b* :red[r]"
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
FINLAND, PO = EXAMPLES[0].aoi, EXAMPLES[1].aoi


@pytest.fixture(scope="module")
def team(archive: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """An application of a team that has no areas yet."""
    with application(tmp_path_factory.mktemp("team"), NINEPATCH_DEMO_URL=archive) as running:
        yield running


@pytest.fixture
def array_cache(team: Application) -> Library:
    """Their library, emptied."""
    found = Library(Database(team.home))
    for entry in found.search(limit=100):
        found.delete(entry.id, administrator())
    return found


def listed(here: Visit) -> list[str]:
    """What a screen reader says of the pictures, from the top."""
    here.settle()
    images = here.page.locator(".st-key-library img").all()
    return [(image.get_attribute("alt") or "").removeprefix("Outline of ") for image in images]


def name_it(here: Visit, name: str) -> None:
    """The chosen area, in its own field."""
    field = here.page.get_by_label("Name", exact=True)
    field.fill(name)
    field.press("Enter")
    expect(here.page.locator(".st-key-choice").first).to_contain_text(name)
    here.settle()


def test_one_saves_and_another_finds_uses_renames_and_deletes(
    team: Application, array_cache: Library, visit: Callable[..., Visit]
) -> None:
    ada, bob = visit(team), visit(team, width=390, height=800, dark=True)
    bob.choose("Team")
    bob.see("Nobody has saved an area yet")
    for name, example in (("Lakes & fields", "Southern Finland"), (EVIL, "Po delta")):
        ada.choose("Example")
        ada.button(example).or_(ada.page.get_by_text(example, exact=True)).first.click()
        ada.settle()
        name_it(ada, name)
        ada.press("Save for the team")
        ada.see(f"Saved for the team as {name}")
    ada.choose("Team")
    expect(ada.page.locator(".st-key-library img")).to_have_count(2)
    assert listed(ada) == [EVIL, "Lakes & fields"]
    ada.look("saved")

    bob.choose("Example")
    bob.choose("Team")
    expect(bob.page.locator(".st-key-library img")).to_have_count(2)
    assert listed(bob) == [EVIL, "Lakes & fields"]
    search = bob.page.get_by_label("Search", exact=True)
    search.fill("LAK")
    search.press("Enter")
    expect(bob.page.locator(".st-key-library img")).to_have_count(1)
    bob.press("Use Lakes & fields")
    bob.see("Chosen now")
    bob.see("Saved for the team as Lakes & fields")
    search.fill("")
    search.press("Enter")
    expect(bob.page.locator(".st-key-library img")).to_have_count(2)
    assert listed(bob) == ["Lakes & fields", EVIL], "the last used is on top"
    assert "area=" in bob.page.url
    bob.look("used")

    bob.page.get_by_role("button", name=f"Rename {EVIL}", exact=True).click()
    field = bob.page.get_by_label("New name", exact=True)
    expect(field).to_have_value(EVIL)
    field.fill("lakes & FIELDS")
    field.press("Enter")
    bob.see("Another area of the library is called Lakes & fields.")
    bob.look("refused")
    field.fill("Po")
    field.press("Enter")
    expect(bob.button("Use Po")).to_be_visible()
    bob.press("Delete Lakes & fields")
    bob.see("Delete it for the whole team?")
    bob.look("confirm")
    bob.page.locator(".st-key-library_delete button").click()  # the one that was left may be there still
    expect(bob.page.locator(".st-key-library img")).to_have_count(1)
    assert [entry.name for entry in array_cache.search()] == ["Po"]

    ada.press("Use Lakes & fields")
    ada.see("somebody deleted it")
    bob.open(bob.page.url.removeprefix(team.url))
    bob.see("Lakes & fields")


def test_every_control_has_a_name_of_its_own_and_the_keyboard_reaches_it(
    team: Application, array_cache: Library, visit: Callable[..., Visit]
) -> None:
    array_cache.save(FINLAND, administrator("Ada"))
    array_cache.save(PO, administrator(EVIL))
    here = visit(team)
    here.choose("Team")
    names = [f"{verb} {aoi.name}" for aoi in (PO, FINLAND) for verb in ("Use", "Rename", "Delete")]
    for name in names:
        expect(here.page.get_by_role("button", name=name, exact=True)).to_have_count(1)
    here.page.get_by_label("Search", exact=True).focus()
    heard = []
    for _ in names:
        here.page.keyboard.press("Tab")
        heard.append(here.page.evaluate("document.activeElement.textContent"))
    assert heard == names
    here.page.get_by_role("button", name=f"Use {FINLAND.name}", exact=True).focus()
    here.page.keyboard.press("Enter")
    here.see("Chosen now")
    assert listed(here) == [FINLAND.name, PO.name]
    here.page.evaluate(AXE)
    found = here.page.evaluate("axe.run('.st-key-panel').then(done => done.violations)")
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []


@pytest.mark.parametrize(("width", "dark"), [(1360, False), (390, False), (390, True)])
def test_names_of_any_length_stay_within_the_panel_and_are_no_markup(
    team: Application, array_cache: Library, visit: Callable[..., Visit], width: int, dark: bool
) -> None:
    array_cache.save(FINLAND, administrator("Ada"))
    entry = array_cache.save(PO, administrator(EVIL))
    for name in ("M" * 80, EVIL):
        array_cache.rename(entry.id, name, administrator())
        here = visit(team, width=width, dark=dark)
        here.choose("Team")
        rows = here.page.locator(".st-key-library")
        expect(rows).to_contain_text(name)
        expect(rows.locator("img")).to_have_count(2)
        here.settle()
        assert rows.locator("a").count() == 0 and rows.locator("img").count() == 2
        over = "node => [...node.querySelectorAll('*')].every(one => one.getBoundingClientRect().right <= innerWidth)"
        assert rows.evaluate(over)
        here.look(f"{name[0]}-{width}-{dark}".replace("!", "evil"))
        shown = rows.locator("button").first.bounding_box()
        assert shown is not None and shown["width"] < 80, "the name in a button is heard and not seen"


def test_an_area_from_the_library_has_its_file_for_links(
    team: Application, array_cache: Library, visit: Callable[..., Visit]
) -> None:
    array_cache.save(FINLAND, administrator("Ada"))
    store = AreaStore(team.home)
    (team.home / "areas" / f"{FINLAND.digest}.json").unlink(missing_ok=True)
    here = visit(team)
    here.choose("Team")
    here.press(f"Use {FINLAND.name}")
    here.see("Chosen now")
    assert store.open(FINLAND.digest) == FINLAND
