"""The demo archive: one response of 990 × 990 px and 8 bands, made on one core, and sent over HTTP."""

import os
import statistics
import time
from pathlib import Path

import requests

from services.runtime import demo_archive

RUNS = 9
BANDS = ("B02", "B03", "B04", "B08", "B11", "B12", "SCL", "dataMask")
EVALSCRIPT = f"""//VERSION=3
function setup() {{
  return {{input: [{{bands: {list(BANDS)}, units: "DN"}}], output: {{bands: {len(BANDS)}, sampleType: "UINT16"}}}};
}}
function evaluatePixel(s) {{ return [{", ".join(f"s.{band}" for band in BANDS)}]; }}
"""


def payload(place: int, month: int) -> dict[str, object]:
    """A Process request over southern Finland: the clearest look in a month, at a place of its own for each number."""
    west, south = 390_000 + 9_900 * place, 6_740_000
    days = {"from": f"2017-{month:02d}-01T00:00:00Z", "to": f"2017-{month:02d}-25T00:00:00Z"}
    return {
        "input": {
            "bounds": {
                "bbox": [west, south, west + 9_900, south + 9_900],
                "properties": {"crs": "http://www.opengis.net/def/crs/EPSG/0/32635"},
            },
            "data": [
                {
                    "type": "sentinel-2-l2a",
                    "dataFilter": {"timeRange": days, "mosaickingOrder": "leastCC"},
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
        report("a place for the first time", session, url, [payload(place, 7) for place in range(RUNS)])
        report("further dates of a place", session, url, [payload(0, month) for month in (2, 3, 4, 5, 6, 8, 9, 10, 11)])


def report(what: str, session: requests.Session, url: str, payloads: list[dict[str, object]]) -> None:
    """Ask for all of these, one after another."""
    times, sizes = [], []
    for asked in payloads:
        begun = time.perf_counter()
        answer = session.post(f"{url}/api/v1/process", json=asked, headers={"Accept": "image/tiff"}, timeout=60)
        times.append(time.perf_counter() - begun)
        answer.raise_for_status()
        sizes.append(len(answer.content))
    print(
        f"990 × 990 px × 8 bands, {what}: median {statistics.median(times):.2f} s, slowest {max(times):.2f} s, "
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
