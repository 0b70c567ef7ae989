"""One account over real sockets, with a far end that fails in every way that services fail."""

import logging
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sentinelhub.api.process import SentinelHubRequest
from sentinelhub.constants import CRS, MimeType, RequestType
from sentinelhub.download.models import DownloadRequest
from sentinelhub.geometry import BBox

from services.errors import (
    BadResponse,
    Cancelled,
    CredentialsMissing,
    CredentialsRefused,
    ProviderError,
    ProviderUnreachable,
    QuotaSpent,
    RequestRefused,
    ServiceFailed,
)
from services.providers.http import Answer, Connection, retry
from services.providers.http import connection as sockets
from services.providers.sentinelhub import Account, account_of
from services.settings import Settings, load_settings
from tests.http.farend import (
    CLIENT,
    SECRET,
    Action,
    FarEnd,
    cut,
    cut_chunks,
    far_end,
    hang,
    reply,
    reset,
    trickle,
)
from tests.services.deployments import deployment

Open = Callable[..., Account]
QUOTA = {
    "error": {
        "status": 403,
        "reason": "Forbidden",
        "message": "Insufficient processing units or requests available in your account.",
        "code": "ACCESS_INSUFFICIENT_PROCESSING_UNITS",
    }
}


def asking(account: Account, path: str = "/api/v1/process", **values: object) -> DownloadRequest:
    """A request of sentinelhub's own type."""
    return DownloadRequest(
        url=account.provider.base_url + path, request_type=RequestType.POST, post_values=values, use_session=True
    )


def content(answer: Answer) -> bytes:
    """Accepts everything."""
    return answer.content


def only_ok(answer: Answer) -> str:
    """Accepts the far end's ordinary answer."""
    if answer.content != b'{"ok": true}':
        raise BadResponse("The answer is not the ordinary one.", "Ask again.")
    return "ok"


def test_an_answer_comes_back_with_what_it_cost_and_how_it_came(end: FarEnd, opened: Open) -> None:
    end.api += [reply(200, b"pixels", X_ProcessingUnits_Spent="8.25")]
    account = opened()
    answer = account.send(asking(account, width=990), lambda answer: answer)
    assert (answer.status, answer.content, answer.units, answer.tries) == (200, b"pixels", 8.25, 1)
    assert end.asked[0].json == {"width": 990}
    assert end.asked[0].headers["Authorization"] == f"Bearer {end.tokens[0]}"


@pytest.mark.parametrize(
    "fault",
    [
        reply(500, {"error": {"message": "java.lang.Exception", "code": "RENDERER_EXCEPTION"}}),
        reply(503, b"<html>maintenance</html>"),
        reply(200, b"<html>maintenance</html>", Content_Type="text/html"),
        reply(200, b""),
        reset,
        cut(b'{"ok": true}' * 1000),
        cut_chunks(b'{"ok": true}'),
    ],
    ids=["500", "503", "html with 200", "empty", "reset", "cut", "cut in chunks"],
)
def test_a_fault_that_passes_is_asked_again(end: FarEnd, opened: Open, fault: Action) -> None:
    end.api += [fault, fault]
    account = opened()
    assert account.send(asking(account), only_ok) == "ok"
    assert len(end.asked) == 3


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (reply(502, b"<html>"), ServiceFailed, "502 Bad Gateway; it was tried 3 times"),
        (reset, ServiceFailed, "broke off; it was tried 3 times"),
        (cut(b"x" * 1000), ServiceFailed, "broke off"),
        (reply(200, b"<html>"), BadResponse, "not the ordinary one; it was tried 3 times"),
        (reply(302, b"", Location="https://elsewhere.example/api"), ProviderUnreachable, "another address"),
    ],
    ids=["502", "reset", "cut", "html", "redirect"],
)
def test_a_fault_that_stays_ends_after_the_tries(
    end: FarEnd, opened: Open, fault: Action, kind: type[ProviderError], words: str
) -> None:
    end.api += [fault] * 10
    account = opened()
    with pytest.raises(kind, match=words) as caught:
        account.send(asking(account), only_ok)
    assert caught.value.remedy
    assert len(end.asked) == 3


