"""The words of the pages: one sentence each, the field's terms explained, and the guide for those without an area."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.components.frame.guide import EXAMPLE
from pages.components.frame.navigation import ACTIVITY, GALLERY, STEPS
from pages.components.frame.page_header import SENTENCES
from pages.components.shared.glossary import HELP, PAGES, TERMS
from pages.components.shared.theme import ASSETS
from pages.state.context import jobs, settings
from services import __version__
from services.jobs import SPENDING
from services.providers import all_providers
from services.recipe import MASKS, Interval
from services.render import VIEWS
from tests.pages.made import FINLAND, choices, finish, go, keep_answer, recipe_of
from tests.pages.seen import address, click, html_of, map_that_says, texts_of

NAMES = [name for name, _ in (*STEPS, GALLERY, ACTIVITY)]
SPOKEN = {
    "gallery": ("Tile", "maxcc", "Median", "NDVI", "COG", "Recipe"),
    "area": ("UTM", "EPSG", "BBoxSplitter", "Team grid", "Tile", "AOI"),
    "acquisitions": (
        "Acquisition",
        "maxcc",
        "SCL",
        "Granule",
        "Median",
        "Band",
        "Processing unit",
        "Request",
        "Cached bands",
    ),
    "results": (
        *(
            "maxcc",
            "Clear observation",
            "Median",
            "SCL",
            "NDVI",
            "NDWI",
            "NBR",
            "NDSI",
            "COG",
            "EOPatch",
            "STAC",
            "Recipe",
        ),
        *("Processing unit", "Request", "Cached bands", "Knee", "Without data", "Tile"),
    ),
    "compare": (
        "maxcc",
        "Sampling",
        "Clear observation",
        "NDVI",
        "Processing unit",
        "Request",
        "Without data",
        "Significance threshold (× scatter)",
    ),
    "activity": ("Job", "Usage", "Processing unit", "Request", "Cached bands", "Hit rate", "Quota", "Cache"),
}
"""What a newcomer meets on each page and cannot know; written down here, not read from the glossary."""
GUIDE = 'class="np-guide"'
HARD = (
    "UTM",
    "EPSG",
    "BBoxSplitter",
    "SCL",
    "NDVI",
    "NDWI",
    "NBR",
    "NDSI",
    "COG",
    "EOPatch",
    "STAC",
    "processing unit",
)
"""Words that no page may show without an explanation."""


@pytest.fixture
def page(frame: AppTest) -> Iterator[AppTest]:
    with map_that_says({}):
        yield frame


def open_made(frame: AppTest, name: str) -> AppTest:
    """With an area, dates and a picture."""
    chosen = choices()
    keep_answer(recipe_of(chosen), (3.0, 9.5, 60.0))
    finish(recipe_of(chosen))
    return go(frame, name, chosen)


def explained(page: AppTest) -> str:
    """What stands under “Words on this page”."""
    (words,) = [one for one in page.expander if one.label == "Words on this page"]
    (listed,) = words.get("html")
    return str(listed.proto.body)


def leads(page: AppTest) -> Sequence[str]:
    return re.findall(r'class="np-lead">(.*?)</p>', html_of(page))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("made", [False, True], ids=["empty", "made"])
def test_each_page_says_in_one_sentence_what_it_is_for(page: AppTest, name: str, made: bool) -> None:
    opened = open_made(page, name) if made else go(page, name)
    (said,) = leads(opened)
    assert said == SENTENCES[name]
    assert said.endswith(".") and ". " not in said, "one sentence"
    assert len(said) <= 170, "it fits in a line or two"


def test_the_first_page_says_what_this_is_and_shows_a_finished_picture(page: AppTest) -> None:
    opened = go(page, "area")
    said, shown = re.findall(r'class="np-what">(.*?)</p>', html_of(opened)), html_of(opened)
    assert len(said) == 1 and "cloud-free Sentinel-2 composites of your area" in said[0]
    assert "1 × 1, 3 × 3 or 5 × 5 tiles of a grid, or by an order all of them" in shown
    assert "Its pixels are simulated" in shown
    (source,) = re.findall(r'<img class="np-welcome" src="/assets/(.*?)\?v=[0-9a-f]{8}" alt="[^"]{30,}"', shown)
    with Image.open(ASSETS / source) as picture:
        assert picture.size == (540, 540)
    assert '<img class="np-welcome' not in html_of(go(page, "area", choices()))


def test_help_says_what_simulated_means_and_where_pixels_come_from(page: AppTest) -> None:
    opened = go(page, "help")
    shown = html_of(opened)
    assert leads(opened) == [SENTENCES["help"]] and 'aria-current="step">Help<' in shown
    for words in ("No satellite made", "arrow keys move the centre tile", "Natural Earth", f"Ninepatch {__version__}"):
        assert words in shown, words
    for provider in all_providers(settings()):
        assert escape(provider.title) in shown


@pytest.mark.parametrize("name", NAMES)
def test_terms_are_explained_on_the_page_that_uses_them(page: AppTest, name: str) -> None:
    listed = explained(open_made(page, name))
    for word in SPOKEN[name]:
        assert word.lower() in listed.lower(), word
    for term in PAGES[name]:
        assert TERMS[term].title in listed


@pytest.mark.parametrize("name", NAMES)
def test_no_hard_word_is_shown_without_its_explanation(page: AppTest, name: str) -> None:
    opened = open_made(page, name)
    listed = explained(opened)
    fields = (*opened.button, *opened.selectbox, *opened.number_input, *opened.slider)
    labels = [field.label for field in fields]
    shown = " ".join(
        [html_of(opened).replace(listed, ""), *texts_of(opened), *labels, *(c.value for c in opened.caption)]
    )
    for word in HARD:
        if re.search(rf"\b{word}", re.sub(r"<style>.*?</style>", "", shown, flags=re.S)):
            assert word.lower() in listed.lower(), f"{word} is on the page {name}"


def test_every_term_is_on_some_page_and_is_short() -> None:
    assert {name for names in PAGES.values() for name in names} == set(TERMS)
    for name, term in TERMS.items():
        sentences = re.findall(r"[.;](?:\s|$)", term.words)
        assert 1 <= len(sentences) <= 3 and term.words.endswith("."), name
        assert len(term.words) <= 260, name
        assert HELP[name] == term.words


def test_the_glossary_agrees_with_what_is_computed() -> None:
    assert ", ".join(map(str, sorted(MASKS["cautious"].invalid))) in HELP["scl"]
    for name in ("ndvi", "ndwi", "nbr", "ndsi"):
        first, second = VIEWS[name].bands
        assert f"({first} − {second}) / ({first} + {second})" in HELP[name]
    assert "512 × 512" in HELP["unit"] and "3 bands" in HELP["unit"]


def test_the_fields_say_the_same_as_the_list(page: AppTest) -> None:
    opened = open_made(page, "acquisitions")
    assert opened.slider(key="dates_limit").help == HELP["limit"]


@pytest.mark.parametrize("name", ["acquisitions", "results", "compare"])
def test_an_example_is_one_click_away_on_each_empty_page(frame: AppTest, name: str) -> None:
    opened = go(frame, name)
    click(opened, "Start with the example Southern Finland")
    assert not opened.exception
    assert address(opened)["grid"] == "54x39" and address(opened)["centre"] == "35,25"
    assert "np-message np-problem" not in html_of(opened)


def test_the_empty_list_of_jobs_leads_to_an_example(frame: AppTest) -> None:
    opened = go(frame, "activity")
    click(opened, "Start with the example Southern Finland")
    assert not opened.exception
    assert address(opened)["centre"] == "35,25" and "Choose dates and the max. cloud cover" in html_of(opened)


def test_the_guide_takes_a_small_example_and_spends_nothing(page: AppTest) -> None:
    opened = go(page, "area")
    click(opened, "See it work")
    seen = html_of(opened)
    assert 'aria-current="step">1 Area' in seen and leads(opened) == []
    assert EXAMPLE.name in texts_of(opened) and "Max. cloud cover</b> 10 %" in seen
    assert jobs().recent(*SPENDING, limit=9) == ()
    click(opened, "Choose dates")
    seen = html_of(opened)
    assert 'aria-current="step">2 Dates' in seen and "1 Area<span" in seen
    assert jobs().recent(*SPENDING, limit=9) == ()


def test_the_guide_names_the_price_before_the_third_press(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    summer, there = Interval(date(2017, 6, 1), date(2017, 8, 1)), choices()
    changed = {"EXAMPLE": FINLAND, "SPEC": FINLAND.spec, "CENTRE": FINLAND.centre, "INTERVAL": summer}
    for name, value in changed.items():
        monkeypatch.setattr(f"pages.components.frame.guide.{name}", value)
    opened = go(page, "area")
    click(opened, "See it work")
    keep_answer(recipe_of(there).with_(interval=summer), (3.0, 9.5, 60.0))
    click(opened, "Choose dates")
    (said,) = re.findall(r'class="np-guide-said"[^>]*>(.*?)</p>', html_of(opened))
    assert "2 of 3 dates" in said and "press “Fetch 2 dates” below" in said
    units = re.search(r"costs ([0-9.]+) of 10,000 processing units a month, free ones", said)
    button = next(one.label for one in opened.button if one.label.startswith("Fetch 2 dates"))
    assert units is not None and button.endswith(f"{units[1]} units")


def test_the_guide_can_be_left_and_does_not_come_back(page: AppTest) -> None:
    opened = go(page, "area")
    click(opened, "See it work")
    click(opened, "Leave the guide")
    assert GUIDE not in html_of(opened) and leads(opened) == [SENTENCES["area"]]
    assert EXAMPLE.name in texts_of(opened), "what was chosen stays"
    click(opened, "Choose dates")
    assert GUIDE not in html_of(opened)


def test_the_guide_ends_with_another_area(page: AppTest) -> None:
    opened = go(page, "area")
    click(opened, "See it work")
    opened.text_input(key="area_name").set_value("My delta").run()
    assert GUIDE in html_of(opened), "a name is no other place"
    opened.pills(key="area_example").set_value("Taveuni").run()
    assert GUIDE not in html_of(opened)


def test_whoever_has_an_area_is_not_asked_to_follow_the_guide(page: AppTest) -> None:
    opened = go(page, "area", choices())
    assert not [one for one in opened.button if one.label.startswith("See it work")]
    assert GUIDE not in html_of(opened)


def test_whoever_comes_by_a_link_that_does_not_work_hears_of_that_alone(page: AppTest) -> None:
    opened = go(page, "area", area="000000000000")
    assert "This area cannot be used" in html_of(opened)
    assert not [one for one in opened.button if one.label.startswith("See it work")]
