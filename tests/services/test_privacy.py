"""Who else on the machine can read what lies there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import privacy
from services.logs import log_to
from services.privacy import keep_private, usual_rights
from services.settings import load_settings
from services.storage import Database, write_beside


@pytest.fixture(autouse=True)
def rights(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Those that most systems start with, and this process's own again afterwards."""
    monkeypatch.setattr(privacy, "_given", [])
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_all_that_is_made_is_its_users_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert keep_private(home, home / "settings.toml") == ()
    Database(home)
    write_beside(home / "results" / "a" / "result.json", lambda path: path.write_text("{}"))
    assert mode(home) == 0o700
    found = {path.name: mode(path) for path in home.rglob("*")}
    assert {"jobs.sqlite", "results", "a", "result.json"} <= found.keys()
    assert {name: rights for name, rights in found.items() if rights & 0o077} == {}


def test_a_home_that_was_open_is_closed_and_that_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    said = keep_private(tmp_path, tmp_path / "settings.toml")
    assert mode(tmp_path) == 0o700
    assert said == (f"The folder {tmp_path} was open to other users of this machine, and was closed.",)
    assert keep_private(tmp_path, tmp_path / "settings.toml") == ()


def test_a_home_that_a_group_shares_stays_the_groups(tmp_path: Path) -> None:
    tmp_path.chmod(0o775)
    keep_private(tmp_path, tmp_path / "settings.toml")
    write_beside(tmp_path / "area.json", lambda path: path.write_text("{}"))
    assert (mode(tmp_path), mode(tmp_path / "area.json")) == (0o770, 0o660)


def test_a_home_that_cannot_be_closed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refused)
    said = keep_private(tmp_path, tmp_path / "settings.toml")
    assert said == (
        f"Other users of this machine can read {tmp_path}, and that cannot be changed: Operation not permitted.",
    )


@pytest.mark.parametrize(
    ("folder", "file", "told"), [(0o755, 0o644, True), (0o755, 0o640, False), (0o700, 0o644, False)]
)
def test_a_settings_file_that_others_can_read_is_said(folder: int, file: int, told: bool, tmp_path: Path) -> None:
    settings = tmp_path / "etc" / "settings.toml"
    settings.parent.mkdir()
    settings.touch()
    settings.chmod(file)
    settings.parent.chmod(folder)
    said = keep_private(tmp_path / "home", settings)
    assert bool(said) is told
    assert all(f"chmod 600 {settings}" in sentence for sentence in said)


def test_what_a_person_has_written_elsewhere_has_that_persons_rights(tmp_path: Path) -> None:
    keep_private(tmp_path / "home", tmp_path / "home" / "settings.toml")
    with usual_rights():
        (tmp_path / "picture.png").touch()
    (tmp_path / "ours").touch()
    assert (mode(tmp_path / "picture.png"), mode(tmp_path / "ours")) == (0o644, 0o600)


def test_a_process_with_a_log_is_private_and_says_what_was_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NINEPATCH_HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    log_to(load_settings(), "web", console=False)
    log = tmp_path / "logs" / "web.log"
    assert (mode(tmp_path), mode(log.parent), mode(log)) == (0o700, 0o700, 0o600)
    assert "was open to other users" in log.read_text()