def test_a_redirect_is_not_followed(end: FarEnd, opened: Open) -> None:
    with far_end() as elsewhere:
        end.api += [reply(307, b"", Location=elsewhere.url + "/api/v1/process")] * 3
        account = opened()
        with pytest.raises(ProviderUnreachable):
            account.send(asking(account), content)
        assert elsewhere.seen == []


@pytest.mark.parametrize("how", [{}, {"head": True}, {"chunked": True}], ids=["body", "head", "chunk"])
def test_an_answer_that_trickles_ends_at_the_deadline(end: FarEnd, opened: Open, how: dict[str, bool]) -> None:
    end.api += [trickle(**how)] * 3
    account = opened(deadline_seconds=1)
    begun = time.monotonic()
    with pytest.raises(ServiceFailed, match="too long"):
        account.send(asking(account), content)
    assert time.monotonic() - begun < 20  # of the minute that it would take


def test_an_answer_that_is_stuck_is_asked_again_before_the_deadline(
    end: FarEnd, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "GRACE_SECONDS", 0.3)
    end.api += [trickle()]
    account = opened(deadline_seconds=50)
    assert account.send(asking(account), only_ok) == "ok"
    assert len(end.asked) == 2


def test_a_service_that_says_nothing_ends_at_the_deadline(end: FarEnd, opened: Open) -> None:
    end.api += [hang] * 3
    account = opened(deadline_seconds=0.5)
    with pytest.raises(ServiceFailed, match="too long"):
        account.send(asking(account), content)


def test_a_large_answer_has_all_the_time_of_its_deadline(end: FarEnd, opened: Open) -> None:
    end.api += [reply(200, bytes(20_000_000))]
    account = opened()
    assert len(account.send(asking(account), content)) == 20_000_000


def test_an_answer_without_an_end_is_not_read_on(end: FarEnd, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.providers.http.connection.MAX_BYTES", 100_000)
    end.api += [reply(200, bytes(300_000))] * 3
    account = opened()
    with pytest.raises(BadResponse, match="more than"):
        account.send(asking(account), content)


def test_one_wait_that_the_service_asks_for_holds_all_threads(end: FarEnd, opened: Open) -> None:
    end.api += [reply(429, b"", Retry_After="600")]
    account = opened()
    begun = time.monotonic()
    with pytest.raises(Cancelled):  # the first to meet it goes away, and the wait stays
        account.send(asking(account), content, cancelled=lambda: account.rate_limiter.held > 0)
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: account.send(asking(account), only_ok), range(8)))
    assert done == ["ok"] * 8
    assert len(end.asked) == 9
    assert all(seen.at - end.asked[0].at >= 0.55 for seen in end.asked[1:])
    assert time.monotonic() - begun < 20


def test_a_wait_is_neither_a_try_nor_counted_in_the_deadline(end: FarEnd, opened: Open) -> None:
    end.api += [reply(429, b"", Retry_After="300")] * 5
    account = opened(tries=2, deadline_seconds=1)
    answer = account.send(asking(account), lambda answer: answer)
    assert answer.tries == 1
    assert len(end.asked) == 6
    assert end.asked[-1].at - end.asked[0].at >= 1.4


def test_a_service_that_asks_to_wait_for_ever_ends_the_patience(end: FarEnd, opened: Open) -> None:
    end.api += [reply(429, b"", Retry_After="100")] * 1000
    account = opened(patience_seconds=1)
    with pytest.raises(ServiceFailed, match="asks to wait longer than 1 s"):
        account.send(asking(account), content)
    assert 2 <= len(end.asked) < 20


def test_a_wait_beyond_the_patience_is_not_begun(end: FarEnd, opened: Open) -> None:
    end.api += [reply(429, b"", Retry_After="3600000")]
    account = opened(patience_seconds=900)
    begun = time.monotonic()
    with pytest.raises(ServiceFailed, match="15 minutes"):
        account.send(asking(account), content)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("phase", ["wait", "token", "back-off"])
