"""The splitter beside our grid on the same areas, whose tiles, boxes and order are checked to be equal; and the map."""

import os
import statistics
import time
from collections.abc import Callable

from sentinelhub.areas import BBoxSplitter
from sentinelhub.constants import CRS
from sentinelhub.geometry import BBox

from bench.coast import coast, geojson
from services.area import AOI, parse_aoi
from services.grid import Grid, TileIndex
from services.recipe import EXAMPLES

RUNS = 7
ENOUGH_SECONDS = 45
"""The splitter is not asked again after so long."""
CORNERS = 10_000


def median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    """Milliseconds, the median of some runs."""
    return statistics.median(milliseconds(work) for _ in range(runs))


def milliseconds(work: Callable[[], object]) -> float:
    """Of one run."""
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def beside(aoi: AOI, columns: int, rows: int) -> None:
    """Ours after each run of the splitter, so that both meet the same load; then both are compared."""
    shape, crs = aoi.projected(aoi.epsg), CRS(str(aoi.epsg))
    theirs: list[float] = []
    ours: list[float] = []
    made: list[float] = []
    while len(theirs) < RUNS and sum(theirs) < 1000 * ENOUGH_SECONDS:
        begun = time.perf_counter()
        splitter = BBoxSplitter([shape], crs, (columns, rows))
        theirs.append(1000 * (time.perf_counter() - begun))
        ours += [milliseconds(lambda: Grid.split(aoi, columns, rows)) for _ in range(3)]
        made.append(milliseconds(lambda: boxes(Grid.split(aoi, columns, rows))))
    grid = Grid.split(aoi, columns, rows)
    equal(grid, splitter)
    slow, split, objects = (statistics.median(times) for times in (theirs, ours, made))
    once = "once" if len(theirs) == 1 else f"median of {len(theirs)}"
    print(
        f"{columns} × {rows}, {aoi.vertices:,} vertices, {len(grid):,} tiles: BBoxSplitter {slow:,.1f} ms ({once}); "
        f"Grid {split:.1f} ms, {slow / split:,.0f} times faster; with all its BBox objects {objects:,.1f} ms, "
        f"{slow / objects:,.0f} times; tiles, boxes and order are equal"
    )


def boxes(grid: Grid) -> list[BBox]:
    """Every tile as sentinelhub's type, which nothing here needs."""
    crs = CRS(str(grid.lattice.epsg))
    return [BBox(grid.lattice.bounds(TileIndex(x, y)), crs) for x, y in grid.indices.tolist()]


def equal(grid: Grid, splitter: BBoxSplitter) -> None:
    """Raises AssertionError where tiles, their order or a bit of a box differ."""
    indices = [TileIndex(x, y) for x, y in grid.indices.tolist()]
    theirs = [(info["index_x"], info["index_y"]) for info in splitter.get_info_list()]
    assert theirs == [(index.x, index.y) for index in indices]
    assert [tuple(box) for box in splitter.get_bbox_list()] == [grid.lattice.bounds(index) for index in indices]


def main() -> None:
    """Print the medians."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    example = EXAMPLES[0].aoi
    text = str(example.to_geojson()).replace("'", '"')
    beside(example, 54, 39)
    preview = median_ms(lambda: Grid.split(parse_aoi(text.replace("(", "[").replace(")", "]")), 54, 39).lines())
    print(f"from the text of the area to the lines of its {len(Grid.split(example, 54, 39)):,} tiles: {preview:.1f} ms")
    beside(parse_aoi(geojson(coast(CORNERS), "Coast").decode()), 300, 300)


if __name__ == "__main__":
    main()
