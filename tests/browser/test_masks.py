"""The page of masks in a browser: from the comparison to it and back, and a mask is taken over."""

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import expect

from services.recipe import MASKS
from tests.browser.conftest import Application
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit

ONE = {"grid": "900", "radius": "0"}
"""One small tile of a grid that no other test has."""


def test_masks_are_compared_and_one_is_taken(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app, link(app, "results", **ONE))
    here.button("Fetch").click(timeout=120_000)
    here.page.locator(PICTURE).wait_for(timeout=120_000)
    here.step("Compare")
    here.page.get_by_role("link", name="Compare masks on one date").click()
    pictures = here.page.locator('[class*="st-key-mask-"] img')
    expect(pictures).to_have_count(sum(bool(one.invalid) and not one.sources for one in MASKS.values()))
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 60
        assert re.search(r"\d+(\.\d+)? % masked", picture.get_attribute("alt") or "")
    here.settle()
    here.look("masks")
    here.page.get_by_role("link", name="Compare years and max. cloud cover").click()
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Compare years and max. cloud cover")
    here.page.go_back()
    here.page.locator(".st-key-mask-strict").get_by_role("link", name="Use this mask").click()
    here.page.wait_for_url(re.compile("/results.*mask=strict"))
    here.settle()


@pytest.mark.parametrize("place", ["/masked/{}.png", "/gallery-pictures/{}.webp"])
def test_an_address_of_any_length_is_answered_in_words(app: Application, place: str) -> None:
    for asked in ("x" * 8_000, "%00", "..%2f..%2fetc%2fpasswd"):
        answer = requests.get(
            app.url + place.format(asked), params={"mask": "m" * 8_000, "area": "a" * 8_000}, timeout=60
        )
        assert answer.status_code in {400, 404, 414} and "Traceback" not in answer.text
