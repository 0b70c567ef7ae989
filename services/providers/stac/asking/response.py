"""What the errors of a catalogue, and of the hosts of its files, mean."""

from http import HTTPStatus
from urllib.parse import urlsplit

from services.errors import (
    AcquisitionGone,
    BadResponse,
    ProviderError,
    ProviderUnreachable,
    RequestRefused,
    ServiceFailed,
)
from services.providers.http import Answer
from services.providers.stac.profile import Profile
from services.text import shorten

SECONDS = 1
"""To a second: in these a catalogue says how long to wait, where Sentinel Hub says milliseconds."""
WORDS = 200
"""Most characters of a service's words in a message."""
_BUSY = (b"SlowDown", b"ServerBusy")
"""Codes in a 503 by which object stores ask to wait (Amazon S3 and Azure Blob Storage, error codes)."""
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_HIDDEN = b"AccessDenied"
"""Code in a 403 for a key that is not there, where a bucket may be read and not listed (Amazon S3, GetObject)."""


def asks_to_wait(answer: Answer) -> bool:
    """Whether it is refused for now, because too much is asked."""
    if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return answer.status == HTTPStatus.TOO_MANY_REQUESTS
    return "retry-after" in answer.headers or any(code in answer.content[:2000] for code in _BUSY)


def check_status(answer: Answer, profile: Profile, url: str, *, file: bool) -> None:
    """Raise what an answer other than 2xx means, of a file or of the catalogue. Not for those that ask to wait."""
    if not 200 <= answer.status < 300:
        raise _meaning(answer, profile, url, file)


def _meaning(answer: Answer, profile: Profile, url: str, file: bool) -> ProviderError:
    host, what = urlsplit(url).netloc, f"{profile.title} at {urlsplit(url).netloc}"
    hidden = answer.status == HTTPStatus.FORBIDDEN and _HIDDEN in answer.content[:2000]
    if file and (answer.status in _GONE or (hidden and not profile.sign_url)):
        return AcquisitionGone(
            f"The file {file_name(url)} is not there any more, though {profile.title} names it.",
            "Ask again tomorrow: it may be processed again just now.",
        )
    if file and answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return BadResponse(
            f"The file {file_name(url)} of {profile.title} ends before the part that was asked for.",
            "Fetch it again: then all of it is read anew.",
        )
    if 300 <= answer.status < 400:
        return ProviderUnreachable(
            f"{profile.title} cannot be reached at {host}: instead of an answer comes a way to another address.",
            "Correct the provider's base_url, or see whether a proxy or a log-in page of the network stands between.",
        )
    if answer.status == HTTPStatus.FORBIDDEN and not file:
        return ServiceFailed(f"{what} answers nobody from here for now: {answer.reason}.", "Ask again later.")
    if answer.status >= 500:
        return ServiceFailed(f"{what} failed with {answer.reason}.", "Ask again later.")
    words = answer.reason if file else shorten(answer.words, WORDS).rstrip(".")
    return RequestRefused(
        f"{what} refused the request{f' for {file_name(url)}' if file else ''}: {words}.",
        "Check the provider's settings; if they are right, report the words above.",
    )


def file_name(url: str) -> str:
    """The end of an address's path, without what signs it: `S2A_T35VLG_20230607/B04.tif`."""
    return shorten("/".join(url.partition("?")[0].split("/")[-2:]), 80)
