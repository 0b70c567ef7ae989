"""Which provider is asked where nobody names one, and that a silent network holds no start up for long."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.errors import SettingsError
from services.providers import all_providers, choice, default_provider, find_provider, without_gaps
from services.recipe import Interval
from services.settings import Settings, load_settings
from tests.ports import free_port
from tests.services.providers.tiny_provider import register_open

LANDING = json.dumps({"type": "Catalog", "stac_version": "1.0.0", "links": []}).encode()


@contextmanager
def server(status: int = 200, body: bytes = LANDING, wait: float = 0.0) -> Iterator[str]:
    """A catalogue on this machine: its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ended.wait(wait)
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    ended = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}"
        finally:
            ended.set()
            listening.shutdown()
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts servers that live as long as the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(server(*args, **options))


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Catalogues at these addresses, and a setting → the name of the provider and why."""

    def choose(*addresses: str, provider: str = "auto", seconds: float = 10.0) -> tuple[str, str]:
        register_open(monkeypatch, *addresses)
        monkeypatch.setattr(choice, "SECONDS", seconds)
        choice._first_answer.cache_clear()
        default = default_provider(load_settings(home=tmp_path, provider=provider))
        return default.provider.name, default.why

    return choose


def unused() -> str:
    """Where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


def test_the_first_open_catalogue_that_answers_is_asked(
    serve: Callable[..., str], chosen: Callable[..., tuple[str, str]]
) -> None:
    name, why = chosen(serve(), serve())
    assert name == "open-1"
    assert why.startswith("Open catalogue 1 answered in 0.")


def test_the_second_one_stands_in_for_a_silent_first(
    serve: Callable[..., str], chosen: Callable[..., tuple[str, str]]
) -> None:
    assert chosen(unused(), serve())[0] == "open-2"
    begun = time.monotonic()
    assert chosen(serve(wait=60.0), serve(), seconds=0.5)[0] == "open-2"
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 302},
        {"status": 503},
        {"body": b"<html>Log in to the hotel</html>"},
        {"body": b"[1]"},
        {"body": b"{}"},
    ],
)
def test_what_is_no_catalogue_does_not_count_as_an_answer(
    answer: dict[str, object], serve: Callable[..., str], chosen: Callable[..., tuple[str, str]]
) -> None:
    assert chosen(serve(**answer))[0] == "demo"


def test_without_a_network_it_is_the_demo_archive_and_says_so(chosen: Callable[..., tuple[str, str]]) -> None:
    name, why = chosen(unused(), "http://no-such-name.invalid")
    assert name == "demo"
    assert "so the demo archive is used: simulated pixels. NINEPATCH_PROVIDER=open asks one all the same." in why


def test_who_insists_on_open_data_gets_the_first_and_the_error_when_it_is_asked(
    chosen: Callable[..., tuple[str, str]],
) -> None:
    name, why = chosen(unused(), unused(), provider="open")
    assert name == "open-1"
    assert "asked nevertheless" in why


def test_a_name_asks_nobody_at_the_start(
    monkeypatch: pytest.MonkeyPatch, chosen: Callable[..., tuple[str, str]]
) -> None:
    monkeypatch.setattr(choice, "_first_answer", None)
    register_open(monkeypatch, unused(), unused())
    for name in ("open-2", "demo", "copernicus"):
        assert find_provider(load_settings(provider=name)).name == name
        assert find_provider(load_settings(provider="demo"), name).name == name


def test_it_is_looked_up_once_in_a_process(chosen: Callable[..., tuple[str, str]], tmp_path: Path) -> None:
    with server() as address:
        first = chosen(address)
    assert default_provider(load_settings(home=tmp_path / "other", provider="auto")).why == first[1]


def test_a_setting_that_waits_for_open_data_without_any_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    register_open(monkeypatch)
    with pytest.raises(SettingsError, match="no provider 'open'; known are demo, "):
        find_provider(load_settings(provider="open"))


@pytest.mark.parametrize("name", ["auto", "open", "demo"])
def test_words_with_a_meaning_of_their_own_name_no_provider(name: str) -> None:
    with pytest.raises(SettingsError, match=f"The name {name} belongs to"):
        all_providers(load_settings(providers=[{"name": name, "base_url": "https://sh.example.org"}]))


def test_the_account_beside_the_choice_goes_to_nobody_where_none_is_named() -> None:
    account = {"client_id": "somebody", "client_secret": "hush", "base_url": "https://sh.example.org"}
    settings = load_settings(provider="auto", **account)
    assert [one.name for one in all_providers(settings) if one.ready and not one.open_data] == ["demo"]


def test_the_other_catalogue_is_offered_where_it_has_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    register_open(monkeypatch, unused(), unused(), holes=("It has nothing of 2017.", ""))
    settings: Settings = load_settings()
    first, second = (find_provider(settings, name) for name in ("open-1", "open-2"))
    year = Interval.of_year
    assert [one.name for one in without_gaps(settings, first, year(2017))] == ["open-2"]
    assert without_gaps(settings, first, year(2019)) == without_gaps(settings, second, year(2017)) == ()
