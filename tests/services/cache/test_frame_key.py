"""The name of a frame: equal for equal pixels, different for different ones."""

from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cache import FrameKey, frame_key
from services.catalogue import Acquisition
from services.grid import Lattice, Tile, TileIndex
from services.recipe import Interval, Recipe

LATTICE = Lattice(32635, 330_000.0, 6_600_000.0, 3300.0, 3300.0)
RECIPE = Recipe(LATTICE, TileIndex(3, 5), Interval(date(2017, 1, 1), date(2018, 1, 1)))


@dataclass(frozen=True)
class Overpass:
    """As much of an acquisition as a key needs."""

    key: str = "S2A_R079_20170607T095031"

    def version(self, tile: Tile) -> str:
        """As of a service that chooses among its products itself."""
        return ""


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
    positive, negative = (
        replace(named(), bounds=(0.0, 0.0, 1.0, 1.0)),
        replace(named(), bounds=(-0.0, 0.0, 1.0, 1.0)),
    )
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


def test_the_same_frame_has_the_same_vicinity_and_a_block_few_of_them() -> None:
    block = {named(x=x, y=y).vicinity for x in range(3) for y in range(3)}
    assert 1 <= len(block) <= 4
    assert len({named(x=x, y=y).vicinity for x in range(-40, 40) for y in range(-40, 40)}) <= 21 * 21
    elsewhere = RECIPE.with_(lattice=replace(LATTICE, x0=LATTICE.x0 - 7 * 3300.0, y0=LATTICE.y0 + 2 * 3300.0))
    assert named(elsewhere, x=10, y=3).vicinity == named(x=3, y=5).vicinity


@pytest.mark.parametrize("change", [{"provider": "copernicus"}, {"collection": "other"}, {"acquisition": "S2B"}])
def test_what_is_no_part_of_a_frame_is_in_another_vicinity(change: dict[str, str]) -> None:
    assert replace(named(), **change).vicinity != named().vicinity  # type: ignore[arg-type] # all are text


@settings(deadline=None)
@given(
    edges=st.tuples(*[st.floats(-1e7, 1e7, allow_nan=False)] * 4),
    size=st.tuples(st.integers(1, 2500), st.integers(1, 2500)),
    acquisition=st.sampled_from(["S2A_R079_20170607T095031", "S2B_R000_20180101", "X_R001_nonsense"]),
    plane=st.sampled_from(["B04", "SCL", "dataMask"]),
)
def test_a_name_tells_the_frame_and_the_plane_again(
    edges: tuple[float, float, float, float], size: tuple[int, int], acquisition: str, plane: str
) -> None:
    key = FrameKey("some-where", "byoc/of-ours", 32735, edges, *size, acquisition)
    assert FrameKey.of_plane(key.plane_key(plane)) == (key, plane)


@pytest.mark.parametrize("name", ["", "anything", "a/b/c/d/e/f/g/h", "demo/s2/dn/32635/1,2,3,4/3x/S2A/B04"])
def test_another_text_is_no_frame(name: str) -> None:
    with pytest.raises(ValueError):
        FrameKey.of_plane(name)


def test_the_year_is_that_of_the_acquisition() -> None:
    assert named(overpass=Overpass("S2A_R079_20170607T095031")).year == 2017
    assert named(overpass=Overpass("S2A_R000_20181231")).year == 2018
    with pytest.raises(ValueError):
        _ = named(overpass=Overpass("something")).year
