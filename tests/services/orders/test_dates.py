"""Dates of tiles: no grouping of them changes what each of them is made of, nor a pixel of it."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.cache import FrameKey, frame_key
from services.catalogue import Acquisition, dates_of_tiles, join, kept
from services.composite import Composite, compose
from services.grid import Lattice, Tile, TileBlock, TileIndex
from services.recipe import Interval, Recipe
from services.sentinel2 import DATA_MASK, SCL
from tests.services.granule_items import item

LATTICE = Lattice(32635, 300_000.0, 6_700_000.0, 60.0, 60.0)
RECIPE = Recipe(
    LATTICE,
    TileIndex(2, 2),
    Interval(date(2017, 6, 7), date(2017, 6, 8)),
    radius=1,
    bands=("B04", "B03"),
    method="least-cloudy",
    least_coverage=30,
)
WIDE = TileBlock(LATTICE, TileIndex(0, 0), 5, 5)
EVENING = 14 * 3600.0 + 6 * 60 + 10
"""Seconds from the granules' usual time to ten before midnight."""

edges = st.integers(-2, 22).map(lambda quarter: 15.0 * quarter)
"""Metres from the lattice's origin: quarters of a tile."""


@st.composite
def granules(draw: st.DrawFn, orbit: int, begin: float, datatakes: Sequence[str]) -> list[dict[str, Any]]:
    """Of one pass, some of them twice, in an older version that shows more or less; each a rectangle."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        datatake, clouds = draw(st.sampled_from(datatakes)), draw(st.sampled_from([0.0, 5.0, 10.0, 14.0, 80.0]))
        for baseline in ("0205", "0510")[: draw(st.integers(1, 2))]:
            west, south = LATTICE.x0 + draw(edges), LATTICE.y0 + draw(edges)
            bounds = (west, south, west + 15.0 * draw(st.integers(1, 20)), south + 15.0 * draw(st.integers(1, 20)))
            seconds = begin + 8.0 * number
            common: dict[str, Any] = {
                "tile": f"35VL{'GHJ'[number]}",
                "orbit": orbit,
                "datatake": datatake,
                "seconds": seconds,
            }
            found.append(item(bounds, clouds=clouds, baseline=baseline, **common))
    return found


skies = st.tuples(
    granules(79, 0.0, ["20170607T095031"]),
    granules(36, 3600.0, ["20170607T105031", "20170607T105131"]),
    granules(93, EVENING, ["20170607T235031"]),
).map(lambda passes: [one for some in passes for one in some])
"""A pass by day, one of two datatakes, and one over midnight."""


def own_dates(items: list[dict[str, Any]], tile: Tile) -> tuple[Acquisition, ...]:
    """What the picture of that tile alone keeps, of a search for it alone."""
    question = RECIPE.with_(centre=tile.index, radius=0)
    begin, end = question.interval.start_time, question.interval.end_time
    return kept([one for one in join(items, question.neighbourhood) if begin <= one.time < end], question)


def told(dates: Sequence[Acquisition], tile: Tile) -> list[tuple[object, ...]]:
    """All that decides the tile's pixels of its dates, in their order."""
    seen = sorted((one.at(tile) for one in dates if one.touches(tile)), key=lambda one: one.time)
    named = {one.at(tile).key: frame_key(RECIPE, tile.index, one) for one in dates if one.touches(tile)}
    return [(one.key, named[one.key], one.time, one.cloud_cover, one.coverage, one.granules) for one in seen]


@settings(max_examples=40, deadline=None)
@given(items=skies, seed=st.randoms(use_true_random=False), parts=st.integers(1, 6))
def test_no_grouping_changes_the_dates_of_a_tile(items: list[dict[str, Any]], seed: Any, parts: int) -> None:
    found = join(items, WIDE)
    grouped: dict[int, list[Tile]] = {}
    for tile in WIDE.tiles:
        grouped.setdefault(seed.randrange(parts), []).append(tile)
    for tiles in grouped.values():
        dates = dates_of_tiles(found, RECIPE, tiles)
        for tile in tiles:
            assert told(dates, tile) == told(own_dates(items, tile), tile)


@settings(max_examples=15, deadline=None)
@given(items=skies, centre=st.builds(TileIndex, st.integers(1, 3), st.integers(1, 3)))
def test_a_picture_by_tiles_has_the_dates_of_its_tiles(items: list[dict[str, Any]], centre: TileIndex) -> None:
    question = RECIPE.with_(centre=centre, date_rule="tile")
    alone = kept(join(items, question.neighbourhood), question)
    inside = kept([one for whole in join(items, WIDE) if (one := whole.over(question.neighbourhood))], question)
    for tile in question.neighbourhood.tiles:
        assert told(alone, tile) == told(inside, tile) == told(own_dates(items, tile), tile)


class AnyFrames:
    """Other pixels under each key, the same whenever they are asked for."""

    def read(self, key: FrameKey, planes: Collection[str]) -> dict[str, NDArray[Any]]:
        """As a cache that has it all."""
        random = np.random.default_rng(abs(hash((key.acquisition, key.bounds))))
        bands = {band: random.integers(0, 9000, (6, 6)).astype(np.uint16) for band in RECIPE.bands}
        masks = {SCL: random.integers(0, 12, (6, 6)).astype(np.uint8), DATA_MASK: np.ones((6, 6), np.uint8)}
        return {plane: (bands | masks)[plane] for plane in planes}


def pixels(made: Sequence[Composite]) -> dict[TileIndex, bytes]:
    return {one.tile.index: one.reflectance.tobytes() + one.count.tobytes() for one in made if one.tile}


@settings(max_examples=3, deadline=None)
@given(items=skies, split=st.integers(0, 5))
def test_no_grouping_changes_a_pixel(items: list[dict[str, Any]], split: int) -> None:
    found, frames = join(items, WIDE), AnyFrames()
    middle = RECIPE.neighbourhood.tiles
    made: dict[TileIndex, bytes] = {}
    for tiles in (middle[:split], middle[split:]):
        dates = dates_of_tiles(found, RECIPE, tiles)
        for tile in tiles:
            made |= pixels(compose(RECIPE.with_(centre=tile.index, radius=0), dates, frames, workers=1))
    question = RECIPE.with_(date_rule="tile")
    assert made == pixels(compose(question, kept(join(items, RECIPE.neighbourhood), question), frames, workers=2))
    for tile in middle:
        alone = RECIPE.with_(centre=tile.index, radius=0)
        assert pixels(compose(alone, own_dates(items, tile), frames, workers=1)) == {tile.index: made[tile.index]}


def test_a_pass_over_midnight_is_of_the_day_of_each_tile() -> None:
    whole = (LATTICE.x0 - 99, LATTICE.y0 - 99, LATTICE.x0 + 399, LATTICE.y0 + 399)
    west = (*whole[:2], LATTICE.x0 + 60, whole[3])
    late: dict[str, Any] = {"orbit": 93, "datatake": "20170606T235031", "clouds": 1.0}
    before = timedelta(days=-1).total_seconds() + EVENING
    items = [
        item(west, tile="35VLG", seconds=before, **late),
        item((LATTICE.x0 + 60, *whole[1:]), tile="35VLH", seconds=before + 12, **late),
    ]
    dates = dates_of_tiles(join(items, WIDE), RECIPE, WIDE.tiles)
    assert [one.tiles for one in dates] == [frozenset(tile.index for tile in WIDE.tiles if tile.index.x)]