def test_a_stopped_job_ends_while_it_waits(
    end: FarEnd, opened: Open, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "BACKOFF_SECONDS", 100 if phase == "back-off" else 0.01)
    monkeypatch.setattr(retry, "LONGEST_BACKOFF", 100.0)
    waiting = reply(429, b"", Retry_After="500000")
    (end.token if phase == "token" else end.api).append(reply(500) if phase == "back-off" else waiting)
    account = opened(deadline_seconds=300)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        account.send(asking(account), content, cancelled=stop.is_set)
    assert time.monotonic() - begun < 20


def test_a_refused_token_is_renewed_once_for_all_threads(end: FarEnd, opened: Open) -> None:
    account = opened()
    account.send(asking(account), only_ok)
    end.revoked |= set(end.tokens)
    together = threading.Barrier(8)

    def ask(_: int) -> str:
        together.wait(timeout=20)
        return account.send(asking(account), only_ok)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == ["ok"] * 8
    assert len(end.token_requests) == 2


def test_a_token_that_is_refused_for_ever_ends_at_once(end: FarEnd, opened: Open) -> None:
    account = opened()
    end.api += [reply(401, {"error": {"message": "You are not authorized!"}})] * 10
    with pytest.raises(CredentialsRefused, match="just now is not accepted") as caught:
        account.send(asking(account), content)
    assert "NINEPATCH_CLIENT_SECRET" in caught.value.remedy
    assert len(end.asked) == 2
    assert len(end.token_requests) == 2


def test_many_threads_that_begin_together_fetch_one_token(end: FarEnd, opened: Open) -> None:
    account = opened()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: account.send(asking(account), only_ok), range(16)))
    assert len(end.token_requests) == 1


def test_connections_are_kept_and_shared(end: FarEnd, opened: Open) -> None:
    account = opened(connections=4)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: account.send(asking(account), only_ok), range(64)))
    assert len({seen.port for seen in end.seen}) <= 4


def test_a_short_lived_token_serves_more_than_one_request(end: FarEnd, opened: Open) -> None:
    end.life = 60  # less than the two minutes before its end in which sentinelhub renews
    account = opened()
    for _ in range(5):
        account.send(asking(account), only_ok)
    assert len(end.token_requests) == 1


def test_a_token_that_ends_is_fetched_anew(end: FarEnd, opened: Open) -> None:
    end.life = 0.001
    account = opened()
    account.send(asking(account), only_ok)
    time.sleep(0.01)
    account.send(asking(account), only_ok)
    assert len(end.token_requests) >= 2


@pytest.mark.parametrize(
    "faults",
    [[reply(429, b"", Retry_After="20")] * 2, [reply(500), reply(503, b"<html>")], [reset], [cut(b"{}" * 99)]],
    ids=["429", "5xx", "reset", "cut"],
)
def test_a_token_is_asked_for_again_where_the_fault_passes(end: FarEnd, opened: Open, faults: list[Action]) -> None:
    end.token += faults
    account = opened()
    assert account.send(asking(account), only_ok) == "ok"
    assert len(end.token_requests) == len(faults) + 1


def test_a_token_that_does_not_come_is_tried_as_often_as_anything(end: FarEnd, opened: Open) -> None:
    end.token += [reply(500)] * 100
    account = opened()
    with pytest.raises(ServiceFailed, match="tried 3 times"):
        account.send(asking(account), only_ok)
    assert len(end.token_requests) == 3
    assert end.asked == []


def test_a_token_request_that_trickles_ends_at_the_deadline(end: FarEnd, opened: Open) -> None:
    end.token += [trickle()] * 3
    account = opened(deadline_seconds=1)
    begun = time.monotonic()
    with pytest.raises(ServiceFailed, match="too long"):
        account.send(asking(account), only_ok)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "body",
    [b"<html>", {"token": "x"}, {"access_token": "", "expires_in": 0}, {"access_token": "a\r\nX: y"}, [1]],
    ids=["html", "none", "empty", "header injection", "list"],
)
def test_a_token_that_is_none_is_a_bad_response(end: FarEnd, opened: Open, body: object) -> None:
    end.token += [reply(200, body)] * 3
    account = opened()
    with pytest.raises(BadResponse, match="token"):
        account.send(asking(account), only_ok)


