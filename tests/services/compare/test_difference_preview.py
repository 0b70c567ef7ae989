"""The difference of two cells on the disk, and their maps of clear observations, against numpy on the cache's
frames."""

import warnings
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from services.cache import MissingFrame, frame_key
from services.compare import Cell, Pair, counts_map, draw_difference, found_difference
from services.compare import difference_preview as contrasts
from services.compare.significance import Sample, evidence
from services.compare.student_t import thresholds
from services.ninepatch import Ninepatch
from services.recipe import MASKS
from services.render.picture import viridis
from services.sentinel2 import DATA_MASK, SCL
from tests.services.compare.test_matrix import RECIPE, filled, product
from tests.services.quantities import quantity_named

__all__ = ["product"]  # the fixture: an empty cache, and an answer of the catalogue


def stack(product: Ninepatch, cell: Cell, plane: str) -> NDArray[Any]:
    """All looks, (time, height, width), tile by tile; 0 where an acquisition does not show a tile."""
    width, height = cell.recipe.lattice.size_px(cell.recipe.resolution)
    side = cell.recipe.neighbourhood.side
    whole = np.zeros((len(cell.kept), side * height, side * width), np.uint16)
    for place, tile in enumerate(cell.recipe.neighbourhood.tiles):
        row, column = divmod(place, side)
        for time, observation in enumerate(cell.kept):
            if observation.touches(tile):
                frame = product.frames.read(frame_key(cell.recipe, tile.index, observation), (plane,))
                whole[time, row * height : (row + 1) * height, column * width : (column + 1) * width] = frame[plane]
    return whole


def clear(product: Ninepatch, cell: Cell) -> NDArray[np.bool_]:
    """Which of them count."""
    invalid = np.isin(stack(product, cell, SCL), MASKS[cell.recipe.mask].invalid)
    counts: NDArray[np.bool_] = (stack(product, cell, DATA_MASK) == 1) & ~invalid
    return counts


def sampled(product: Ninepatch, cell: Cell) -> tuple[NDArray[Any], Sample]:
    """Median of band B04 in double precision, and its observations."""
    observations, counts = stack(product, cell, "B04") / 10_000, clear(product, cell)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice")
        median = np.nanmedian(np.where(counts, observations, np.nan), axis=0)
    days = np.array(
        [observation.time.timetuple().tm_yday - 1 + observation.time.hour / 24 for observation in cell.kept]
    )
    times = len(cell.kept)
    return median, Sample(observations.reshape(times, -1).astype(np.float32), counts.reshape(times, -1), days)


@pytest.fixture
def pair(product: Ninepatch) -> Pair:
    """Four dates of one year minus two of another."""
    made = filled(product)
    left, right = made.at(2019, 40), made.at(2018, 40)
    return Pair(left, right, quantity_named("B04", RECIPE.bands), k=0.5)


def test_its_numbers_are_those_of_numpy(product: Ninepatch, pair: Pair) -> None:
    (left, before), (right, after) = (sampled(product, cell) for cell in (pair.left, pair.right))
    apart, judged = right - left, evidence(before, after)
    floor = (thresholds(0.5)[judged.freedom] * judged.error).reshape(apart.shape)
    changed = np.abs(judged.adjusted.reshape(apart.shape)) > floor
    there = np.isfinite(apart)
    made = draw_difference(product, pair)
    assert (made.width, made.height, made.step) == (60, 60, 1)
    assert made.comparable == pytest.approx(there.mean())
    assert made.changed == pytest.approx(changed.sum() / there.sum(), abs=1e-3)
    assert made.unknown == pytest.approx(np.isnan(floor[there]).mean())
    assert made.median == pytest.approx(np.median(apart[there]), abs=1e-6)
    assert made.mean == pytest.approx(apart[there].mean(), abs=1e-6)
    assert (made.p5, made.p95) == pytest.approx(tuple(np.percentile(apart[there], (5, 95))), abs=1e-6)
    assert made.rms == pytest.approx(np.sqrt((apart[there] ** 2).mean()), abs=1e-6)


def test_its_picture_is_transparent_where_a_side_has_no_data(product: Ninepatch, pair: Pair) -> None:
    made = draw_difference(product, pair)
    path = product.previews.file(made.digest, made.picture)
    assert path is not None
    with Pillow.open(path) as picture:
        alpha = np.asarray(picture)[..., 3]
        assert "Copyright" in picture.info and "right minus left" in picture.info["Description"]
    seen = (clear(product, pair.left).any(axis=0)) & (clear(product, pair.right).any(axis=0))
    assert ((alpha == 255) == seen).all()


def test_it_is_made_once(product: Ninepatch, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found_difference(product, pair) is None
    made = draw_difference(product, pair)

    def never(*_: object) -> None:
        raise AssertionError("it is there")

    monkeypatch.setattr(contrasts, "_make", never)
    assert asdict(draw_difference(product, pair)) == asdict(made)
    others = replace(pair, k=1.0), replace(pair, left=pair.right, right=pair.left), replace(pair, px=30)
    assert all(found_difference(product, other) is None for other in others)
    product.preview_service.book.write(
        made.digest, f"{pair.name}.json", lambda beside: beside.write_text('{"width": 3}')
    )
    assert found_difference(product, pair) is None, "of another version"


def test_what_the_cache_lacks_is_told(product: Ninepatch, pair: Pair) -> None:
    with pytest.raises(MissingFrame, match="B08"):
        draw_difference(product, replace(pair, quantity=quantity_named("B08", RECIPE.bands)))


def test_maps_of_clear_looks_share_their_scale(product: Ninepatch, pair: Pair) -> None:
    for cell in (pair.left, pair.right):
        preview = product.preview_service.preview(cell.recipe, "true")
        path = product.previews.file(preview.digest, counts_map(product, cell, preview, 1, 4))
        assert path is not None
        with Pillow.open(path) as picture:
            pixels = np.asarray(picture)
        count = clear(product, cell).sum(axis=0)
        assert ((pixels[..., 3] == 0) == (count == 0)).all()
        many = count >= 3  # fewer have lines over them
        assert (pixels[many] == viridis(1, 4)[count[many] - 1]).all()
