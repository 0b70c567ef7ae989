"""What the check of a provider says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.providers import Step
from services.providers.sentinelhub import check_provider
from services.settings import Settings, load_settings
from tests.http.farend import FarEnd, reply
from tests.services.deployments import deployment


def checked(settings: Settings) -> list[tuple[str, bool]]:
    """Steps and whether they went well."""
    return [(step.step, step.ok) for step in check_provider(deployment(settings), settings)]


def test_the_demo_archive_works(archive: str, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, provider="demo", demo_url=archive)
    steps = check_provider(deployment(settings), settings)
    assert [(step.step, step.ok) for step in steps] == [("token", True), ("catalogue", True)]
    assert "60 minutes" in steps[0].sentence
    assert "sentinel-2-l2a with 1 item." in steps[1].sentence


def test_one_page_of_one_item_is_asked_for(end: FarEnd, configured: Callable[..., Settings]) -> None:
    end.ordinary = b'{"features": []}'
    assert checked(configured()) == [("token", True), ("catalogue", True)]
    assert [seen.json["limit"] for seen in end.asked] == [1]


@pytest.mark.parametrize(
    ("changes", "step", "words"),
    [
        ({"client_secret": ""}, "account", "No account is set"),
        ({"client_secret": "wrong"}, "token", "refused the account"),
        ({"token_url": "http://127.0.0.1:9/token", "tries": 1}, "token", "cannot be reached at 127.0.0.1:9"),
    ],
)
def test_what_does_not_work_is_the_last_step(
    configured: Callable[..., Settings], changes: dict[str, object], step: str, words: str
) -> None:
    settings = configured(**changes)
    (failed,) = check_provider(deployment(settings), settings)
    assert isinstance(failed, Step)
    assert (failed.step, failed.ok) == (step, False)
    assert words in failed.sentence


def test_a_catalogue_that_refuses_is_told_after_the_token(end: FarEnd, configured: Callable[..., Settings]) -> None:
    end.api.append(reply(400, {"code": 400, "description": "Unknown collection"}))
    assert checked(configured()) == [("token", True), ("catalogue", False)]