def test_a_refused_login_says_so_and_is_not_repeated(end: FarEnd, opened: Open) -> None:
    account = opened(client_secret="wrong-wrong-wrong")
    with pytest.raises(CredentialsRefused, match="Invalid client credentials") as caught:
        account.send(asking(account), only_ok)
    assert "wrong-wrong-wrong" not in str(caught.value)
    assert len(end.token_requests) == 1


def test_a_missing_account_says_what_to_set(configured: Callable[..., Settings]) -> None:
    settings = configured(client_id="", client_secret="")
    with pytest.raises(CredentialsMissing, match="NINEPATCH_CLIENT_ID"):
        account_of(deployment(settings), settings)


def test_a_spent_quota_stops_those_that_wait_and_not_those_that_come(end: FarEnd, opened: Open) -> None:
    account = opened()
    arrived, entered, go = threading.Event(), threading.Event(), threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        assert go.wait(20)
        reply(403, QUOTA)(handler)

    def observations() -> bool:
        entered.set()
        return False

    end.api.append(late)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(account.send, asking(account), only_ok)
        assert arrived.wait(20)
        account.rate_limiter.hold(1)
        second = threads.submit(account.send, asking(account), only_ok, cancelled=observations)
        assert entered.wait(20)
        go.set()
        for sent in (first, second):
            with pytest.raises(QuotaSpent):
                sent.result(timeout=30)
    assert len(end.asked) == 1
    assert account.send(asking(account), only_ok) == "ok"


def test_a_spent_quota_is_not_asked_again(end: FarEnd, opened: Open) -> None:
    end.api += [reply(403, QUOTA)] * 3
    account = opened()
    with pytest.raises(QuotaSpent, match="month") as caught:
        account.send(asking(account), only_ok)
    assert "next month" in caught.value.remedy
    assert len(end.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (
            400,
            {"error": {"message": "Collection 'S2L1C' has no band 'SCL'", "code": "COMMON_EXCEPTION"}},
            RequestRefused,
            "has no band 'SCL'",
        ),
        (400, {"code": 400, "description": "Unknown collection"}, RequestRefused, "Unknown collection"),
        (404, b"<html>not here</html>", RequestRefused, "404 Not Found"),
        (
            403,
            {"error": {"message": "No permission", "code": "COMMON_INSUFFICIENT_PERMISSIONS"}},
            CredentialsRefused,
            "No",
        ),
    ],
    ids=["process", "catalogue", "html", "forbidden"],
)
def test_a_refusal_is_told_in_the_services_words_and_not_repeated(
    end: FarEnd, opened: Open, status: int, body: object, kind: type[ProviderError], words: str
) -> None:
    end.api += [reply(status, body)] * 3
    account = opened()
    with pytest.raises(kind, match=words):
        account.send(asking(account), content)
    assert len(end.asked) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://nowhere.invalid"])
