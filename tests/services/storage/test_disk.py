"""A home on a network disk is refused before anything is written to it."""

from pathlib import Path

import pytest

from services.errors import StorageError
from services.settings import load_settings
from services.storage import ByteStore, Database, disk, require_local

LINE = "{number} 1 0:{number} / {point} rw,relatime shared:{number} - {kind} {source} rw\n"


def mounted(tmp_path: Path, *disks: tuple[str, str]) -> Path:
    """A list of what is mounted as the kernel writes it, with a local disk at the root."""
    lines = [("/", "ext4"), *((point.replace(" ", r"\040"), kind) for point, kind in disks)]
    path = tmp_path / "mountinfo"
    text = [LINE.format(number=20 + n, point=point, kind=kind, source="x") for n, (point, kind) in enumerate(lines)]
    path.write_text("".join(text))
    return path


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "lustre"]
)
def test_a_folder_on_a_disk_of_the_network_is_refused_with_the_reason(tmp_path: Path, kind: str) -> None:
    home = tmp_path / "team disk" / "not yet" / "home"
    with pytest.raises(StorageError) as raised:
        require_local(home, mounted(tmp_path, (str(tmp_path / "team disk"), kind)))
    assert f"({kind}, mounted at {tmp_path / 'team disk'})" in raised.value.cause
    assert "database" in raised.value.cause and "NINEPATCH_HOME" in raised.value.remedy


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuse.mergerfs"])
def test_a_folder_on_a_local_disk_is_used(tmp_path: Path, kind: str) -> None:
    require_local(tmp_path / "disk" / "home", mounted(tmp_path, (str(tmp_path / "disk"), kind)))


def test_the_disk_is_the_innermost_and_of_two_at_one_place_the_last(tmp_path: Path) -> None:
    outer, inner = str(tmp_path / "a"), str(tmp_path / "a" / "b")
    require_local(tmp_path / "a" / "b" / "home", mounted(tmp_path, (outer, "nfs4"), (inner, "ext4")))
    require_local(tmp_path / "abc", mounted(tmp_path, (outer, "nfs4")))
    require_local(tmp_path / "a", mounted(tmp_path, (outer, "nfs4"), (outer, "tmpfs")))
    with pytest.raises(StorageError):
        require_local(tmp_path / "a" / "b", mounted(tmp_path, (inner, "nfs"), (outer, "ext4")))


def test_a_link_is_followed_to_the_disk_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "share")
    with pytest.raises(StorageError):
        require_local(tmp_path / "home", mounted(tmp_path, (str(tmp_path / "share"), "nfs")))


def test_where_the_system_does_not_say_nothing_is_refused(tmp_path: Path) -> None:
    require_local(tmp_path, tmp_path / "nothing")
    (tmp_path / "mountinfo").write_text("nonsense\n1 2 3 - \n")
    require_local(tmp_path, tmp_path / "mountinfo")


def test_neither_database_nor_cache_is_made_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = load_settings(home=tmp_path / "share" / "home").home
    monkeypatch.setattr(disk, "MOUNTS", mounted(tmp_path, (str(tmp_path / "share"), "nfs4")))
    for opens in (lambda: Database(home), lambda: ByteStore(home / "frames", 10**9)):
        with pytest.raises(StorageError, match="network disk"):
            opens()
    assert not home.exists()
