"""Bands, indices, formulas and stretches on the page of results, and in its link."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.symbology import bands_and_indices, stretch
from pages.state.context import jobs, product
from services.composite import listed_indices
from services.jobs import FETCH, FILL
from services.recipe import Recipe
from services.render import PALETTES, VIEWS
from services.sentinel2 import SCRIPT_BANDS
from tests.pages.made import choices, go, recipe_of
from tests.pages.results.test_preview_picture import fetched, picture, small
from tests.pages.seen import address, click, html_of, markup_of, texts_of


def opened(frame: AppTest, key: str, **query: str) -> Recipe:
    """The page with its picture in the cache, and one of the popovers open."""
    chosen = small()
    fetched(chosen, 40)
    frame.session_state[key] = True
    go(frame, "results", chosen, **query)
    return recipe_of(chosen)


def chosen_view(frame: AppTest) -> str:
    return address(frame).get("view", "true")


def options(frame: AppTest) -> list[str]:
    (pills,) = [one for one in frame.button_group if one.label == "Show"]
    return list(pills.options)


def test_closed_popovers_hold_nothing(frame: AppTest) -> None:
    chosen = small()
    fetched(chosen, 40)
    go(frame, "results", chosen)
    assert not {"Red", "Spectral index", "Palette"} & {one.label for one in frame.selectbox}
    assert not {"Percentiles 2–98 %", "Back to the fixed scale"} & {one.label for one in frame.button}


def test_three_bands_become_colours_and_one_becomes_grey(frame: AppTest) -> None:
    opened(frame, bands_and_indices.OPEN)
    red, green, blue = (frame.selectbox(key=f"symbology_band_{name}") for name in ("red", "green", "blue"))
    assert [one.value for one in (red, green, blue)] == ["B04", "B03", "B02"]
    assert red.options == list(SCRIPT_BANDS)
    red.select("B12").run()
    assert chosen_view(frame) == "rgb-B12-B03-B02" and "/rgb-B12-B03-B02-" in picture(frame)
    frame.selectbox(key="symbology_band_green").select("B12").run()
    frame.selectbox(key="symbology_band_blue").select("B12").run()
    assert chosen_view(frame) == "grey-B12" and "Grey (B12)" in html_of(frame)
    for name, band in (("red", "B08"), ("green", "B04"), ("blue", "B03")):
        frame.selectbox(key=f"symbology_band_{name}").select(band).run()
    assert chosen_view(frame) == "false", "what the page has a name for is called so"
    assert jobs().recent(FETCH) == jobs().recent(FILL) == ()


def test_an_index_of_the_list_is_shown_with_its_words(frame: AppTest) -> None:
    opened(frame, bands_and_indices.OPEN)
    listed = frame.selectbox(key="symbology_index")
    possible = [one for one in listed_indices().values() if set(one.formula.bands) <= set(SCRIPT_BANDS)]
    assert listed.options == [f"{one.name} · {one.title} · {one.domain}" for one in possible]
    listed.select_index([one.name for one in possible].index("SAVI")).run()
    savi = listed_indices()["SAVI"]
    assert chosen_view(frame) == "si-SAVI" and "/si-SAVI-" in picture(frame)
    assert savi.formula.words in markup_of(frame) and savi.reference in markup_of(frame)
    assert 'class="np-scale"' in html_of(frame)
    assert "Soil-Adjusted Vegetation Index (SAVI)" in options(frame)
    frame.selectbox(key="symbology_palette").select("magma").run()
    assert chosen_view(frame) == "si-SAVI~magma"
    assert len(frame.selectbox(key="symbology_palette").options) == len(PALETTES)


def test_a_formula_is_shown_or_its_error_is_told_at_its_field(frame: AppTest) -> None:
    opened(frame, bands_and_indices.OPEN)
    frame.text_input(key="symbology_formula").input("(B08 - ) / B04").run()
    assert any("a band, a number or a parenthesis was expected" in text for text in texts_of(frame))
    assert chosen_view(frame) == "true" and frame.text_input(key="symbology_formula").value == "(B08 - ) / B04"
    frame.text_input(key="symbology_formula").input("B08 - B05").run()
    assert any("needs B05" in text for text in texts_of(frame)) and chosen_view(frame) == "true"
    frame.text_input(key="symbology_formula").input("(B08-B11)/(B08+B11)").run()
    assert chosen_view(frame) == "index-(B08-B11):(B08--B11)"
    assert "(B08 − B11) / (B08 + B11)" in html_of(frame)
    assert not any("was expected" in text or "needs B05" in text for text in texts_of(frame))


def test_percentiles_and_sigmas_of_the_picture_become_limits_in_the_link(frame: AppTest) -> None:
    recipe = opened(frame, stretch.OPEN)
    before = picture(frame)
    found = product().preview_service.histogram(recipe, "true")
    click(frame, "Percentiles")
    written = [f"{low:.4g}..{high:.4g}" for low, high in found.percentiles(2, 98)]
    assert chosen_view(frame) == f"true~{','.join(written)}" and picture(frame) != before
    click(frame, "Mean")
    assert chosen_view(frame) == "true~" + ",".join(f"{low:.4g}..{high:.4g}" for low, high in found.sigmas(2))
    click(frame, "Back to the fixed scale")
    assert chosen_view(frame) == "true" and picture(frame) == before


def test_limits_and_gamma_are_typed_and_impossible_ones_are_told(frame: AppTest) -> None:
    opened(frame, stretch.OPEN, view="ndvi")
    frame.number_input(key="symbology_low_0").set_value(0.1).run()
    assert chosen_view(frame) == "ndvi~0.1..0.9"
    frame.number_input(key="symbology_high_0").set_value(-0.5).run()
    assert any("0.1 to -0.5 are no stretch" in text for text in texts_of(frame))
    assert chosen_view(frame) == "ndvi~0.1..0.9"
    assert not [one for one in frame.slider if one.label == "Gamma"], "it is of colours"


def test_gamma_is_a_part_of_the_view(frame: AppTest) -> None:
    opened(frame, stretch.OPEN)
    frame.slider(key="symbology_gamma").set_value(2.0).run()
    assert chosen_view(frame) == "true~g2" and "gamma 2" in html_of(frame)


def test_another_view_begins_in_its_fixed_scale(frame: AppTest) -> None:
    opened(frame, stretch.OPEN, view="true~0..0.1~g2")
    (pills,) = [one for one in frame.button_group if one.label == "Show"]
    assert pills.value == "true"
    pills.set_value("false").run()
    assert chosen_view(frame) == "false"


def test_without_the_planes_there_is_no_histogram_and_the_numbers_stay(frame: AppTest) -> None:
    frame.session_state[stretch.OPEN] = True
    go(frame, "results", choices(), view="true~0..0.2")
    assert any("is shown where all of the picture is in the cache" in one.value for one in frame.caption)
    assert frame.number_input(key="symbology_high_0").value == 0.2


@pytest.mark.parametrize("view", ["true", "ndvi", "snow"])
def test_links_of_before_show_what_they_showed(frame: AppTest, view: str) -> None:
    opened(frame, stretch.OPEN, view=view)
    assert f"/{view}-" in picture(frame) and VIEWS[view].title in options(frame)


def test_a_view_that_means_nothing_is_told_and_left(frame: AppTest) -> None:
    opened(frame, stretch.OPEN, view="index-B08**B04")
    assert any("an exponent that is no number" in text for text in texts_of(frame))
    assert "/true-" in picture(frame)
