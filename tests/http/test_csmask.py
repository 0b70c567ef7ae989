"""A recipe by the network's mask, from the demo archive to its files: what is asked, computed, kept, computed again.

Skipped where the extra is not installed. Few dates of one small tile: the network takes its time.
"""

import json
import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from cli import app
from services.cache import MissingFrame, frame_keys
from services.grid import Lattice, TileIndex
from services.jobs import Progress
from services.ninepatch import Ninepatch
from services.recipe import CSMASK, MASKS, Interval, Recipe
from services.sentinel2 import DATA_MASK, SCRIPT_BANDS
from tests.eopatches import loaded
from tests.http.archive_log import asked

pytestmark = pytest.mark.skipif(not MASKS["csmask"].is_here, reason="requirements-csmask.txt is not installed")
RECIPE = Recipe(
    Lattice(32635, 390_000.0, 6_738_000.0, 600.0, 600.0),
    TileIndex(1, 1),
    Interval(date(2018, 6, 1), date(2018, 6, 12)),
    radius=0,
    maxcc=100,
    mask="csmask",
    grow=2,
)


def asked_for(archive: str) -> list[str]:
    """The programs of the requests for pixels since the last look."""
    return [str(entry) for entry in asked(archive)]


def by_the_package(bands: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """As a user of ukis-csmask asks it; (height, width, band) of DN."""
    from ukis_csmask.mask import CSmask

    names = ["blue", "green", "red", "nir", "swir16", "swir22"]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your input image is smaller")
        reflectance = bands.astype(np.float32) / np.float32(10_000)
        return np.asarray(CSmask(reflectance, names, "l2a", providers=["CPUExecutionProvider"]).csm[..., 0])


def test_the_terminal_says_how_long_finding_clouds_takes(
    product: Ninepatch, archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"HOME": str(tmp_path / "home"), "PROVIDER": "demo", "DEMO_URL": archive, "WORKERS": "2"}
    for name, value in settings.items():
        monkeypatch.setenv(f"NINEPATCH_{name}", value)
    (tmp_path / "recipe.json").write_text(RECIPE.to_json())
    words = ["estimate", "--recipe", str(tmp_path / "recipe.json")]
    told = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    seconds = 0.12 * told["acquisitions"] / 2
    assert told["seconds_of_mask"] == pytest.approx(seconds, abs=0.051) and seconds > 0
    said = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert f"Clouds are found here: about {told['seconds_of_mask']} s" in said
    said = CliRunner().invoke(app, [*words, "--mask", "clear"], catch_exceptions=False).stdout
    assert "Clouds are found here" not in said and "seconds_of_mask" not in said


def test_the_plane_is_computed_kept_and_computed_again_where_it_made_room(product: Ninepatch, archive: str) -> None:
    kept, planned = product.estimate(RECIPE)
    assert planned.planes == (*SCRIPT_BANDS, DATA_MASK) and not planned.is_whole
    assert planned.wanted == 7 * len(kept), "the provider is asked for no classification"
    assert planned.computed == 3600 * len(kept)
    assert planned.seconds == pytest.approx(0.12 * len(kept))
    phases: list[Progress] = []
    result, spent = product.fetch(RECIPE, phases.append)
    programs = asked_for(archive)
    assert len(programs) == spent.requests == len(kept) and not any(CSMASK in one for one in programs)
    assert any(one.phase == "composing" for one in phases)
    assert product.estimate(RECIPE)[1].is_whole

    (zipped,) = (product.results.folder(RECIPE.digest) / "patches").glob("*.zip")
    patch = loaded(f"zip://{zipped}")
    assert "SCL" not in patch.mask and patch.meta_info["MASKED_CSMASK_CLASSES"] == [1, 2]
    np.testing.assert_array_equal(patch.mask[CSMASK][0, ..., 0], by_the_package(patch.data["BANDS"][0]))
    picture = product.preview_service.preview(RECIPE, "true", 200)
    assert picture.numbers.dates == len(kept)

    keys = frame_keys(RECIPE, kept)
    lost = keys[0].plane_key(CSMASK)
    product.frames._bytes.remove(lost)  # as where it makes room
    with pytest.raises(MissingFrame):
        product.frames.read(keys[0], (CSMASK,))
    planned = product.estimate(RECIPE)[1]
    assert (planned.requests, planned.computed) == (0, 3600)
    product.fill(RECIPE, phases.append)
    assert phases[-1].phase == "finding clouds, 100 %"
    assert product.estimate(RECIPE)[1].is_whole and asked_for(archive) == []
    assert result.meaning
