"""An address of tokens that is not the right one is named as such, and not taken for a wrong account."""

from collections.abc import Callable

import pytest
from sentinelhub.constants import RequestType
from sentinelhub.download.models import DownloadRequest

from services.errors import CredentialsRefused, ProviderUnreachable, RequestRefused
from services.providers.sentinelhub import Account
from tests.http.farend import TOKEN_PATH, Action, FarEnd, reply

Open = Callable[..., Account]


def asking(end: FarEnd) -> DownloadRequest:
    """A request, for which a token is needed."""
    return DownloadRequest(url=end.url + "/api/v1/process", request_type=RequestType.POST, use_session=True)


@pytest.mark.parametrize(
    "answer",
    [
        reply(404, b"<html>not here</html>", Content_Type="text/html"),
        reply(405, {"error": "method not allowed"}),
        reply(302, b"", Location="https://login.example/"),
        reply(400, {"error": "unsupported_grant_type"}),
    ],
)
def test_a_wrong_token_url_is_named_as_such(end: FarEnd, opened: Open, answer: Action) -> None:
    end.token += [answer]
    with pytest.raises(RequestRefused) as caught:
        opened().send(asking(end), lambda answer: answer.content)
    assert f"{end.url}{TOKEN_PATH}" in caught.value.cause
    assert "token_url" in caught.value.remedy and "base_url" not in str(caught.value)


def test_a_token_of_another_service_is_named_beside_the_account(end: FarEnd, opened: Open) -> None:
    elsewhere = end.url.replace("127.0.0.1", "localhost") + TOKEN_PATH
    end.api += [reply(401, {"error": {"message": "no"}})] * 2
    with pytest.raises(CredentialsRefused, match="just now is not accepted") as caught:
        opened(token_url=elsewhere).send(asking(end), lambda answer: answer.content)
    assert elsewhere in caught.value.cause and "must belong to" in caught.value.cause


def test_an_address_where_nobody_listens_is_named_by_its_setting(end: FarEnd, opened: Open) -> None:
    with pytest.raises(ProviderUnreachable) as caught:
        opened(token_url="http://127.0.0.1:9/token", tries=1).send(asking(end), lambda answer: answer.content)
    assert "127.0.0.1:9" in caught.value.cause
    assert "token_url, and then its base_url," in caught.value.remedy
