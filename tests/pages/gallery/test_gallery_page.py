"""The page of the gallery: results and saved pictures as cards, found, starred, changed and removed by who may."""

import asyncio
import io
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as Pillow
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from pages.routes.files import file_routes
from pages.state.context import gallery, jobs, product
from services.access import Actor, Role
from services.gallery import AT_ONCE, Entry, Gallery
from services.jobs import FETCH
from tests.actors import a_member
from tests.pages.acting import acting
from tests.pages.made import FINLAND, choices, finish, go, job_in, keep_answer, recipe_of
from tests.pages.seen import click, html_of, map_that_says, markup_of

EVIL = '![x](http://x.example/a.png) <img src=x onerror=alert(1)> :red[r] *"'
VIEWER, MEMBER, ROOT = (Actor("ada@example.org", role) for role in Role)


@pytest.fixture(autouse=True)
def without_map() -> Iterator[None]:
    with map_that_says({}):
        yield


def keep(name: str, member: str = "bert", notes: str = "", **changes: Any) -> Entry:
    """Somebody has saved a picture."""
    chosen = choices(**changes)
    there: Gallery = gallery()
    return there.save(recipe_of(chosen), chosen.question(), a_member(member), name=name, notes=notes, simulated=True)


def names(page: AppTest) -> list[str]:
    """From the first card on."""
    return [part.split("<")[0] for part in html_of(page).split('class="np-card-name">')[1:]]


def keys(page: AppTest) -> set[str]:
    return {button.key or "" for button in page.button}


def link(page: AppTest) -> str:
    """Where the first `Open` leads."""
    return str(next(one.proto.query_string for one in page.get("page_link") if one.proto.label.startswith("Open")))


def get(path: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=file_routes("")))
        async with httpx.AsyncClient(transport=transport, base_url="http://np") as client:
            return await client.get(path)

    return asyncio.run(send())


def test_at_first_it_says_what_will_be_here(frame: AppTest) -> None:
    go(frame, "gallery")
    assert "Nothing has been made yet" in html_of(frame) and 'aria-current="step">Gallery<' in html_of(frame)


def test_a_finished_result_is_there_by_itself_with_all_that_is_known_of_it(frame: AppTest) -> None:
    recipe = recipe_of(choices())
    job_in(recipe, "done", member="Ada <b>")
    finish(recipe)
    go(frame, "gallery")
    html = html_of(frame)
    assert names(frame) == [f"{FINLAND.name}, 2017"] and "Made by Ada &lt;b&gt;, just now" in html
    for words in ("Simulated data. Picture of", 'loading="lazy"', "<dd>2017</dd>", "<dd>10 %</dd>", "<dd>Median</dd>"):
        assert words in html, words
    assert f"/gallery-pictures/{recipe.digest}.webp?v=" in html and "are not here" not in html
    assert link(frame) == f"result={recipe.digest}"
    product().results.discard(recipe.digest)
    go(frame, "gallery")
    assert names(frame) == [f"{FINLAND.name}, 2017"] and "its link is not known" in html_of(frame)


def test_a_result_that_is_asked_for_here_opens_with_its_choices_and_view(frame: AppTest) -> None:
    chosen = choices(view="ndvi")
    recipe = recipe_of(chosen)
    keep_answer(recipe, (3.0, 4.0))
    go(frame, "acquisitions", chosen)
    click(frame, "Fetch 2 dates")
    assert [job.id for job in jobs().recent(FETCH)] == [recipe.digest]
    finish(recipe)
    go(frame, "gallery")
    assert link(frame) == str(httpx.QueryParams(chosen.question())) and "view=ndvi" in link(frame)


def test_what_results_shows_is_saved_with_name_notes_and_view(frame: AppTest) -> None:
    chosen = choices(view="ndvi")
    keep_answer(recipe_of(chosen), (3.0, 4.0))
    go(frame, "results", chosen)
    frame.text_input(key="gallery_save_name").set_value(EVIL)
    frame.text_area(key="gallery_save_notes").set_value("First line\nsecond")
    click(frame, "Save")
    (entry,) = gallery().search("second", a_member())
    assert (entry.name, entry.view, entry.member) == (EVIL, "ndvi", "somebody")
    assert entry.link == chosen.question() and entry.simulated
    go(frame, "gallery")
    assert "<img src=x" not in markup_of(frame) and "First line\nsecond" in html_of(frame)


