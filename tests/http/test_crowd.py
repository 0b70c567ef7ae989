"""One visitor does what stops others elsewhere, to the application as it is started; the others go on."""

import itertools
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from services.area import AreaStore, area_of_place
from services.settings import Settings
from tests.browser.conftest import Application, application
from tests.http.visitor import Visitor
from tests.services.places_by_name import place_called

HALF_SENT = 40
GRIDS = 40
FILE = 50 * 2**20
"""Bytes of the largest file that is taken."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home = tmp_path_factory.mktemp("crowd")
    with application(home, NINEPATCH_DEMO_URL="http://127.0.0.1:9", NINEPATCH_HALF_SENT=str(HALF_SENT)) as running:
        yield running


def test_health_is_answered_while_forty_grids_are_made(app: Application) -> None:
    aoi = area_of_place(place_called("Finland"), Settings.model_construct())
    AreaStore(app.home).keep(aoi)
    answered, order, first = itertools.count(), dict[str, int](), threading.Event()

    def grid(side: int) -> tuple[int, int]:
        answer = requests.get(f"{app.url}/grids/{aoi.digest}/{side}x250.json", timeout=120)
        first.set()
        return next(answered), answer.status_code

    with ThreadPoolExecutor(GRIDS) as pool:
        asked = [pool.submit(grid, 250 + number) for number in range(GRIDS)]  # more than Streamlit has threads
        assert first.wait(120)
        for look in range(3):
            assert requests.get(f"{app.url}/health", timeout=120).ok
            order[f"health {look}"] = next(answered)
        places = [one.result() for one in asked]
    assert {status for _, status in places} == {200}
    assert max(order.values()) < max(place for place, _ in places), "health waited for the grids"


def put(app: Application, session: str, number: int, method: str = "PUT") -> requests.Response:
    """As the frontend sends a file, with its protection against other sites' forms."""
    browser = requests.Session()
    browser.get(f"{app.url}/_stcore/health", timeout=60)
    browser.headers["X-Xsrftoken"] = browser.cookies.get("_streamlit_xsrf") or ""
    path = f"{app.url}/_stcore/upload_file/{session}/file-{number}"
    return browser.request(method, path, files={"file": ("a.geojson", bytes(FILE - 500))}, timeout=60)


def test_six_uploads_of_the_largest_size_are_three_and_the_page_says_why(app: Application) -> None:
    with Visitor(app.url) as visitor, Visitor(app.url) as other:
        visitor.run()
        other.run()
        answers = [put(app, visitor.session, number) for number in range(6)]
        assert [answer.status_code for answer in answers] == [204] * 3 + [413] * 3
        assert "more than 150 MB of files" in answers[3].text
        assert visitor.until_finished().finished, "the page ran again by itself"
        assert put(app, other.session, 0).status_code == 204, "another page has a budget of its own"
        assert put(app, visitor.session, 0, "DELETE").status_code == 204
        assert put(app, visitor.session, 10).status_code == 204, "a removed file gives its bytes back"


def test_half_sent_requests_make_room_for_whole_ones(app: Application) -> None:
    host, port = "127.0.0.1", int(app.url.rsplit(":", 1)[1])
    lines = [socket.create_connection((host, port), 30) for _ in range(HALF_SENT + 20)]
    for line in lines:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: np\r\nX-Slow: ")
    assert requests.get(f"{app.url}/health", timeout=60).ok
    lines[0].settimeout(60)
    assert lines[0].recv(100).startswith(b"HTTP/1.1 408 "), "the oldest one is over"
    for line in lines:
        line.close()


def test_a_page_runs_for_fifty_visitors_at_once(app: Application) -> None:
    def visit(number: int) -> bool:
        with Visitor(app.url, page=("area", "acquisitions", "results", "compare", "activity")[number % 5]) as visitor:
            return visitor.run(120).finished

    with ThreadPoolExecutor(50) as pool:
        assert all(pool.map(visit, range(50)))


def test_the_log_has_no_fault(app: Application) -> None:
    assert "fault " not in Path(app.home, "app.log").read_text()
