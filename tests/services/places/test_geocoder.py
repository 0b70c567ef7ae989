"""The online geocoder against a real server on this machine that answers as it is told."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from services.errors import BadResponse, NinepatchError, ProviderUnreachable, ServiceFailed, SettingsError
from services.places import Geocoder, area_of_answer, area_of_words, geocoder_of
from services.settings import Settings
from tests.ports import free_port

PARK = {
    "lat": "61.05", "lon": "24.05", "display_name": "Liesjärvi National Park, Tammela, Finland",
    "type": "national_park",
    "boundingbox": ["60.64", "61.10", "23.80", "24.10"], "licence": "Data © OpenStreetMap contributors, ODbL 1.0.",
}  # fmt: skip


class Far(BaseHTTPRequestHandler):
    """A search of Nominatim's kind."""

    answer: ClassVar[bytes] = b""
    status: ClassVar[int] = 200
    asked: ClassVar[list[tuple[dict[str, list[str]], str]]] = []

    def do_GET(self) -> None:
        self.asked.append((parse_qs(urlsplit(self.path).query), self.headers["User-Agent"]))
        self.send_response(self.status)
        self.send_header("Location", "http://localhost:1/")
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Far) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/search"
        running.shutdown()


@pytest.fixture
def geocoder(server: str) -> Iterator[Geocoder]:
    Far.asked.clear()
    Far.status, Far.answer = 200, json.dumps([PARK]).encode()
    yield Geocoder(server, sleep=lambda _: None)


def test_an_answer_is_a_place_with_its_box_and_its_attribution(geocoder: Geocoder) -> None:
    (found,) = geocoder.search(" Liesjärvi\n")
    assert (found.name, found.kind) == ("Liesjärvi National Park, Tammela, Finland", "national park")
    assert found.bounds == (23.80, 60.64, 24.10, 61.10) and "OpenStreetMap" in found.attribution
    ((query, agent),) = Far.asked
    assert query["q"] == ["Liesjärvi"] and query["format"] == ["jsonv2"] and query["limit"] == ["5"]
    assert agent.startswith("ninepatch/")
    aoi = area_of_answer(found, Settings.model_construct(), 3300)
    assert aoi.bounds == pytest.approx(found.bounds) and "from the geocoder" in aoi.notes[0]


def test_the_same_words_are_asked_once(geocoder: Geocoder) -> None:
    assert geocoder.search("Liesjärvi") == geocoder.search(" Liesjärvi ") and len(Far.asked) == 1


def test_two_questions_are_a_second_apart(server: str) -> None:
    waits: list[float] = []
    geocoder = Geocoder(server, clock=lambda: 100.0 + sum(waits), sleep=waits.append)
    Far.status, Far.answer = 200, b"[]"
    for words in ("one", "two", "three"):
        geocoder.search(words)
    assert waits == [1.0, 1.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lat": "x"}, {"lat": "nan"}, {"lon": "181"}, {"lat": "inf"}, {"boundingbox": [1, 2]}, {"display_name": 7},
        {"boundingbox": ["61", "60", "23", "24"]}, {"lat": None}, {"boundingbox": "abcd"}, {"display_name": " "},
    ],
)  # fmt: skip
def test_what_is_no_place_on_earth_is_left_out(geocoder: Geocoder, wrong: dict[str, Any]) -> None:
    Far.answer = json.dumps([PARK | wrong, 7, None, PARK]).encode()
    assert [one.kind for one in geocoder.search("x")] == ["national park"]


def test_words_of_an_answer_are_one_line_without_what_does_not_show(geocoder: Geocoder) -> None:
    Far.answer = json.dumps([PARK | {"display_name": "A\n\u202eb" + "c" * 5000}]).encode()
    (found,) = geocoder.search("x")
    assert found.name.startswith("A b") and len(found.name) <= 200


@pytest.mark.parametrize(
    ("status", "answer", "kind", "words"),
    [
        (200, b"<html>", BadResponse, "did not answer with a list"),
        (200, b'{"a": 1}', BadResponse, "did not answer with a list"),
        (200, b"[" * 100_000, BadResponse, "did not answer with a list"),
        (200, b" " * 300_000, BadResponse, "too long or too slow"),
        (302, b"", ServiceFailed, "status 302"),
        (500, b"", ServiceFailed, "status 500"),
    ],
)
def test_a_bad_answer_is_a_sentence(
    geocoder: Geocoder, status: int, answer: bytes, kind: type[NinepatchError], words: str
) -> None:
    Far.status, Far.answer = status, answer
    with pytest.raises(kind, match=words) as raised:
        geocoder.search("x")
    assert raised.value.remedy


def test_one_that_does_not_answer_is_said_to() -> None:
    with pytest.raises(ProviderUnreachable, match=r"geocoder 127\.0\.0\.1 cannot be reached"):
        Geocoder(f"http://127.0.0.1:{free_port()}/search").search("x")


@pytest.mark.parametrize(
    "url",
    ["http://example.org/search", "ftp://localhost/x", "search", "https://u:p@example.org/s", "https://a.b/s?q=1"],
)
def test_only_https_or_this_machine_is_asked(url: str) -> None:
    with pytest.raises(SettingsError, match="geocoder_url"):
        Geocoder(url)


def test_it_is_off_by_default_and_asked_for_what_the_bundled_places_lack(geocoder: Geocoder) -> None:
    assert geocoder_of(Settings.model_construct()) is None
    limits = Settings.model_construct()
    assert area_of_words("Helsinki", limits, geocoder=geocoder).name.startswith("Helsinki") and not Far.asked
    assert area_of_words("Liesjärven leirintäalue", limits, geocoder=geocoder).name == PARK["display_name"]
    assert [query["q"] for query, _ in Far.asked] == [["Liesjärven leirintäalue"]]
