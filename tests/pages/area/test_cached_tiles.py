"""Tiles that the team has: the classes and outlines for the map, their legend, and the table."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from streamlit.testing.v1 import AppTest

from pages.components.area import cached_tiles
from pages.components.area.area_map import shown
from pages.components.area.grid_picker import ground
from pages.components.shared.theme import ASSETS
from pages.state.choices import Choices
from pages.state.context import product
from services.cache import FrameKey
from services.grid import Lattice, TileIndex
from services.recipe import EXAMPLES, Interval
from tests.pages.made import choices, go, recipe_of
from tests.pages.seen import html_of, map_that_says, texts_of

FIJI = EXAMPLES[-1]
Days = dict[tuple[int, int], list[str]]


def fetch(chosen: Choices, days: Days) -> None:
    """The cache has all planes of the tiles x, y at the overpasses of these days."""
    recipe = recipe_of(chosen)
    width, height = recipe.lattice.size_px(recipe.resolution)
    for (x, y), some in days.items():
        for day in some:
            bounds = recipe.lattice.bounds(TileIndex(x, y))
            acquisition = f"S2A_R079_{day}T095031"
            key = FrameKey("demo", recipe.collection, recipe.lattice.epsg, bounds, width, height, acquisition)
            kinds = {plane: np.uint8 if plane in ("SCL", "dataMask") else np.uint16 for plane in recipe.planes}
            product().frames.write(key, {plane: np.zeros((height, width), kind) for plane, kind in kinds.items()})


def small() -> Choices:
    """Southern Finland in tiles that are quickly written: 600 m, of 10 px."""
    return choices(resolution=60).with_grid("600")


def summer(*months: int, year: int = 2017) -> list[str]:
    return [f"{year}{month:02d}07" for month in months]


def cells(lattice: Lattice, rings: Iterable[list[tuple[float, float]]]) -> set[tuple[int, int]]:
    """The tiles whose ground the rings hold, by their middles; they share no ground."""
    there = Transformer.from_crs(4326, lattice.epsg, always_xy=True)
    found: list[tuple[int, int]] = []
    for ring in rings:
        assert ring[0] == ring[-1]
        x, y = there.transform([longitude for _, longitude in ring], [latitude for latitude, _ in ring])
        columns, rows = (np.array(x) - lattice.x0) / lattice.dx, (np.array(y) - lattice.y0) / lattice.dy
        assert np.allclose(columns, columns.round(), atol=0.01) and np.allclose(rows, rows.round(), atol=0.01)
        shape = shapely.Polygon(zip(columns.round(), rows.round(), strict=True))
        assert shape.is_valid and shape.exterior.is_ccw
        west, south, east, north = map(int, shape.bounds)
        found += [(i, j) for i in range(west, east) for j in range(south, north)]
        assert shape.area == (east - west) * (north - south)
    assert len(found) == len(set(found))
    return set(found)


def told(chosen: Choices) -> dict[int, set[tuple[int, int]]]:
    assert chosen.grid is not None
    return {one["class"]: cells(chosen.grid.lattice, one["rings"]) for one in cached_tiles.for_map(chosen)}


def at(chosen: Choices, *, east: int = 0, north: int = 0) -> tuple[int, int]:
    """The tile so far from the centre."""
    assert chosen.centre is not None
    return chosen.centre.x + east, chosen.centre.y + north


def test_each_tile_that_is_held_is_in_the_class_that_its_dates_make() -> None:
    chosen = small()
    days = {
        at(chosen): summer(5, 6, 7, 8),
        at(chosen, east=1): summer(6, 7, 8),
        at(chosen, east=2): summer(6, 7),
        at(chosen, east=3): summer(6) + summer(7, 8, year=2016),
        at(chosen, east=4): summer(5, 6, 7, 8, 9, year=2016),
    }
    fetch(chosen, days)
    place = list(days)
    assert told(chosen) == {
        cached_tiles.OTHERS: {place[4]},
        cached_tiles.FEW: {place[2], place[3]},
        cached_tiles.MANY: {place[0], place[1]},
    }
    assert told(replace(chosen, interval=Interval.of_year(2016))) == {
        cached_tiles.OTHERS: {place[0], place[1], place[2]},
        cached_tiles.FEW: {place[3]},
        cached_tiles.MANY: {place[4]},
    }
    june = replace(chosen, interval=Interval(date(2017, 5, 8), date(2017, 6, 8)))
    assert told(june) == {cached_tiles.OTHERS: {place[4]}, cached_tiles.MANY: set(place[:4])}
    assert told(replace(chosen, interval=Interval.of_year(2020))) == {cached_tiles.OTHERS: set(place)}
    assert shown(chosen)["held"] == cached_tiles.for_map(chosen)


def test_the_map_shows_what_is_in_and_around_the_grid_alone() -> None:
    chosen = small()
    grid = chosen.grid
    assert grid is not None
    west, south = grid.lower_left.x, grid.lower_left.y
    fetch(
        chosen, {(west - 2, south): summer(6), (west - 3, south): summer(6), (west, south + grid.rows + 2): summer(6)}
    )
    assert told(chosen) == {cached_tiles.MANY: {(west - 2, south)}}
    assert told(replace(chosen, centre=TileIndex(west - 9, south))) == {
        cached_tiles.MANY: {(west - 2, south), (west - 3, south)}
    }


def test_nothing_is_held_where_the_grid_the_bands_or_the_pixels_are_others() -> None:
    chosen = small()
    fetch(chosen, {at(chosen): summer(6)})
    assert told(chosen) != {}
    for other in (chosen.with_grid("660"), replace(chosen, bands=("B8A",)), replace(chosen, resolution=20)):
        assert cached_tiles.for_map(other) == []
    assert cached_tiles.for_map(Choices()) == []


def test_what_is_no_picture_is_not_held() -> None:
    chosen = choices(resolution=10).with_grid("25200")
    assert cached_tiles.for_map(chosen) == []


def test_neighbours_share_their_corners_and_long_sides_follow_the_grid() -> None:
    assert set(cached_tiles._corners(-3, 20)) == {-3, 0, 8, 16, 17}
    assert set(cached_tiles._corners(8, 8)) == {8, 16}
    ring = cached_tiles._outline(-3, 0, 20, 1)
    assert ring[0] == ring[-1] == (-3, 0) and len(ring) == 11


def test_across_the_180th_meridian_longitudes_go_on() -> None:
    chosen = Choices(resolution=60, interval=Interval.of_year(2017)).with_area(FIJI.aoi, "600")
    grid = chosen.grid
    assert grid is not None
    row = int(grid.indices[len(grid) // 2, 1])
    fetch(chosen, {(x, row): summer(6) for x in range(grid.lower_left.x, grid.lower_left.x + grid.columns, 4)})
    (one,) = cached_tiles.for_map(chosen)
    longitudes = [longitude for ring in one["rings"] for _, longitude in ring]
    assert max(longitudes) > 180 > min(longitudes) and max(longitudes) - min(longitudes) < 1


def test_the_legend_says_the_colours_and_the_table_the_years(frame: AppTest) -> None:
    chosen = small()
    grid = chosen.grid
    assert grid is not None
    outside = (grid.lower_left.x - 1, grid.lower_left.y)
    fetch(
        chosen,
        {
            at(chosen): summer(4, 5, 6, 7, 8) + summer(6, year=2016),
            at(chosen, east=1): summer(6, 7),
            at(chosen, north=-1): summer(6),
            at(chosen, north=7): summer(5, 6, year=2016),
            outside: summer(8, year=2016),
        },
    )
    with map_that_says({}):
        go(frame, "area", chosen)
    html = html_of(frame)
    legend = re.findall(r'<i class="np-had-(\d)"></i>([^<]*)<', html)
    assert legend == [("3", "5 dates of 2017"), ("2", "1 to 2 dates of 2017"), ("1", "Other years only")]
    (table,) = re.findall(r'aria-label="Years the team has">(.*?)</table>', html)
    rows = [re.findall(r"<td[^>]*>([^<]*)<", row) for row in re.findall(r"<tr>(.*?)</tr>", table)[1:]]
    assert rows == [["2017", "3", "3", "5"], ["2016", "2", "1", "3"]]
    assert cached_tiles.NOTHING not in [caption.value for caption in frame.caption]


def test_the_legend_names_the_days_of_an_interval() -> None:
    days = Interval(date(2017, 5, 1), date(2017, 6, 1))
    assert (
        cached_tiles._words(cached_tiles.Held(cached_tiles.MANY, 1, 1, []), days)
        == "1 date of 2017-05-01 to 2017-05-31"
    )
    assert cached_tiles._words(cached_tiles.Held(cached_tiles.OTHERS, 0, 0, []), days) == "Other days only"


def test_where_nothing_is_held_one_line_says_so(frame: AppTest) -> None:
    with map_that_says({}):
        go(frame, "area", small())
    assert cached_tiles.NOTHING in [caption.value for caption in frame.caption]
    assert 'class="np-had' not in html_of(frame)


def test_a_cache_that_cannot_be_read_is_told_and_the_map_stays(frame: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = small()
    folder = product().frames
    (product().settings.home / "frames" / "cache.db").write_bytes(b"no table")
    folder.close()
    assert cached_tiles.for_map(chosen) == []
    with map_that_says({}):
        go(frame, "area", chosen)
    assert "The disk cannot be used" in html_of(frame)
    assert any("cannot be" in text for text in texts_of(frame))


def test_the_legend_has_the_colours_of_the_map() -> None:
    sheet = (ASSETS / "ninepatch.css").read_text()
    script = (ASSETS / "map.js").read_text() + (ASSETS / "choice.js").read_text()
    pairs = re.findall(r"--np-had-\d: light-dark\((#\w+), (#\w+)\)", sheet)
    palettes = [re.findall(r"#\w+", colours) for colours in re.findall(r"\bheld: \[(.*?)\]", script)]
    (opacity,) = re.findall(r"colours\.held\[[^]]*\], fillOpacity: 0\.(\d+)", script)
    (mixed,) = re.findall(r"var\(--np-had\) (\d+)%", sheet)
    assert int(mixed) == int(opacity.ljust(2, "0"))
    assert len(pairs) == 3 and palettes == [list(one) for one in zip(*pairs, strict=True)]


def test_the_facts_say_how_large_the_picture_is(frame: AppTest) -> None:
    with map_that_says({}):
        go(frame, "area", choices())
        assert "3 × 3 tiles, 9,906 × 9,903 m, 990 × 990 px" in html_of(frame)
        frame.segmented_control(key="tile_radius").set_value(2).run()
        assert "5 × 5 tiles, 16.5 × 16.5 km, 1,650 × 1,650 px" in html_of(frame)
        frame.segmented_control(key="tile_radius").set_value(0).run()
        assert "<dd>1 tile, 3,302 × 3,301 m, 330 × 330 px</dd>" in html_of(frame)
    assert ground(10_000, 9_999) == "10,000 × 9,999 m" and ground(1.25e6, 12_000) == "1,250.0 × 12.0 km"
