"""The grid preview of southern Finland, 54 × 39: the splitter beside ours, and the lines that the map draws."""

import statistics
import time
from collections.abc import Callable

from sentinelhub import CRS, BBoxSplitter

from services.aoi import parse_aoi
from services.examples import EXAMPLES
from services.grid import Grid

RUNS = 7


def median_ms(work: Callable[[], object]) -> float:
    """Milliseconds, the median of some runs."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)


def main() -> None:
    """Print the medians."""
    example = EXAMPLES[0].aoi
    text = str(example.to_geojson()).replace("'", '"')
    shape, epsg = example.projected(example.epsg), example.epsg
    splitter = median_ms(lambda: BBoxSplitter([shape], CRS(str(epsg)), (54, 39)).get_info_list())
    grid = median_ms(lambda: Grid.split(example, 54, 39).indices)
    preview = median_ms(lambda: Grid.split(parse_aoi(text.replace("(", "[").replace(")", "]")), 54, 39).lines())
    print(f"BBoxSplitter: {splitter:.1f} ms; Grid: {grid:.1f} ms ({splitter / grid:.0f} times faster)")
    print(f"from the text of the area to the lines of its {len(Grid.split(example, 54, 39)):,} tiles: {preview:.1f} ms")


if __name__ == "__main__":
    main()
