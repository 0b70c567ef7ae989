"""The histogram of a preview, against numpy's own numbers of the composed picture."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.cache import MissingFrame, frame_key
from services.preview import histogram_of
from services.preview.histogram import BINS
from services.render import parse_view
from tests.services.preview.test_previews import FOUND, KEPT, QUESTION, Desk, composed


def values(desk: Desk, band: str) -> NDArray[np.float64]:
    """Reflectance of all pixels with data."""
    whole = composed(QUESTION, desk.frames)
    plane = whole.reflectance[..., whole.bands.index(band)]
    found: NDArray[np.float64] = plane[whole.count > 0].astype(np.float64)
    return found


def test_numbers_of_each_channel_are_those_of_numpy(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    found = desk.previews.histogram(QUESTION, FOUND, "true", 63)
    assert [one.name for one in found.channels] == ["B04", "B03", "B02"]
    for one in found.channels:
        expected = values(desk, one.name)
        assert found.pixels == expected.size == sum(one.counts) and len(one.counts) == BINS
        np.testing.assert_allclose(one.percentiles, np.percentile(expected, range(101)))
        np.testing.assert_allclose((one.mean, one.sigma), (expected.mean(), expected.std()))
        inside = np.histogram(expected, BINS, (one.low, one.high))[0]
        np.testing.assert_array_equal(one.counts[1:-1], inside[1:-1])


def test_limits_of_percentiles_and_sigmas(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    found = desk.previews.histogram(QUESTION, FOUND, "grey-B08", 63)
    expected = values(desk, "B08")
    np.testing.assert_allclose(found.percentiles(2, 98), [np.percentile(expected, [2, 98])])
    around = expected.mean() - 2 * expected.std(), expected.mean() + 2 * expected.std()
    np.testing.assert_allclose(found.sigmas(2), [around])


def test_an_index_has_one_channel_of_its_values(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    found = desk.previews.histogram(QUESTION, FOUND, "ndvi", 63)
    index = composed(QUESTION, desk.frames).indices["ndvi"]
    expected = index[~np.isnan(index)].astype(np.float64)
    (one,) = found.channels
    np.testing.assert_allclose((one.mean, one.percentiles[50]), (expected.mean(), np.median(expected)))


def test_it_is_made_once_whatever_the_stretch(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    first = desk.previews.histogram(QUESTION, FOUND, "true", 63)
    assert desk.previews.histogram(QUESTION, FOUND, "true~0..0.1~g2", 63) == first
    assert desk.made == 1
    for file in tmp_path.rglob("*-histogram.json"):
        file.write_text('{"channels": [{"of": "another version"}]}')
    assert desk.previews.histogram(QUESTION, FOUND, "true", 63) == first
    assert desk.made == 2


def test_where_all_pixels_are_alike_a_stretch_is_still_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    whole = composed(QUESTION, desk.frames)
    whole.reflectance[...] = 0.2
    view = parse_view("true", QUESTION.bands)
    found = histogram_of(view, whole)
    assert all(low < high for low, high in (*found.percentiles(2, 98), *found.sigmas(2)))
    whole.reflectance[...] = np.nan
    assert histogram_of(view, whole).channels == ()


def test_what_the_cache_lacks_has_no_histogram(tmp_path: Path) -> None:
    desk = Desk(tmp_path, lost=frame_key(QUESTION, QUESTION.centre, KEPT[1]))
    with pytest.raises(MissingFrame):
        desk.previews.histogram(QUESTION, FOUND, "true", 63)
