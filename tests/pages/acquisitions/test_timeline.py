"""What the picture in time says of dates that no max. cloud cover would take in."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from pages.components.acquisitions.timeline import timeline
from services.catalogue import choose
from services.preview import DateSummary
from tests.pages import made
from tests.pages.seen import html_of


def shown() -> None:
    """Three dates: kept, over the limit, and one whose file is gone."""
    recipe = made.recipe_of(made.choices())
    found = made.keep_answer(recipe, [3.0, 12.3, 2.0])
    choices = choose((*found[:2], replace(found[2], gone="The file B03.tif is not there any more.")), recipe)
    timeline([DateSummary(**vars(choice)) for choice in choices], recipe, print)


def test_a_date_whose_file_is_gone_is_not_counted_as_over_the_limit() -> None:
    script = "from tests.pages.acquisitions import test_timeline\ntest_timeline.shown()"
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    said = html_of(page)
    assert "1 used" in said and "1 over the limit" in said and "1 with a missing file" in said
    assert "B03.tif" not in said
