"""The page of results: progress, the picture, its numbers and files; whoever comes back finds the same."""

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.acquisitions.bill import PRESSED
from pages.components.results.progress import left
from pages.state.context import jobs, product
from services.grid import TileIndex
from services.jobs import FETCH
from services.text import megabytes
from tests.pages.made import FINLAND, PNG, choices, finish, go, job_in, keep_answer, recipe_of
from tests.pages.seen import click, html_of, markup_of, texts_of, viewed


def test_without_a_choice_it_says_what_to_do(frame: AppTest) -> None:
    go(frame, "results")
    assert any("First choose where" in text for text in texts_of(frame))


def test_a_picture_that_nobody_made_shows_what_it_takes(frame: AppTest) -> None:
    chosen = choices()
    keep_answer(recipe_of(chosen), [3.0])
    go(frame, "results", chosen)
    assert any("fetch" in text for text in texts_of(frame))
    assert jobs().recent(FETCH) == ()
    click(frame, "Fetch 1 date")
    assert [job.state for job in jobs().recent(FETCH)] == ["queued"]


def test_a_running_job_is_found_by_the_choices_and_shows_its_numbers(frame: AppTest) -> None:
    chosen = choices()
    job_in(recipe_of(chosen), "running", phase="fetching", done=7, total=42, units=61.07, bytes=12_345_678)
    go(frame, "results", chosen)
    html = html_of(frame)
    for words in ("7 of 42", "61.1", "12.3 MB"):
        assert f"<dd>{words}</dd>" in html
    assert html.count('<i class="np-centre-1"') == 1 and html.count('<i class="np-centre-0"') == 8, (
        "the place of the picture is kept"
    )


def test_the_picture_is_shown_while_its_files_are_written(frame: AppTest) -> None:
    chosen = choices()
    recipe = recipe_of(chosen)
    job_in(recipe, "running", phase="writing the files", done=42, total=42)
    folder = product().results.folder(recipe.digest)
    folder.mkdir(parents=True)
    (folder / "picture.png").write_bytes(PNG)
    go(frame, "results", chosen)
    assert f'<img src="/files/{recipe.digest}/picture.png?v=' in html_of(frame)
    assert "np-centre-1" not in html_of(frame).partition("np-making")[2].partition("</div>")[0]


@pytest.mark.parametrize("link", ["job", "result"])
def test_a_link_with_the_number_alone_finds_the_job(frame: AppTest, link: str) -> None:
    recipe = recipe_of(choices())
    job_in(recipe, "running", phase="fetching", done=1, total=42)
    go(frame, "results", None, **{link: recipe.digest})
    assert "<dd>1 of 42</dd>" in html_of(frame)
    assert f"{FINLAND.name} · tile 35,25 · max. cloud cover 10 %" in texts_of(frame)


def test_runs_of_the_page_start_nothing(frame: AppTest) -> None:
    chosen = choices()
    job_in(recipe_of(chosen), "failed")
    go(frame, "results", chosen)
    frame.run()
    assert [job.state for job in jobs().recent(FETCH)] == ["failed"]


def test_cancel_asks_the_job_to_stop_and_continue_queues_it_again(frame: AppTest) -> None:
    chosen = choices()
    job = job_in(recipe_of(chosen), "running", member="somebody", phase="fetching", done=1, total=42)
    go(frame, "results", chosen)
    click(frame, "Cancel")
    assert jobs().report(job.id) is True
    assert "Cancelling…" in [button.label for button in frame.button]
    jobs().finish(job.id, "cancelled")
    frame.run()
    assert any("will not be fetched again" in text for text in texts_of(frame))
    click(frame, "Continue")
    assert [job.state for job in jobs().recent(FETCH)] == ["queued"]


def test_a_failed_job_shows_cause_and_remedy_as_plain_text(frame: AppTest) -> None:
    chosen = choices()
    job_in(recipe_of(chosen), "failed", cause="No ![connection](http://x/y) to <b>it</b>.", remedy="Try later.")
    go(frame, "results", chosen)
    assert "No ![connection](http://x/y) to <b>it</b>." in texts_of(frame)
    assert "Try later." in texts_of(frame)
    assert "connection" not in markup_of(frame)
    click(frame, "Resume")
    assert [job.state for job in jobs().recent(FETCH)] == ["queued"]


def test_the_picture_has_words_numbers_and_attribution(frame: AppTest) -> None:
    chosen = choices()
    recipe = recipe_of(chosen)
    finish(recipe)
    go(frame, "results", chosen)
    html = html_of(frame)
    image = viewed(frame)["pictures"]["left"]
    assert re.match(rf"/files/{recipe.digest}/picture.png\?v=\d+", image["src"]) and not image["full"]
    assert "Simulated data. Median picture of 2 dates in 2017" in image["alt"] and "0.04 % without data" in image["alt"]
    assert re.search(r'/looks.png[^"]*" alt="How many clear observations', html)
    assert "Simulated data, made by the demo archive of Ninepatch; no satellite data" in html
    for words in (
        "2 of 71, scene cloud cover at most 10 %",
        "2 in the median, 1 to 2",
        "<dt>Source</dt><dd>Demo archive</dd>",
        "0.04 % of the picture",
        "17.4 processing",
    ):
        assert words in html
    assert "2017-07-02" in html


