"""The page that compares: its link, its table, what a press spends, and what is said of two pictures."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.components.compare import matrix_view
from pages.components.compare.comparison_pane import months_of
from pages.components.compare.matrix_table import Fetch, Select
from pages.state.choices import Choices
from pages.state.comparison import FLOORS, LIMITS, MODES, Comparison, comparison_of, possible_years, recipe_in
from pages.state.context import jobs, product
from services.cache import frame_key
from services.catalogue import Acquisition
from services.errors import StorageError
from services.jobs import FETCH, FILL, LOOK, job_id
from services.recipe import MOST_LIMITS, MOST_YEARS, Interval, Recipe, Variant, Veto
from services.sentinel2 import SCRIPT_BANDS
from tests.pages.acquisitions.test_bill import Put, put, spend
from tests.pages.made import choices, go, keep_answer, recipe_of
from tests.pages.seen import address, click, html_of, markup_of, texts_of
from tests.services.overpasses import random_planes

__all__ = ["put"]  # a fixture: changes settings of the process
CLOUDS = tuple(4.0 if number % 7 == 0 else 15.0 if number % 7 == 3 else 80.0 for number in range(115))
"""Every five days from 7 June 2017 to the end of 2018: 6 dates of 2017 and 11 of 2018 under 10 %; twice under 20 %."""
ALIKE = {"years": "2017,2018", "limits": "10,20"}
places = some.builds(Variant, some.integers(2015, 2025), some.integers(0, 100), some.sampled_from(["", "demo"]))
numbers = some.integers(0, 100)


@pytest.fixture(autouse=True)
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for its pictures, however busy the machine is."""
    monkeypatch.setattr(matrix_view, "PATIENCE_SECONDS", 60.0)


def small(**changes: Any) -> Choices:
    """One coarse tile, so that its frames are a few pixels."""
    return choices(radius=0, resolution=300, **changes)


def known(*years: int) -> dict[int, tuple[Acquisition, ...]]:
    """The catalogue was asked for these years."""
    return {year: keep_answer(question(year), CLOUDS) for year in years}


def question(year: int, **changes: Any) -> Recipe:
    found = recipe_in(small(), year)
    assert found is not None
    return found.with_(**changes)


def fill(year: int, limit: int, bands: tuple[str, ...] = SCRIPT_BANDS) -> None:
    """What a job does for a cell."""
    recipe = question(year, maxcc=limit, bands=bands)
    estimate = product().estimate_known(recipe)
    assert estimate is not None
    for number, observation in enumerate(estimate[0]):
        for tile in recipe.neighbourhood.tiles:
            planes = random_planes(recipe, 100 * year + number, cloudy=0.2)
            product().frames.write(frame_key(recipe, tile.index, observation), planes)


@contextmanager
def table_that_says(event: Select | Fetch) -> Iterator[None]:
    """In the table's place a button "table" that does what somebody does there, and the cells as they are shown."""

    def stand_in(*words: Any, on_event: Any, on_heard: Any, **_: object) -> None:
        shown(words)

        def happen() -> None:
            on_event(event)
            on_heard()

        st.button("table", on_click=happen)

    with mock.patch("pages.components.compare.matrix_view.matrix_table", stand_in):
        yield


def shown(words: Any) -> None:
    """For `cells`."""
    _, columns, rows, cells, selected = words
    places = [(cell.year, cell.limit, *filter(None, (cell.source,))) for cell in cells]
    st.session_state["seen"] = columns, rows, dict(zip(places, cells, strict=True)), selected


def cells(page: AppTest) -> dict[Any, Any]:
    """What the table shows, by year and limit, and by the source where several are compared."""
    found: dict[Any, Any] = page.session_state["seen"][2]
    return found


def opened(frame: AppTest, event: Select | Fetch | None = None, **query: str) -> AppTest:
    """The page by a link, once its pictures are drawn."""
    with table_that_says(event or Select(())):
        go(frame, "compare", small(), **(ALIKE | query)).run()
        assert not frame.exception
    return frame


