"""Files of the real layout, made here; granules that name them; and a reader of ranges of the local disk."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from services.catalogue import Acquisition, Granule, GranuleFile
from services.errors import AcquisitionGone, BadResponse
from services.geo import to_wgs84
from services.grid import Lattice, TileIndex
from services.plan import BlockRequest, Cost, Terms
from services.providers.base import TryCallback
from services.providers.stac.ranges import Part

EPSG = 32634
ORIGIN = (499_980.0, 5_000_040.0)
BLOCK = {10: 256, 20: 128, 60: 64}
"""Pixels along a side of a block, smaller than the real ones, so that tests are quick."""
FREE = Terms(2500, lambda block: Cost())


@dataclass(frozen=True)
class Heard:
    """One try."""

    status: int
    bytes: int
    units: float | None = None


@dataclass
class LocalRanges:
    """Files of the local disk as a service would give them, and what was asked of it."""

    asked: list[tuple[str, int, int]] = field(default_factory=list)
    """File, start and length, in order."""
    came: list[int] = field(default_factory=list)
    """Bytes of each answer."""
    damage: Callable[[str, int, bytes], bytes] | None = None
    """Changes what comes."""
    etags: dict[str, str] = field(default_factory=dict)
    """Of files that are another version by now."""

    def read_range(
        self, href: str, start: int, length: int, etag: str, cancelled: Callable[[], bool], heard: TryCallback
    ) -> Part:
        """As the RangeReader says."""
        path = Path(href.partition("?")[0].removeprefix("https://files.example/"))
        self.asked.append((path.name, start, length))
        if not path.exists():
            heard(Heard(404, 0))
            raise AcquisitionGone(f"There is no file {path.name}.", "")
        now = self.etags.get(path.name, f'"{hashlib.sha256(path.name.encode()).hexdigest()[:16]}"')
        if etag not in ("", now):
            heard(Heard(412, 0))
            raise BadResponse(f"{path.name} is another version by now.", "")
        with path.open("rb") as file:
            file.seek(start)
            content = file.read(length)
        heard(Heard(206, len(content)))
        if self.damage:
            content = self.damage(path.name, start, content)
        self.came.append(len(content))
        return Part(content, now, path.stat().st_size)

    @property
    def bytes(self) -> int:
        """That came."""
        return sum(self.came)


Planes = Mapping[str, tuple[NDArray[Any], int]]
"""Pixels and metres a pixel by plane."""


def texture(width: int, height: int, seed: int, highest: int = 4000) -> NDArray[np.uint16]:
    """Land, about as hard to compress as the real one; no pixel is 0."""
    random = np.random.default_rng(seed)
    coarse = np.kron(random.integers(0, highest // 2, (height // 32 + 1, width // 32 + 1)), np.ones((32, 32)))
    fine = random.normal(0, 60, (height, width))
    return np.clip(coarse[:height, :width] + fine + 1100, 1, highest).astype(np.uint16)


def write_file(path: Path, pixels: NDArray[Any], corner: tuple[float, float], size: int, **options: Any) -> None:
    """By GDAL's driver of Cloud Optimized GeoTIFFs, as the real ones are."""
    height, width = pixels.shape
    told = {"compress": "deflate", "predictor": 2, "blocksize": BLOCK[size], "overview_resampling": "nearest"} | options
    epsg = told.pop("epsg", EPSG)
    profile = {"width": width, "height": height, "count": 1, "dtype": pixels.dtype, "crs": f"EPSG:{epsg}"}
    profile["transform"] = Affine(size, 0, corner[0], 0, -size, corner[1])
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", **profile) as made:
            made.write(pixels, 1)
        with memory.open() as made:
            rasterio.shutil.copy(made, path, driver="COG", **told)


def granule_file(path: Path, plane: str, offset: int = 0, *, tell_size: bool = True) -> GranuleFile:
    """As a catalogue names it."""
    with rasterio.open(path) as made:
        transform = tuple(made.transform)[:6]
        return GranuleFile(
            plane,
            f"https://files.example/{path}",
            made.crs.to_epsg(),
            transform,
            made.width,
            made.height,
            path.stat().st_size if tell_size else 0,
            offset,
        )


def granule(
    folder: Path,
    planes: Planes,
    *,
    tile: str = "34TEQ",
    made: str = "20220607T125000",
    corner: tuple[float, float] = ORIGIN,
    epsg: int = EPSG,
    offset: int = -1000,
    footprint: tuple[float, float, float, float] | None = None,
    **options: Any,
) -> Granule:
    """With a file a plane: its pixels and metres a pixel."""
    name = f"S2A_MSIL2A_20220607T095031_N0400_R079_T{tile}_{made}"
    files = []
    for plane, (pixels, size) in planes.items():
        path = folder / f"{name}_{plane}.tif"
        write_file(path, pixels, corner, size, epsg=epsg, **options)
        files.append(granule_file(path, plane, 0 if plane == "SCL" else offset))
    pixels, size = planes["B04"]
    west, north = corner
    east, south = west + pixels.shape[1] * size, north - pixels.shape[0] * size
    west, south, east, north = footprint or (west, south, east, north)
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    longitudes, latitudes = to_wgs84(epsg, *np.array(ring).T)
    degrees = tuple(zip(longitudes.tolist(), latitudes.tolist(), strict=True))
    return Granule(name, datetime(2022, 6, 7, 9, 50, 31, tzinfo=UTC), 1.0, ((degrees,),), tuple(files))


def acquisition(*granules: Granule) -> Acquisition:
    """Of these."""
    time = granules[0].time if granules else datetime(2022, 6, 7, tzinfo=UTC)
    return Acquisition(time, time, "S2A", 79, granules, 1.0, 1.0)


def request(
    lattice: Lattice,
    found: Acquisition,
    planes: tuple[str, ...],
    *,
    lower_left: tuple[int, int] = (0, 0),
    columns: int = 3,
    rows: int = 3,
    resolution: int = 10,
    terms: Terms = FREE,
) -> BlockRequest:
    """A block of tiles."""
    return BlockRequest(
        "earth-search", "c1", lattice, TileIndex(*lower_left), columns, rows, resolution, found, planes, terms
    )
