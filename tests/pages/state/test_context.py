"""What the process knows of its own demo archive, which the bill of an order asks."""

import pytest

from pages.state.context import archive, forget, product, settings


@pytest.mark.parametrize(("said", "supervised"), [("", "true"), ("", "false"), ("http://127.0.0.1:9", "true")])
def test_the_address_of_the_archive_that_it_starts_is_known(
    monkeypatch: pytest.MonkeyPatch, said: str, supervised: str
) -> None:
    monkeypatch.setenv("NINEPATCH_DEMO_URL", said)
    monkeypatch.setenv("NINEPATCH_SUPERVISE", supervised)
    forget()
    own = not said and supervised == "true"
    assert archive().startswith("http://127.0.0.1:") is own
    assert settings().demo_url == (archive() if own else said)
    assert product().orders._workshop.settings.demo_url == settings().demo_url
