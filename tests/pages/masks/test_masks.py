"""The page of masks: a date by each of them against numbers made by hand, and the residuals when they are asked for."""

import io
import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.components.shared.format import percent
from pages.state.choices import Choices
from pages.state.context import product
from services.cache import frame_key
from services.catalogue import Acquisition
from services.recipe import CSMASK, MASKS, Recipe, offered_masks
from tests.pages.made import choices, go, keep_answer, recipe_of
from tests.pages.routes.test_files import ask
from tests.pages.seen import click, html_of, markup_of
from tests.services.overpasses import counting, random_planes

CLOUDS = (2.0, 30.0, 5.0, 8.0, 61.0, 90.0, 3.0)


def small(**changes: Any) -> Choices:
    """One coarse tile of a few pixels, at most 40 % clouds, by the mask with which one begins."""
    start = {"radius": 0, "resolution": 100, "maxcc": 40, "mask": "cautious", "grow": 3}
    return choices(**(start | changes))


def cached(recipe: Recipe, *, network: bool) -> list[tuple[Acquisition, dict[str, Any]]]:
    """All dates are in the cache, with the network's plane or without."""
    found = []
    for number, one in enumerate(keep_answer(recipe, CLOUDS)):
        planes = random_planes(recipe, number, cloudy=0.05)
        stored = {name: plane for name, plane in planes.items() if network or name != CSMASK}
        product().frames.write(frame_key(recipe, recipe.centre, one), stored)
        found.append((one, planes))
    return found


def sources(page: AppTest) -> list[str]:
    """Addresses of the pictures, without what another one stood for."""
    return [unescape(one) for one in re.findall(r'<img src="([^"]+)"', html_of(page))]


def test_before_anything_is_cached_it_says_what_to_do(frame: AppTest) -> None:
    keep_answer(recipe_of(small()), CLOUDS)
    go(frame, "masks", small())
    assert "No date is in the cache yet" in markup_of(frame) + str([text.value for text in frame.text])


@pytest.mark.parametrize("network", [True, False])
def test_a_date_is_shown_by_each_mask_with_its_shares(frame: AppTest, network: bool) -> None:
    recipe = recipe_of(small())
    dates = cached(recipe, network=network)
    go(frame, "masks", small())
    (picker,) = [box for box in frame.selectbox if box.label == "Date"]
    one, planes = next(pair for pair in dates if pair[0].cloud_cover == 30.0)
    assert picker.value == one.key, "the cloudiest that is kept"
    known = [name for name in offered_masks() if MASKS[name].invalid and (network or name != "csmask")]
    assert len(sources(frame)) == len(known)
    data = np.count_nonzero(planes["dataMask"])
    for name in known:
        by = recipe.with_(mask=name, grow=recipe.grow if name == recipe.mask else MASKS[name].usual_grow)
        bare = np.count_nonzero(counting(by.with_(grow=0), planes))
        grown = np.count_nonzero(counting(by, planes))
        html = html_of(frame)
        assert f"<dd>{percent(1 - bare / data)}</dd>" in html and f"<dd>{percent((bare - grown) / data)}</dd>" in html
    assert ("Not known for this date yet" in markup_of(frame)) is ("csmask" in offered_masks() and not network)


def test_the_picture_is_hatched_where_the_mask_takes_out(frame: AppTest) -> None:
    recipe = recipe_of(small())
    dates = cached(recipe, network=True)
    go(frame, "masks", small())
    address = next(one for one in sources(frame) if "mask=cautious" in one)
    answer = ask(address)
    assert answer.status_code == 200, (answer.text, address)
    assert answer.headers["content-type"] == "image/png"
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))
    _, planes = next(pair for pair in dates if pair[0].cloud_cover == 30.0)
    valid = planes["dataMask"] == 1
    masked = valid & ~counting(recipe.with_(grow=0), planes)
    hatched = (pixels[..., :3] == (213, 94, 0)).all(axis=-1)
    assert hatched.any() and not (hatched & ~masked).any(), "nothing else is of that colour"
    height, width = masked.shape
    lines = (np.arange(height)[:, np.newaxis] + np.arange(width)) % 8 < 3
    np.testing.assert_array_equal(hatched, masked & lines)
    np.testing.assert_array_equal(pixels[..., 3] == 0, ~valid)
    assert ask(address.replace("S2A", "S9Z")).status_code == 404


def test_residuals_are_made_by_a_press_and_kept(frame: AppTest) -> None:
    recipe = recipe_of(small())
    dates = cached(recipe, network=True)
    go(frame, "masks", small())
    assert "Too bright, all dates" not in html_of(frame)
    click(frame, "Work it out")
    assert "Too bright, all dates" in html_of(frame)
    found = product().known(recipe)
    assert found is not None
    made = product().mask_comparison.kept_residuals(recipe, found)
    assert made is not None and [one.mask for one in made] == [name for name in offered_masks() if MASKS[name].invalid]
    for one in made:
        by = recipe.with_(mask=one.mask, grow=one.grow)
        clear = np.stack([counting(by, planes) & (planes["SCL"] != 11) for _, planes in dates])
        used = np.array([each.cloud_cover <= 40 for each, _ in dates])
        assert (one.cached.clear, one.used.clear) == (clear.sum(), clear[used].sum())
        assert one.dates == len(CLOUDS) and one.observations == np.median(clear.sum(axis=0))
        judged = clear & (clear.sum(axis=0) > 4)
        assert one.cached.judged == judged.sum() and one.used.judged == judged[used].sum()
        assert one.used.brighter <= one.cached.brighter <= one.cached.judged
    go(frame, "masks", small())
    assert "Too bright, all dates" in html_of(frame), "kept for whoever comes back"
    keep = product().frames.clear(lambda key: key.acquisition == dates[0][0].key)
    assert keep.planes > 0 and product().mask_comparison.kept_residuals(recipe, found) is None, "of other dates"
