"""A comparison of pictures whose view angles are evened out names it wherever a picture is seen."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.compare import matrix_view
from pages.state.comparison import recipe_in
from pages.state.context import product
from services.cache import frame_key
from services.sentinel2 import ANGLES
from tests.pages.made import choices, go, keep_answer
from tests.pages.seen import html_of, sent_to, viewed
from tests.services.overpasses import random_planes

CLOUDS = tuple(4.0 if number % 7 == 0 else 80.0 for number in range(60))
"""Every five days from 7 June 2017 on."""
EVENED = "view angles evened out (NBAR)"


def cached(*, nbar: bool) -> None:
    """All that the picture of 2017 takes, and that of 2018."""
    for year in (2017, 2018):
        recipe = recipe_in(choices(radius=0, resolution=300, nbar=nbar), year)
        assert recipe is not None
        angles = {name: np.full((4, 4), 1000, np.uint16) for name in ANGLES}
        for number, one in enumerate(keep_answer(recipe, CLOUDS)):
            planes = random_planes(recipe, 100 * year + number, cloudy=0.2) | angles
            product().frames.write(frame_key(recipe, recipe.centre, one), planes)


@pytest.mark.parametrize("nbar", [True, False])
def test_table_sides_and_difference_name_it(frame: AppTest, monkeypatch: pytest.MonkeyPatch, *, nbar: bool) -> None:
    monkeypatch.setattr(matrix_view, "PATIENCE_SECONDS", 60.0)
    cached(nbar=nbar)
    chosen = choices(radius=0, resolution=300, maxcc=10, nbar=nbar)
    asked = {"years": "2017,2018", "limits": "10", "left": "2017,10", "right": "2018,10", "mode": "difference"}
    go(frame, "compare", chosen, **asked).run()
    assert not frame.exception
    table, pictures = sent_to(frame, "matrix"), viewed(frame)["pictures"]
    assert (EVENED in table["caption"]) is nbar
    assert [EVENED in cell["alt"] for cell in table["cells"]] == [nbar] * 2
    assert [EVENED in pictures[side]["caption"] for side in ("left", "right", "difference")] == [nbar] * 3
    assert ("<td>View angles</td><td>evened out (NBAR)</td><td>evened out (NBAR)</td>" in html_of(frame)) is nbar
