"""The way that Ninepatch grew from, as a program: plain eo-learn, one request a band set, patch and date, in float32.

It is what the product is measured against, so it does what people write: split, patches, a task each, median, figure.
"""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BANDS = ["B02", "B03", "B04", "B08", "B11", "B12"]


def neighbourhood(aoi_file: Path, columns: int, rows: int, centre: tuple[int, int]) -> list[Any]:
    """The nine boxes around `centre`, north row first."""
    import geopandas as gpd
    from sentinelhub import CRS, BBoxSplitter

    area = gpd.read_file(aoi_file)
    utm = CRS.get_utm_from_wgs84(*area.geometry.union_all().centroid.coords[0])
    shape = area.to_crs(utm.pyproj_crs()).geometry.union_all()
    splitter = BBoxSplitter([shape], utm, (columns, rows))
    boxes = {
        (info["index_x"], info["index_y"]): box
        for box, info in zip(splitter.get_bbox_list(), splitter.get_info_list(), strict=True)
    }
    return [boxes[centre[0] + i, centre[1] + j] for j in (1, 0, -1) for i in (-1, 0, 1)]


def collection(url: str) -> Any:
    """Sentinel-2 L2A at the address of the archive."""
    from sentinelhub import DataCollection

    return DataCollection.SENTINEL2_L2A.define_from("S2L2A_SCRIPT", service_url=url)


def configuration(url: str) -> Any:
    """The account of the demo archive."""
    from sentinelhub import SHConfig

    return SHConfig(
        sh_client_id="demo",
        sh_client_secret="demo",
        sh_base_url=url,
        sh_token_url=f"{url}/auth/realms/main/protocol/openid-connect/token",
    )


def run(
    url: str, aoi_file: Path, out: Path, interval: tuple[datetime, datetime], maxcc: float, threads: int
) -> dict[str, int]:
    """Fetch, save, load, reduce and draw; returns how many dates each patch has."""
    import numpy as np
    from eolearn.core import (
        EOExecutor,
        EOPatch,
        EOWorkflow,
        FeatureType,
        OverwritePermission,
        SaveTask,
        linearly_connect_tasks,
    )
    from eolearn.io import SentinelHubInputTask
    from matplotlib import pyplot as plt

    boxes = neighbourhood(aoi_file, 54, 39, (35, 25))
    fetch = SentinelHubInputTask(
        data_collection=collection(url),
        bands_feature=(FeatureType.DATA, "BANDS"),
        bands=BANDS,
        resolution=10,
        maxcc=maxcc,
        config=configuration(url),
    )
    out.mkdir(parents=True, exist_ok=True)
    save = SaveTask(str(out), overwrite_permission=OverwritePermission.OVERWRITE_FEATURES, compress_level=1)
    nodes = linearly_connect_tasks(fetch, save)
    arguments = [
        {
            nodes[0]: {"bbox": box, "time_interval": interval},
            nodes[1]: {"eopatch_folder": f"eopatch_{number}"},
        }
        for number, box in enumerate(boxes)
    ]
    executor = EOExecutor(EOWorkflow(nodes), arguments)
    executor.run(workers=threads, multiprocess=False)
    if executor.get_failed_executions():
        raise SystemExit(f"executions failed: {executor.get_failed_executions()}")

    figure, axes = plt.subplots(3, 3, figsize=(9, 9))
    dates = {}
    for number, axis in enumerate(axes.flat):
        patch = EOPatch.load(str(out / f"eopatch_{number}"), lazy_loading=True)
        cube = patch.data["BANDS"]
        dates[f"eopatch_{number}"] = len(cube)
        axis.imshow(np.clip(np.median(cube[..., [2, 1, 0]], axis=0) * 3.5, 0, 1))
        axis.axis("off")
    figure.savefig(out / "median.png")
    plt.close(figure)
    return dates


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("aoi", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--from", dest="begin", default="2017-01-01", help="first day, UTC")
    parser.add_argument("--to", dest="end", default="2018-01-01", help="day after the last one, UTC")
    parser.add_argument("--maxcc", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=5)
    options = parser.parse_args()
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the demo archive is on this machine, without TLS
    os.environ["MPLBACKEND"] = "Agg"
    os.environ.setdefault("XDG_CONFIG_HOME", str(options.out / "config"))
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (options.begin, options.end))
    dates = run(options.url, options.aoi, options.out, (begin, end), options.maxcc, options.threads)
    print(json.dumps({"dates": dates}))


if __name__ == "__main__":
    main()
