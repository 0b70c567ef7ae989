"""What an answer says about itself, and what its errors mean."""

import pytest
from pydantic import SecretStr
from requests.structures import CaseInsensitiveDict

from services.errors import BadResponse, CredentialsRefused, ProviderError, QuotaSpent, RequestRefused, ServiceFailed
from services.providers.http import Answer
from services.providers.sentinelhub import SentinelHub
from services.providers.sentinelhub.response import MILLISECONDS, check_status

PROVIDER = SentinelHub(
    "private",
    "Private",
    "https://sh.example.org",
    "https://sh.example.org/token",
    client_id="client-of-somebody",
    client_secret=SecretStr("hush-hush-secret"),
)


def answer(status: int = 200, content: bytes = b"", **headers: str) -> Answer:
    """One with these headers, as requests has them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CaseInsensitiveDict(named), content, 0.1)


@pytest.mark.parametrize(("header", "units"), [("1.66168212890625", 1.66168212890625), ("many", None)])
def test_units_are_what_the_header_says(header: str, units: float | None) -> None:
    assert answer(X_ProcessingUnits_Spent=header).units == units
    assert answer().units is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3398", 3.398),
        ("0", 0.0),
        ("-5", None),
        ("soon", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("9" * 40, None),
    ],
)
def test_a_wait_is_in_milliseconds(header: str, seconds: float | None) -> None:
    assert answer(429, Retry_After=header).retry_after(MILLISECONDS) == seconds
    assert answer(429).retry_after(MILLISECONDS) is None


def test_the_type_is_without_parameters() -> None:
    assert answer(Content_Type="Image/TIFF; charset=x").content_type == "image/tiff"
    assert answer().content_type == ""


def test_html_is_no_json() -> None:
    with pytest.raises(BadResponse, match="text/html where JSON was asked for"):
        answer(content=b"<html>", Content_Type="text/html").json()
    with pytest.raises(BadResponse):
        answer(content=b"[" * 100_000).json()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b'{"error":{"status":400,"message":"Missing or empty evalscript.","code":"X"}}',
            "Missing or empty evalscript.",
        ),
        (b'{"code":400,"description":"Unknown collection"}', "Unknown collection"),
        (b'{"error":"invalid_client","error_description":"Invalid client"}', "Invalid client"),
        (b'{"error":"invalid_scope"}', "invalid_scope"),
        (b"<html>", "400 Bad Request"),
        (b"", "400 Bad Request"),
        (b'{"error":{"message":{"a":1}}}', "400 Bad Request"),
        (b'{"error":{"message":"a\\nb\\u0007c"}}', "a b c"),
        (b"[1]", "400 Bad Request"),
    ],
)
def test_the_services_words_are_found_and_made_one_line(content: bytes, words: str) -> None:
    assert answer(400, content).words == words


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (400, b"", RequestRefused),
        (401, b"", CredentialsRefused),
        (403, b'{"error":{"code":"ACCESS_INSUFFICIENT_PROCESSING_UNITS"}}', QuotaSpent),
        (403, b'{"error":{"message":"Insufficient processing units or requests available"}}', QuotaSpent),
        (403, b'{"error":{"code":"COMMON_INSUFFICIENT_PERMISSIONS"}}', CredentialsRefused),
        (415, b"", RequestRefused),
        (500, b"", ServiceFailed),
        (504, b"<html>", ServiceFailed),
        (599, b"", ServiceFailed),
    ],
)
def test_each_status_has_its_error(status: int, content: bytes, kind: type[ProviderError]) -> None:
    with pytest.raises(kind) as caught:
        check_status(answer(status, content), PROVIDER)
    assert type(caught.value) is kind
    assert "Private" in caught.value.cause
    assert caught.value.cause.endswith(".")
    assert caught.value.remedy.endswith(".")


def test_success_has_none() -> None:
    check_status(answer(200), PROVIDER)
    check_status(answer(204), PROVIDER)


def test_a_secret_that_the_service_repeats_is_left_out() -> None:
    token = "eyJhbGciOiJSUzI1NiIsInR5.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlc2lnbmF0dXJl"
    content = f'{{"error":{{"message":"client-of-somebody, hush-hush-secret, {token}"}}}}'.encode()
    with pytest.raises(RequestRefused) as caught:
        check_status(answer(400, content), PROVIDER)
    assert "…, …, …" in caught.value.cause


def test_long_words_are_cut_after_the_secrets_are_gone() -> None:
    content = b'{"error":{"message":"' + b"x" * 290 + b" hush-hush-secret" + b'"}}'
    with pytest.raises(RequestRefused) as caught:
        check_status(answer(400, content), PROVIDER)
    assert "hush" not in caught.value.cause
    assert len(caught.value.cause) < 400
