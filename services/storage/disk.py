"""The disk of a folder: of which kind it is, for shared memory and locks need a local one, and how full."""

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.errors import CapacityExceeded, StorageError
from services.settings import Settings

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux lists what is mounted (proc(5)); where there is no such file, nothing is known and nothing refused."""
NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|lustre|gpfs|beegfs|ncpfs|coda|davfs|glusterfs|"
    r"fuse\.(sshfs|glusterfs|davfs2?|ceph\w*|s3fs|rclone|gcsfuse|goofys|blobfuse2?|mount-s3|juicefs|smbnetfs|curlftpfs)"
)
"""Types of file systems that other machines serve."""


def require_local(folder: Path, mounts: Path | None = None) -> None:
    """Raises StorageError where the folder lies on a disk of the network, with its type and the reason."""
    found = _mount(folder, MOUNTS if mounts is None else mounts)
    if found is not None and NETWORK.fullmatch(found[1]):
        raise StorageError(
            f"The folder of all data lies on a network disk ({found[1]}), where the database is "
            "damaged, living workers are taken for dead and requests are paid for again.",
            "Set NINEPATCH_HOME to a folder on a local disk; copy finished pictures to the network with fetch --out.",
            f"{folder}, mounted at {found[0]}",
        )


def _mount(folder: Path, mounts: Path) -> tuple[Path, str] | None:
    """Where the disk of the folder is mounted, and its type; None where that is not known."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    place, found = folder.resolve(), None
    for line in lines:
        before, _, after = line.partition(" - ")
        words, kind = before.split(), after.split()
        if len(words) > 4 and kind:
            point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), words[4]))
            if place.is_relative_to(point) and (found is None or len(point.parts) >= len(found[0].parts)):
                found = point, kind[0]  # the last of those at one place lies over the others
    return found


SMALL_PART = 20
"""Of a small disk one part of so many stays free."""
_PROBE = b"\0" * 4096
"""What is written to see whether anything can be."""


@dataclass(frozen=True)
class DiskState:
    """How full the disk of the home folder is."""

    total: int
    """Bytes."""
    free: int
    """Bytes that this process may still take; what running jobs have reserved is not among them."""
    kept_free: int
    """Bytes that are to stay free."""

    @property
    def low(self) -> bool:
        """Nothing new is begun."""
        return self.free < self.kept_free


def disk_state(settings: Settings) -> DiskState:
    """Of the home folder, or where that will be."""
    home = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    usage = shutil.disk_usage(home)
    return DiskState(usage.total, usage.free, min(int(settings.min_free_gb * 1e9), usage.total // SMALL_PART))


def require_room(settings: Settings) -> None:
    """Before something new is begun: raises CapacityExceeded where the disk is nearly full."""
    disk = disk_state(settings)
    if disk.low:
        raise CapacityExceeded(
            f"The disk under NINEPATCH_HOME is nearly full: {disk.free / 1e6:,.0f} MB are free, and "
            f"{disk.kept_free / 1e6:,.0f} MB are to stay so.",
            "Make space on it, or lower the setting min_free_gb; what is in the cache goes on working.",
        )


def is_writable(home: Path) -> bool:
    """Whether anything can be written there: tries it."""
    try:
        with tempfile.TemporaryFile(dir=home, buffering=0) as file:
            file.write(_PROBE)
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
