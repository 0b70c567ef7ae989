"""What is around every page."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp
from streamlit.testing.v1 import AppTest

from pages.components.frame.navigation import ACTIVITY, GALLERY, MASKS, STEPS
from pages.components.shared import messages
from pages.components.shared.theme import ASSETS, asset, script
from pages.routes.security_headers import SecurityHeaders
from services import errors
from services.cache import MissingFrame
from services.errors import NinepatchError
from services.starting import TILES
from tests.pages.seen import html_of, map_that_says, texts_of


@pytest.fixture(autouse=True)
def without_map() -> object:
    with map_that_says({}):
        yield


async def get(app: ASGIApp, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
        return await client.get(path)


@pytest.mark.parametrize("name", [name for name, _ in (*STEPS, MASKS, GALLERY, ACTIVITY)])
def test_every_page_opens_and_says_that_the_data_are_simulated(frame: AppTest, name: str) -> None:
    frame.run()
    if name != "area":
        frame.switch_page(f"{name}.py").run()
    assert not frame.exception
    assert "Simulated data" in html_of(frame)


def test_the_steps_say_where_one_is(frame: AppTest) -> None:
    frame.run()
    assert 'aria-current="step">1 Area<' in html_of(frame)
    frame.switch_page("results.py").run()
    assert 'aria-current="step">3 Results<' in html_of(frame)
    assert 'aria-current="step">1 Area<' not in html_of(frame)


def test_a_link_with_nonsense_opens_a_usable_page_and_says_what_is_wrong(frame: AppTest) -> None:
    frame.query_params.update(area="aaaaaaaaaaaa", year="1800", maxcc="300", radius="x", mask="<b>", grid="9999999")
    frame.run()
    assert not frame.exception
    said = "\n".join(texts_of(frame))
    assert "The area of this link is not on this server." in said
    assert "maxcc=300" in said and "radius=x" in said and "mask=<b>" in said
    assert "<b>" not in html_of(frame)


def test_every_error_has_a_title() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NinepatchError)]
    roots = {errors.NinepatchError, errors.InputError, errors.NoDataError, errors.ProviderError}
    assert set(messages.TITLES) == {*kinds, MissingFrame} - roots
    assert messages.title_of(NinepatchError("x")) not in messages.TITLES.values()


def test_a_fault_shows_a_number_and_not_its_words(caplog: pytest.LogCaptureFixture) -> None:
    def script() -> None:
        from pages.components.shared.messages import fault

        fault(RuntimeError("the secret of the account"))

    page = AppTest.from_function(script).run()
    said = "\n".join(texts_of(page)) + html_of(page)
    assert "secret" not in said and "secret" in caplog.text
    number = caplog.records[-1].getMessage().split()[1]
    assert number in said


def test_the_app_serves_assets_that_a_browser_keeps() -> None:
    from app import Assets

    app = Starlette(routes=[Mount("/assets", Assets(directory=ASSETS))])
    stamped = asyncio.run(get(app, asset("map.js").replace("../../", "/")))
    assert stamped.status_code == 200 and "immutable" in stamped.headers["cache-control"]
    assert stamped.content == (ASSETS / "map.js").read_bytes()
    several = asyncio.run(get(app, script("area").replace("../../", "/")))
    assert several.status_code == 200 and "immutable" in several.headers["cache-control"]
    places = [several.text.find((ASSETS / name).read_text()) for name in ("parts.js", "choice.js")]
    assert places == sorted(places) and places[0] == 0, "one after the other"
    assert asyncio.run(get(app, "/assets/together/another.js")).status_code == 404
    assert asyncio.run(get(app, "/assets/map.js")).headers["cache-control"] == "no-cache"
    assert asyncio.run(get(app, "/assets/%2e%2e/theme.py")).status_code == 404


@pytest.mark.parametrize("online", [False, True])
def test_no_answer_lets_a_page_fetch_from_elsewhere(online: bool) -> None:
    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("page")

    inner = Starlette(routes=[Route("/{path:path}", page)])
    guarded = SecurityHeaders(inner, prefix="/team", online=online)
    headers = asyncio.run(get(guarded, "/")).headers
    hosts = re.findall(r"https?://[^ ;]+", headers["content-security-policy"])
    assert hosts == (list(TILES) if online else [])
    assert headers["x-content-type-options"] == "nosniff"
    assert asyncio.run(get(guarded, "/team/_stcore/metrics")).status_code == 404
    drawn = re.findall(r"https://[^/']+(?=/[^']*\{z\})", (ASSETS / "map.js").read_text())
    assert drawn == list(TILES)


def test_streamlit_asks_nobody_outside() -> None:
    import tomllib

    options = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())
    assert options["browser"] == {"serverAddress": "localhost", "gatherUsageStats": False}
    assert options["client"]["showErrorDetails"] == "none"
