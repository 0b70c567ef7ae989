"""Behind a proxy that takes a prefix off the address, pictures and downloads come as without it."""

from collections.abc import Callable
from dataclasses import replace

import httpx

from tests.browser.conftest import Application
from tests.browser.stripping import PREFIX, stripping
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit

PLACE = {"grid": "840", "radius": "0", "from": "2019-06-01", "to": "2019-07-01"}
"""One tile of a grid and days that no other test has."""


def test_pictures_and_downloads_come_below_a_prefix_that_the_server_does_not_know(
    app: Application, visit: Callable[..., Visit]
) -> None:
    with stripping(app.url) as url:
        here = visit(replace(app, url=url), link(app, "results", **PLACE))
        here.button("Fetch").click(timeout=120_000)
        picture = here.page.locator(PICTURE)
        picture.wait_for(timeout=120_000)
        here.settle()
        assert str(picture.get_attribute("src")).startswith(f"{PREFIX}/")
        assert picture.evaluate("image => image.naturalWidth") > 0
        file = str(here.page.locator("ul.np-files a").first.get_attribute("href"))
        assert file.startswith(f"{PREFIX}/files/")
        assert httpx.get(url.removesuffix(PREFIX) + file, trust_env=False).status_code == 200
        here.page.close()
