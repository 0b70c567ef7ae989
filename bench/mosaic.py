"""One picture of a whole area from its tiles: seconds beside those of GDAL's COG driver alone, and the highest memory.

17,820 × 12,870 px with six bands and the count, as the example's 54 × 39 tiles; `--share 4` makes a quarter of it.
The tiles are of 16 synthetic ones under other names: a virtual mosaic goes by names and pixels.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from services.composite import Composite
from services.export import write_cog
from services.grid import TileIndex
from services.mosaic import Area, TileSet, make_outputs
from tests.services.scenes import TIMES, provenance, recipe

COLUMNS, ROWS, SIDE = 54, 39, 330
BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
KINDS = 16
ALONE = """
import sys, rasterio
from rasterio.shutil import copy
from services.export import CREATION
with rasterio.Env():
    copy(sys.argv[1], sys.argv[2], OVERVIEWS="IGNORE_EXISTING", OVERVIEW_RESAMPLING="AVERAGE", **CREATION)
"""


def synthetic(number: int) -> Composite:
    """A tile of hills and fields with noise, deflated to two thirds as real ones are."""
    question = recipe(px=SIDE, bands=BANDS, radius=0)
    random = np.random.default_rng(number)
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    waves = 0.02 * np.sin(across / (20 + number)) + 0.01 * np.cos(down / 30)
    planes = [0.03 * (band + 1) + waves + random.normal(0, 0.002, waves.shape) for band in range(len(BANDS))]
    reflectance = np.stack(planes, axis=-1).clip(0).astype(np.float32)
    count = (random.integers(3, 5, waves.shape) + 10 * waves).clip(1).astype(np.uint16)
    tile = question.neighbourhood.tiles[0]
    return Composite(tile.bounds, tile.epsg, BANDS, reflectance, count, TIMES, tile)


def prepared(folder: Path, share: int) -> TileSet:
    """The tiles of so great a part of the area, as hard links."""
    question = recipe(px=SIDE, bands=BANDS, radius=0)
    columns, rows = round(COLUMNS / share**0.5), round(ROWS / share**0.5)
    indices = tuple(TileIndex(i, j) for j in reversed(range(rows)) for i in range(columns))
    tiles = TileSet(folder, question.lattice, indices, question.resolution, BANDS)
    for number in range(KINDS):
        write_cog(folder / f"kind{number}.tif", synthetic(number), provenance(question))
    tiles.path(indices[0]).parent.mkdir(parents=True)
    for place, index in enumerate(indices):
        os.link(folder / f"kind{place % KINDS}.tif", tiles.path(index))
    return tiles


class Peak(threading.Thread):
    """Watches the children of this process: the highest memory that one had since it became another program."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kilobytes = 0

    def run(self) -> None:
        while True:
            for path in Path("/proc/self/task").glob("*/children"):
                for child in path.read_text().split():
                    with suppress(OSError):
                        status = Path(f"/proc/{child}/status").read_text()
                        found = re.search(r"VmHWM:\s*(\d+) kB", status)
                        self.kilobytes = max(self.kilobytes, int(found[1]) if found else 0)
            time.sleep(0.1)

    def taken(self) -> float:
        """MB until now, from zero again."""
        highest, self.kilobytes = self.kilobytes, 0
        return highest / 1024


def cpu() -> float:
    """Seconds of children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print seconds, CPU seconds, megabytes and the ratio."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--share", type=int, default=1, help="1 for the whole area, 4 for a quarter")
    asked.add_argument("--folder", type=Path, default=None, help="where there is room for three times the mosaic")
    options = asked.parse_args()
    peak = Peak()
    peak.start()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        tiles = prepared(Path(scratch), options.share)
        shares = list[float]()
        begun, used = time.perf_counter(), cpu()
        print(f"{tiles.width:,} x {tiles.height:,} px", flush=True)
        (target,) = make_outputs(Area((tiles,)), ("mosaic",), tell=lambda _, share: shares.append(share))
        vrt = target.with_suffix(".vrt")
        ours, ours_cpu = time.perf_counter() - begun, cpu() - used
        print(f"ours: {ours:.0f} s, {ours_cpu:.0f} CPU s, {peak.taken():.0f} MB")
        print(f"{target.stat().st_size / 1e6:.0f} MB on the disk")
        print(f"progress was told {len(shares)} times, before the end at most {max(shares[:-1], default=0):.0%}")
        target.unlink()
        begun, used = time.perf_counter(), cpu()
        environment = os.environ | {"GDAL_CACHEMAX": "1500"}
        subprocess.run([sys.executable, "-c", ALONE, vrt, target], check=True, env=environment)
        alone, alone_cpu = time.perf_counter() - begun, cpu() - used
        print(f"driver alone: {alone:.0f} s, {alone_cpu:.0f} CPU s, {peak.taken():.0f} MB")
        print(f"ratio {ours / alone:.2f}, of CPU {ours_cpu / alone_cpu:.2f}")


if __name__ == "__main__":
    main()
