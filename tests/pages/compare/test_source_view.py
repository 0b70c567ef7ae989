"""Two sources on the page that compares: their rows, their prices, and what is said of two pictures of one question."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.compare.matrix_table import Fetch, Select
from pages.components.compare.source_view import dn
from pages.state.comparison import Comparison, comparison_of
from pages.state.context import jobs, product
from services.jobs import FILL
from services.providers.registry import KINDS
from services.recipe import Variant, variants
from tests.pages.seen import address, click, html_of, texts_of
from tests.pages.test_compare import cells, opened, press, question, table_that_says
from tests.services.compare.two_sources import register_both

TINY, OTHER = Variant(2017, 25, "tiny"), Variant(2017, 25, "other")
BOTH = {"years": "2017", "limits": "25", "sources": "tiny,other"}
PAIR = {"left": "2017,25,tiny", "right": "2017,25,other"}


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the providers, of which the first one is the session's; the second differs as is said."""
    monkeypatch.setenv("NINEPATCH_PROVIDER", "tiny")

    def make(**differs: int) -> None:
        register_both(monkeypatch, **differs)

    return make


def search(*limits: int) -> list[Any]:
    """The catalogues were asked; gives the recipes of both."""
    recipe = question(2017, bands=("B04", "B03", "B02"))
    found = [product().provider(recipe.with_(provider=name)) for name in ("tiny", "other")]
    made = list(variants(recipe, [2017], limits or (25,), found).values())
    for one in made:
        product().search(one)
    return made


def fill(*limits: int) -> None:
    for one in search(*limits):
        product().fill(one)


def test_each_source_has_its_own_cells_and_its_own_bill(frame: AppTest, sources: Any) -> None:
    sources(dropped=1)
    search()
    opened(frame, Select(()), **BOTH)
    shown = {place: (cell.state, cell.words) for place, cell in cells(frame).items()}
    assert shown == {
        (2017, 25, "tiny"): ("missing", ("3 of 4 dates",)),
        (2017, 25, "other"): ("missing", ("2 of 3 dates",)),
    }
    labels = [button.label for button in frame.button if button.label.startswith("Fetch all")]
    assert [label.partition(" · ")[0] for label in labels] == [
        "Fetch all that is missing of Other archive",
        "Fetch all that is missing of Tiny archive",
    ]
    click(frame, "Fetch all that is missing of Other archive")
    (job,) = jobs().recent(FILL)
    assert '"provider":"other"' in job.recipe
    press(frame, Fetch(TINY))
    assert ['"provider":"tiny"' in job.recipe for job in jobs().recent(FILL)].count(True) == 1


def test_same_dates_and_equal_pixels_conclude_that_it_is_the_land(frame: AppTest, sources: Any) -> None:
    sources()
    fill()
    opened(frame, Select(()), **BOTH, **PAIR)
    html = html_of(frame)
    assert "Is it the land, or the provider?" in html and "What differs besides the land" not in html
    assert "Same dates and 100 % of the pixels equal" in html and "the land&#x27;s and not the source&#x27;s" in html
    assert "3 dates are in both, and none in one only." in html
    assert "A: 2017, ≤ 25 %, Tiny archive" in html and "B: 2017, ≤ 25 %, Other archive" in html


def test_what_differs_is_told_in_dn_for_each_band_and_date(frame: AppTest, sources: Any) -> None:
    sources(raised=12)
    fill()
    opened(frame, Select(()), **BOTH, **PAIR, mode="difference")
    html = html_of(frame)
    assert "Same dates, but the sources differ" in html
    for band in ("B04", "B03", "B02"):
        assert f"<td>{band}</td>" in html
    assert "exactly equal; no colour" in html
    assert "Significance threshold (× scatter)" not in [slider.label for slider in frame.select_slider]
    assert "over the pixels that have data in both pictures" in html
    (button,) = frame.get("download_button")
    assert button.proto.label == "Numbers and dates as CSV"


def test_the_dates_that_both_have_are_one_press_away(frame: AppTest, sources: Any) -> None:
    sources(dropped=1)
    fill()
    opened(frame, Select(()), **BOTH, **PAIR)
    assert "1 of 3 dates is in one source only" in html_of(frame)
    assert "2 dates are in both, 1 in Tiny archive only." in html_of(frame)
    frame.toggle(key="guard_common").set_value(True).run()
    assert address(frame)["equal"] == "1"
    assert "Same dates and 100 % of the pixels equal" in html_of(frame)
    assert "2 dates are in both, and none in one only." in html_of(frame)


def test_two_limits_of_two_sources_are_compared_as_before_and_the_sources_are_named(
    frame: AppTest, sources: Any
) -> None:
    sources()
    fill(5, 25)
    opened(frame, Select(()), **(BOTH | {"limits": "5,25"}), left="2017,5,tiny", right="2017,25,other")
    assert "A is of Tiny archive, B of Other archive" in html_of(frame)
    assert "Is it the land" not in html_of(frame)


def test_a_side_without_a_source_is_the_sessions_own(frame: AppTest, sources: Any) -> None:
    sources()
    fill()
    opened(frame, Select(()), **BOTH, left="2017,25", right="2017,25,other")
    assert "Is it the land, or the provider?" in html_of(frame)
    press(frame, Select((TINY,)))
    assert address(frame)["left"] == "2017,25,tiny"
    with table_that_says(Select(())):
        frame.button_group(key="comparison_sources").set_value(["tiny"]).run()
    assert "sources" not in address(frame) and list(cells(frame)) == [(2017, 25)]
    assert html_of(frame).count('<figure class="np-counts') == 1, "what was selected stays"


def test_sources_are_offered_where_there_are_several(frame: AppTest, sources: Any) -> None:
    sources()
    search()
    opened(frame, Select(()), **(BOTH | {"sources": ""}))
    (group,) = [group for group in frame.button_group if group.label == "Sources"]
    assert {"Demo archive", "Tiny archive", "Other archive"} <= set(group.options) and group.value == ["tiny"]
    assert "Copernicus Data Space" not in group.options, "it has no account here"
    with table_that_says(Select(())):
        frame.button_group(key="comparison_sources").set_value(["tiny", "other"]).run()
    assert address(frame)["sources"] == "tiny,other"


def test_with_one_source_nothing_is_offered(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in KINDS if name not in ("demo", "sentinel-hub")]:
        monkeypatch.delitem(KINDS, name)
    opened(frame)
    assert [group.label for group in frame.button_group if group.label == "Sources"] == []


def test_a_source_that_is_not_usable_here_is_told(frame: AppTest) -> None:
    opened(frame, sources="copernicus,demo")
    assert any("compares the source 'copernicus'; usable here are demo" in text for text in texts_of(frame))
    assert comparison_of({"sources": "copernicus"})[0] == Comparison()


def test_numbers_are_short_and_signs_are_as_wide_as_each_other() -> None:
    assert [dn(12.0), dn(0.5), dn(-3.0, sign=True), dn(12.0, sign=True), dn(0.0, sign=True), dn(float("nan"))] == [
        *("12", "0.5", "−3", "+12", "0", "–")
    ]
