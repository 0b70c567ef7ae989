"""The areas to start from."""

import json

import pytest

from services.area import parse_aoi
from services.grid import Grid
from services.recipe import EXAMPLES, Example, Interval, Recipe

EACH = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def test_the_first_is_the_one_of_the_script() -> None:
    first = EXAMPLES[0]
    assert (first.name, first.spec, str(first.centre), first.year, first.maxcc) == (
        *("Southern Finland", "54x39", "35,25"),
        *(2017, 10),
    )
    assert first.aoi.area_km2 == pytest.approx(20_817, abs=1)


@EACH
def test_the_neighbourhood_of_the_centre_lies_wholly_in_the_grid(example: Example) -> None:
    grid = Grid.from_spec(example.aoi, example.spec)
    assert not any(tile.outside for tile in grid.neighbourhood(example.centre, 1))


@EACH
def test_an_example_makes_a_recipe(example: Example) -> None:
    grid = Grid.from_spec(example.aoi, example.spec)
    recipe = Recipe(grid.lattice, example.centre, Interval.of_year(example.year), maxcc=example.maxcc)
    assert recipe.lattice.size_px(recipe.resolution) == (330, 330)
    assert example.words.endswith(".")


@EACH
def test_an_example_survives_its_own_geojson(example: Example) -> None:
    assert parse_aoi(json.dumps(example.aoi.to_geojson())).digest == example.aoi.digest


def test_between_them_they_show_what_a_grid_must_cope_with() -> None:
    areas = [example.aoi for example in EXAMPLES]
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES)
    assert any(aoi.epsg > 32700 for aoi in areas)
    assert any(aoi.crosses_antimeridian for aoi in areas)
    assert any("UTM zones" in note for aoi in areas for note in aoi.notes)
