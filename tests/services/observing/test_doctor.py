"""The doctor finds what was broken on purpose, says what to do, and never a secret."""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

import cli
from services.observing import Finding, State, diagnose
from services.providers import Step
from services.sandbox import Confinement
from services.settings import Settings, load_settings
from services.storage import Database, WorkerLock
from tests.ports import free_port
from tests.services.buckets import endpoint, with_bucket
from tests.services.databases import Place
from tests.services.storage.test_copies import filled

__all__ = ["endpoint"]
SECRET = "hush-hush-hush-hush"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the right mode, of which this process knows nothing else."""
    for name in [name for name in os.environ if name.startswith("NINEPATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    monkeypatch.setenv("NINEPATCH_PROVIDER", "demo")
    tmp_path.chmod(0o700)
    return tmp_path


def found(settings: Settings, topic: str) -> list[Finding]:
    """Of that topic."""
    return [one for one in diagnose(settings) if one.topic == topic]


def worst(settings: Settings, topic: str) -> Finding:
    """The one of them that matters most."""
    return max(found(settings, topic), key=lambda one: list(State).index(one.state))


def test_a_home_that_is_as_it_should_be_has_nothing_wrong(home: Path) -> None:
    assert filled(Place(home, "")).counts()
    assert not [one for one in diagnose(load_settings()) if one.state is State.WRONG]
    assert "1 jobs, 3 requests" in worst(load_settings(), "database").said


def test_what_is_set_is_listed_and_a_secret_is_only_said_to_be(home: Path) -> None:
    made = load_settings(
        home=home, client_secret=SECRET, tile_size=900, database_url=f"postgresql://a:{SECRET}@[::1]:9/b"
    )
    told = [one.said + one.remedy for one in diagnose(made)]
    assert "client_secret = set" in told[1] and "tile_size = 900" in told[1]
    assert not [one for one in told if SECRET in one]
    assert worst(made, "database").state is State.WRONG


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_settings_file_that_others_read_is_a_warning(home: Path, mode: int) -> None:
    (home / "settings.toml").write_text("tile_size = 900")
    (home / "settings.toml").chmod(mode)
    assert (worst(load_settings(), "settings").state is State.WARNING) == (mode == 0o644)


def test_a_damaged_database_is_wrong_with_the_copy_to_restore(home: Path) -> None:
    filled(Place(home, "")).keep_daily(1)
    (home / "jobs.sqlite").write_bytes(b"this is no database" * 100)
    finding = worst(load_settings(), "database")
    assert finding.state is State.WRONG and "backups/daily-" in finding.remedy


def test_a_copy_is_missed_where_there_is_something_to_lose(home: Path) -> None:
    Database(home)
    assert worst(load_settings(), "copies").state is State.OK
    opened = filled(Place(home, ""))
    assert worst(load_settings(), "copies").state is State.WARNING
    opened.keep_daily(1)
    assert worst(load_settings(), "copies").state is State.OK
    (copy,) = (home / "backups").iterdir()
    os.utime(copy, (0, 0))
    assert worst(load_settings(), "copies").state is State.WARNING


def test_a_worker_is_missed(home: Path) -> None:
    assert worst(load_settings(), "worker").state is State.WARNING
    with closing(WorkerLock(home)):
        assert worst(load_settings(), "worker").state is State.OK


def test_a_disk_that_the_limits_do_not_fit_is_a_warning_and_a_full_one_is_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"cache_gb": 0.001, "blocks_gb": 0.001, "results_gb": 0.001}
    assert worst(load_settings(**small), "caches").state is State.OK
    assert worst(load_settings(cache_gb=10**6), "caches").state is State.WARNING
    assert home.is_dir()
    low = SimpleNamespace(total=10**12, free=10**9 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: low)
    assert worst(load_settings(), "disk").state is State.WRONG


@pytest.mark.usefixtures("home")
def test_a_store_is_written_and_one_that_is_gone_is_wrong(endpoint: str) -> None:
    assert not found(load_settings(), "store"), "where there is none"
    well = worst(with_bucket(endpoint, "doctor"), "store")
    assert well.state is State.OK and well.said.startswith("s3://team/doctor answers, and can be written; it holds 0 ")
    gone = worst(with_bucket(f"http://127.0.0.1:{free_port()}", "doctor"), "store")
    assert gone.state is State.WRONG and "does not answer" in gone.said and "store_endpoint" in gone.remedy


def test_walls_that_do_not_stand_are_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for missing, state in (((), State.OK), (("landlock",), State.WARNING), (("nobody",), State.WRONG)):
        monkeypatch.setattr("services.observing.doctor.confinement", lambda missing=missing: Confinement(missing))
        assert worst(load_settings(home=home), "sandbox").state is state


def test_an_account_that_is_not_set_is_wrong(home: Path) -> None:
    assert worst(load_settings(home=home, provider="copernicus"), "provider").state is State.WRONG


def test_what_a_provider_says_that_was_asked_is_told(home: Path) -> None:
    steps = [Step("token", True, "It gave one."), Step("catalogue", False, "It is silent.")]
    *_, first, second = diagnose(load_settings(home=home), steps)
    assert (first.state, second.state, second.said) == (State.OK, State.WRONG, "catalogue: It is silent.")


class Issuer(BaseHTTPRequestHandler):
    """Answers as it is told."""

    named = ""
    date = 0.0

    def do_GET(self) -> None:
        addresses = {"authorization_endpoint": "https://a", "token_endpoint": "https://b"}
        body = json.dumps({"issuer": self.named, **addresses}).encode()
        self.send_response_only(200 if self.path == "/.well-known/openid-configuration" else 404)
        self.send_header("Date", formatdate(self.date, usegmt=True))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing."""