def test_each_file_is_where_its_tile_lies(frame: AppTest) -> None:
    chosen = choices()
    recipe = recipe_of(chosen)
    finish(recipe)
    go(frame, "results", chosen)
    html = html_of(frame)
    order = re.findall(r'href="/files/[0-9a-f]+/tiles/x(\d+)_y(\d+)\.tif"', html)
    assert order == [(str(x), str(y)) for y in (26, 25, 24) for x in (34, 35, 36)]
    assert len(re.findall(r'/patches/x\d+_y\d+\.zip" download="s2l2a_', html)) == 9
    for name in ("median.tif", "median.png", "recipe.json", "picture.png", "looks.png"):
        assert f'/{name}" download="s2l2a_{name}"' in html
    assert html.count(f"<span>{megabytes(len(PNG))}</span>") == 5 + 9 + 9
    assert html.count('class="np-patch np-centre"') == 1


@pytest.mark.parametrize("radius", [0, 2])
def test_other_neighbourhoods_are_laid_out_alike(frame: AppTest, radius: int) -> None:
    chosen = choices(radius=radius)
    finish(recipe_of(chosen))
    go(frame, "results", chosen)
    assert html_of(frame).count("GeoTIFF of tile") == (2 * radius + 1) ** 2


def test_a_second_press_says_that_nothing_was_fetched(frame: AppTest) -> None:
    chosen = choices()
    finish(recipe_of(chosen))
    job = job_in(recipe_of(chosen), "done", phase="asking the catalogue")
    go(frame, "results", chosen)
    assert "Nothing was fetched this time" not in html_of(frame), "this person has not pressed"
    frame.session_state[PRESSED] = job.id
    frame.run()
    assert "Nothing was fetched this time" in html_of(frame)


def test_a_picture_from_the_cache_says_so(frame: AppTest) -> None:
    chosen = choices()
    finish(recipe_of(chosen), requests=0)
    go(frame, "results", chosen)
    assert "all bands were cached" in html_of(frame)


def test_a_link_to_a_picture_works_beside_other_choices(frame: AppTest) -> None:
    recipe = recipe_of(choices(maxcc=33, centre=TileIndex(30, 20)))
    finish(recipe)
    go(frame, "results", choices(), result=recipe.digest)
    assert f"/files/{recipe.digest}/picture.png" in html_of(frame)
    assert f"{FINLAND.name} · tile 30,20 · max. cloud cover 33 %" in texts_of(frame)


@pytest.mark.parametrize("digest", ["0" * 16, "../../etc", "<img src=x>", "%00"])
def test_a_link_to_nothing_says_so(frame: AppTest, digest: str) -> None:
    go(frame, "results", result=digest)
    assert "img src=x" not in markup_of(frame)
    said = "\n".join([*texts_of(frame), html_of(frame)])
    assert "not on this server" in said or "is not the number of a result" in said


def test_what_was_asked_for_lately_is_found_without_a_link(frame: AppTest) -> None:
    name = "*Bog* <img src=x> [y](http://z)"
    chosen = choices()
    assert chosen.aoi is not None
    recipe = recipe_of(replace(chosen, aoi=replace(chosen.aoi, name=name)))
    job_in(recipe, "running", phase="fetching")
    go(frame, "results")
    assert f"{name} · tile 35,25 · 2017 · at most 10 % · being made" in texts_of(frame)
    assert "Bog" not in markup_of(frame)


def test_a_name_is_text_and_nothing_else(frame: AppTest) -> None:
    chosen = choices()
    assert chosen.aoi is not None
    recipe = recipe_of(replace(chosen, aoi=replace(chosen.aoi, name="<script>1</script>**x**")))
    finish(recipe)
    go(frame, "results", result=recipe.digest)
    assert any("<script>1</script>**x**" in text for text in texts_of(frame))
    assert "<script>1" not in markup_of(frame) and "**x**" not in markup_of(frame)


def test_the_time_left_is_at_the_pace_so_far(frame: AppTest) -> None:
    job = job_in(recipe_of(choices()), "running", phase="fetching", done=10, total=40)
    begun = job.started
    assert begun is not None
    assert left(job, begun + 20) == "about 60 s"
    assert left(job, begun + 100) == "about 5 min"
    assert left(replace(job, done=1), begun + 20) == "–"
    assert left(replace(job, total=0), begun + 20) == "–"
    assert left(replace(job, done=40), begun + 20) == "a few seconds"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (493, "493 bytes"),
        (999.6, "1 kB"),
        (861_000, "861 kB"),
        (999_600, "1.0 MB"),
        (71_500_000, "71.5 MB"),
        (428e6, "428 MB"),
        (1.25e9, "1.2 GB"),
    ],
)
def test_sizes_have_three_digits_at_most(size: float, words: str) -> None:
    assert megabytes(size) == words


def test_results_that_made_room_are_named_beside_the_one_that_needed_it_and_at_their_links(frame: AppTest) -> None:
    chosen = choices()
    recipe, old = recipe_of(chosen), recipe_of(chosen).with_(maxcc=90)
    finish(old)
    keep_answer(recipe, [3.0])
    product().results.room.limit = 1
    finish(recipe)
    product().results.room.limit = 10**9
    go(frame, "results", chosen)
    assert any("cc90" in text for text in texts_of(frame)), texts_of(frame)
    go(frame, "results", chosen, result=old.digest)
    assert "made room for a newer one" in markup_of(frame)
    assert any("results_gb" in text for text in texts_of(frame))


def test_a_result_can_be_kept_whatever_is_made(frame: AppTest) -> None:
    chosen = choices()
    recipe = recipe_of(chosen)
    finish(recipe)
    keep_answer(recipe, [3.0])
    go(frame, "results", chosen)
    frame.toggle(key=f"keep-{recipe.digest}").set_value(True).run()
    assert product().results.room.is_kept(recipe.digest)
    frame.toggle(key=f"keep-{recipe.digest}").set_value(False).run()
    assert not product().results.room.is_kept(recipe.digest)
