"""While the application is imported a browser gets its page; what the page asks waits for the application."""

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from services import starting

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PAGE = {"Referer": "http://127.0.0.1/team/"}
POLICY = "default-src 'self'"


@pytest.fixture
def url() -> Iterator[str]:
    """Of what answers below a base path, ended after."""
    listener = starting.listening("127.0.0.1", 0)
    with listener:
        starting.begin(listener, starting.Shell.present("/team", ["results"], POLICY))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/team"
        starting.end()


def test_a_browser_gets_the_page_that_becomes_the_application(url: str) -> None:
    for name in ("/", "/results?job=1"):
        came = requests.get(url + name, headers=BROWSER, timeout=30)
        assert came.status_code == 503 and came.headers["Retry-After"] == "1", (
            "programs still learn that it is not there"
        )
        assert came.headers["Content-Security-Policy"] == POLICY and came.headers["Cache-Control"] == "no-store"
        assert "Ninepatch is starting" in came.text and 'id="root"' in came.text
        scripts = re.findall(r'src="\./(static/js/[^"]+)"', came.text)
        assert scripts
        script = requests.get(f"{url}/{scripts[0]}", timeout=30)
        assert script.ok and "immutable" in script.headers["Cache-Control"]
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert script.content == (_streamlit() / scripts[0]).read_bytes()


def test_the_page_asks_ahead_for_the_scripts_of_its_elements(url: str) -> None:
    page = requests.get(f"{url}/", headers=BROWSER, timeout=30).text
    (listed,) = re.findall(r"for \(const part of (\[[^]]+\])\)", page)
    names = json.loads(listed)
    elements = {name.removeprefix("/team/static/js/").partition(".")[0] for name in names}
    assert elements >= {"Html", "Button", "ComponentInstance"} and len(elements) == len(names) == 7, "one file each"
    for name in names:
        script = requests.get(url.removesuffix("/team") + name, timeout=30)
        assert script.ok and script.content == (_streamlit() / name.removeprefix("/team/")).read_bytes()


def _streamlit() -> Path:
    found = find_spec("streamlit")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "static"


@pytest.mark.parametrize(
    "asked",
    ["/", "/health", "/_stcore/health", "/files/1/picture.png", "/static/../index.html", "/static/%2e%2e/index.html"],
)
def test_a_program_is_told_to_come_again(url: str, asked: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])), timeout=30) as connection:
        connection.sendall(f"GET /team{asked} HTTP/1.1\r\nHost: here\r\nAccept: */*\r\n\r\n".encode())
        answer = connection.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 503") and "default-src 'none'" in answer and "<script" not in answer


def test_what_has_no_page_is_none_for_a_browser(url: str) -> None:
    assert "<script" not in requests.get(f"{url}/files/1/all.zip", headers=BROWSER, timeout=30).text
    assert "<script" not in requests.post(f"{url}/", headers=BROWSER, timeout=30).text


def test_a_question_of_the_page_is_answered_once_the_application_listens(url: str) -> None:
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(requests.get, f"{url}/_stcore/health?a=1", headers=PAGE, timeout=30, allow_redirects=False)
        requests.get(f"{url}/", timeout=30)
        assert not asked.done(), "it waits"
        starting.end()
        came = asked.result()
    assert came.status_code == 307 and came.headers["Location"] == "/team/_stcore/health?a=1"


def test_other_processes_wait_for_a_page_that_somebody_waits_for(url: str) -> None:
    requests.get(f"{url}/health", timeout=30)
    assert starting.hold() == 0.0, "nobody looks"
    requests.get(f"{url}/", headers=BROWSER, timeout=30)
    assert 2.0 <= starting.hold() <= 3.0
    starting.end()
    assert starting.hold() == 0.0


def test_another_page_of_streamlit_is_not_dressed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "streamlit" / "static").mkdir(parents=True)
    (tmp_path / "streamlit" / "__init__.py").touch()
    (tmp_path / "streamlit" / "static" / "index.html").write_text("<title>Another</title>")
    monkeypatch.setattr("services.starting.shell.find_spec", lambda _: _Spec([str(tmp_path / "streamlit")]))
    assert starting.Shell.present("", [], POLICY) is None


class _Spec:
    def __init__(self, places: list[str]) -> None:
        self.submodule_search_locations = places
