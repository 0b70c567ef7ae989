"""The gallery in a browser: a result comes by itself, one stars and finds it, and it opens with all its choices."""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import expect

from services.export import ResultStore
from services.gallery import NOTES_LENGTH, Gallery
from services.recipe import Recipe
from services.storage import Database
from tests.actors import a_member
from tests.browser.conftest import Application, application
from tests.browser.visit import PICTURE, Visit

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def team(archive: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """An application of a team that has made nothing yet."""
    with application(tmp_path_factory.mktemp("gallery"), NINEPATCH_DEMO_URL=archive) as running:
        yield running


def test_one_stars_finds_and_opens_what_the_team_has_made(team: Application, visit: Callable[..., Visit]) -> None:
    here = visit(team, "/results")
    here.press("Start with the example")
    here.page.wait_for_url(re.compile("area="))
    link = here.page.url.removeprefix(here.url)
    for name, value in (("radius", "0"), ("maxcc", "60")):
        link = re.sub(rf"([?&]){name}=[^&]*", rf"\g<1>{name}={value}", link)
    here.open(f"{re.sub('year=2017', 'from=2018-06-01&to=2018-08-01', link)}&view=ndvi")
    here.button("Fetch").click(timeout=120_000)
    here.page.locator(PICTURE).wait_for(timeout=120_000)
    here.settle()
    here.page.get_by_role("button", name="Save to the gallery").click()
    for label, most, words in (
        ("Name", 80, "Łódź fields"),
        ("Notes", NOTES_LENGTH, "Looks like <b>May</b>;\nask Ada."),
    ):
        field = here.page.get_by_label(label, exact=True).last
        field.fill("Ł" * (most + 1))
        assert len(field.input_value()) <= most, "it takes no more than is kept"
        field.fill(words)
    here.look("saving")
    here.page.locator(".st-key-gallery_save button").click()
    expect(here.page.get_by_text("Saved to the gallery as Łódź fields", exact=True)).to_be_visible()
    wanted = here.page.url

    for _ in range(600):  # the worker writes the files after the picture
        if ResultStore(team.home, 1).finished():
            break
        here.page.wait_for_timeout(100)
    other = visit(team, "/gallery")
    cards = other.page.locator(".np-card-name")
    expect(cards).to_have_count(2)
    for image in other.page.locator(".np-card-picture img").all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    other.page.evaluate(AXE)
    found = other.page.evaluate("axe.run('.stMain').then(done => done.violations)")
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    other.look("cards")
    field = other.page.get_by_label("Search", exact=True)
    field.fill("LODZ may")
    field.press("Enter")
    expect(cards).to_have_text(["Łódź fields"])
    other.button("☆ Star Łódź fields").click()
    expect(other.button("★ Favourite Łódź fields")).to_be_visible()
    other.page.get_by_role("link", name="Open Łódź fields").click()
    other.page.locator(PICTURE).wait_for()
    other.settle()
    assert set(other.page.url.split("?")[1].split("&")) >= set(wanted.split("?")[1].split("&"))
    expect(other.page.get_by_role("radio", name="Vegetation (NDVI)", exact=True)).to_be_checked()


@pytest.mark.parametrize(("width", "dark"), [(1360, True), (390, False), (390, True)])
def test_words_of_any_length_stay_within_their_cards(
    team: Application, visit: Callable[..., Visit], width: int, dark: bool
) -> None:
    there = Gallery(Database(team.home))
    entries = there.search("", a_member())
    if not there.search("MMM", a_member()):
        recipe = Recipe.from_json(entries[0].recipe)
        there.save(recipe, {}, a_member("M" * 60), name="M" * 80, notes="<i>" * 300, simulated=True)
    here = visit(team, "/gallery", width=width, dark=dark)
    expect(here.page.locator(".np-card-name")).to_have_count(len(there.search("", a_member())))
    over = "node => [...node.querySelectorAll('*')].every(one => one.getBoundingClientRect().right <= innerWidth)"
    assert here.page.locator(".st-key-gallery").evaluate(over)
    assert here.page.locator(".st-key-gallery i").count() == 0
    here.look(f"{width}-{dark}")