def press(frame: AppTest, event: Select | Fetch) -> None:
    """Do something in the table."""
    with table_that_says(event):
        frame.run()
        click(frame, "table")
        frame.run()


@given(
    some.builds(
        Comparison,
        years=some.sets(some.integers(2015, 2025), max_size=MOST_YEARS).map(lambda found: tuple(sorted(found))),
        limits=some.sets(numbers, max_size=MOST_LIMITS).map(lambda found: tuple(sorted(found))),
        sources=some.sampled_from([(), ("demo",)]),
        selected=some.lists(places, max_size=2, unique=True).map(tuple),
        mode=some.sampled_from(list(MODES)),
        quantity=some.sampled_from(["", "B04", "B12", "ndvi", "ndsi"]),
        k=some.sampled_from(FLOORS),
        equal=some.booleans(),
    )
)
def test_a_link_says_all_of_it(comparison: Comparison) -> None:
    assert comparison_of(comparison.question()) == (comparison, ())


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("years", "2014"),
        ("years", "2017,x"),
        ("years", ",".join(str(2015 + number) for number in range(MOST_YEARS + 1))),
        ("limits", "101"),
        ("limits", "-1"),
        ("left", "2017"),
        ("left", "2017,10,3"),
        ("right", "99999999999999999999,5"),
        ("mode", "<script>"),
        ("quantity", "B10"),
        ("k", "nan"),
        ("k", "1000"),
        ("equal", "perhaps"),
    ],
)
def test_what_a_link_says_wrong_is_told_and_left(key: str, text: str) -> None:
    found, problems = comparison_of({"mode": "flicker", key: text} if key != "mode" else {key: text})
    assert replace(found, mode="swipe") == Comparison()
    (problem,) = problems
    assert key in problem.cause and text[:40] in problem.cause


def test_the_table_begins_with_the_present_choice() -> None:
    assert Comparison().rows(small(interval=Interval.of_year(2018))) == (2016, 2017, 2018)
    assert Comparison().rows(small(interval=Interval.of_year(2016))) == (2015, 2016), "there is nothing before"
    assert Comparison().columns(small(maxcc=7)) == (7, 10, 20, 40)
    assert Comparison().columns(small(maxcc=40)) == (10, 20, 40)
    assert set(LIMITS) == {5, 10, 20, 30, 40, 60, 80, 100}
    assert possible_years(small())[0] == 2015


def test_a_year_keeps_its_vetoes_but_not_those_that_even_out() -> None:
    haze, other = Veto("S2A_R079_20170607T095340", "haze"), Veto("S2A_R079_20180607T095340", "smoke")
    evened = Veto("S2A_R079_20180612T095340", "equalised")
    chosen = small(vetoes=(haze, other, evened))
    by_year = {year: recipe_in(chosen, year) for year in (2017, 2018)}
    assert {year: recipe.vetoes for year, recipe in by_year.items() if recipe} == {2017: (haze,), 2018: (other,)}


def test_without_an_area_it_says_what_to_do(frame: AppTest) -> None:
    go(frame, "compare", None, **ALIKE)
    assert any("First choose where" in text for text in texts_of(frame))
    assert address(frame)["years"] == "2017,2018"


def test_opening_asks_the_catalogue_once_a_year_and_nothing_else(frame: AppTest) -> None:
    opened(frame)
    assert [(job.kind, job.state) for job in jobs().recent(LOOK, FETCH, FILL)] == [(LOOK, "queued")] * 2
    assert {cell.state for cell in cells(frame).values()} == {"unknown"}


