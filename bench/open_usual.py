"""How others read the same files: rasterio in threads, odc-stac, and the usual way of a notebook, each a program.

`python bench/open_usual.py way url epsg limit west south east north`; the last line says the dates and the peak of
memory in MB. It needs nothing of this project.
"""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

BANDS = ["blue", "green", "red", "nir", "swir16", "swir22"]
CLEAR = [4, 5, 6, 7, 11]
THREADS = 16
GDAL = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif",
    "GDAL_HTTP_MULTIRANGE": "YES",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "VSI_CACHE": "TRUE",
    "GDAL_INGESTED_BYTES_AT_OPEN": "16384",
}
"""What cloud users are told to set."""


def found(url: str, limit: float) -> list[Any]:
    """The items under a cloud limit, by pystac-client."""
    from pystac_client import Client

    search = Client.open(url).search(collections=["sentinel-2-c1-l2a"], query={"eo:cloud_cover": {"lte": limit}})
    return list(search.items())


def by_rasterio(items: list[Any], _: int, bounds: tuple[float, float, float, float]) -> None:
    """A window of each file, sixteen at a time."""
    import rasterio
    from rasterio.windows import from_bounds

    def read(href: str) -> Any:
        with rasterio.open(href) as file:
            return file.read(1, window=from_bounds(*bounds, file.transform))

    hrefs = [item.assets[band].href for item in items for band in (*BANDS, "scl")]
    with rasterio.Env(**GDAL), ThreadPoolExecutor(THREADS) as pool:
        for pixels in pool.map(read, hrefs):
            assert pixels.any()


def loaded(items: list[Any], epsg: int, bounds: tuple[float, float, float, float], **options: Any) -> Any:
    """As an xarray dataset, by odc-stac."""
    import odc.stac
    from odc.geo.geobox import GeoBox

    odc.stac.configure_rio(cloud_defaults=True)
    box = GeoBox.from_bbox(bounds, f"EPSG:{epsg}", resolution=10)
    return odc.stac.load(items, [*BANDS, "scl"], geobox=box, **options)


def by_odc(items: list[Any], epsg: int, bounds: tuple[float, float, float, float]) -> None:
    """All pixels in memory."""
    pixels = loaded(items, epsg, bounds, pool=THREADS)
    assert pixels["red"].to_numpy().any()


def usual(items: list[Any], epsg: int, bounds: tuple[float, float, float, float], threads: int | None = None) -> None:
    """The median of clear observations, as notebooks have it; dask has a thread a processor unless told."""
    import dask

    with dask.config.set(scheduler="threads", num_workers=threads):
        pixels = loaded(items, epsg, bounds, chunks={"time": 1, "x": -1, "y": -1})
        clear = pixels[BANDS].where(pixels["scl"].isin(CLEAR))
        picture = clear.chunk({"time": -1, "x": 330, "y": 330}).median("time").compute()
    assert picture["red"].notnull().any()


WAYS: dict[str, Callable[..., None]] = {
    "rasterio": by_rasterio,
    "odc": by_odc,
    "usual": usual,
    "usual16": partial(usual, threads=THREADS),
}


def main() -> None:
    """Read the command line and run."""
    way, url, epsg, limit, *edges = sys.argv[1:]
    os.environ.update({**GDAL, "NO_PROXY": "127.0.0.1"})
    items = found(url, float(limit))
    west, south, east, north = map(float, edges)
    WAYS[way](items, int(epsg), (west, south, east, north))
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    print(json.dumps({"dates": len(items), "peak": peak}))


if __name__ == "__main__":
    main()
