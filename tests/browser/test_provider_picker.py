"""Where pixels come from, chosen on the first page by the keyboard."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Application
from tests.browser.visit import Visit

DEMO, OTHER = "Demo archive (simulated)", "Open data: Planetary Computer"


def test_another_source_is_chosen_by_the_keyboard_and_its_link_opens_it(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app)
    expect(here.page.get_by_role("radiogroup", name="Pixels from")).to_be_visible()
    here.page.get_by_role("radio", name=DEMO).focus()
    here.page.keyboard.press("ArrowUp")
    expect(here.page.locator(".st-key-source")).to_have_text("Pixels: Planetary Computer")
    here.settle()
    here.look("chosen")
    assert "provider=planetary-computer" in here.page.url
    other = visit(app, here.page.url.removeprefix(app.url))
    expect(other.page.get_by_role("radio", name=OTHER)).to_be_checked()
    other.page.get_by_text(DEMO).click()
    expect(other.page.locator(".st-key-source")).to_have_text("Simulated data")
    other.settle()
    assert "provider" not in other.page.url


def test_it_is_closed_once_there_is_an_area_and_says_what_is_chosen(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app)
    here.press("See it work")
    group = here.page.get_by_role("radiogroup", name="Pixels from")
    expect(group).not_to_be_visible()
    here.page.locator("summary", has_text=f"Pixels from {DEMO}").press("Enter")
    expect(group).to_be_visible()