def test_a_catalogue_that_does_not_answer_is_told(frame: AppTest) -> None:
    opened(frame)
    for job in jobs().recent(LOOK):
        jobs().claim("nobody", (LOOK,))
        jobs().finish(job.id, "failed", StorageError("Nobody is *home*.", "Wait."))
    frame.run()
    assert "Nobody is *home*." in texts_of(frame) and "*home*" not in markup_of(frame)
    click(frame, "Ask again")
    assert sorted(job.state for job in jobs().recent(LOOK)) == ["failed", "queued"]


def test_missing_cells_have_a_bill_and_there_is_one_for_all(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame)
    shown = cells(frame)
    assert {cell.state for cell in shown.values()} == {"missing"}
    kept = [sum(clouds <= 10 for clouds in year) for year in (CLOUDS[:42], CLOUDS[42:115])]
    assert [shown[year, 10].words[0].split()[0] for year in (2017, 2018)] == [str(number) for number in kept]
    assert shown[2017, 10].bill.startswith(f"{kept[0]} requests, ")
    (everything,) = [button.label for button in frame.button if button.label.startswith("Fetch all")]
    assert f" {sum(clouds <= 20 for clouds in CLOUDS)} requests" in everything
    assert jobs().recent(FILL) == ()


def test_a_press_fetches_what_the_view_needs_of_one_cell(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame)
    press(frame, Fetch(Variant(2018, 20)))
    (job,) = jobs().recent(FILL)
    assert job.id == job_id(FILL, question(2018, maxcc=20, bands=("B04", "B03", "B02")))
    states = {place: cell.state for place, cell in cells(frame).items()}
    assert states == {(2017, 10): "missing", (2017, 20): "missing", (2018, 10): "making", (2018, 20): "making"}
    jobs().claim("nobody", (FILL,))
    jobs().report(job.id, done=3, total=12)
    with table_that_says(Select(())):
        frame.run()
        assert cells(frame)[2018, 10].words == ("3 of 12 requests",) and cells(frame)[2018, 10].progress == 0.25
        click(frame, "Cancel fetching")
    assert jobs().report(job.id) is True


def test_all_that_is_missing_is_one_job_a_year(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame)
    click(frame, "Fetch all that is missing")
    wanted = {job_id(FILL, question(year, maxcc=20, bands=("B04", "B03", "B02"))) for year in (2017, 2018)}
    assert {job.id for job in jobs().recent(FILL, FETCH)} == wanted


def test_what_is_dear_needs_a_second_press_that_says_the_price(frame: AppTest, put: Put) -> None:
    put(confirm_units=0.1)
    known(2017, 2018)
    opened(frame)
    click(frame, "Fetch all that is missing")
    assert jobs().recent(FILL) == () and re.search(r"Spend \d+ units\?", html_of(frame))
    click(frame, "Not now")
    assert jobs().recent(FILL) == () and "Spend" not in html_of(frame)
    click(frame, "Fetch all that is missing")
    click(frame, "Confirm")
    assert len(jobs().recent(FILL)) == 2


@pytest.mark.parametrize("share", [0.9, 0.1], ids=["both together", "each alone"])
def test_a_budget_refuses_with_its_sentence(frame: AppTest, put: Put, share: float) -> None:
    known(2017, 2018)
    units = sum(product().quote(one, known_plan(one)).cost.units for one in map(bill, (2017, 2018)))
    put(budget_member_units=100)
    spend(question(2017), 100 - share * units)
    opened(frame)
    click(frame, "Fetch all that is missing")
    assert "A budget is used up" in html_of(frame) and jobs().recent(FILL) == ()


def bill(year: int) -> Recipe:
    return question(year, maxcc=20, bands=("B04", "B03", "B02"))


def known_plan(recipe: Recipe) -> Any:
    estimate = product().estimate_known(recipe)
    assert estimate is not None
    return estimate[1]


def test_a_failed_fetch_is_told_as_plain_text(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame)
    press(frame, Fetch(Variant(2018, 20)))
    jobs().claim("nobody", (FILL,))
    jobs().finish(jobs().recent(FILL)[0].id, "failed", StorageError("No <b>disk</b>.", "Buy one."))
    with table_that_says(Select(())):
        frame.run()
    assert "Fetching 2018, ≤ 20 % did not work" in html_of(frame) and "No <b>disk</b>." in texts_of(frame)
    assert {cell.state for cell in cells(frame).values()} == {"missing"}


