"""Parts of pages ask less often where many are open, so that all together ask no more than a few do."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from pages.limits import every, pace, turn


@pytest.mark.parametrize(("pages", "seconds"), [(1, 0.4), (10, 0.4), (20, 0.8), (50, 2.0)])
def test_fifty_pages_ask_as_often_as_ten(pages: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "open_pages", lambda: pages)
    assert every(0.4) == pytest.approx(seconds)
    assert pages / every(0.4) <= 10 / 0.4 + 1e-9


def test_a_few_pages_run_at_once_and_the_others_have_their_turn_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "TURN_SECONDS", 60.0)
    running, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(pace.AT_ONCE)

    def page(number: int) -> None:
        nonlocal running, most
        with turn():
            with lock:
                running, most = running + 1, max(most, running + 1)
            if number < pace.AT_ONCE:
                full.wait(30)  # breaks unless so many run together
            with lock:
                running -= 1
            if number % 2:
                raise ValueError("a page that fails gives its turn back")

    with ThreadPoolExecutor(12) as pool:
        ended = [pool.submit(page, number) for number in range(12)]
    assert [type(one.exception()) for one in ended] == [type(None), ValueError] * 6
    assert most == pace.AT_ONCE


def test_no_page_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "TURN_SECONDS", 0.01)
    with ExitStack() as others:
        for _ in range(pace.AT_ONCE):
            others.enter_context(turn())
        with turn():
            pass
    with turn(), turn(), turn():
        assert not pace._turns.acquire(blocking=False), "who went ahead gave back nothing that was not theirs"


def test_without_a_server_there_is_one_page() -> None:
    assert pace.open_pages() == 1
