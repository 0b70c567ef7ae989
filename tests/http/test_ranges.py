"""Parts of files over HTTP: what an object store may do wrong, and the sentence that each of it is told by."""

import logging
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from services import __version__
from services.cancellation import never
from services.errors import (
    AcquisitionGone,
    BadResponse,
    Cancelled,
    ProviderUnreachable,
    RequestRefused,
    ServiceFailed,
)
from services.providers import Try, ignore
from services.providers.http import retry
from services.providers.stac import Client, Part
from tests.http.farend import Action, cut, hang, reply, reset, trickle
from tests.stac_archive import FILE, Open, StacArchive


def read(client: Client, stac: StacArchive, start: int = 10, length: int = 20, etag: str = "") -> Part:
    """A part of the file that is there."""
    return client.read_range(stac.url + FILE, start, length, etag, never, ignore)


def test_a_part_is_those_bytes_of_the_file(opening: Open, stac: StacArchive) -> None:
    client = opening()
    whole = stac.files[FILE]
    for start, length in ((0, 1), (10, 20), (1000, 50_000), (len(whole) - 5, 100)):
        part = read(client, stac, start, length)
        assert part == Part(whole[start : start + length], '"one"', len(whole))
    asked = stac.of("/files/")
    assert [one.headers["Range"] for one in asked][:2] == ["bytes=0-0", "bytes=10-29"]
    assert {one.headers["Accept-Encoding"] for one in asked} == {"identity"}
    assert not any("Authorization" in one.headers for one in stac.seen)
    assert {one.headers["User-Agent"] for one in stac.seen} == {f"ninepatch/{__version__}"}


def test_the_listener_hears_of_each_try(opening: Open, stac: StacArchive) -> None:
    stac.reads += [reply(500, b"oh"), reset]
    heard: list[Try | None] = []
    opening().read_range(stac.url + FILE, 0, 7, "", never, heard.append)
    assert [(one.status, one.bytes, one.units) if one else None for one in heard] == [
        (500, 2, None),
        None,
        (206, 7, None),
    ]


def test_a_key_that_a_bucket_without_a_list_does_not_have_is_gone(opening: Open, stac: StacArchive) -> None:
    """Amazon S3 says AccessDenied for it; of a signed file the same words mean another thing."""
    denied = b"<Error><Code>AccessDenied</Code></Error>"
    stac.reads += [reply(403, denied)]
    with pytest.raises(AcquisitionGone, match=r"granule/B04\.tif is not there"):
        read(opening(), stac)
    stac.reads += [reply(403, denied)] * 2
    with pytest.raises(RequestRefused):
        read(opening(signed=True), stac)


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_not_there_is_gone_at_once(opening: Open, stac: StacArchive, status: int) -> None:
    stac.reads.append(reply(status, b"<Error><Code>NoSuchKey</Code></Error>"))
    with pytest.raises(AcquisitionGone) as caught:
        read(opening(), stac)
    assert caught.value.cause == "The file granule/B04.tif is not there any more, though Archive names it."
    assert len(stac.seen) == 1


def test_of_a_whole_file_in_place_of_a_part_nothing_is_read(opening: Open, stac: StacArchive) -> None:
    sent: list[int] = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**11))
        handler.end_headers()
        handler.close_connection = True
        block = b"\0" * 2**16
        try:
            while True:
                handler.connection.sendall(block)
                sent.append(len(block))
        except OSError:
            return

    stac.reads += [endless] * 3
    heard: list[Try | None] = []
    with pytest.raises(
        BadResponse, match=r"^Archive answered with 200 OK for a part of granule/B04\.tif; .* 3 times\."
    ):
        opening().read_range(stac.url + FILE, 0, 7, "", never, heard.append)
    assert [(one.status, one.bytes) if one else None for one in heard] == [(200, 0)] * 3
    assert sum(sent) < 100e6, "what the sockets hold between both at most"


@pytest.mark.parametrize(
    ("stated", "content"),
    [
        ("bytes 0-19/102400", b"x" * 20),
        ("bytes 10-28/102400", b"x" * 19),
        ("bytes 10-29/102400", b"x" * 19),
        ("bytes 10-29/102400", b"x" * 21),
        ("bytes 10-19/25", b"x" * 10),
        ("bytes 10-29/*", b"x" * 20),
        ("", b"x" * 20),
    ],
)
def test_another_part_than_was_asked_for_is_a_bad_response(
    opening: Open, stac: StacArchive, stated: str, content: bytes
) -> None:
    stac.reads += [reply(206, content, Content_Range=stated)] * 3
    with pytest.raises(
        BadResponse, match=r"another part of granule/B04\.tif: .* 20 from 10 on were asked for; .*tried"
    ):
        read(opening(), stac)
    stac.reads.append(reply(206, content, Content_Range=stated))
    assert len(read(opening(), stac).content) == 20


