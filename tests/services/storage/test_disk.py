"""A home on a network disk is refused before anything is written to it."""

import shutil
from pathlib import Path

import pytest

from services.errors import CapacityExceeded, StorageError
from services.settings import load_settings
from services.storage import ByteStore, Database, disk, disk_state, is_writable, require_local, require_room

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
    assert f"({kind})" in raised.value.cause
    assert f"{home}, mounted at {tmp_path / 'team disk'})" in str(raised.value)
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


@pytest.mark.parametrize(
    ("total", "free", "setting", "kept_free", "low"),
    [
        (10**12, 2 * 10**9, 1.0, 10**9, False),
        (10**12, 10**9 - 1, 1.0, 10**9, True),
        (10**12, 10**9, 5.0, 5 * 10**9, True),
        (10**8, 5 * 10**6, 1.0, 5 * 10**6, False),
        (10**8, 5 * 10**6 - 1, 1.0, 5 * 10**6, True),
        (10**8, 0, 0.0, 0, False),
    ],
)
def test_a_disk_is_low_below_what_is_to_stay_free_of_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    total: int,
    free: int,
    setting: float,
    kept_free: int,
    low: bool,
) -> None:
    usage = shutil.disk_usage("/")._replace(total=total, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    settings = load_settings(home=tmp_path / "not yet" / "home", min_free_gb=setting)
    state = disk_state(settings)
    assert (state.total, state.free, state.kept_free, state.low) == (total, free, kept_free, low)
    if low:
        with pytest.raises(CapacityExceeded, match="is nearly full") as raised:
            require_room(settings)
        assert "min_free_gb" in raised.value.remedy
    else:
        require_room(settings)


def test_it_is_tried_whether_anything_can_be_written(tmp_path: Path) -> None:
    assert is_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not is_writable(tmp_path / "nowhere")
