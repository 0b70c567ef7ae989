"""The methods of compositing: their names, which end in links, file names and features, and what an entry brings."""

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from services.cache import frame_key
from services.composite import INDICES, Index, compose
from services.preview import PreviewCompositor
from services.recipe import MASKS
from services.reducers import METHODS, Chapter, Clear, Formula, Method, Observations, Planes, Statistic
from services.render import VIEWS, View, draw, quantities
from tests.services.overpasses import random_frames
from tests.services.published import passes, published
from tests.services.scenes import recipe


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_names_are_safe_wherever_they_end(method: Method) -> None:
    assert METHODS[method.name] is method
    assert re.fullmatch(r"[a-z-]+", method.name) and re.fullmatch(r"[A-Z_]+", method.feature)


def test_a_picture_is_of_so_many_acquisitions() -> None:
    assert METHODS["median"].of(12) == "median of 12 acquisitions"
    assert METHODS["least-cloudy"].of(1) == "least cloudy observation of 1 acquisition"


def brightest(observations: Observations, clear: Clear) -> tuple[Any, Any]:
    """A method as somebody adds it: of each band the highest clear reflectance."""
    assert len(observations) == len(clear) > 0
    cube = np.where(np.asarray(clear)[:, np.newaxis], np.asarray(observations) / np.float32(10_000), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmax(cube, axis=0).astype(np.float32), np.asarray(clear).sum(axis=0)


def brightest_index(formula: Formula, observations: Observations, clear: Clear) -> Any:
    """The same of an index."""
    each = np.array([np.where(seen, formula(planes), np.nan) for planes, seen in zip(observations, clear, strict=True)])
    return np.fmax.reduce(each, axis=0)


ADDED = Method(
    name="brightest",
    title="Brightest",
    feature="BRIGHTEST",
    words="brightest observation",
    meaning="Each pixel is, band by band, the brightest of its clear observations.",
    index="An index is the highest of those of the clear observations.",
    way=Statistic(brightest, brightest_index),
    program=Chapter("The brightest", "Per band.", "def reduce(dn, clear, wanted):\n    return math.nan\n", ("math",)),
)


def test_a_method_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Composites, EOPatches, the page's pictures, and the exported program have it; numpy says the same."""
    monkeypatch.setitem(METHODS, "brightest", ADDED)
    question = recipe(px=9, method="brightest", bands=("B04", "B08"), radius=0)
    found = passes(question, [3.0, 8.0, 1.0])
    frames = random_frames(question, found)
    (made,) = compose(question, found, frames, workers=1)
    planes = [frames.planes[frame_key(question, made.tile.index, one)] for one in found]
    clear = [(each["dataMask"] == 1) & ~np.isin(each["SCL"], MASKS["clear"].invalid) for each in planes]
    for place, band in enumerate(question.bands):
        dn = np.array([np.where(seen, each[band], 0) for each, seen in zip(planes, clear, strict=True)]).max(axis=0)
        np.testing.assert_array_equal(np.where(made.count > 0, made.dn(band), 0), dn, str(place))
    image = PreviewCompositor(frames, 10**8).image(question, found, question.bands, indices=(INDICES["ndvi"],))
    np.testing.assert_array_equal(image.reflectance, made.reflectance)
    np.testing.assert_array_equal(image.indices["ndvi"], made.indices["ndvi"])
    published(tmp_path, question, found)
    program = (tmp_path / "reproduce.py").read_text()
    assert "import hashlib\nimport math\nimport os\n" in program and "return math.nan" in program
    assert "brightest of its clear observations" in program


def test_an_index_is_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of three bands that is no normalised difference: in pictures, files, tables and differences."""

    def enhanced(planes: Planes) -> Any:
        nir, red, blue = (np.asarray(plane, np.float32) / np.float32(10_000) for plane in planes)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.float32(2.5) * (nir - red) / (nir + 6 * red - np.float32(7.5) * blue + 1)

    words = "2.5 ({0} − {1}) / ({0} + 6 {1} − 7.5 {2} + 1)"
    index = Index("evi", "Enhanced (EVI)", ("B08", "B04", "B02"), "Huete 2002", (0.0, 1.0), "viridis", enhanced, words)
    monkeypatch.setitem(INDICES, "evi", index)
    monkeypatch.setitem(VIEWS, "evi", View.of(index))
    question = recipe(px=9, bands=("B02", "B04", "B08"), radius=0)
    found = passes(question, [3.0, 8.0, 1.0])
    frames = random_frames(question, found)
    (made,) = compose(question, found, frames, workers=1)
    planes = [frames.planes[frame_key(question, made.tile.index, one)] for one in found]
    clear = [(each["dataMask"] == 1) & ~np.isin(each["SCL"], MASKS["clear"].invalid) for each in planes]
    each = [enhanced([one[band] for band in index.bands]) for one in planes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        expected = np.nanmedian(np.where(clear, each, np.nan).astype(np.float32), axis=0)
    np.testing.assert_array_equal(made.indices["evi"], expected)
    colours = draw(VIEWS["evi"], made)
    assert ((colours[..., 3] == 255) == np.isfinite(expected)).all() and np.ptp(colours[..., 1]) > 0
    assert VIEWS["evi"].formula == "2.5 (B08 − B04) / (B08 + 6 B04 − 7.5 B02 + 1)"
    assert "evi" in [quantity.name for quantity in quantities(question.bands)]
    published(tmp_path, question, found)
    assert '\nevi,"Enhanced (EVI) 2.5 (B08' in (tmp_path / "statistics.csv").read_text().replace("\r\n", "\n")
    with rasterio.open(tmp_path / "indices/indices.tif") as opened:
        assert "EVI" in opened.descriptions
