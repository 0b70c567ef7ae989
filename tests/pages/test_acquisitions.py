"""The page of dates: what it asks, what it keeps, what it says that a fetch costs."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from pages.state.choices import last_year
from pages.state.context import jobs
from services.jobs import FETCH, LOOK
from services.recipe import Interval, Veto
from services.sentinel2 import SCRIPT_BANDS
from tests.pages.made import choices, finish, go, keep_answer, recipe_of
from tests.pages.seen import address, click, html_of, sent_to, texts_of

CLOUDS = (3.02, 55.5, 10.0, 10.04, 99.0)


def rows(page: AppTest) -> list[list[str]]:
    """Date, what is said of it, and the figures of each row of the table."""
    faces = sent_to(page, "dates-table")["faces"]
    return [[face["date"], "used" if face["used"] else face["cells"][0], *face["cells"][1:]] for face in faces]


def test_without_an_area_it_says_what_to_do_and_an_example_starts(frame: AppTest) -> None:
    go(frame, "acquisitions")
    assert any("First choose where" in text for text in texts_of(frame))
    click(frame, "Start with the example")
    assert address(frame)["area"] and address(frame)["year"] == "2017"
    assert not frame.exception


def test_the_catalogue_is_asked_by_one_job_however_often_the_page_runs(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    assert "Asking the catalogue" in html_of(frame)
    frame.run()
    frame.slider(key="dates_limit").set_value(40).run()
    frame.selectbox(key="dates_mask").set_value("none").run()
    assert address(frame)["maxcc"] == "40" and address(frame)["mask"] == "none"
    assert len(jobs().recent(LOOK)) == 1
    assert jobs().recent(FETCH) == ()


def test_it_says_how_dates_are_chosen(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    assert "The limit is applied to the whole picture." in [one.value for one in frame.caption]
    frame.selectbox(key="dates_rule").set_value("tile").run()
    assert "The limit is applied to each tile by itself." in [one.value for one in frame.caption]


def test_view_angles_are_evened_out_by_a_press_and_the_link_and_the_bill_say_so(frame: AppTest) -> None:
    chosen = choices()
    keep_answer(recipe_of(chosen), CLOUDS)
    go(frame, "acquisitions", chosen)
    before = html_of(frame)
    frame.checkbox(key="dates_nbar").check().run()
    assert address(frame)["nbar"] == "1"
    requests = ("<dt>Requests</dt><dd>4</dd>", "<dt>Requests</dt><dd>6</dd>")
    assert requests[0] in before and requests[1] in html_of(frame), "one more for each of the two dates"
    line = "<dt>View angles</dt><dd>evened out (NBAR), 2 small requests more</dd>"
    assert line not in before and line in html_of(frame)
    frame.checkbox(key="dates_nbar").uncheck().run()
    assert "nbar" not in address(frame)


def test_a_link_that_wants_angles_of_a_provider_without_any_is_told_and_can_be_mended(frame: AppTest) -> None:
    go(frame, "acquisitions", choices(provider="earth-search", nbar=True))
    assert any("has no sun and view angles" in text for text in [*texts_of(frame), html_of(frame)])
    frame.checkbox(key="dates_nbar").uncheck().run()
    assert not any("has no sun and view angles" in text for text in [*texts_of(frame), html_of(frame)])
    assert frame.checkbox(key="dates_nbar").disabled and "has no view angles" in frame.checkbox(key="dates_nbar").help


def test_two_people_ask_with_one_job(frame: AppTest) -> None:
    go(frame, "acquisitions", choices(maxcc=3))
    other = AppTest.from_file(frame._script_path, default_timeout=60)
    vetoes = (Veto("S2A_R079_20170607T095031", "haze"),)
    more = {"method": "least-cloudy", "grow": 4, "vetoes": vetoes, "view": "ndvi"}
    go(other, "acquisitions", choices(maxcc=90, mask="strict", bands=("B8A",), **more))
    assert len(jobs().recent(LOOK)) == 1


def test_each_date_is_kept_or_not_with_the_reason(frame: AppTest) -> None:
    chosen = choices()
    found = keep_answer(recipe_of(chosen), CLOUDS)
    go(frame, "acquisitions", chosen)
    shown = rows(frame)
    assert [row[0] for row in shown] == [one.date for one in found] == sorted(one.date for one in found)
    assert [row[1] for row in shown] == ["used", "55.5 % > 10 %", "used", "10.04 % > 10 %", "99 % > 10 %"]
    assert "2 used" in html_of(frame) and "3 over the limit" in html_of(frame)
    assert jobs().recent(LOOK) == (), "the answer was kept: nobody is asked"


def test_dates_that_touch_a_corner_are_told_and_cost_nothing(frame: AppTest) -> None:
    """50 of 9,906 m is half a percent of the picture."""
    chosen = choices(least_coverage=1)
    keep_answer(recipe_of(chosen), (3.0, 4.0, 5.0, 60.0), slivers=(1, 2, 3))
    go(frame, "acquisitions", chosen)
    assert [row[1] for row in rows(frame)] == ["used", "covers 0.5 % < 1 %", "covers 0.5 % < 1 %", "60 % > 10 %"]
    assert "1 used" in html_of(frame) and "2 touch a corner" in html_of(frame) and "1 over the limit" in html_of(frame)
    said = "1 date; 2 more touch a corner: they cover less than 1 % of the picture."
    assert f"{said} They cost nothing; a least coverage of 0 takes them in." in [one.value for one in frame.caption]
    one = 990 * 990 / 512**2 * 7 / 3
    assert f"Fetch 1 date · {one:,.1f} units" in [button.label for button in frame.button]
    frame.number_input(key="dates_least").set_value(0).run()
    assert "coverage" not in address(frame), "as links of before, in which each date counts"
    assert [row[1] for row in rows(frame)] == ["used", "used", "used", "60 % > 10 %"]
    assert "touch a corner" not in html_of(frame)
    assert jobs().recent(LOOK) == () == jobs().recent(FETCH)


def test_where_all_dates_touch_a_corner_one_press_takes_them(frame: AppTest) -> None:
    chosen = choices(least_coverage=1)
    keep_answer(recipe_of(chosen), (3.0, 60.0), slivers=(0, 1))
    go(frame, "acquisitions", chosen)
    assert any("2 of 2 dates only touch a corner of the picture" in text for text in texts_of(frame))
    click(frame, "Use dates that touch a corner")
    assert [row[1] for row in rows(frame)] == ["used", "60 % > 10 %"]


@pytest.mark.parametrize(("setting", "least"), [(None, "1"), ("0", None), ("30", "30")])
def test_a_new_question_begins_with_the_least_coverage_of_the_settings(
    frame: AppTest, monkeypatch: pytest.MonkeyPatch, setting: str | None, least: str | None
) -> None:
    if setting is not None:
        monkeypatch.setenv("NINEPATCH_LEAST_COVERAGE", setting)
    go(frame, "acquisitions")
    click(frame, "Start with the example")
    assert address(frame).get("coverage") == least
    assert frame.number_input(key="dates_least").value == int(least or 0)


@pytest.mark.parametrize("limit", [0, 3, 4, 10, 11, 99, 100])
def test_a_moved_limit_keeps_by_number_and_asks_nothing(frame: AppTest, limit: int) -> None:
    chosen = choices()
    keep_answer(recipe_of(chosen), CLOUDS)
    go(frame, "acquisitions", chosen)
    frame.slider(key="dates_limit").set_value(limit).run()
    assert sum(row[1] == "used" for row in rows(frame)) == sum(cover <= limit for cover in CLOUDS)
    assert jobs().recent(LOOK) == () == jobs().recent(FETCH)


def test_the_bill_is_the_formula_of_the_service(frame: AppTest) -> None:
    chosen = choices()
    keep_answer(recipe_of(chosen), CLOUDS)
    go(frame, "acquisitions", chosen)
    units = 2 * 990 * 990 / 512**2 * 7 / 3  # two dates; six bands and SCL, dataMask is free
    assert f"Fetch 2 dates · {units:,.1f} units" in [button.label for button in frame.button]
    assert "0 of 144" in html_of(frame)


def test_a_press_queues_one_fetch_and_shows_its_progress(frame: AppTest) -> None:
    chosen = choices()
    recipe = recipe_of(chosen)
    keep_answer(recipe, CLOUDS)
    go(frame, "acquisitions", chosen)
    click(frame, "Fetch 2 dates")
    assert [job.id for job in jobs().recent(FETCH)] == [recipe.digest]
    assert 'aria-current="step">3 Results<' in html_of(frame)
    assert "Cancel" in [button.label for button in frame.button]


def test_a_picture_that_is_there_is_shown_and_not_fetched(frame: AppTest) -> None:
    chosen = choices()
    keep_answer(recipe_of(chosen), CLOUDS)
    finish(recipe_of(chosen))
    go(frame, "acquisitions", chosen)
    assert "Show the picture · nothing to fetch" in [button.label for button in frame.button]


def test_a_refused_question_says_why_and_is_asked_again_only_when_told(frame: AppTest) -> None:
    chosen = choices()
    go(frame, "acquisitions", chosen)
    (job,) = jobs().recent(LOOK)
    jobs().report(job.id, cause="The archive at <b>x</b> does not **answer**.", remedy="Try again later.")
    jobs().finish(job.id, "failed")
    frame.run()
    assert texts_of(frame)[-2:] == ["The archive at <b>x</b> does not **answer**.", "Try again later."]
    frame.run()
    assert jobs().recent(LOOK)[0].state == "failed"
    click(frame, "Ask again")
    assert jobs().recent(LOOK)[0].state == "queued"


def test_an_old_failure_does_not_stop_who_comes_later(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    (job,) = jobs().recent(LOOK)
    jobs().finish(job.id, "failed")
    go(AppTest.from_file(frame._script_path, default_timeout=60), "acquisitions", choices())
    assert jobs().recent(LOOK)[0].state == "queued"


def test_nothing_under_the_limit_has_its_sentence_and_a_way_out(frame: AppTest) -> None:
    chosen = choices(maxcc=2)
    keep_answer(recipe_of(chosen), CLOUDS)
    go(frame, "acquisitions", chosen)
    assert "0 of 5 dates ≤ 2 %; the clearest has 3 %." in texts_of(frame)
    assert not any(button.label.startswith("Fetch") for button in frame.button)
    click(frame, "Raise the max. cloud cover to 4 %")
    assert address(frame)["maxcc"] == "4"
    assert sum(row[1] == "used" for row in rows(frame)) == 1


def test_a_vetoed_date_is_shown_as_such_with_its_reason(frame: AppTest) -> None:
    found = keep_answer(recipe_of(choices()), CLOUDS)
    vetoes = (Veto(found[2].key, "smoke & <b>haze</b>"),)
    go(frame, "acquisitions", choices(vetoes=vetoes))
    assert [row[1] for row in rows(frame)] == [
        *("used", "55.5 % > 10 %", "excluded: smoke & <b>haze</b>", "10.04 % > 10 %", "99 % > 10 %")
    ]
    shown = html_of(frame)
    assert "1 used" in shown and "3 over the limit" in shown and "1 excluded by hand" in shown
    assert shown.count('class="np-dot np-veto"') == 1, "in the legend"
    assert "<b>haze" not in shown
    assert any(button.label.startswith("Fetch 1 date") for button in frame.button)
    (chart,) = frame.get("vega_lite_chart") or frame.get("arrow_vega_lite_chart")
    assert "M-1,-1L1,1M-1,1L1,-1" in chart.proto.spec and "1 is excluded by hand" in str(chart.proto)


def test_where_all_dates_are_vetoed_they_can_be_taken_back(frame: AppTest) -> None:
    found = keep_answer(recipe_of(choices()), CLOUDS)
    go(frame, "acquisitions", choices(vetoes=tuple(Veto(one.key, "haze") for one in found)))
    assert "5 of 5 dates are excluded by hand." in texts_of(frame)
    click(frame, "Use all dates again")
    assert "veto" not in address(frame)
    assert sum(row[1] == "used" for row in rows(frame)) == 2


def test_a_raised_limit_does_not_bring_a_vetoed_date_back(frame: AppTest) -> None:
    found = keep_answer(recipe_of(choices()), CLOUDS)
    go(frame, "acquisitions", choices(maxcc=4, vetoes=(Veto(found[0].key, "haze"),)))
    assert any("the clearest other has 10 %." in text for text in texts_of(frame))
    click(frame, "Raise the max. cloud cover to 10 %")
    assert [row[1] for row in rows(frame)][:3] == ["excluded: haze", "55.5 % > 10 %", "used"]


def test_method_and_grow_stand_in_the_address_and_ask_nothing(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    frame.selectbox(key="dates_method").set_value("least-cloudy").run()
    frame.number_input(key="dates_grow").set_value(3).run()
    assert (address(frame)["method"], address(frame)["grow"]) == ("least-cloudy", "3")
    assert len(jobs().recent(LOOK)) == 1
    frame.selectbox(key="dates_mask").set_value("none").run()
    assert frame.number_input(key="dates_grow").disabled
    frame.selectbox(key="dates_method").set_value("median").run()
    assert "method" not in address(frame) and address(frame)["grow"] == "3"
    with pytest.raises(KeyError):
        frame.number_input(key="dates_percentile")
    frame.selectbox(key="dates_method").set_value("percentile").run()
    frame.number_input(key="dates_percentile").set_value(12).run()
    assert (address(frame)["method"], address(frame)["percentile"]) == ("percentile", "12")
    assert not frame.exception


def test_no_acquisition_at_all_has_its_sentence_and_a_way_out(frame: AppTest) -> None:
    chosen = choices(interval=Interval.of_year(2015))
    keep_answer(recipe_of(chosen), ())
    go(frame, "acquisitions", chosen)
    assert any(text.startswith("There is no acquisition of this place in 2015") for text in texts_of(frame))
    click(frame, "Take ")
    assert address(frame)["year"] > "2015"


def test_the_year_that_has_no_acquisition_is_not_offered_again(frame: AppTest) -> None:
    chosen = choices(interval=last_year())
    keep_answer(recipe_of(chosen), ())
    go(frame, "acquisitions", chosen)
    assert any(text.startswith("There is no acquisition of this place in") for text in texts_of(frame))
    assert not [button.label for button in frame.button if button.label.startswith("Take ")]


def test_days_of_ones_own_travel_in_the_link(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    frame.segmented_control(key="dates_kind").set_value("From – to").run()
    frame.date_input(key="dates_from").set_value(date(2017, 5, 1)).run()
    frame.date_input(key="dates_to").set_value(date(2017, 8, 31)).run()
    assert (address(frame)["from"], address(frame)["to"]) == ("2017-05-01", "2017-09-01")
    frame.segmented_control(key="dates_kind").set_value("Whole year").run()
    assert address(frame)["year"] == "2017" and "from" not in address(frame)


def test_a_start_after_the_end_takes_the_end_along(frame: AppTest) -> None:
    go(frame, "acquisitions", choices(interval=Interval(date(2017, 5, 1), date(2017, 6, 1))))
    frame.date_input(key="dates_from").set_value(date(2018, 3, 1)).run()
    assert (address(frame)["from"], address(frame)["to"]) == ("2018-03-01", "2018-04-01")
    frame.date_input(key="dates_to").set_value(date(2016, 5, 31)).run()
    assert (address(frame)["from"], address(frame)["to"]) == ("2016-05-01", "2016-06-01")


def test_days_before_the_first_picture_are_refused_and_the_others_stay(frame: AppTest) -> None:
    go(frame, "acquisitions", choices(interval=Interval(date(2016, 5, 1), date(2016, 6, 1))))
    frame.date_input(key="dates_to").set_value(date(2015, 2, 1)).run()
    assert any("no pictures before 2015-07-01" in text for text in texts_of(frame))
    assert (address(frame)["from"], address(frame)["to"]) == ("2016-05-01", "2016-06-01")


def test_bands_keep_the_order_of_the_collection_and_none_is_no_choice(frame: AppTest) -> None:
    go(frame, "acquisitions", choices())
    frame.multiselect(key="dates_bands").set_value(["B12", "B8A", "B02"]).run()
    assert address(frame)["bands"] == "B02,B8A,B12"
    frame.multiselect(key="dates_bands").set_value([]).run()
    assert address(frame)["bands"] == "B02,B8A,B12"
    click(frame, "Back to the six usual bands")
    assert "bands" not in address(frame)
    assert list(frame.multiselect(key="dates_bands").value) == list(SCRIPT_BANDS)


def test_what_cannot_be_used_of_the_catalogues_answer_is_named_and_the_rest_is_shown(frame: AppTest) -> None:
    chosen = choices()
    keep_answer(recipe_of(chosen), [3.0, -1.0, 4.0])
    go(frame, "acquisitions", chosen)
    assert any("eo:cloud_cover -1" in text and "left out" in text for text in texts_of(frame))
    assert len(rows(frame)) == 2


def test_the_bands_stay_open_while_one_after_the_other_is_taken_away(frame: AppTest) -> None:
    opened = go(frame, "acquisitions", choices())
    for gone in ("B12", "B11"):
        (before,) = [one for one in opened.expander if one.label.startswith("Bands")]
        picker = opened.multiselect(key="dates_bands")
        picker.set_value([band for band in picker.value if band != gone]).run()
        (after,) = [one for one in opened.expander if one.label.startswith("Bands")]
        assert after.label == before.label == "Bands", "another label would be another part of the page, and closed"
    assert address(opened)["bands"] == "B02,B03,B04,B08"
