"""Dates as a person chooses them: months, several years, ticks, the preview before paying; nothing moves silently."""

from datetime import date

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.components.acquisitions import by_hand
from pages.components.acquisitions.date_sheet import date_sheet
from pages.components.acquisitions.date_strip import FaceView
from pages.state import session
from pages.state.context import jobs
from services.jobs import FILL, LOOK
from services.plan import plan
from services.preview import coarse_recipe
from services.providers import provider_named
from services.recipe import Interval, Recipe, Veto
from services.settings import load_settings
from tests.pages.made import choices, go, keep_answer, recipe_of
from tests.pages.seen import address, click, component_that_tells, html_of, sent_to, texts_of

FACE = FaceView("S2A_R079_20170607T095031", "2017-06-07", "S2A", 79, 3.2, 0.81, "kept", covers=1.0)
OVER = FaceView("S2A_R079_20170617T095031", "2017-06-17", "S2A", 79, 55.0, None, "over", words="55 % > 10 %")


def test_a_from_beyond_to_takes_it_along_and_says_so(frame: AppTest) -> None:
    chosen = choices(interval=Interval(date(2018, 6, 1), date(2018, 6, 11)))
    go(frame, "acquisitions", chosen)
    assert frame.date_input(key="dates_to").value == date(2018, 6, 10), "the last day is part of it"
    frame.date_input(key="dates_from").set_value(date(2018, 7, 1)).run()
    assert (address(frame)["from"], address(frame)["to"]) == ("2018-07-01", "2018-07-11"), "as links always said it"
    assert "To moved along, to 2018-07-10: it cannot be before From." in html_of(frame)
    frame.date_input(key="dates_to").set_value(date(2018, 7, 20)).run()
    assert "moved along" not in html_of(frame)


def test_another_way_of_choosing_says_what_the_days_are_now(frame: AppTest) -> None:
    go(frame, "acquisitions", choices(interval=Interval(date(2018, 6, 1), date(2019, 6, 11))))
    frame.segmented_control(key="dates_kind").set_value("Years").run()
    assert (address(frame)["from"], address(frame)["to"]) == ("2018-01-01", "2020-01-01")
    assert "The days were 2018-06-01 to 2019-06-10, and are 2018 to 2019 now." in html_of(frame)
    frame.select_slider(key="dates_years").set_range(2021, 2024).run()
    assert (address(frame)["from"], address(frame)["to"]) == ("2021-01-01", "2025-01-01")


def test_a_season_is_one_press_and_asks_nobody(frame: AppTest) -> None:
    chosen = choices()
    found = keep_answer(recipe_of(chosen), (3.0, 4.0, 5.0, 6.0, 7.0, 8.0))
    june = [one.date for one in found if one.time.month == 6]
    assert 0 < len(june) < len(found)
    go(frame, "acquisitions", chosen)
    frame.button_group(key="dates_months").set_value([6]).run()
    assert address(frame)["months"] == "6"
    assert [face["date"] for face in sent_to(frame, "dates-table")["faces"]] == june
    assert f"{len(june)} of {len(june)} used" in html_of(frame) and "June of 2017" in html_of(frame)
    click(frame, "December to February")
    assert address(frame)["months"] == "12-2"
    click(frame, "All months")
    assert "months" not in address(frame)
    assert jobs().recent(LOOK) == ()


def test_the_preview_is_fetched_by_a_press_for_the_price_of_its_plan(frame: AppTest) -> None:
    chosen = choices()
    recipe = recipe_of(chosen)
    found = keep_answer(recipe, (3.0, 50.0, 99.0))
    go(frame, "acquisitions", chosen)
    coarse = coarse_recipe(recipe)
    terms = provider_named("demo", load_settings()).terms
    units = plan(coarse, found, {}, terms).units
    assert units == pytest.approx(3 * max(165 * 165 / 512**2, 0.01) * 4 / 3)
    whole = plan(recipe.with_(maxcc=100), found, {}, terms).units
    assert any(f"about {100 * units / whole:.1f} % of what their bands cost" in text for text in texts_of(frame))
    assert jobs().recent(FILL) == (), "nothing before the press"
    click(frame, f"Preview all dates at 60 m · {units:,.1f} units")
    (job,) = jobs().recent(FILL)
    assert Recipe.from_json(job.recipe) == coarse
    assert [button.label for button in frame.button if "preview" in button.label.lower()] == ["Cancel the preview"]


@pytest.mark.parametrize(
    ("resolution", "part", "said"),
    [
        (10, 0.65, "has no coarser reading that equals the picture's pixels: a preview reads three bands"),
        (10, 0.016, "for about 1.6 % of what their bands cost"),
        (100, 0.57, "The picture is as coarse as a preview"),
    ],
)
def test_a_preview_that_is_not_cheap_says_so(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, resolution: int, part: float, said: str
) -> None:
    monkeypatch.setattr("pages.components.acquisitions.coarse_offer.part_of_price", lambda *asked: part)
    chosen = choices(resolution=resolution)
    keep_answer(recipe_of(chosen), (3.0,))
    go(frame, "acquisitions", chosen)
    assert any(said in text for text in texts_of(frame))


def hand_page() -> None:
    """Presses that do what ticks do."""
    st.button("tick over", on_click=by_hand.tick, args=(OVER, True))
    st.button("untick over", on_click=by_hand.tick, args=(OVER, False))
    st.button("untick kept", on_click=by_hand.tick, args=(FACE, False))
    by_hand.undo_button()
    chosen = session.read()
    st.text(f"{[veto.reason for veto in chosen.vetoes]} {[key[-15:-7] for key in chosen.included]}")


def test_ticks_use_and_exclude_and_are_taken_back_one_by_one(home: object) -> None:
    page = AppTest.from_string(
        "from tests.pages.acquisitions import test_choosing\ntest_choosing.hand_page()", default_timeout=60
    ).run()
    said = []
    for press in ("tick over", "untick kept", "untick over", "Undo", "Undo", "Undo"):
        click(page, press)
        said += texts_of(page)
    assert said == [
        "[] ['20170617']",
        "['by hand'] ['20170617']",
        "['by hand'] []",
        "['by hand'] ['20170617']",
        "[] ['20170617']",
        "[] []",
    ]
    assert not [button for button in page.button if button.label.startswith("Undo")]


def test_only_dates_that_are_there_are_ticked(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    with component_that_tells(monkeypatch, "pages.components.acquisitions.date_sheet", "s") as tell:
        ticks = {"on_pick": heard.append, "on_tick": lambda face, used: heard.append((face.key, used))}
        date_sheet("s", [FACE], "", "table", **ticks)  # type: ignore[arg-type] # as they are named
        tell([1, "pick", FACE.key], [2, "use", "other"], [3, "exclude", FACE.key], [4, "burn", FACE.key])
    assert heard == [FACE.key, (FACE.key, False)]


def test_the_link_of_a_season_with_dates_by_hand_opens_the_same(frame: AppTest) -> None:
    chosen = choices(
        interval=Interval(date(2021, 1, 1), date(2025, 1, 1)),
        months=(6, 7, 8),
        included=("S2A_R079_20210617T095031",),
        vetoes=(Veto("S2A_R079_20220607T095031", "haze"),),
    )
    assert chosen.question()["months"] == "6-8"
    go(frame, "acquisitions", chosen)
    assert "June to August of 2021 to 2024" in html_of(frame)
    assert address(frame)["include"] == "S2A_R079_20210617T095031"
