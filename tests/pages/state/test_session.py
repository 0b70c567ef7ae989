"""The choices and their link."""

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
import streamlit as st
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.routes.grid_lines import get_ready
from pages.state.choices import Choices, choices_of
from pages.state.context import areas, forget, outlines
from services.area import AOI, parse_aoi
from services.grid import TileIndex
from services.recipe import EXAMPLES, MASKS, MAX_GROW, METHODS, Interval, Veto, ordered
from services.render import VIEWS
from services.sentinel2 import BANDS
from tests.pages.seen import address, click, map_that_says, markup_of, texts_of

FINLAND = EXAMPLES[0].aoi
BERGEN = parse_aoi("5, 60.2, 5.6, 60.6", name="Bergen")
keys = some.dates(date(2015, 7, 1), date(2025, 12, 31)).map(lambda day: f"S2A_R079_{day:%Y%m%d}T095031")
letters = some.characters(exclude_categories=["C", "Z"], include_characters=" ~|%&=#+")
reasons = some.text(letters, min_size=1, max_size=80).filter(lambda text: text == text.strip())
days = some.dates(date(2016, 1, 1), date(2025, 12, 31))
intervals = some.one_of(
    some.integers(2016, 2025).map(Interval.of_year),
    some.tuples(days, some.integers(1, 900)).map(lambda pair: Interval(pair[0], pair[0] + timedelta(days=pair[1]))),
)


@bounded(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spec=some.sampled_from(["54x39", "3300", "6000"]),
    x=some.integers(-5, 60),
    y=some.integers(-5, 60),
    radius=some.integers(0, 2),
    interval=intervals,
    maxcc=some.integers(0, 100),
    mask=some.sampled_from([name for name, preset in MASKS.items() if not preset.sources]),
    bands=some.lists(some.sampled_from(list(BANDS)), min_size=1, unique=True).map(tuple),
    resolution=some.sampled_from([10, 20, 60]),
    method=some.sampled_from(list(METHODS)),
    grow=some.integers(0, MAX_GROW),
    least_coverage=some.integers(0, 100),
    vetoes=some.lists(some.builds(Veto, keys, reasons), max_size=4).map(ordered),
    view=some.sampled_from(list(VIEWS)),
)
def test_a_link_brings_the_same_choices(spec: str, x: int, y: int, **chosen: object) -> None:
    areas().keep(FINLAND)
    before = replace(Choices().with_area(FINLAND, spec), centre=TileIndex(x, y), **chosen)  # type: ignore[arg-type]
    after, problems = choices_of(dict(parse_qsl(urlencode(before.question()))))
    assert (after, problems) == (before, ())
    assert after.recipe() == before.recipe()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("area", "../../../etc/passwd"),
        ("area", "ffffffffffff"),
        ("grid", "0x0"),
        ("grid", "9" * 400),
        ("centre", "1"),
        ("centre", "9" * 400 + ",1"),
        ("radius", "3"),
        ("year", "2014"),
        ("year", "twenty"),
        ("to", "soon"),
        ("to", "2001-01-01"),
        ("maxcc", "101"),
        ("maxcc", "-1"),
        ("mask", "fog"),
        ("bands", "B02,B10"),
        ("bands", "B02,B02"),
        ("resolution", "1"),
        ("method", "middle"),
        ("method", "Median"),
        ("grow", "21"),
        ("grow", "-1"),
        ("grow", "two"),
        ("veto", "haze"),
        ("veto", "|"),
        ("veto", "S2A_R079_20170607T095031"),
        ("coverage", "101"),
        ("coverage", "-1"),
        ("veto", "S2A_R079_20170607T095031~"),
        ("veto", "S2A_R079_20170607T095031~%00"),
        ("veto", "S2A_R079_20170607T095031~a~b"),
        ("veto", "S2A_R079_20170607T095031~" + "x" * 81),
        ("veto", "../../etc~haze"),
        ("view", "x-ray"),
        ("view", "<b>"),
    ],
)
def test_nonsense_in_a_link_is_told_and_the_rest_is_kept(key: str, text: str) -> None:
    areas().keep(FINLAND)
    good = replace(Choices().with_area(FINLAND, "54x39"), maxcc=33, interval=Interval.of_year(2018)).question()
    found, problems = choices_of(good | {"from": "2016-01-01", key: text})
    assert len(problems) == 1
    assert found.maxcc == (10 if key == "maxcc" else 33)
    assert (found.aoi is None) == (key == "area")


def test_the_recipe_has_the_vetoes_of_its_days_and_the_link_has_all() -> None:
    areas().keep(FINLAND)
    vetoes = (Veto("S2A_R079_20170607T095031", "haze"), Veto("S2A_R079_20180607T095031", "snow"))
    chosen = replace(Choices().with_area(FINLAND), interval=Interval.of_year(2018), vetoes=vetoes)
    recipe = chosen.recipe()
    assert recipe is not None and recipe.vetoes == vetoes[1:]
    assert choices_of(chosen.question())[0].vetoes == vetoes
    assert chosen.with_grid("1200").vetoes == vetoes
    assert chosen.with_area(FINLAND).vetoes == (), "they are of another place"


