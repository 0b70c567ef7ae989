"""The grid, against sentinelhub's splitter."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sentinelhub.areas import BBoxSplitter
from sentinelhub.constants import CRS
from shapely.affinity import translate

from services.area import AOI, parse_aoi, read_aoi
from services.errors import GridError
from services.geo import to_utm, to_wgs84
from services.grid import Grid, TileIndex, linked
from services.grid.grid import SMALLEST_M
from services.recipe import EXAMPLES
from services.settings import Settings
from tests.services.shapes import Ring, geojson, outlines

ROOMY = Settings.model_construct(max_area_km2=1e8)
FINLAND = EXAMPLES[0].aoi
DISPLAY_ORDER = [1292, 1331, 1370, 1291, 1330, 1369, 1290, 1329, 1368]


def area(polygons: list[list[Ring]]) -> AOI:
    """The area of these outlines, however large."""
    return parse_aoi(json.dumps(geojson(polygons)), limits=ROOMY)


def assert_equals_splitter(grid: Grid, aoi: AOI, columns: int, rows: int) -> None:
    """Boxes to the last bit, order and indices."""
    splitter = BBoxSplitter([aoi.projected(aoi.epsg)], CRS(str(aoi.epsg)), (columns, rows))
    indices = [TileIndex(x, y) for x, y in grid.indices.tolist()]
    assert [(info["index_x"], info["index_y"]) for info in splitter.get_info_list()] == [(i.x, i.y) for i in indices]
    assert [tuple(box) for box in splitter.get_bbox_list()] == [grid.lattice.bounds(index) for index in indices]


# The splitter's grid


@settings(max_examples=150)
@given(polygons=outlines(), columns=st.integers(1, 40), rows=st.integers(1, 40))
def test_a_split_grid_is_the_splitters(polygons: list[list[Ring]], columns: int, rows: int) -> None:
    aoi = area(polygons)
    west, south, east, north = aoi.projected(aoi.epsg).bounds
    if min((east - west) / columns, (north - south) / rows) < SMALLEST_M:
        with pytest.raises(GridError, match="one pixel has 10 m"):
            Grid.split(aoi, columns, rows)
        return
    grid = Grid.split(aoi, columns, rows)
    assert_equals_splitter(grid, aoi, columns, rows)
    assert [grid.number(TileIndex(x, y)) for x, y in grid.indices.tolist()] == list(range(len(grid)))


def test_a_split_along_a_coast_of_ten_thousand_corners_is_the_splitters() -> None:
    turns = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    radius = 0.8 + 0.1 * np.sin(97 * turns) + 0.05 * np.cos(611 * turns)
    ring = list(zip((24 + 2 * radius * np.cos(turns)).tolist(), (61 + radius * np.sin(turns)).tolist(), strict=True))
    aoi = area([[[*ring, ring[0]]]])
    assert_equals_splitter(Grid.split(aoi, 61, 47), aoi, 61, 47)


@pytest.mark.parametrize("source", ["own", "file"])
def test_southern_finland_is_the_grid_of_the_script(source: str, request: pytest.FixtureRequest) -> None:
    if source == "file":
        folder: Path = request.getfixturevalue("shared_data")
        aoi = read_aoi((folder / "finland_aoi.geojson").read_bytes(), "finland_aoi.geojson")
        assert (aoi.name, aoi.digest) == (FINLAND.name, FINLAND.digest)
    grid = Grid.split(FINLAND, 54, 39)
    assert_equals_splitter(grid, FINLAND, 54, 39)
    centre = TileIndex(35, 25)
    assert (len(grid), grid.number(centre), grid.lattice.epsg) == (1947, 1330, 32635)
    assert [tile.number for tile in grid.neighbourhood(centre, 1)] == DISPLAY_ORDER
    assert (round(grid.lattice.dx), round(grid.lattice.dy)) == (3302, 3301)
    assert grid.tile(centre).size_px(10) == (330, 330)


# The team's grid


@given(polygons=outlines(), sixties=st.integers(20, 2000))
def test_team_tiles_are_all_that_the_area_touches_and_start_on_multiples(
    polygons: list[list[Ring]], sixties: int
) -> None:
    aoi, size = area(polygons), 60 * sixties
    shape = aoi.drawn(aoi.epsg)
    extent = shape.bounds
    cells = (np.floor(extent[2] / size) - np.floor(extent[0] / size) + 1) * (extent[3] - extent[1] + 2 * size) / size
    if cells > 5_000:
        return
    grid = Grid.team(aoi, size)
    bounds = np.array([grid.lattice.bounds(TileIndex(x, y)) for x, y in grid.indices.tolist()])
    assert np.all(bounds % size == 0)
    assert np.all(bounds[:, 2:] - bounds[:, :2] == size)
    assert shapely.union_all(shapely.box(*bounds.T)).buffer(1e-6).covers(shape)
    assert np.all(shapely.intersects(shape, shapely.box(*bounds.T)))
    assert [tuple(index) for index in grid.indices.tolist()] == sorted(map(tuple, grid.indices.tolist()))


@pytest.mark.parametrize(
    "text", ["20, 60, 30, 62", "-5, -20, 3, -19", "175, -45, 185, -43", "POLYGON ((20 60, 30 62, 26 66, 20 60))"]
)
def test_a_wide_area_has_every_tile_that_its_outline_touches_as_it_is_drawn(text: str) -> None:
    aoi = parse_aoi(text, limits=ROOMY)
    grid = Grid.team(aoi, 3300)
    parts = [translate(part, 360 * (part.bounds[0] < -100)) for part in shapely.get_parts(aoi.geometry)]
    dense = shapely.segmentize(shapely.union_all(parts), 0.001)
    metres = shapely.transform(dense, lambda degrees: np.column_stack(to_utm(grid.lattice.epsg, *degrees.T)))
    west, south, east, north = (np.floor(np.array(metres.bounds) / 3300)).astype(int).tolist()
    x, y = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1), indexing="ij")
    shapely.prepare(metres)
    met = shapely.intersects(metres, shapely.box(x * 3300, y * 3300, x * 3300 + 3300, y * 3300 + 3300))
    assert grid.indices.tolist() == np.column_stack([x[met], y[met]]).tolist()


def test_an_area_of_ten_degrees_has_all_its_tiles() -> None:
    assert len(Grid.team(parse_aoi("20, 60, 30, 62"), 3300)) == 11_341


def test_a_tile_at_the_middle_of_a_long_side_is_inside() -> None:
    grid = Grid.team(parse_aoi("20, 60, 30, 62"), 3300)
    assert not grid.tile(grid.tile_at(25.0, 60.01)).outside
    assert grid.tile(grid.tile_at(25.0, 62.06)).outside


def test_a_split_of_a_wide_area_stays_the_splitters() -> None:
    aoi = parse_aoi("20, 60, 30, 62")
    assert_equals_splitter(Grid.split(aoi, 60, 20), aoi, 60, 20)


def test_a_nudged_area_keeps_its_team_tiles() -> None:
    here, there = (parse_aoi(f"{west}, 60.3, {west + 0.5}, 60.6") for west in (24.5, 24.503))
    shared = {*map(tuple, Grid.team(here, 3300).indices.tolist())} & {
        *map(tuple, Grid.team(there, 3300).indices.tolist())
    }
    assert len(shared) > 90


# Zones


BERGEN, LONGYEARBYEN = "5, 60.2, 5.6, 60.6", "11, 78, 12, 78.4"


@pytest.mark.parametrize(("text", "epsg", "plain"), [(BERGEN, 32632, 32631), (LONGYEARBYEN, 32633, 32632)])
@pytest.mark.parametrize("cut", ["3300", "20x10"])
def test_a_new_grid_is_in_the_zone_of_sentinels_tiles_and_says_so(text: str, epsg: int, plain: int, cut: str) -> None:
    aoi = parse_aoi(text)
    grid = Grid.from_spec(aoi, cut)
    assert str(grid.lattice.epsg) == CRS.get_utm_from_wgs84(*aoi.centroid).value == str(epsg)
    assert (grid.spec, grid.cut) == (f"{cut}z{epsg % 100}", cut)
    assert Grid.from_spec(aoi, grid.spec) == grid
    old = Grid.from_spec(aoi, linked(aoi, cut))
    assert (old.lattice.epsg, old.spec, old.cut) == (plain, f"{cut}z{plain % 100}", cut)
    assert (grid.link, old.link) == (grid.spec, cut)
    assert (linked(aoi, grid.link), linked(aoi, old.link)) == (grid.spec, old.spec)


def test_a_split_in_the_zone_of_an_old_link_is_the_splitters() -> None:
    aoi = parse_aoi(BERGEN)
    grid = Grid.from_spec(aoi, linked(aoi, "20x10"))
    splitter = BBoxSplitter([aoi.projected(32631)], CRS("32631"), (20, 10))
    assert [tuple(box) for box in splitter.get_bbox_list()] == [
        grid.lattice.bounds(TileIndex(x, y)) for x, y in grid.indices.tolist()
    ]


def test_elsewhere_a_link_names_no_zone() -> None:
    assert linked(FINLAND, "3300") == "3300"
    assert Grid.from_spec(FINLAND, "3300z35") == Grid.from_spec(FINLAND, "3300")
    with pytest.raises(GridError, match="Zone 32 is not the area's: its middle is in zone 35"):
        Grid.from_spec(FINLAND, "3300z32")


# What a grid is asked


@settings(max_examples=50)
@given(polygons=outlines(), part=st.floats(0.05, 0.95), spec=st.sampled_from(["7x5", "1x1", "23x4"]))
def test_the_tile_at_a_place_is_the_one_that_holds_it(polygons: list[list[Ring]], part: float, spec: str) -> None:
    grid = Grid.from_spec(area(polygons), spec)
    x, y = grid.indices[int(part * len(grid))].tolist()
    minx, miny, maxx, maxy = grid.lattice.bounds(TileIndex(x, y))
    longitude, latitude = to_wgs84(grid.lattice.epsg, minx + part * (maxx - minx), miny + part * (maxy - miny))
    for turns in (-1, 0, 1):  # a map hands back any turn
        assert grid.tile_at(float(longitude) + 360 * turns, float(latitude)) == TileIndex(x, y)


@pytest.mark.parametrize("radius", [0, 1, 2])
def test_a_neighbourhood_is_complete_beyond_the_edge(radius: int) -> None:
    grid = Grid.split(FINLAND, 54, 39)
    members = {*map(tuple, grid.indices.tolist())}
    for centre in (TileIndex(0, 0), TileIndex(53, 38), TileIndex(-1, 20), TileIndex(27, 0)):
        tiles = grid.neighbourhood(centre, radius)
        assert [tile.index for tile in tiles] == [
            TileIndex(centre.x + i, centre.y + j)
            for j in range(radius, -radius - 1, -1)
            for i in range(-radius, radius + 1)
        ]
        for tile in tiles:
            inside = (tile.index.x, tile.index.y) in members
            assert (tile.outside, tile.number is None) == (not inside, not inside)
            assert tile == grid.tile(tile.index)
            assert tile.bounds == grid.lattice.bounds(tile.index)


def test_a_number_is_only_given_to_tiles_of_the_grid() -> None:
    grid = Grid.split(FINLAND, 54, 39)
    members = {tuple(index): number for number, index in enumerate(grid.indices.tolist())}
    asked = [(x, y) for x in range(-2, 57) for y in range(-2, 42)]
    assert [grid.number(TileIndex(*index)) for index in asked] == [members.get(index) for index in asked]
    assert grid.number(TileIndex(10**12, -(10**12))) is None


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_middle_is_a_tile_of_the_grid(example: object) -> None:
    aoi = getattr(example, "aoi")  # noqa: B009 - parametrised values have no type
    grid = Grid.from_spec(aoi, "3300")
    assert grid.number(grid.middle()) is not None


def test_the_middle_of_a_ring_is_on_the_ring() -> None:
    hole = "(24.1 60.1, 24.9 60.1, 24.9 60.9, 24.1 60.9, 24.1 60.1)"
    grid = Grid.team(parse_aoi(f"POLYGON ((24 60, 25 60, 25 61, 24 61, 24 60), {hole})"), 3300)
    assert grid.number(grid.middle()) is not None


def test_the_lines_are_those_of_its_tiles() -> None:
    lines = Grid.split(FINLAND, 54, 39).lines()
    vertices = np.array([vertex for line in lines for vertex in line])
    west, south, east, north = FINLAND.bounds
    assert len(lines) < 2 * (54 + 39 + 2)
    assert np.all((vertices >= [south - 0.1, west - 0.1]) & (vertices <= [north + 0.1, east + 0.1]))


def test_equal_grids_are_equal_and_have_one_hash() -> None:
    first, second = Grid.split(FINLAND, 54, 39), Grid.from_spec(FINLAND, "54x39")
    assert first == second
    assert hash(first) == hash(second)
    assert first != Grid.split(FINLAND, 39, 54)


# Specifications and refusals


@pytest.mark.parametrize(
    ("spec", "same"), [("54x39", "54x39"), (" 54 × 39 ", "54x39"), ("3300", "3300"), ("0060", "60")]
)
def test_a_grid_says_how_it_is_made_again(spec: str, same: str) -> None:
    aoi = FINLAND if same != "60" else parse_aoi("24, 60, 24.01, 60.01")
    grid = Grid.from_spec(aoi, spec)
    assert grid.spec == same
    assert Grid.from_spec(aoi, grid.spec) == grid


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "'' is no grid"),
        ("54", "multiple of 60 m, got 54"),
        ("3301", "multiple of 60 m, got 3301"),
        ("0", "got 0"),
        ("-3300", "is no grid"),
        ("3300.0", "is no grid"),
        ("0x39", "0 × 39 has no tiles"),
        ("54x", "is no grid"),
        ("54x39x2", "is no grid"),
        ("٥٤x٣٩", "is no grid"),
        ("9999999x1", "is no grid"),
        ("x" * 1000, "'x{40}' is no grid"),
        ("999999x999999", "would measure 0.178 × 0.129 m"),
        ("10000x10000", "at most 200,000"),
        ("60", "at most 200,000"),
    ],
)
def test_nonsense_is_refused_with_the_cause(spec: str, words: str) -> None:
    with pytest.raises(GridError, match=words) as raised:
        Grid.from_spec(FINLAND, spec)
    assert raised.value.remedy


def test_the_most_tiles_are_a_setting() -> None:
    few = Settings.model_construct(max_tiles=1946)
    with pytest.raises(GridError, match=r"1,947 tiles; at most 1,946"):
        Grid.split(FINLAND, 54, 39, few)
    assert len(Grid.split(FINLAND, 54, 39, Settings.model_construct(max_tiles=1947))) == 1947


def test_a_tile_that_is_not_on_earth_is_refused() -> None:
    grid = Grid.split(FINLAND, 54, 39)
    for index in (TileIndex(10**7, 0), TileIndex(0, -(10**4)), TileIndex(0, 10**300)):
        with pytest.raises(GridError, match="not on Earth"):
            grid.tile(index)
    with pytest.raises(GridError, match="no place"):
        grid.tile_at(27.0 + 90, 0.0)
