"""Parts of pages ask less often where many are open, so that all together ask no more than a few do."""

import pytest

from pages.limits import every, pace


@pytest.mark.parametrize(("pages", "seconds"), [(1, 0.4), (10, 0.4), (20, 0.8), (50, 2.0)])
def test_fifty_pages_ask_as_often_as_ten(pages: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "open_pages", lambda: pages)
    assert every(0.4) == pytest.approx(seconds)
    assert pages / every(0.4) <= 10 / 0.4 + 1e-9


def test_without_a_server_there_is_one_page() -> None:
    assert pace.open_pages() == 1