def test_cells_that_are_here_have_a_picture_and_numbers(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2018, 20)
    opened(frame)
    cell = cells(frame)[2018, 20]
    assert cell.state == "here" and re.fullmatch(r"/sketches/[0-9a-f]{16}/true-330\.png\?v=[0-9a-f]{8}", cell.picture)
    kept = sum(clouds <= 20 for clouds in CLOUDS[42:])
    assert cell.words[0] == f"{kept} of 73 dates" and cell.words[1].endswith("without data")
    assert "simulated data" in cell.alt.lower()
    assert cells(frame)[2017, 20].state == "missing"
    assert jobs().recent(FILL, FETCH, LOOK) == ()


def test_one_is_enlarged_and_a_second_one_compared(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 20)
    fill(2018, 20)
    opened(frame)
    press(frame, Select((Variant(2017, 20),)))
    assert address(frame)["left"] == "2017,20" and "right" not in address(frame)
    assert html_of(frame).count('<figure class="np-counts') == 1
    press(frame, Select((Variant(2017, 20), Variant(2018, 10))))
    assert (address(frame)["left"], address(frame)["right"]) == ("2017,20", "2018,10")
    html = html_of(frame)
    assert html.count('<figure class="np-counts') == 2 and "A: 2017, ≤ 20 %" in html and "B: 2018, ≤ 10 %" in html
    assert "only 2018 has dates in" in html, "the guard says what differs"


def test_equalising_leaves_the_same_months_and_as_many_dates(frame: AppTest) -> None:
    observations = known(2017, 2018)
    fill(2017, 20)
    fill(2018, 20)
    opened(frame, left="2017,20", right="2018,20", mode="difference")
    frame.toggle(key="guard_equal").set_value(True).run()
    assert address(frame)["equal"] == "1"
    months = [
        [observation.time.month for observation in observations[year] if observation.cloud_cover <= 20]
        for year in (2017, 2018)
    ]
    dates = sum(min(side.count(month) for side in months) for month in range(1, 13))
    assert f"{dates} dates on each side" in html_of(frame)
    rows = re.search(r"<td>Dates</td><td[^>]*>(\d+) of \d+</td><td[^>]*>(\d+) of", html_of(frame))
    assert rows is not None and rows[1] == rows[2] == str(dates)
    click(frame, "Open 2018, ≤ 20 % as a result")
    assert 'aria-current="step">3 Results<' in html_of(frame)
    assert address(frame)["year"] == "2018" and address(frame)["maxcc"] == "20"
    assert address(frame)["veto"].count("~equalised") == len(months[1]) - dates


def test_opening_a_side_says_first_what_its_files_need_besides(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 20)
    fill(2018, 20)

    def said() -> list[str]:
        return [one.value for one in frame.caption if one.value.startswith("Its picture is here.")]

    opened(frame, left="2017,20", right="2018,20")
    assert said() == [], "all chosen bands are cached"
    opened(frame, left="2017,20", right="2018,20", bands="B02,B03,B04,B05")
    assert len(said()) == 2 and all("need B05 too, which are not cached: " in one for one in said())
    assert all(one.endswith(" units.") for one in said())


def test_sides_that_share_no_month_are_not_evened_out(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 10)
    fill(2018, 10)
    apart = replace(
        small(),
        vetoes=tuple(Veto(observation.key, "no") for observation in known(2018)[2018] if observation.time.month > 5),
    )
    with table_that_says(Select(())):
        go(frame, "compare", apart, **(ALIKE | {"left": "2017,10", "right": "2018,10", "equal": "1"})).run()
    assert "They cannot be evened out." in html_of(frame) and "share no month" in html_of(frame)


