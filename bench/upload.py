"""A large area in a real browser: from the file to its outline on the map, and from its use to its grid."""

import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Frame, sync_playwright

from bench.coast import coast, geojson
from services.area import read_aoi
from services.grid import Grid
from services.settings import Settings
from tests.browser.conftest import CHROMIUM, FLAGS, application
from tests.browser.visit import Visit

VERTICES = Settings.model_construct().max_vertices
"""The most that are accepted, the closing one included."""
RUNS = 3
_OFFERED = "() => map.getPane('np-tiles').querySelector('path[stroke-dasharray]')"
_TAKEN = f"""() => !({_OFFERED})() && map.getPane('np-lines').querySelector('path')
  && map._npGroups.grid._npLines && map.hasLayer(map._npGroups.grid._npLines)"""
_INPUT = '[data-testid="stFileUploaderDropzoneInput"]'


def drawn(frame: Frame, condition: str) -> None:
    """Wait until it is true, and shown."""
    frame.wait_for_function(condition, timeout=120_000)
    frame.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def uploaded(here: Visit, path: Path) -> tuple[float, float, float]:
    """Seconds from the file to its outline on the map, to an idle page, and from its use to its grid on the map."""
    here.open("/")
    here.choose("File")
    frame = here.map()
    here.page.wait_for_timeout(1500)
    begun = time.perf_counter()
    here.page.locator(_INPUT).set_input_files(path)
    drawn(frame, _OFFERED)
    outline = time.perf_counter() - begun
    use = here.page.get_by_role("button", name=re.compile("^Use this area"))
    use.wait_for()
    here.settle()
    idle = time.perf_counter() - begun
    begun = time.perf_counter()
    use.click()
    drawn(frame, _TAKEN)
    return outline, idle, time.perf_counter() - begun


def alone(data: bytes) -> tuple[float, float]:
    """Seconds of the server's own work, without a page: from the bytes to the area, and to its grid."""
    begun = time.perf_counter()
    aoi = read_aoi(data, "coast.geojson")
    assert aoi.vertices == VERTICES, aoi.vertices
    assert aoi.digest
    area = time.perf_counter() - begun
    Grid.team(aoi, Settings.model_construct().tile_size).lines()
    return area, time.perf_counter() - begun - area


def main() -> None:
    """Print the medians."""
    files = [geojson(coast(VERTICES - 1, seed), f"Coast {seed}") for seed in range(1, RUNS + 1)]
    print(
        f"{VERTICES:,} vertices, {len(files[0]) / 1e6:.1f} MB; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    area, grid = map(statistics.median, zip(*map(alone, files), strict=True))
    print(f"server alone, median of {RUNS}: bytes to area {area:.2f} s, to grid {grid:.2f} s more")
    with (
        tempfile.TemporaryDirectory() as scratch,
        application(Path(scratch) / "home") as app,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        times = []
        for number, data in enumerate(files, 1):
            path = Path(scratch) / f"coast-{number}.geojson"
            path.write_bytes(data)
            context = browser.new_context(viewport={"width": 1360, "height": 900})
            here = Visit(context.new_page(), app.url, "bench")
            times.append(uploaded(here, path))
            here.assert_clean()
            context.close()
        browser.close()
    outline, idle, use = map(statistics.median, zip(*times, strict=True))
    slowest = max(each for each, _, _ in times)
    print(
        f"in the browser, median of {RUNS}: file to outline on the map {outline:.2f} s (slowest {slowest:.2f} s), "
        f"to an idle page {idle:.2f} s; from its use to its grid {use:.2f} s; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
