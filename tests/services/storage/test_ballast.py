"""The last megabytes of a full disk are the database's."""

import shutil
from pathlib import Path

import pytest

from services.storage import Database
from services.storage.ballast import SIZE, Ballast


def free(monkeypatch: pytest.MonkeyPatch, size: int, total: int = 10**12) -> None:
    """Make the disk look so."""
    usage = shutil.disk_usage("/")._replace(free=size, total=total)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def test_it_is_given_back_on_a_full_disk_and_made_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ballast, path = Ballast(tmp_path), tmp_path / "ballast"
    free(monkeypatch, 10**9)
    ballast.see_to()
    assert path.stat().st_blocks * 512 >= SIZE
    free(monkeypatch, SIZE)
    ballast.see_to()
    assert path.exists()
    free(monkeypatch, 1000)
    ballast.see_to()
    ballast.see_to()
    assert not path.exists()
    free(monkeypatch, 2 * SIZE)
    ballast.see_to()
    assert not path.exists()
    free(monkeypatch, 10**9)
    ballast.see_to()
    assert path.exists()


def test_a_small_disk_has_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 10**8, total=10**8)
    Ballast(tmp_path).see_to()
    assert (tmp_path / "ballast").stat().st_size == 2_500_000


def test_where_it_cannot_be_made_nothing_fails(tmp_path: Path) -> None:
    Ballast(tmp_path / "nowhere").see_to()
    assert list(tmp_path.iterdir()) == []


def test_the_database_gives_it_back_before_it_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(tmp_path)
    with database.transaction(write=True):
        assert (tmp_path / "ballast").exists()
    free(monkeypatch, 0)
    with database.transaction(write=True):
        assert not (tmp_path / "ballast").exists()
