"""The demo archive: one response of 990 × 990 px and 8 bands, made on one core, and sent over HTTP."""

import os
import statistics
import time
from pathlib import Path

import requests

from services.archive import demo_archive

RUNS = 9
BANDS = ("B02", "B03", "B04", "B08", "B11", "B12", "SCL", "dataMask")
EVALSCRIPT = f"""//VERSION=3
function setup() {{
  return {{input: [{{bands: {list(BANDS)}, units: "DN"}}], output: {{bands: {len(BANDS)}, sampleType: "UINT16"}}}};
}}
function evaluatePixel(s) {{ return [{", ".join(f"s.{band}" for band in BANDS)}]; }}
"""


def payload(day: int) -> dict[str, object]:
    """A Process request over southern Finland; another place for each day, so that nothing is remembered."""
    west, south = 390_000 + 9_900 * day, 6_740_000
    return {
        "input": {
            "bounds": {
                "bbox": [west, south, west + 9_900, south + 9_900],
                "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/32635"},
            },
            "data": [
                {
                    "type": "sentinel-2-l2a",
                    "dataFilter": {"timeRange": {"from": "2017-07-01T00:00:00Z", "to": "2017-07-12T00:00:00Z"}},
                }
            ],
        },
        "output": {
            "width": 990,
            "height": 990,
            "responses": [{"identifier": "default", "format": {"type": "image/tiff"}}],
        },
        "evalscript": EVALSCRIPT,
    }


def main() -> None:
    """Print the median seconds from the request to the last byte, the archive held to one core."""
    with demo_archive() as url, requests.Session() as session:
        hold_children_to_one_core()
        account = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
        token = session.post(f"{url}/auth/realms/main/protocol/openid-connect/token", data=account, timeout=30).json()
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        times, sizes = [], []
        for day in range(RUNS):
            begun = time.perf_counter()
            answer = session.post(
                f"{url}/api/v1/process", json=payload(day), headers={"Accept": "image/tiff"}, timeout=60
            )
            times.append(time.perf_counter() - begun)
            answer.raise_for_status()
            sizes.append(len(answer.content))
    print(
        f"990 × 990 px × 8 bands: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s, "
        f"{statistics.median(sizes) / 1e6:.1f} MB"
    )


def hold_children_to_one_core() -> None:
    """The archive's process, and its threads, on one core of those that we may use."""
    core = {min(os.sched_getaffinity(0))}
    for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for task in Path(f"/proc/{child}/task").iterdir():
            os.sched_setaffinity(int(task.name), core)


if __name__ == "__main__":
    main()
