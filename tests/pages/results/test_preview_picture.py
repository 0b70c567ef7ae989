"""The page of results made of the cache at the moment: its numbers, its curve, its dates and its link."""

import io
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.components.results.layer_map import bounds
from pages.components.results.limit_curve import sentence
from pages.components.shared.format import percent
from pages.state.choices import Choices
from pages.state.context import jobs, product
from services.cache import frame_key
from services.catalogue import SourceProduct
from services.grid import Lattice, TileIndex
from services.jobs import FETCH, FILL
from services.preview import Curve, Knee, Point
from services.recipe import MASKS, Recipe, Veto
from services.render import VIEWS
from tests.pages.made import choices, finish, go, keep_answer, recipe_of
from tests.pages.routes.test_files import ask
from tests.pages.seen import address, click, html_of, markup_of, texts_of, viewed
from tests.services.overpasses import random_planes

CLOUDS = (2.0, 30.0, 5.0, 8.0, 61.0, 90.0)


def small(**changes: Any) -> Choices:
    """One coarse tile of a few pixels, at most 40 % clouds."""
    return choices(**({"radius": 0, "resolution": 300, "maxcc": 40} | changes))


def fetched(chosen: Choices, limit: int) -> list[np.ndarray[Any, Any]]:
    """The catalogue was asked, and what that limit keeps is in the cache; where each observation is clear."""
    recipe = recipe_of(chosen).with_(maxcc=limit)
    clear = []
    for number, observation in enumerate(keep_answer(recipe, CLOUDS)):
        if observation.cloud_cover <= limit:
            planes = random_planes(recipe, number, cloudy=0.5)
            product().frames.write(frame_key(recipe, recipe.centre, observation), planes)
            clear.append((planes["dataMask"] == 1) & ~np.isin(planes["SCL"], MASKS["clear"].invalid))
    return clear


def said(page: AppTest) -> str:
    """What stands over the picture."""
    found = re.search(r'<p class="np-said" role="status">([^<]*)</p>', html_of(page))
    return found[1] if found else ""


def picture(page: AppTest) -> str:
    """Its address."""
    return str(viewed(page)["pictures"]["left"]["src"])


def test_the_numbers_over_the_picture_are_those_of_its_looks(frame: AppTest) -> None:
    chosen = small()
    clear = fetched(chosen, 40)
    go(frame, "results", chosen)
    count = np.sum(clear, axis=0)
    assert said(frame) == f"4 of 6 dates, {percent(float(np.mean(count == 0)))} without data"
    observations = f"{np.median(count):g} in the median, {count[count > 0].min()} to {count.max()}"
    assert f"<dd>{observations}</dd>" in html_of(frame)
    assert "Simulated data. Median picture of 4 dates" in viewed(frame)["pictures"]["left"]["alt"]
    assert jobs().recent(FETCH) == jobs().recent(FILL) == (), "nobody asks anybody"


