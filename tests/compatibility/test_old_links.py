"""Links that people have sent each other open what they opened, and spend nothing."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from tests.compatibility.before import EXPECTED, LINKS, link
from tests.compatibility.conftest import ROOT, Terminal
from tests.compatibility.present import chosen_by, compared_by
from tests.pages.seen import viewed

CHOOSING = [one for one in LINKS if "choices" in one]
COMPARING = [one for one in LINKS if "comparison" in one]
NUMBERED = [one for one in LINKS if "choices" not in one]

pytestmark = pytest.mark.usefixtures("components_found_once")


def query_of(one: dict[str, Any]) -> dict[str, str]:
    """As a browser gives it."""
    return dict(parse_qsl(one["query"]))


def named(one: dict[str, Any]) -> str:
    """The test's name."""
    return str(one["name"]).replace(" ", "-")


def opened(one: dict[str, Any]) -> AppTest:
    """Its page, as somebody who follows the link sees it."""
    page = AppTest.from_file(str(ROOT / "pages" / "frame.py"), default_timeout=60)
    page.query_params.update(query_of(one))
    page.run()
    page.switch_page(f"{one['page']}.py").run()
    assert not page.exception, page.exception
    return page


def html_of(page: AppTest) -> str:
    """Everything that is shown as HTML."""
    return "\n".join(element.body for element in page.html)


def texts_of(page: AppTest) -> list[str]:
    """Everything that is shown as plain text."""
    return [element.value for element in page.text]


def address(page: AppTest) -> dict[str, str]:
    """The query that the page shows."""
    return {key: value if isinstance(value, str) else value[-1] for key, value in page.query_params.items()}


def pictures(page: AppTest) -> list[str]:
    """Addresses of the pictures that the server has for the page."""
    return re.findall(r'<img[^>]* src="(/[^"]+\.png[^"]*)"', html_of(page))


@pytest.mark.parametrize("one", CHOOSING, ids=named)
def test_a_link_means_what_it_meant(one: dict[str, Any], home: Path) -> None:
    assert chosen_by(query_of(one)) == (one["choices"], one["digest"], [])


@pytest.mark.parametrize("one", COMPARING, ids=named)
def test_a_link_compares_what_it_compared(one: dict[str, Any], home: Path) -> None:
    assert compared_by(query_of(one)) == (one["comparison"], [])


@pytest.mark.parametrize("one", CHOOSING, ids=named)
def test_a_link_opens_its_page_with_its_area_and_stays_in_the_address(one: dict[str, Any], home: Path) -> None:
    page = opened(one)
    assert one["choices"]["area"] in texts_of(page)
    assert address(page) == query_of(one)
    assert not [text for text in texts_of(page) if "link" in text.lower()], "nothing of it was refused"


@pytest.mark.parametrize("one", NUMBERED, ids=named)
def test_a_link_with_a_number_alone_shows_the_picture_and_its_files(one: dict[str, Any], home: Path) -> None:
    page = opened(one)
    begin = f"/files/{one['digest']}/"
    assert viewed(page)["pictures"]["left"]["src"].startswith(f"{begin}picture.png")
    assert f'href="{begin}median.tif"' in html_of(page)
    assert query_of(one).items() <= address(page).items()


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("a picture", 4),
        ("a picture as an index", 4),
        ("a picture with a method, a veto and a grown mask", 3),
        ("a picture of fewer dates that nobody has made", 3),
    ],
)
def test_a_picture_is_shown_from_the_old_cache(name: str, dates: int, home: Path, terminal: Terminal) -> None:
    page = opened(link(name))
    html = html_of(page)
    assert pictures(page)
    assert f"<dd>{dates} of 8, scene cloud cover at most {link(name)['choices']['maxcc']} %</dd>" in html
    assert [one["id"] for one in terminal("jobs")["jobs"]] == [one["id"] for one in EXPECTED["jobs"]]
    reasons = [reason for _, reason in link(name)["choices"]["vetoes"]]
    assert all(any(reason in text for text in texts_of(page)) for reason in reasons)


def test_the_files_of_an_old_result_are_offered_beside_its_picture(home: Path) -> None:
    html = html_of(opened(link("a picture")))
    begin = f"/files/{link('a picture')['digest']}/"
    offered = set(re.findall(rf'href="{begin}([^"?]+)"', html))
    folder = home / "results" / link("a picture")["digest"]
    kept = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert kept - {"result.json"} <= offered


def test_two_old_years_are_compared_by_their_numbers(home: Path) -> None:
    page = opened(link("two years as their difference"))
    html = html_of(page)
    assert len(pictures(page)) >= 2
    assert "<dd>0.0516</dd>" in html and "<dd>−0.0003</dd>" in html, "0.0515 and −0.0005 of reduced bands, in 0.1"


def test_the_steps_lead_to_the_addresses_that_links_have(home: Path) -> None:
    page = opened(link("an area of the library on the map"))
    steps = {one.proto.page for one in page.get("page_link")}
    assert {"acquisitions", "results", "compare", "activity"} <= steps


def test_the_library_has_what_was_saved(home: Path) -> None:
    page = opened(link("an area of the library on the map"))
    assert any("Märkä suo" in text for text in texts_of(page))
