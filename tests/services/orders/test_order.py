"""Orders: the same question of the same tiles is one order, whatever way it was made."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.area import parse_aoi
from services.errors import OrderError
from services.grid import Grid, Lattice, TileIndex, zone_grids
from services.orders import OUTPUTS, Order, Sheet
from services.orders.parts import parts_of
from services.plan import Cost, Terms
from services.recipe import Interval, Recipe

LATTICE = Lattice(32635, 264_000.0, 6_640_000.0, 3302.37, 3301.24)
OTHER = Lattice(32634, 0.0, 0.0, 3300.0, 3300.0)
RECIPE = Recipe(LATTICE, TileIndex(35, 25), Interval(date(2017, 1, 1), date(2018, 1, 1)))
TILES = st.sets(st.builds(TileIndex, st.integers(-9, 9), st.integers(-9, 9)), min_size=1)


@settings(max_examples=100, deadline=None)
@given(tiles=TILES, more=TILES | st.none(), outputs=st.sets(st.sampled_from(OUTPUTS), min_size=1))
def test_an_order_is_read_as_it_was_written(
    tiles: set[TileIndex], more: set[TileIndex] | None, outputs: set[str]
) -> None:
    sheets = [Sheet.of(LATTICE, tiles), *([Sheet.of(OTHER, more)] if more else [])]
    order = Order.of(RECIPE, sheets, outline='{"type":"Feature"}', outputs=outputs)
    assert Order.from_json(order.to_json()) == order
    assert order.tiles == len(tiles) + len(more or ())
    assert order.digest == Order.of(RECIPE.with_(radius=2), sheets[::-1], outline=order.outline, outputs=outputs).digest


def test_tiles_are_in_the_order_of_a_map() -> None:
    tiles = [TileIndex(0, 0), TileIndex(1, 0), TileIndex(0, 1), TileIndex(0, 0)]
    assert Sheet.of(LATTICE, tiles).tiles == (TileIndex(0, 1), TileIndex(0, 0), TileIndex(1, 0))


def test_each_tile_has_the_recipe_of_its_own_picture() -> None:
    order = Order.of(RECIPE, [Sheet.of(OTHER, [TileIndex(3, 4)]), Sheet.of(LATTICE, [TileIndex(1, 2)])])
    assert order.recipe_of(order.sheet(32635), TileIndex(1, 2)) == RECIPE.with_(centre=TileIndex(1, 2), radius=0)
    with pytest.raises(OrderError):
        order.sheet(32633)


def test_parts_are_numbered_from_0_on_through_all_zones() -> None:
    """Two with one number would be one row of the table."""
    some = [TileIndex(x, 0) for x in range(0, 21, 7)]
    order = Order.of(RECIPE, [Sheet.of(OTHER, some[:2]), Sheet.of(LATTICE, some)])
    parts = parts_of(order, Terms(2500, lambda block: Cost()))
    assert [part.number for part in parts] == list(range(5))
    assert [part.lattice for part in parts] == [OTHER, OTHER, LATTICE, LATTICE, LATTICE]


def test_an_area_of_two_zones_has_a_sheet_in_each() -> None:
    aoi = parse_aoi("23.98, 60.0, 24.02, 60.02")
    order = Order.of_grid(RECIPE, *zone_grids(aoi, 600), outputs=["mosaic", "clipped"], crs=3067)
    assert [sheet.lattice for sheet in order.sheets] == [
        Lattice(epsg, 0.0, 0.0, 600.0, 600.0) for epsg in (32634, 32635)
    ]
    assert json.loads(order.outline) == aoi.to_geojson(), "it is clipped by the whole area"
    assert Order.from_json(order.to_json()) == order
    assert order.link_of(Grid.team(aoi, 600)) in ("600z34", "600z35"), "the pages of single pictures have one of them"
    assert Order.of_grid(RECIPE, Grid.team(aoi, 600)).link_of(Grid.team(aoi, 600)) == "600"


def test_what_cannot_be_ordered_is_told() -> None:
    sheet = Sheet.of(LATTICE, [TileIndex(0, 0)])
    for make in (
        lambda: Order.of(RECIPE, []),
        lambda: Order.of(RECIPE, [sheet, sheet]),
        lambda: Order.of(RECIPE, [sheet], outputs=["paintings"]),
        lambda: Order.of(RECIPE, [sheet], outputs=["clipped"]),
        lambda: Sheet(LATTICE, (TileIndex(0, 0), TileIndex(0, 1))),
        lambda: Order.from_json("{}"),
        lambda: Order.from_json('{"version": 9}'),
    ):
        with pytest.raises(OrderError):
            make()