def test_a_body_that_is_far_too_long_is_not_read_to_its_end(opening: Open, stac: StacArchive) -> None:
    stac.reads += [reply(206, b"x" * 10**6, Content_Range="bytes 10-29/102400")] * 3
    with pytest.raises(BadResponse, match=r"Archive answered with more than 0\.1 MB"):
        read(opening(), stac)


@pytest.mark.parametrize(
    "fault", [cut(b"x" * 20, 206), reset, reply(500), reply(502, b"<html>"), reply(503, b"<html>")]
)
def test_what_may_pass_is_asked_again_and_told_where_it_stays(opening: Open, stac: StacArchive, fault: Action) -> None:
    stac.reads += [fault, fault]
    assert len(read(opening(), stac).content) == 20
    stac.reads += [fault] * 3
    with pytest.raises(ServiceFailed, match=r"Archive at 127\.0\.0\.1:\d+ .*; it was tried 3 times\."):
        read(opening(), stac)


@pytest.mark.parametrize("fault", [hang, trickle(status=206), trickle(head=True)])
def test_an_answer_that_does_not_come_ends_with_the_deadline(opening: Open, stac: StacArchive, fault: Action) -> None:
    stac.reads += [fault] * 3
    with pytest.raises(ServiceFailed, match="took too long to answer"):
        read(opening(deadline_seconds=0.3), stac, length=1000)


def test_a_file_that_changed_meanwhile_is_told_and_not_asked_again(opening: Open, stac: StacArchive) -> None:
    client = opening()
    part = read(client, stac)
    assert read(client, stac, etag=part.etag) == part
    stac.etag = '"two"'
    with pytest.raises(BadResponse) as caught:
        read(client, stac, etag=part.etag)
    assert caught.value.cause == "The file granule/B04.tif of Archive was replaced while it was read."
    assert len(stac.seen) == 3
    assert read(client, stac).etag == '"two"'


def test_a_file_that_ends_before_the_part_was_replaced(opening: Open, stac: StacArchive) -> None:
    with pytest.raises(BadResponse, match=r"^The file granule/B04\.tif of Archive ends before the part"):
        read(opening(), stac, start=len(stac.files[FILE]))


@pytest.mark.parametrize(
    ("headers", "version"), [({"Last_Modified": "Sun, 01 Jun 2025 10:00:00 GMT"}, "Sun, 01"), ({}, "102400 bytes")]
)
def test_what_has_no_etag_has_its_date_or_its_size_as_version(
    opening: Open, stac: StacArchive, headers: dict[str, str], version: str
) -> None:
    stac.reads.append(reply(206, b"x" * 20, Content_Range="bytes 10-29/102400", **headers))
    client = opening()
    part = read(client, stac)
    assert part.etag.startswith(version)
    stac.reads.append(reply(206, b"x" * 20, Content_Range="bytes 10-29/102401"))
    with pytest.raises(BadResponse, match="was replaced while it was read"):
        read(client, stac, etag=part.etag)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(opening: Open, stac: StacArchive, status: int) -> None:
    stac.reads.append(reply(status, b"", Location=f"{stac.url}/files/elsewhere"))
    with pytest.raises(ProviderUnreachable, match="instead of an answer comes a way to another address"):
        read(opening(tries=1), stac)
    assert len(stac.seen) == 1


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example.org/files/granule/B04.tif",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://127.0.0.1.example.org/B04.tif",
        "https://someone@127.0.0.1.example.org/B04.tif",
        "https://[/B04.tif",
        "",
    ],
)
def test_a_host_that_is_not_listed_is_not_asked(opening: Open, stac: StacArchive, href: str) -> None:
    with pytest.raises(RequestRefused, match="on no host where files of Archive may lie"):
        opening().read_range(href, 0, 10, "", never, ignore)
    assert stac.seen == []


