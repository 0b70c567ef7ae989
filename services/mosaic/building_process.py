"""The process that makes one large file, by GDAL; started by `building` with a request on its standard input."""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import rasterio
import tifffile
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.shutil import copy

from services.errors import NinepatchError, StorageError
from services.export import CREATION
from services.mosaic.cube import make_netcdf, make_zarr
from services.mosaic.pyramid import with_overviews
from services.mosaic.reprojection import warped
from services.text import one_line

_PARENT_DEATH = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
Told = Callable[..., None]


_HALVING = 0.35
"""Part of a mosaic's time that its overviews take: of 4,000 × 4,000 px with little and much noise 0.26 to 0.44."""


def make_cog(source: str, target: str, tell: Told) -> None:
    """Copy by GDAL's COG driver; overviews are averages that leave no data out, as those of every other file.

    Raises StorageError where the file is not whole afterwards.
    """
    folder = Path(target).parent
    pyramid = with_overviews(Path(source), folder, lambda share: tell(share=_HALVING * share))
    tell(share=_HALVING, file=target, bytes=_expected(folder))
    copy(pyramid, target, OVERVIEWS="AUTO", **CREATION)
    check_whole(Path(target))


def _expected(folder: Path) -> int:
    """Bytes of the COG whose overviews lie in a folder, within a tenth: it has four times the pixels of the first."""
    levels = [path.stat().st_size for path in sorted(folder.glob("level*.tif"))]
    return 4 * sum(levels[:1]) + sum(levels)


def make_warped_cog(sources: list[str], epsg: int, resolution: int, target: str, tell: Told) -> None:
    """The same of mosaics of several zones, in one other system."""
    make_cog(str(warped([Path(one) for one in sources], epsg, resolution, Path(target).parent)), target, tell)


def _cube(make: Callable[[str, str, Callable[[float], None]], None]) -> Callable[..., None]:
    """As a task."""
    return lambda source, target, tell: make(source, target, lambda share: tell(share=share))


def check_whole(path: Path) -> None:
    """Raises StorageError where a block of a COG is not all there: GDAL may not tell that a disk was full.

    Before each block its size stands, and behind it its last four bytes once more (GDAL, COG driver). What is within a
    block is not looked at: a write that fails leaves out all from there on.
    """
    with path.open("rb") as file, tifffile.TiffFile(path) as found:
        for page in found.pages:
            for offset, size in zip(page.dataoffsets, page.databytecounts, strict=True):
                if not size:
                    continue
                file.seek(offset - 4)
                head = file.read(4)
                file.seek(offset + size - 4)
                tail = file.read(8)
                if head != size.to_bytes(4, "little") or len(tail) < 8 or tail[:4] != tail[4:]:
                    raise StorageError("The mosaic was not written to its end.", "Make space on the disk.", path)


TASKS: Mapping[str, Callable[..., None]] = {
    "cog": make_cog,
    "warped cog": make_warped_cog,
    "zarr": _cube(make_zarr),
    "netcdf": _cube(make_netcdf),
}
"""By the name in a request."""


def _end_with(parent: int) -> None:
    """Whoever started this process may be killed: it does not outlive them, where the system is Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)


def main() -> None:
    """Carry out one request. Exits with 1 and the cause where it fails."""
    request: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    _end_with(request.pop("parent"))
    folder = f"{Path(request['target']).parent.parent}/"
    try:
        with rasterio.Env():
            TASKS[request.pop("task")](**request, tell=_tell)
    except NinepatchError as error:
        _fail(error.cause)
    except (CPLE_BaseError, RasterioError, OSError, ValueError) as error:
        _fail(f"The mosaic cannot be written: {one_line(str(error).replace(folder, ''), 200)}.")


def _tell(**said: object) -> None:
    """A line for who waits, as `building.share_of` reads it."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _fail(cause: str) -> None:
    _tell(cause=cause)
    sys.exit(1)


if __name__ == "__main__":
    main()
