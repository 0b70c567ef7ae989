"""What people read when something does not work: a cause and a remedy, and the choices stay."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import Application, application
from tests.browser.test_links import link
from tests.browser.visit import PICTURE, Visit


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """An application whose provider is an address where nobody answers."""
    environment = {
        "NINEPATCH_PROVIDER": "private",
        "NINEPATCH_BASE_URL": "http://127.0.0.1:9",
        "NINEPATCH_TOKEN_URL": "http://127.0.0.1:9/token",
        "NINEPATCH_CLIENT_ID": "somebody",
        "NINEPATCH_CLIENT_SECRET": "whose-secret-nobody-sees",
        "NINEPATCH_TRIES": "1",
    }
    with application(tmp_path_factory.mktemp("alone"), **environment) as running:
        yield running


def test_an_unreachable_provider_is_named_and_can_be_asked_again(
    alone: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(alone, link(alone, "acquisitions"))
    here.button("Ask the catalogue").click()  # of an account, which a link alone does not ask
    here.see("The catalogue did not answer")
    said = here.page.locator(".stApp").inner_text()
    assert "127.0.0.1" in said and "secret" not in said
    assert "Simulated" not in said
    here.look("unreachable")
    here.button("Ask again").click()
    here.see("The catalogue did not answer")
    assert "maxcc=40" in here.page.url


@pytest.mark.parametrize(
    ("year", "fault", "words"),
    [
        ("2021", {"status": 403, "body": {"error": {"code": "ACCESS_INSUFFICIENT_PROCESSING_UNITS"}}}, "used up"),
        ("2022", {"status": 400, "body": {"error": {"message": "no <b>such</b> *thing*"}}}, "no <b>such</b> *thing*"),
    ],
    ids=["quota", "refused"],
)
def test_a_fetch_that_fails_says_why_and_goes_on_later(
    app: Application, archive: str, visit: Callable[..., Visit], year: str, fault: dict[str, Any], words: str
) -> None:
    here = visit(app, link(app, "acquisitions", **{"from": f"{year}-06-01", "to": f"{year}-08-01"}))
    here.button("Fetch").wait_for(timeout=120_000)
    here.settle()
    told = [fault | {"endpoint": "process", "times": 50}]
    requests.post(f"{archive}/_test/faults", json=told, timeout=30).raise_for_status()
    here.button("Fetch").click()
    here.see("The picture could not be made")
    here.see(words)
    here.look("failed")
    requests.post(f"{archive}/_test/reset", timeout=30)
    here.button("Resume").click()
    here.page.locator(PICTURE).wait_for(timeout=120_000)


def test_nothing_under_the_limit_offers_the_limit_that_keeps_something(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app, link(app, "acquisitions", **{"from": "2022-11-01", "to": "2022-11-20", "maxcc": "0"}))
    here.page.locator(".sheet table").wait_for(timeout=120_000)
    here.see("the clearest has")
    here.look("nothing")
    here.button("Raise the max. cloud cover to").click()
    here.button("Fetch 1 date").wait_for()
    assert "maxcc=0" not in here.page.url


def test_days_without_a_picture_have_their_sentence(app: Application, visit: Callable[..., Visit]) -> None:
    here = visit(app, link(app, "acquisitions", **{"from": "2018-06-01", "to": "2018-06-02"}))
    here.see("There is no acquisition of this place")
    here.settle()
    here.look("empty")
    expect(here.button("Take ")).to_be_visible()
    expect(here.button("Fetch")).to_have_count(0)


def test_an_area_that_cannot_be_used_is_refused_and_the_old_one_stays(
    app: Application, visit: Callable[..., Visit]
) -> None:
    here = visit(app, link(app, "area"))
    here.choose("File")
    point = b'{"type": "Point", "coordinates": [25, 60]}'
    name = "../![x](http://example.org/x) <img src=x>.geojson"
    here.page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "application/geo+json", "buffer": point}
    )
    here.see("This area cannot be used")
    here.look("refused")
    assert "Meadow" in here.page.locator(".st-key-choice").inner_text()


def test_a_link_to_a_picture_that_is_not_here_says_so(app: Application, visit: Callable[..., Visit]) -> None:
    visit(app, "/results?result=0123456789abcdef").see("This picture is not on this server")
    visit(app, "/results?job=nonsense").see("is not the number of a result")


def test_what_the_service_holds_back_is_said_while_one_waits(
    app: Application, archive: str, visit: Callable[..., Visit]
) -> None:
    here = visit(app, link(app, "acquisitions", **{"from": "2023-06-01", "to": "2023-08-01"}))
    here.button("Fetch").wait_for(timeout=120_000)
    here.settle()
    told = [{"endpoint": "process", "status": 429, "times": 1, "headers": {"Retry-After": "6000"}}]
    requests.post(f"{archive}/_test/faults", json=told, timeout=30).raise_for_status()
    here.button("Fetch").click()
    held = here.page.locator(".np-facts div", has_text="Held back by")
    expect(held).to_contain_text("asks to wait")
    here.look("held-back")
    here.page.locator(PICTURE).wait_for(timeout=120_000)
    here.settle()
