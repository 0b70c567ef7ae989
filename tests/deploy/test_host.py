"""A team's server as the guide makes it: from the login to the downloaded picture, for each role, in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rasterio
from playwright.sync_api import Browser, expect

from tests.browser.visit import PICTURE, Visit
from tests.deploy.conftest import Browsing
from tests.deploy.issuers import quick_issuer, strict_is_missing, strict_issuer
from tests.deploy.site import STRANGER, Site, opened_question, site


@pytest.fixture(scope="module")
def at_the_root(host: None, archive: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A host of its own name."""
    with site(tmp_path_factory.mktemp("root"), archive, quick_issuer) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(at_the_root: Site, browsing: Browsing) -> Iterator[Browser]:
    """That believes its certificate."""
    browser = browsing(at_the_root.certificate)
    yield browser
    browser.close()


def from_area_to_download(here: Visit, folder: Path) -> str:
    """Upload an area, fetch, keep the picture's file; returns the address of the result."""
    opened_question(here, folder, {"maxcc": "40", "from": "2018-06-01", "to": "2018-08-01"})
    here.button("Fetch").click()
    here.page.locator(PICTURE).wait_for(timeout=120_000)
    here.settle()
    here.look("result")
    download(here, folder)
    return here.page.url


def download(here: Visit, folder: Path) -> None:
    """The mosaic, as rasterio reads it."""
    with here.page.expect_download(timeout=60_000) as coming:
        here.page.get_by_role("link", name="Mosaic, Cloud Optimized GeoTIFF", exact=True).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    with rasterio.open(path) as opened:
        assert (opened.width, opened.height) == (60, 60)


def test_who_has_not_logged_in_sees_a_button_and_nothing_else(at_the_root: Site, chromium: Browser) -> None:
    asked = at_the_root.get("/acquisitions", headers={"Accept": "text/html"})
    assert asked.status_code == 401
    assert asked.headers["Strict-Transport-Security"].startswith("max-age=")
    assert at_the_root.get("/results/anything/picture.png").status_code == 401
    assert at_the_root.get("/health").json()["status"] == "ok"
    page = chromium.new_page()
    page.goto(at_the_root.url)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    page.close()


def test_a_member_goes_from_the_area_to_the_download_and_a_viewer_takes_it_too(
    at_the_root: Site, chromium: Browser, tmp_path: Path
) -> None:
    bert = at_the_root.visit(chromium, "bert@example.org")
    result = from_area_to_download(bert, tmp_path)
    vera = at_the_root.visit(chromium, "vera@example.org", result.removeprefix(at_the_root.url))
    vera.page.locator(PICTURE).wait_for()
    vera.settle()
    download(vera, tmp_path)
    vera.open(
        bert.page.url.removeprefix(at_the_root.url).replace("results", "acquisitions").replace("maxcc=40", "maxcc=70")
    )
    vera.see("a member may fetch this")
    assert vera.button("Fetch").count() == 0
    vera.look("viewer")
    bert.open("/members")
    bert.see("see the members")
    for here in (bert, vera):
        here.assert_clean()
        here.page.context.close()


def test_an_administrator_sees_whose_job_it_was(at_the_root: Site, chromium: Browser) -> None:
    anna = at_the_root.visit(chromium, "anna@example.org", "/activity")
    anna.settle()
    anna.see("bert@example.org")
    anna.open("/members")
    anna.see("Audit log")
    anna.look("administrator")
    anna.assert_clean()
    anna.page.context.close()


def test_a_stranger_is_told_so_and_gets_nothing(at_the_root: Site, chromium: Browser) -> None:
    mallory = at_the_root.visit(chromium, STRANGER)
    expect(mallory.page.locator("body")).to_contain_text("not a member here")
    answer = mallory.page.goto(f"{at_the_root.url}/activity")
    assert answer is not None and answer.status == 403
    mallory.page.context.close()


def test_an_administrator_at_the_terminal_gives_commands_as_the_account_of_the_services(at_the_root: Site) -> None:
    well = at_the_root.machine.command("health")
    assert (well.returncode, json.loads(well.stdout)["status"]) == (0, "ok"), well.stderr
    told = at_the_root.machine.command("doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    for words in (f"log in by oidc at {at_the_root.url}", "/var/lib/ninepatch is on a local disk", "1 worker lives"):
        assert words in " ".join(told.stdout.split()), told.stdout


def test_nothing_was_written_outside_the_home_and_nothing_of_it_is_others(at_the_root: Site) -> None:
    for path in at_the_root.machine.home.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert "Traceback" not in at_the_root.machine.said("web") + at_the_root.machine.said("worker")


@pytest.mark.timeout(400)
@pytest.mark.skipif(strict_is_missing(), reason="the strict provider is not installed: sh tests/deploy/install.sh")
def test_below_a_path_a_strict_provider_lets_a_member_in_as_far_as_the_download(
    host: None, archive: str, tmp_path: Path, browsing: Browsing
) -> None:
    with site(tmp_path, archive, strict_issuer, "/team") as below:
        browser = browsing(below.certificate)
        bert = below.visit(browser, "bert@example.org")
        from_area_to_download(bert, tmp_path)
        bert.assert_clean()
        browser.close()
