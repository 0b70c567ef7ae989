"""The application's own processes are started again when they end, where they were; nothing waits for them."""

import os
import signal
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from services.runtime import child, free_address, supervised
from services.runtime.child import Child
from services.settings import Settings, load_settings

PATIENCE_SECONDS = 120.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path, provider="demo")


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/v1/catalog/1.0.0", timeout=5).ok
    except requests.RequestException:
        return False


def test_a_killed_archive_answers_again_at_its_address(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[str, Child] = {}

    class Seen(Child):
        def __init__(self, name: str, command: list[str], errors: Path, **environment: str) -> None:
            begun[name] = self
            self.told = environment
            super().__init__(name, command if name != "worker" else ["sleep", "600"], errors, **environment)

    monkeypatch.setattr("services.runtime.supervisor.Child", Seen)
    with supervised(settings, archive=(url := free_address())):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "worker" not in begun and time.monotonic() < deadline:
            time.sleep(0.01)
        assert begun["worker"].told["NINEPATCH_DEMO_URL"] == url  # type: ignore[attr-defined] # of Seen
        assert urlsplit(url).hostname == "127.0.0.1"
        while not answers(url):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        archive = begun["demo archive"]
        first = archive.process.pid
        os.kill(first, signal.SIGKILL)
        while archive.process.pid == first or not answers(url):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert not answers(url) and begun["worker"].process.returncode is not None


def test_a_child_is_started_again_after_a_pause_and_its_words_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = [100.0]
    monkeypatch.setattr("services.runtime.child.time.monotonic", lambda: now[0])
    short = Child("helper", ["sh", "-c", "echo it was $WHO; exit 3"], tmp_path / "helper.err", WHO="me")
    first = short.process
    first.wait()
    short.look()
    assert short.process is first and "the helper ended with status 3" in caplog.text
    now[0] += child.RESTART_SECONDS
    short.look()
    assert short.process is not first
    short.process.wait()
    assert (tmp_path / "helper.err.1").read_text() == (tmp_path / "helper.err").read_text() == "it was me\n"