def test_the_page_says_the_products_of_the_kept_dates_and_how_pixels_were_made(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    go(frame, "results", chosen)
    (told,) = [one for one in frame.expander if "source products" in one.label]
    assert told.label == "4 source products, baselines 02.05, DN harmonised by the service"
    html = html_of(frame)
    kept = [one.granules[0].id for one in product().known(recipe_of(chosen)) or () if one.cloud_cover <= 40]
    assert len(kept) == 4 and all(html.count(f"<td>{name}</td>") == 1 for name in kept)
    assert "<dd>300 m, nearest neighbour</dd>" in html


def test_a_result_says_the_products_that_it_was_made_of(frame: AppTest) -> None:
    recipe = recipe_of(choices())
    made = finish(recipe)
    go(frame, "results", None, result=recipe.digest)
    assert not [one for one in frame.expander if "source product" in one.label], "it is of before they were noted"
    first, second = made.observations
    observations = replace(first, products=(SourceProduct("S2A_1", -1000), SourceProduct("S2A_2", 0))), second
    product().results.finish(recipe.digest, replace(made, observations=observations))
    frame.run()
    (told,) = [one for one in frame.expander if "source product" in one.label]
    words = "2 source products, baseline of 2 unknown, DN offset -1000 applied by Ninepatch to 1 of 2 products"
    assert told.label == words
    assert "<td>S2A_1</td><td>unknown</td>" in html_of(frame)


def test_the_picture_is_served_where_the_page_says(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    go(frame, "results", chosen)
    answer = ask(picture(frame))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    assert ask(picture(frame).replace("/true-", "/false-")).status_code == 404
    assert ask("/sketches/0123456789abcdef/..%2f..%2fjobs.sqlite").status_code == 404


def test_a_moved_limit_shows_another_picture_of_the_cache(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    go(frame, "results", chosen)
    before = picture(frame)
    frame.slider[0].set_value(5).run()
    assert said(frame).startswith("2 of 6 dates")
    assert picture(frame) != before
    assert address(frame)["maxcc"] == "5"


def test_of_what_is_not_all_in_the_cache_the_rest_is_drawn_beside_its_bill(frame: AppTest) -> None:
    clear = fetched(small(), 40)
    go(frame, "results", small())
    whole = picture(frame)
    other = go(AppTest.from_file(frame._script_path, default_timeout=60), "results", small(maxcc=70))
    empty = percent(float(np.mean(np.sum(clear, axis=0) == 0)))
    assert said(other) == f"4 of 5 dates are here, {empty} without data; 1 date to be fetched"
    drawn, before = (np.asarray(Image.open(io.BytesIO(ask(one).content))) for one in (picture(other), whole))
    np.testing.assert_array_equal(drawn, before, "the same four dates")
    assert "veto" not in address(other) and "by hand" not in html_of(other)
    assert not other.expander or "Everything in one zip" not in html_of(other)
    click(other, "Fetch 1 of 5 dates")
    assert [job.state for job in jobs().recent(FETCH)] == ["queued"]
    assert f'<img class="np-dim" src="{picture(frame)}"' not in html_of(frame)
    assert '<img class="np-dim" src="/sketches/' in html_of(other), "it stands until the job has one"


def test_where_nothing_is_in_the_cache_there_is_a_bill_alone(frame: AppTest) -> None:
    chosen = small(maxcc=70)
    keep_answer(recipe_of(chosen), CLOUDS)
    go(frame, "results", chosen)
    assert "This picture is not made yet" in html_of(frame)
    assert "5 of its 5 dates are to be fetched. What is there is used." in texts_of(frame)
    assert viewed(frame) == {}


def test_a_large_picture_is_shown_small_at_once_and_then_in_full(frame: AppTest) -> None:
    chosen = small(radius=2, resolution=10)
    recipe = recipe_of(chosen)
    for number, observation in enumerate(keep_answer(recipe, CLOUDS[:2])):
        for tile in (one.index for one in recipe.neighbourhood.tiles):
            product().frames.write(frame_key(recipe, tile, observation), random_planes(recipe, number, cloudy=0.2))
    go(frame, "results", chosen)
    given = viewed(frame)
    side = 5 * recipe.lattice.size_px(10)[0]
    assert given["size"] == given["look"]["pixels"] and given["size"][0] > 1000
    assert given["look"]["pixels"][0] == side
    small_one, full = ask(picture(frame)), ask(given["pictures"]["left"]["full"])
    assert [image.status_code for image in (small_one, full)] == [200, 200]
    assert Image.open(io.BytesIO(small_one.content)).width <= 1000 < Image.open(io.BytesIO(full.content)).width


def test_another_view_is_of_the_same_looks(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    go(frame, "results", chosen)
    before = said(frame)
    frame.button_group(key="picture_view").set_value("ndvi").run()
    assert said(frame) == before
    assert "/ndvi-" in picture(frame) and address(frame)["view"] == "ndvi"
    assert 'class="np-scale"' in html_of(frame) and "(B08 − B04) / (B08 + B04)" in html_of(frame)


def test_a_veto_of_the_link_is_left_out_and_told(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    found = product().known(recipe_of(chosen))
    assert found is not None
    chosen = small(vetoes=(Veto(found[0].key, "smoke"),))
    go(frame, "results", chosen)
    assert said(frame).startswith("3 of 6 dates")
    assert "<dd>1 by hand</dd>" in html_of(frame)
    assert any("smoke" in text for text in texts_of(frame))
    click(frame, "Use 2017-06-07 again")
    assert said(frame).startswith("4 of 6 dates") and "veto" not in address(frame)


def test_without_files_they_are_offered_for_nothing(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    go(frame, "results", chosen)
    assert "Everything in one zip" not in html_of(frame)
    click(frame, "Create the download files · nothing to fetch")
    assert [job.state for job in jobs().recent(FETCH)] == ["queued"]


def test_with_files_all_of_them_are_linked(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    result = finish(recipe_of(chosen))
    go(frame, "results", chosen)
    assert said(frame), "the picture of now is shown"
    assert f'href="/files/{recipe_of(chosen).digest}/everything.zip"' in html_of(frame)
    assert f"{result.units:,.1f} processing units" in html_of(frame), "what it cost is still there"


def test_the_link_opens_the_same(frame: AppTest) -> None:
    chosen = small(view="nbr", grow=2, method="least-cloudy")
    fetched(chosen, 40)
    go(frame, "results", chosen)
    (link,) = [code.value for code in frame.code]
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    other = go(AppTest.from_file(frame._script_path, default_timeout=60), "results", None, **query)
    assert picture(other) == picture(frame)
    assert "Least cloudy" in markup_of(other)


def test_the_faces_of_dates_are_made_at_the_address_of_the_link() -> None:
    chosen = small()
    fetched(chosen, 40)
    found = product().known(recipe_of(chosen))
    assert found is not None
    answers = [ask(f"/faces/{one.key}.png?{query(chosen)}") for one in found]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404, 404]
    assert answers[0].content.startswith(b"\x89PNG") and answers[0].content != answers[1].content
    assert ask(f"/faces/{found[0].key}.png").status_code == 404
    assert ask(f"/faces/nothing.png?{query(chosen)}").status_code == 404
    refused = ask(f"/faces/{found[0].key}.png?{query(small(bands=('B04',), view='ndvi'))}")
    assert refused.status_code == 404 and "B08" in refused.text


def query(chosen: Choices) -> str:
    return "&".join(f"{name}={text}" for name, text in chosen.question().items())


def curve_of(*parts: tuple[float, bool]) -> Curve:
    """A limit for each share without data, and whether all is here."""
    return Curve(tuple(Point(limit, limit, part, None, here) for limit, (part, here) in enumerate(parts)))


def test_the_curve_says_its_knee_and_what_is_missing() -> None:
    whole, part = curve_of((0.5, True), (0.1, True)), curve_of((0.5, True), (0.1, False))
    assert sentence(whole, Knee(1, "From 1 % on it is flat.")) == "From 1 % on it is flat."
    assert sentence(part, None).endswith("From 1 % on there are dates that are not cached (shaded).")
    assert sentence(part, None).startswith("No limit stands out")


def test_the_table_of_limits_has_the_numbers_of_the_looks(frame: AppTest) -> None:
    chosen = small()
    clear = fetched(chosen, 40)
    go(frame, "results", chosen)
    html = html_of(frame)
    for limit, observations in ((5, (0, 2)), (10, (0, 2, 3)), (40, (0, 1, 2, 3))):
        empty = float(np.mean(~np.any([clear[place] for place in observations], axis=0)))
        row = re.search(rf"<tr><td[^>]*>{limit} %(?: \(knee\))?</td>(.*?)</tr>", html)
        assert row is not None
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", row[1])
        assert cells[:2] == [str(len(observations)), percent(empty)]
    row = re.search(r"<tr><td[^>]*>100 %</td>(.*?)</tr>", html)
    assert row is not None
    _, *numbers, where = re.findall(r"<td[^>]*>([^<]*)</td>", row[1])
    assert (numbers, where) == (["", ""], "not all"), "blank where the curve ends, too"


@pytest.mark.parametrize(("epsg", "x0"), [(32635, 500_000.0), (32660, 832_000.0)])
def test_the_map_knows_where_the_picture_lies(epsg: int, x0: float) -> None:
    lattice = Lattice(epsg, x0, 100_000.0, 3000.0, 3000.0)
    (south, west), (north, east) = bounds(lattice.neighbourhood(TileIndex(0, 0), 1))
    assert south < north and 0 < east - west < 0.2, "also past the 180th meridian"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (0.0, "0 %"),
        (0.00004, "under 0.01 %"),
        (0.0004, "0.04 %"),
        (0.123, "12.3 %"),
        (1.0, "100.0 %"),
    ],
)
def test_little_is_not_nothing(part: float, words: str) -> None:
    assert percent(part) == words


def test_map_tiles_are_of_a_result_that_is_there(frame: AppTest) -> None:
    recipe: Recipe = recipe_of(small())
    assert ask(f"/tiles/{recipe.digest}/true/3/1/1.png").status_code == 404
    finish(recipe)
    assert ask(f"/tiles/{recipe.digest}/true/3/9/1.png").status_code == 404
    assert ask(f"/tiles/{recipe.digest}/true/3/1/1.png").status_code == 503, "its mosaic is no picture"


def test_what_a_browser_keeps_has_an_address_that_changes_with_its_meaning(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = small()
    fetched(chosen, 40)
    found = product().known(recipe_of(chosen))
    assert found is not None
    go(frame, "results", chosen)
    before = picture(frame)
    kept = ask(f"/faces/{found[0].key}.png?{query(chosen)}&v=1")
    loose = ask(f"/faces/{found[0].key}.png?{query(chosen)}")
    assert "max-age" in kept.headers["cache-control"] and "no-cache" in loose.headers["cache-control"]
    monkeypatch.setitem(VIEWS, "true", replace(VIEWS["true"], gamma=3.0))
    frame.run()
    assert picture(frame) != before
    assert ask(f"/faces/{found[0].key}.png?{query(chosen)}&v=2").content != kept.content


def test_a_result_of_another_definition_is_told_and_not_shown(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = small()
    recipe = recipe_of(chosen)
    fetched(chosen, 40)
    finish(recipe)
    assert ask(f"/files/{recipe.digest}/picture.png").status_code == 200
    monkeypatch.setitem(MASKS, "clear", replace(MASKS["clear"], invalid=(0,)))
    go(frame, "results", chosen)
    assert "another definition of mask clear" in html_of(frame) + markup_of(frame) + " ".join(texts_of(frame))
    assert picture(frame).startswith("/sketches/"), "made of the cache now"
    for name in ("picture.png", "median.tif", "everything.zip"):
        assert ask(f"/files/{recipe.digest}/{name}").status_code == 404
    assert ask(f"/tiles/{recipe.digest}/true/3/1/1.png").status_code == 404
    other = go(AppTest.from_file(frame._script_path, default_timeout=60), "results", None, result=recipe.digest)
    assert "another definition of mask clear" in html_of(other) + markup_of(other) + " ".join(texts_of(other))
    assert "/files/" not in html_of(other)