def test_a_link_without_a_coverage_keeps_every_date_and_a_new_visit_has_the_setting_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert choices_of({"year": "2017"})[0].least_coverage == 0, "as in links of before"
    assert choices_of({"year": "2017", "coverage": "3"})[0].least_coverage == 3
    assert choices_of({})[0].least_coverage == choices_of({"job": "0" * 16})[0].least_coverage == 1
    monkeypatch.setenv("NINEPATCH_LEAST_COVERAGE", "25")
    st.cache_resource.clear()
    forget()
    assert choices_of({})[0].least_coverage == 25
    assert choices_of({})[0].question()["coverage"] == "25"


def test_what_makes_the_same_picture_is_the_same_recipe() -> None:
    areas().keep(FINLAND)
    chosen = replace(Choices().with_area(FINLAND), mask="none")
    assert replace(chosen, grow=5, view="ndvi").recipe() == chosen.recipe()
    assert replace(chosen, mask="clear", grow=5).recipe() != replace(chosen, mask="clear").recipe()


@pytest.mark.parametrize("spec", ["3300", "20x10"])
def test_an_old_link_to_west_norway_keeps_its_zone_and_a_new_grid_has_the_tiles_own(spec: str) -> None:
    areas().keep(BERGEN)
    centre = "5,5" if "x" in spec else "80,2030"
    kept, problems = choices_of({"area": BERGEN.digest, "grid": spec, "centre": centre, "radius": "1"})
    assert (problems, zone(kept)) == ((), 31)
    assert kept.question()["grid"] == spec
    assert choices_of(kept.question())[0] == kept, "also when it is passed on"
    assert zone(kept.with_outline(BERGEN.called("Renamed", ()))) == 31
    new = Choices().with_area(BERGEN, spec)
    assert zone(new) == 32
    assert choices_of(new.question())[0] == new
    assert zone(kept.with_grid(spec)) == 32, "whoever chooses a grid has a new one"
    assert zone(kept.with_outline(parse_aoi("5, 60.2, 5.7, 60.6"))) == 32
    assert zone(kept.with_area(FINLAND)) == 35


def zone(chosen: Choices) -> int:
    """Of the grid, which must be there."""
    assert chosen.grid is not None
    return chosen.grid.lattice.epsg % 100


def test_a_grid_in_another_zone_says_so_and_a_press_changes_it(frame: AppTest) -> None:
    areas().keep(BERGEN)
    with map_that_says({}):
        frame.query_params.update(area=BERGEN.digest, grid="3300", centre="84,2030")
        frame.run()
        assert "keeps its grid in UTM zone 31" in markup_of(frame)
        assert address(frame)["grid"] == "3300"
        click(frame, "Use zone 32")
        assert address(frame)["grid"] == "3300z32"
        assert "keeps its grid" not in markup_of(frame)
        assert not frame.exception


def test_another_grid_keeps_the_place_of_the_centre() -> None:
    before = replace(Choices().with_area(FINLAND, "54x39"), centre=TileIndex(35, 25))
    after = before.with_grid("1200")
    assert before.grid is not None and after.grid is not None and after.centre is not None
    west, south, east, north = before.grid.lattice.bounds(TileIndex(35, 25))
    left, low, right, high = after.grid.lattice.bounds(after.centre)
    assert left <= (west + east) / 2 < right and low <= (south + north) / 2 < high


def test_large_areas_stay_in_memory_by_their_bytes_and_not_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NINEPATCH_MEMORY_MB", "50")
    st.cache_resource.clear()
    forget()
    limit = 50_000_000 // 8
    digests = [areas().keep(round_area(number)) for number in range(12)]
    for digest in digests:
        chosen, problems = choices_of({"area": digest, "grid": "3300"})
        assert problems == () and chosen.grid is not None
        get_ready(digest, chosen.grid)
        assert outlines().bytes <= limit
    there = [outlines().get(("grid", digest, "3300")) is not None for digest in digests]
    assert there == sorted(there), "the last ones"
    assert 2 <= sum(there) <= limit / (240 * 5000)


def test_sessions_that_look_at_the_same_area_hold_it_once() -> None:
    areas().keep(FINLAND)
    question = {"area": FINLAND.digest, "grid": "54x39"}
    first, second = choices_of(question)[0], choices_of(question)[0]
    assert first.aoi is second.aoi is not None and first.grid is second.grid


def round_area(number: int) -> AOI:
    """Of 5,000 corners."""
    turns = [2 * math.pi * corner / 5000 for corner in range(5000)]
    ring = [(25 + number / 10 + math.cos(turn), 61 + 0.5 * math.sin(turn)) for turn in turns]
    return parse_aoi(json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}), name=f"Round {number}")


def test_an_edited_outline_keeps_the_centre_where_it_is_still_inside() -> None:
    before = Choices().with_area(parse_aoi("24, 60, 25, 61"))
    assert before.with_outline(parse_aoi("24, 60, 25.2, 61")).centre == before.centre
    moved = before.with_outline(parse_aoi("25, 60, 26, 61"))
    assert moved.grid is not None and moved.centre == moved.grid.middle() != before.centre


def test_choices_survive_moving_between_pages_and_stand_in_the_address(frame: AppTest) -> None:
    areas().keep(FINLAND)
    with map_that_says({}):
        frame.query_params.update(area=FINLAND.digest, grid="54x39", centre="35,25", radius="2", year="2017")
        frame.run()
        assert "Southern Finland" in texts_of(frame)
        for page in ("acquisitions.py", "results.py", "area.py"):
            frame.switch_page(page).run()
            assert not frame.exception
            assert address(frame)["centre"] == "35,25" and address(frame)["radius"] == "2"
            assert "Southern Finland" in texts_of(frame)