def test_a_search_the_order_and_favourites_say_what_is_listed(frame: AppTest) -> None:
    keep("Lakes"), keep("Łódź", notes="fields"), keep("Crops")
    go(frame, "gallery")
    assert names(frame) == ["Crops", "Łódź", "Lakes"]
    frame.text_input(key="gallery_search").set_value("lodz FIELDS").run()
    assert names(frame) == ["Łódź"]
    click(frame, "☆ Star")
    frame.text_input(key="gallery_search").set_value("").run()
    frame.selectbox(key="gallery_sort").set_value("name").run()
    assert names(frame) == ["Crops", "Lakes", "Łódź"]
    frame.toggle(key="gallery_only").set_value(True).run()
    assert names(frame) == ["Łódź"]
    click(frame, "★ Favourite")
    assert names(frame) == [] and "You have no favourites yet" in html_of(frame)
    frame.text_input(key="gallery_search").set_value("nowhere").run()
    assert "No picture has that" in html_of(frame)


def test_many_come_a_page_at_a_time(frame: AppTest) -> None:
    for number in range(AT_ONCE + 1):
        keep(f"No. {number}")
    go(frame, "gallery")
    assert len(names(frame)) == 24
    click(frame, "More")
    assert len(names(frame)) == 25 and "gallery_more" not in keys(frame)


@pytest.mark.parametrize(
    ("who", "own", "others"), [(VIEWER, False, False), (MEMBER, True, False), (ROOT, True, True)], ids=str
)
def test_each_role_sees_the_buttons_that_it_may_press(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, who: Actor, own: bool, others: bool
) -> None:
    mine, theirs = keep("Mine", who.name), keep("Theirs")
    acting(monkeypatch, who)
    go(frame, "gallery")
    for verb in ("edit", "remove"):
        assert (f"{verb}-{mine.id}" in keys(frame), f"{verb}-{theirs.id}" in keys(frame)) == (own, others)
    assert {f"star-{mine.id}", f"star-{theirs.id}"} <= keys(frame)
    keep_answer(recipe_of(choices()), (3.0,))
    go(frame, "results", choices())
    assert ("gallery_save_name" in {one.key for one in frame.text_input}) is (who is not VIEWER)


def test_a_picture_is_changed_and_removed(frame: AppTest) -> None:
    entry = keep("Old", "somebody")
    go(frame, "gallery")
    click(frame, "Edit")
    frame.text_input(key="gallery_name").set_value(" ")
    click(frame, "Save")
    assert "The gallery cannot do this" in html_of(frame)
    frame.text_input(key="gallery_name").set_value("New")
    click(frame, "Save")
    assert names(frame) == ["New"] and "The gallery cannot do this" not in html_of(frame)
    assert "opening it draws it from the cache" in html_of(frame)
    click(frame, "Remove")
    assert gallery().find(entry.id) is not None, "nothing happens before the second press"
    frame.button(key="gallery_remove").click().run()
    assert names(frame) == [] and gallery().find(entry.id) is None


def test_a_picture_of_another_version_does_not_break_the_page(frame: AppTest) -> None:
    entry = keep("Old")
    with product().database.transaction(write=True) as connection:
        connection.exec_driver_sql("""UPDATE gallery SET recipe = '{"version": 99}'""")
    go(frame, "gallery")
    assert "a picture of another version of the program" in html_of(frame)
    assert get(f"/gallery-pictures/{entry.id}.webp").status_code == 404


def test_the_small_picture_is_of_the_results_file_else_a_drawn_frame(frame: AppTest) -> None:
    recipe = recipe_of(choices())
    finish(recipe)
    path = product().results.folder(recipe.digest) / "picture.png"
    Pillow.new("RGBA", (990, 660), (200, 30, 40, 255)).save(path)
    go(frame, "gallery")
    got = get(f"/gallery-pictures/{recipe.digest}.webp?v=1")
    assert got.headers["content-type"] == "image/webp" and "max-age" in got.headers["cache-control"]
    small = np.asarray(Pillow.open(io.BytesIO(got.content)).convert("RGB")).astype(int)
    assert small.shape == (240, 360, 3) and abs(small - (200, 30, 40)).max() < 12
    product().results.discard(recipe.digest)
    got = get(f"/gallery-pictures/{recipe.digest}.webp")
    assert got.status_code == 200 and got.headers["content-type"].startswith("image/svg+xml")
    assert get("/gallery-pictures/nothing.webp").status_code == 404