@pytest.mark.parametrize(
    "slow",
    [
        reply(429, b"", Retry_After="1"),
        reply(503, b"<Error><Code>SlowDown</Code></Error>", Retry_After="1"),
    ],
)
def test_all_wait_the_seconds_that_are_asked_for(opening: Open, stac: StacArchive, slow: Action) -> None:
    stac.reads.append(slow)
    client = opening(tries=1)
    threads = [threading.Thread(target=read, args=(client, stac)) for _ in range(4)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    waiting = client.waiting
    for thread in threads:
        thread.join()
    first, *others = stac.of("/files/")
    assert len(others) == 4
    assert min(one.at for one in others) - first.at >= 0.99
    assert waiting == "Archive asks to wait: about 1 s"
    assert client.waiting == ""


def test_a_slow_down_without_seconds_is_waited_for_too(
    opening: Open, stac: StacArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "LONGEST_BACKOFF", 0.3)
    stac.reads += [reply(503, b"<Error><Code>SlowDown</Code></Error>"), reply(503, b"Code: ServerBusy")]
    assert len(read(opening(tries=1), stac).content) == 20


def test_patience_with_a_service_that_asks_to_wait_has_an_end(opening: Open, stac: StacArchive) -> None:
    stac.reads.append(reply(429, b"", Retry_After="61"))
    with pytest.raises(ServiceFailed, match="asks to wait longer than 60 s"):
        read(opening(patience_seconds=60), stac)


def test_who_is_cancelled_while_waiting_ends(opening: Open, stac: StacArchive) -> None:
    stac.reads.append(reply(429, b"", Retry_After="30"))
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        opening().read_range(stac.url + FILE, 0, 7, "", lambda: bool(stac.seen), ignore)
    assert time.monotonic() - begun < 10


def test_no_more_connections_are_open_than_the_settings_allow(opening: Open, stac: StacArchive) -> None:
    client = opening(connections=3)
    threads = [threading.Thread(target=read, args=(client, stac, 0, 50_000)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stac.seen) == 24
    assert len({one.port for one in stac.seen}) <= 3


def test_one_signature_is_fetched_for_a_container(opening: Open, stac: StacArchive) -> None:
    client = opening(signed=True)
    threads = [threading.Thread(target=read, args=(client, stac)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.path for one in stac.of("/token/")] == ["/token/127/files"]
    assert {one.path for one in stac.of("/files/")} == {f"{FILE}?{stac.tokens[0]}"}


def test_a_signature_is_renewed_a_minute_early(opening: Open, stac: StacArchive) -> None:
    stac.life = timedelta(minutes=45)
    client = opening(signed=True)
    read(client, stac)
    renewed = client.signatures.expiry(stac.url + FILE)
    client.signatures._kept["127/files"] = replace(
        client.signatures._kept["127/files"], renewed=renewed - timedelta(minutes=44)
    )
    read(client, stac)
    assert len(stac.tokens) == 2


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_signature_lasts_by_the_services_clock_where_ours_is_wrong(
    opening: Open, stac: StacArchive, hours: int
) -> None:
    there = datetime.now(UTC) + timedelta(hours=hours)
    expiry = f"{there + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    stac.tokens.append("sig=hush")

    def sign(handler: BaseHTTPRequestHandler) -> None:
        handler.date_time_string = lambda *_: f"{there:%a, %d %b %Y %H:%M:%S} GMT"  # type: ignore[method-assign]
        reply(200, {"token": "sig=hush", "msft:expiry": expiry})(handler)

    stac.signings.append(sign)
    client = opening(signed=True)
    assert len(read(client, stac).content) == 20
    left = client.signatures.expiry(stac.url + FILE) - datetime.now(UTC)
    assert timedelta(minutes=50) < left < timedelta(minutes=60)
    assert len(stac.of("/token/")) == 1


def test_a_signature_that_is_refused_is_renewed_once(opening: Open, stac: StacArchive) -> None:
    client = opening(signed=True)
    read(client, stac)
    stac.revoked.add(stac.tokens[0])
    assert len(read(client, stac).content) == 20
    assert len(stac.tokens) == 2
    stac.reads += [reply(403, b"<Error/>")] * 2
    with pytest.raises(RequestRefused, match=r"refused the request for granule/B04\.tif: 403 Forbidden"):
        read(client, stac)
    assert len(stac.tokens) == 3


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<html>", Content_Type="text/html"),
        reply(200, {"token": "a b", "msft:expiry": "2999-01-01T00:00:00Z"}),
        reply(200, {"token": 7, "msft:expiry": "2999-01-01T00:00:00Z"}),
        reply(200, {"token": "sig=hush", "msft:expiry": "2001-01-01T00:00:00Z"}),
        reply(200, {"token": "sig=hush", "msft:expiry": "soon"}),
        reply(200, {"token": "sig=hush"}),
        reply(200, ["sig=hush"]),
    ],
)
def test_what_is_no_signature_is_told_without_its_words(opening: Open, stac: StacArchive, answer: Action) -> None:
    stac.signings += [answer] * 3
    with pytest.raises(BadResponse, match=r"request for a signature with something else \(200 OK\)") as caught:
        read(opening(signed=True), stac)
    assert "hush" not in str(caught.value)
    assert stac.of("/files/") == []


@pytest.mark.parametrize(
    "fault", [reply(404), reply(400, b'{"message": "sig=hush"}'), reset, reply(500), hang, reply(206, b"x")]
)
def test_no_error_and_no_log_has_the_signature(
    opening: Open, stac: StacArchive, fault: Action, caplog: pytest.LogCaptureFixture
) -> None:
    stac.reads += [fault] * 3
    client = opening(signed=True, deadline_seconds=1)
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception) as caught:
        read(client, stac)
    logging.getLogger("test").error("it failed", exc_info=caught.value)
    assert stac.tokens
    assert "hush" not in caplog.text
    assert "hush" not in f"{caught.value!r} {client.signatures._kept!r}"