def test_the_difference_has_numbers_and_a_table(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 20)
    fill(2018, 20)
    opened(frame, left="2017,20", right="2018,20", mode="difference", quantity="ndvi", k="1.5")
    html = html_of(frame)
    for words in (
        "<dt>Median</dt>",
        "<dt>5th to 95th</dt>",
        "<dt>RMS</dt>",
        "beyond 1.5 standard errors",
        "1 pixel in 7 where nothing changed",
        "<dt>False alarms</dt><dd>13.4 %</dd>",
        "B minus A",
    ):
        assert words in html, words
    frame.selectbox(key="difference_quantity").set_value("B04").run()
    assert address(frame)["quantity"] == "B04" and " reflectance</dd>" in html_of(frame)


def test_a_band_that_is_not_in_the_cache_has_a_bill(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 10, bands=("B04", "B03", "B02"))
    fill(2018, 10, bands=("B04", "B03", "B02"))
    opened(frame, left="2017,10", right="2018,10", mode="difference", quantity="nbr")
    assert "B08 and B12 of these pictures is not cached" in html_of(frame) and jobs().recent(FILL) == ()
    click(frame, "Fetch B08 and B12")
    wanted = {job_id(FILL, question(year, maxcc=10, bands=("B08", "B12"))) for year in (2017, 2018)}
    assert {job.id for job in jobs().recent(FILL)} == wanted


def test_what_is_selected_and_not_here_is_told(frame: AppTest) -> None:
    known(2017, 2018)
    fill(2017, 10)
    opened(frame, left="2017,10", right="2018,10")
    assert "2018, ≤ 10 %" in html_of(frame) and any("fetch it in the table" in text for text in texts_of(frame))


def test_it_is_kept_while_other_pages_are_visited(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame, left="2017,10", mode="side")
    with table_that_says(Select(())):
        frame.switch_page("area.py").run()
        frame.query_params.clear()
        frame.switch_page("compare.py").run()
    wanted = ALIKE | {"left": "2017,10", "mode": "side"}
    assert {key: address(frame).get(key) for key in wanted} == wanted


def test_years_and_limits_are_chosen_above_the_table(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame)
    with table_that_says(Select(())):
        frame.button_group(key="comparison_years").set_value([2018]).run()
        frame.button_group(key="comparison_limits").set_value([40, 5]).run()
        assert list(cells(frame)) == [(2018, 5), (2018, 40)]
        frame.button_group(key="comparison_years").set_value([]).run()
        assert list(cells(frame)) == [(2018, 5), (2018, 40)], "none at all is no choice"
        frame.button_group(key="comparison_years").set_value(list(range(2015, 2025))).run()
    assert "This choice is not possible" in html_of(frame) and address(frame)["years"] == "2018"


def test_junk_in_the_link_is_told_as_plain_text(frame: AppTest) -> None:
    opened(frame, mode="*x*<b>", k="99")
    assert any("mode=*x*<b>" in text and "k=99" in text for text in texts_of(frame))
    assert "<b>," not in markup_of(frame) and "mode" not in address(frame) and "k" not in address(frame)


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ((5, 6, 7, 8, 9), "May to September"),
        ((1, 5, 6), "January, May and June"),
        ((3,), "March"),
        ((1, 2, 3, 7, 9, 10, 11), "January to March, July and September to November"),
        ((), "none"),
    ],
)
def test_months_are_read_as_people_say_them(months: tuple[int, ...], words: str) -> None:
    observations: Any = [mock.Mock(time=mock.Mock(month=month)) for month in (*months, *months)]
    assert months_of(observations) == words


def test_the_present_choice_is_not_touched(frame: AppTest) -> None:
    known(2017, 2018)
    opened(frame, left="2018,20")
    chosen = recipe_of(frame.session_state["choices"])
    assert (chosen.interval.label, chosen.maxcc) == ("2017", 10)
