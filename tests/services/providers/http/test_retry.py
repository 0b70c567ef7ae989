"""How hard one request is tried: tries, time, patience."""

import time
from pathlib import Path

import pytest

from services.errors import BadResponse, QuotaSpent, ServiceFailed
from services.providers.http import Answer
from services.providers.http import retry as retry_budget
from services.providers.http.retry import Postponed, RetryBudget
from services.settings import load_settings


def trying(home: Path, *, stopped: bool = False, **changes: object) -> RetryBudget:
    """The effort of one request under these settings."""
    return RetryBudget(load_settings(home=home, **changes), "Private", lambda: stopped)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second try follows at once."""
    monkeypatch.setattr(retry_budget, "BACKOFF_SECONDS", 0.001)


def test_the_first_success_is_given(tmp_path: Path) -> None:
    failures = [ServiceFailed("a."), BadResponse("b.")]

    def attempt() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert trying(tmp_path, tries=3).persist(attempt) == "done"


def test_the_last_error_says_how_often_it_was_tried(tmp_path: Path) -> None:
    def attempt() -> None:
        raise ServiceFailed("It failed.", "Wait.")

    with pytest.raises(ServiceFailed, match=r"It failed; it was tried 4 times\. Wait\."):
        trying(tmp_path, tries=4).persist(attempt)
    with pytest.raises(ServiceFailed, match=r"^It failed\. Wait\.$"):
        trying(tmp_path, tries=1).persist(attempt)


def test_what_does_not_pass_is_not_tried_again(tmp_path: Path) -> None:
    made = []

    def attempt() -> None:
        made.append(1)
        raise QuotaSpent("It is spent.")

    with pytest.raises(QuotaSpent):
        trying(tmp_path, tries=5).persist(attempt)
    assert len(made) == 1


def test_time_that_is_used_up_ends_the_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_budget, "BACKOFF_SECONDS", 100)
    monkeypatch.setattr(retry_budget, "LONGEST_BACKOFF", 100)

    def attempt() -> None:
        raise ServiceFailed("It failed.")

    begun = time.monotonic()
    with pytest.raises(ServiceFailed, match=r"^It failed\.$"):
        trying(tmp_path, tries=20, deadline_seconds=5).persist(attempt)
    assert time.monotonic() - begun < 5


def test_a_failure_with_bounds_of_its_own_is_not_tried_again(tmp_path: Path) -> None:
    made = []
    trial = trying(tmp_path, tries=5)

    def attempt() -> None:
        made.append(1)
        with trial.excused():
            raise ServiceFailed("No token.")

    with pytest.raises(ServiceFailed, match="No token"):
        trial.persist(attempt)
    assert len(made) == 1


def test_excused_time_moves_the_deadline(tmp_path: Path) -> None:
    trial = trying(tmp_path, deadline_seconds=10)
    before = trial.deadline
    with trial.excused():
        time.sleep(0.05)
    assert trial.deadline - before >= 0.05


def answer(**headers: str) -> Answer:
    return Answer(429, headers, b"", 0.1)


def test_a_wait_is_what_the_service_says_or_ten_seconds(tmp_path: Path) -> None:
    trial = trying(tmp_path)
    assert trial.postponement(3.398) == 3.398
    assert trial.postponement(None) == 10


def test_waits_that_say_nothing_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_budget, "BACKOFF_SECONDS", 0.5)
    trial = trying(tmp_path)
    waits = [trial.postponement(0.002) for _ in range(9)]  # a server that means seconds
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]


def test_patience_is_counted_over_all_waits(tmp_path: Path) -> None:
    trial = trying(tmp_path, patience_seconds=100)

    def attempt() -> None:
        with trial.excused():
            trial.waited(40)
        raise Postponed

    with pytest.raises(ServiceFailed, match="longer than 100 s"):
        trial.persist(attempt)
    assert trial.tries == 1