def test_an_unreachable_provider_is_named_with_the_reason(
    configured: Callable[..., Settings], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    settings = configured(base_url=url, token_url=url + "/token", tries=2)
    account = Account(deployment(settings), settings)
    with pytest.raises(ProviderUnreachable, match=url.partition("//")[2]) as caught:
        account.send(asking(account), content)
    assert "base_url" in caught.value.remedy
    assert "tried 2 times" in caught.value.cause
    account.close()


def test_a_token_is_not_sent_to_another_address(end: FarEnd, opened: Open) -> None:
    account = opened()
    with far_end() as elsewhere, pytest.raises(RequestRefused, match="not sent"):
        account.send(DownloadRequest(url=elsewhere.url + "/api", request_type=RequestType.POST), content)
    with pytest.raises(RequestRefused, match="not sent"):
        account.send(DownloadRequest(url=end.url + ".evil.example/api", request_type=RequestType.POST), content)
    assert elsewhere.seen == end.seen == []


def test_the_users_netrc_does_not_replace_the_token(
    end: FarEnd, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    account = opened()
    account._connection._session.trust_env = True  # as it is for an address that is not this machine's
    assert account.send(asking(account), only_ok) == "ok"


def test_a_proxy_is_not_asked_for_this_machine(end: FarEnd, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    account = opened()
    assert account.send(asking(account), only_ok) == "ok"


def test_secrets_are_in_no_message_log_or_representation(
    end: FarEnd, opened: Open, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    account = opened()
    said = [repr(account), repr(account.provider), str(account.provider), repr(account.bearer)]
    echo = {
        "error": {"message": f"client {CLIENT} with {SECRET} and Bearer header0000.payloadpayloadpayload.signature"}
    }
    for fault in (reply(400, echo), reply(403, echo), reply(500, echo), reset, reply(200, b"<html>")):
        end.api += [fault] * 3
        with pytest.raises(ProviderError) as caught:
            account.send(asking(account), only_ok)
        said += [str(caught.value), repr(caught.value)]
        end.api.clear()
    end.token += [reply(401, echo)]
    end.revoked |= set(end.tokens)
    with pytest.raises(CredentialsRefused) as refused:
        account.send(asking(account), only_ok)
    captured = capsys.readouterr()
    said += [str(refused.value), caplog.text, captured.out, captured.err]
    for secret in (SECRET, CLIENT, SECRET[-4:], *end.tokens):
        assert not any(secret in words for words in said), secret
    assert SECRET not in repr(account.__dict__)


def test_sentinelhubs_own_requests_go_to_the_providers_address_and_leave_no_file(
    end: FarEnd, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "somebody"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("SH_CLIENT_ID", "somebody-else")
    account = opened()
    request = SentinelHubRequest(
        evalscript="//VERSION=3",
        input_data=[
            SentinelHubRequest.input_data(account.provider.data_collection, time_interval=("2017-06-07", "2017-06-08"))
        ],
        responses=[SentinelHubRequest.output_response("default", MimeType.TIFF)],
        bbox=BBox((390_000, 6_738_000, 399_900, 6_747_900), CRS("32635")),
        size=(990, 990),
        config=account.config,
    )
    assert account.send(request.download_list[0], only_ok) == "ok"
    assert end.asked[0].path == "/api/v1/process"
    assert end.asked[0].headers["accept"] == "image/tiff"
    assert end.asked[0].json["input"]["data"][0]["type"] == "sentinel-2-l2a"
    assert list(home.rglob("*")) == []


def test_one_account_is_shared_by_all_who_have_the_same_settings(configured: Callable[..., Settings]) -> None:
    settings = configured()
    assert account_of(deployment(settings), settings) is account_of(deployment(configured()), configured())
    other = configured(tries=9)
    assert account_of(deployment(other), other) is not account_of(deployment(settings), settings)


def test_a_demo_archive_that_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, provider="demo")
    with pytest.raises(ProviderUnreachable, match=r"cli\.py demo"):
        account_of(deployment(settings), settings)


def test_trickling_ends_at_the_deadline_over_tls_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    settings = load_settings(
        home=tmp_path,
        provider="private",
        base_url="https://localhost:1",
        token_url="https://localhost:1/token",
    )
    with far_end(context) as end:
        provider = replace(deployment(settings), base_url=end.url, token_url=end.url + "/token")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        connection = Connection(provider.title, 2, lambda url: "Look at the network.")
        connection._session.trust_env = True  # for the certificate
        end.token += [trickle(), reply(200, b"whole")]
        url = end.url + "/auth/realms/main/protocol/openid-connect/token"
        begun = time.monotonic()
        with pytest.raises(ServiceFailed, match="too long"):
            connection.exchange("POST", url, time.monotonic() + 1)
        assert time.monotonic() - begun < 20
        assert connection.exchange("POST", url, time.monotonic() + 20).content == b"whole"
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        strict = Connection(provider.title, 2, lambda url: "Look at the network.")
        with pytest.raises(ProviderUnreachable, match="certificate"):
            strict.exchange("POST", url, time.monotonic() + 20)
        connection.close()
        strict.close()
