"""The name of a frame: equal for equal pixels, different for different ones."""

from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.acquisitions import Acquisition
from services.framekey import FrameKey, frame_key
from services.interval import Interval
from services.lattice import Lattice, TileIndex
from services.recipe import Recipe

LATTICE = Lattice(32635, 330_000.0, 6_600_000.0, 3300.0, 3300.0)
RECIPE = Recipe(LATTICE, TileIndex(3, 5), Interval(date(2017, 1, 1), date(2018, 1, 1)))


@dataclass(frozen=True)
class Overpass:
    """As much of an acquisition as a key needs."""

    key: str = "S2A_R079_20170607T095031"


def named(recipe: Recipe = RECIPE, x: int = 3, y: int = 5, overpass: Overpass | None = None) -> FrameKey:
    """A key for a stand-in of an acquisition."""
    return frame_key(recipe, TileIndex(x, y), cast(Acquisition, overpass or Overpass()))


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPE.with_(maxcc=90),
        RECIPE.with_(mask="none"),
        RECIPE.with_(area="Elsewhere"),
        RECIPE.with_(radius=0),
        RECIPE.with_(centre=TileIndex(4, 5)),
        RECIPE.with_(bands=("B11",)),
        RECIPE.with_(interval=Interval(date(2016, 3, 1), date(2020, 1, 1))),
    ],
)
def test_another_question_about_the_same_pixels_has_the_same_key(recipe: Recipe) -> None:
    assert named(recipe) == named()
    assert named(recipe).plane_key("B04") == named().plane_key("B04")


@settings(deadline=None)
@given(x=st.integers(-50, 50), y=st.integers(-50, 50))
def test_the_same_rectangle_in_a_grid_that_begins_elsewhere_has_the_same_key(x: int, y: int) -> None:
    moved = replace(LATTICE, x0=LATTICE.x0 + 3300 * x, y0=LATTICE.y0 + 3300 * y)
    again = named(RECIPE.with_(lattice=moved, centre=TileIndex(3 - x, 5 - y)), 3 - x, 5 - y)
    assert again.plane_key("SCL") == named().plane_key("SCL")


def test_an_edge_at_zero_has_one_name() -> None:
    positive, negative = replace(named(), bounds=(0.0, 0.0, 1.0, 1.0)), replace(named(), bounds=(-0.0, 0.0, 1.0, 1.0))
    assert positive == negative
    assert positive.plane_key("B04") == negative.plane_key("B04")


def test_what_makes_other_pixels_makes_another_key() -> None:
    nudged = replace(LATTICE, x0=LATTICE.x0 + 1e-9)
    others = [
        named(RECIPE.with_(provider="copernicus")),
        named(RECIPE.with_(collection="sentinel-2-l1c")),
        named(RECIPE.with_(resolution=20)),
        named(RECIPE.with_(lattice=replace(LATTICE, epsg=32735))),
        named(RECIPE.with_(lattice=nudged)),
        named(x=4),
        named(y=4),
        named(overpass=Overpass("S2B_R079_20170612T095031")),
    ]
    names = {key.plane_key(plane) for key in [named(), *others] for plane in ("B04", "B08", "SCL")}
    assert len(names) == 3 * (1 + len(others))
    assert all(name.isprintable() and len(name) < 200 for name in names)
