"""A real login: a person, a browser, an issuer of OpenID Connect, and the pages and routes that it opens."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from services.access import Actor, Role, Roster
from services.settings import load_settings
from services.storage import Database
from tests.browser.visit import ARTEFACTS, IDLE
from tests.issuer import issuer
from tests.served import OIDC, Served, served

GROUPS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(90)]
"""As some issuers name them; what can be compressed would fit in one cookie."""
PEOPLE = {
    "ada": {"email": "Ada@example.org", "email_verified": True, "groups": GROUPS},
    "mal": {"email": "mal@evil.example", "email_verified": True},
    "eve": {"email": "root@example.org", "email_verified": False},
}
"""Ada is in so many groups that her login takes several cookies."""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application, and whom it sends people to."""
    with (
        issuer(PEOPLE) as url,
        served(tmp_path_factory.mktemp("login"), **OIDC | {"NINEPATCH_OIDC_ISSUER": url}) as made,
    ):
        yield made


@pytest.fixture
def browse(chromium: Browser, app: Served) -> Iterator[Open]:
    """Opens an address of the application as somebody who was never there."""
    contexts = []

    def begin(path: str = "/", *, width: int = 1360, dark: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(app.url + path)
        return page

    yield begin
    for context in contexts:
        context.close()


def log_in(page: Page, app: Served, who: str) -> None:
    """By the keyboard, and at the issuer by a name."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Log in")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("input[name=sub]").fill(who)
    page.locator("input[name=sub]").press("Enter")
    page.wait_for_url(f"{app.url}/**")


def settled(page: Page) -> None:
    """The script has run."""
    page.wait_for_selector(IDLE, timeout=90_000)


def cookies(page: Page) -> dict[str, str]:
    """Of this person, as a header."""
    kept = page.context.cookies(page.url)
    return {"cookie": "; ".join(f"{one['name']}={one['value']}" for one in kept)}


def status(app: Served, headers: dict[str, str], path: str = "/ledger/member.csv") -> int:
    """Of one of our routes, which is no page."""
    return httpx.get(app.url + path, headers=headers, trust_env=False, timeout=60).status_code


def look(page: Page, name: str) -> None:
    """Keep a screenshot."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"login-{name}.png")


def test_a_login_opens_pages_and_routes_and_a_log_out_closes_them_everywhere(app: Served, browse: Open) -> None:
    page = browse("/compare?from=2019-06-01&to=2019-07-01")
    assert status(app, cookies(page)) == 401
    log_in(page, app, "ada")
    settled(page)
    assert page.url.startswith(f"{app.url}/compare?") and "from=2019-06-01" in page.url, "where one wanted to go"
    expect(page.locator(".np-who")).to_contain_text("ada@example.org")
    look(page, "masthead")
    mine = cookies(page)
    assert "_streamlit_user_1=" in mine["cookie"], "several cookies"
    assert status(app, mine) == 200

    beside = page.context.new_page()
    beside.goto(f"{app.url}/acquisitions")
    settled(beside)
    page.get_by_role("link", name="Log out").click()
    page.wait_for_url(re.compile("end_session"))
    assert status(app, mine) == 401, "a copy of the cookie is worth nothing"
    expect(beside.get_by_role("link", name="Log in")).to_be_visible(timeout=40_000)
    assert beside.url.startswith(f"{app.url}/acquisitions"), "the other tab is out where it was"


@pytest.mark.parametrize(
    ("who", "said"), [("mal", "mal@evil.example, who is not a member here"), ("eve", "does not say that this address")]
)
def test_who_has_no_role_is_told_so_and_can_leave(app: Served, browse: Open, who: str, said: str) -> None:
    page = browse("/", width=390, dark=who == "mal")
    look(page, f"page-{who}")
    log_in(page, app, who)
    expect(page.locator("main")).to_contain_text(said)
    look(page, f"no-role-{who}")
    page.get_by_role("link", name="Log out").click()
    page.wait_for_url(re.compile("end_session"))
    page.goto(app.url)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()


def test_a_removed_member_is_out_though_nothing_is_pressed(app: Served, browse: Open) -> None:
    page = browse()
    log_in(page, app, "ada")
    settled(page)
    settings = load_settings(home=Path(app.home))
    roster, root = Roster(settings, Database.of(settings)), Actor("root", Role.ADMINISTRATOR)
    roster.remove("ada@example.org", root)
    expect(page.locator("main")).to_contain_text("who is not a member here", timeout=60_000)
    assert status(app, cookies(page)) == 403
    roster.put("ada@example.org", Role.MEMBER, root)