@pytest.fixture
def issuer() -> Iterator[str]:
    """Its address."""
    with HTTPServer(("127.0.0.1", 0), Issuer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        Issuer.named = f"http://127.0.0.1:{server.server_port}"
        Issuer.date = time.time()
        yield Issuer.named
        server.shutdown()


def with_login(issuer: str) -> Settings:
    """People log in there."""
    client: dict[str, Any] = {"oidc_client_id": "ours", "oidc_client_secret": SECRET, "administrators": "a@b.test"}
    return load_settings(oidc_issuer=issuer, public_url="http://localhost:8501", **client)


def test_a_login_service_answers_by_its_name_and_its_clock_is_compared(home: Path, issuer: str) -> None:
    assert home.is_dir()
    assert worst(with_login(issuer), "login").state is State.OK
    assert worst(with_login(issuer), "clock").state is State.OK
    Issuer.date = time.time() + 3600
    assert worst(with_login(issuer), "clock").state is State.WARNING
    Issuer.named = "https://another.test"
    assert "another.test" in worst(with_login(issuer), "login").said
    assert worst(with_login("http://127.0.0.1:9"), "login").state is State.WRONG


def test_the_command_s_status_says_whether_something_is_wrong(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    well = CliRunner().invoke(cli.app, ["doctor", "--json"])
    assert well.exit_code == 0
    assert {one["state"] for one in json.loads(well.stdout)["findings"]} <= {"ok", "warning"}
    (home / "jobs.sqlite").write_bytes(b"this is no database" * 100)
    broken = CliRunner().invoke(cli.app, ["doctor"])
    assert broken.exit_code == 1 and "WRONG   database" in broken.stdout
    monkeypatch.setenv("NINEPATCH_TILE_SIZE", "7")
    unset = CliRunner().invoke(cli.app, ["doctor", "--json"])
    assert unset.exit_code == 1 and "tile_size" in unset.stdout


def test_the_clock_of_a_database_is_this_machines(place: Place) -> None:
    assert abs(place.open().clock() - time.time()) < 5
