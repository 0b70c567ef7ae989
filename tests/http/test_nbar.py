"""View angles evened out, from the demo archive to the files: what it costs, and the program that makes it again."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
import requests

from services.cache import frame_keys
from services.grid import Lattice, TileIndex
from services.nbar import nadir_bands
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from services.sentinel2 import ANGLES, DATA_MASK
from services.settings import load_settings
from tests.eopatches import loaded
from tests.http.test_reproduce import fetched, run
from tests.services.ledger_rows import entries

PLAIN = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 2417.0, 3000.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 5), date(2018, 6, 13)),
    maxcc=60,
    bands=("B08", "B04", "B03", "B09"),
    resolution=50,
)
EVENED = PLAIN.with_(nbar=True)


@pytest.fixture
def product(archive: str, tmp_path: Path) -> Iterator[Ninepatch]:
    """A product with an empty cache, and an archive that has forgotten who asked before."""
    requests.post(f"{archive}/_test/reset", timeout=30)
    yield Ninepatch(load_settings(home=tmp_path / "home", provider="demo", demo_url=archive))


def test_angles_cost_next_to_nothing_and_pictures_and_program_agree(
    product: Ninepatch, archive: str, tmp_path: Path
) -> None:
    kept, whole = product.estimate(EVENED)
    assert whole.planes == (*PLAIN.bands, "SCL", *ANGLES, DATA_MASK)
    assert len({one.orbit for one in kept}) > 1, "orbits meet here"
    plain = product.estimate(PLAIN)[1]
    assert whole.units == pytest.approx(plain.units + plain.requests * 0.01 * 4 / 3), "the least that four planes cost"
    assert whole.requests == 2 * plain.requests
    product.fetch(PLAIN)
    planned = product.estimate(EVENED)[1]
    assert {block.planes for block in planned.blocks} == {ANGLES}, "all else is cached"
    assert max(block.pixels for block in planned.blocks) == 9 * 9
    made = fetched(product, EVENED, tmp_path, SH_BASE_URL=archive)
    spent = [one.units or 0 for one in entries(product.ledger) if one.planes]
    assert sum(spent) == pytest.approx(whole.units), "as the archive's header says"

    key = next(key for key in frame_keys(EVENED, kept) if product.frames.present([key], ANGLES)[key])
    frame = product.frames.read(key, EVENED.planes)
    assert frame["viewZenithMean"].shape == (3, 3), "of 2417 m by 3000 m"
    assert 0 < frame["viewZenithMean"].max() <= 1200 and 3000 < frame["sunZenithAngles"].min() < 5000
    bright = frame["B04"] > 500
    factors = nadir_bands(key, frame, ("B04",))["B04"][bright] / frame["B04"][bright]
    assert 0.005 < np.abs(factors - 1).max() < 0.12

    picture = product.results.folder(EVENED.digest)
    item = json.loads((picture / "item.json").read_text())
    assert item["properties"]["ninepatch:nbar"] is True and "NBAR: each" in item["properties"]["processing:lineage"]
    with rasterio.open(next(picture.rglob("*.tif"))) as file:
        assert file.tags()["NBAR"].startswith("NBAR: each observation")
    patch = loaded(f"zip://{next((picture / 'patches').glob('x1_y1.zip'))}")
    assert patch.meta_info["NBAR"].startswith("NBAR: each observation")
    shown = product.preview_service.compositor.image(EVENED, kept, EVENED.bands)
    height, width = shown.height // 3, shown.width // 3
    middle = shown.reflectance[height : 2 * height, width : 2 * width]
    np.testing.assert_array_equal(middle, patch.data_timeless["MEDIAN"])
    done = run(made)
    assert done.returncode == 0, done.stderr
    assert "the same pixels as the result" in done.stdout and made.compare() == 9
