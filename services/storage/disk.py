"""Which kind of disk a folder lies on: shared memory and locks of the kernel work on a local one alone."""

import re
from pathlib import Path

from services.errors import StorageError

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
            f"The folder {folder} lies on a network disk ({found[1]}, mounted at {found[0]}), where the database is "
            "damaged, living workers are taken for dead and requests are paid for again.",
            "Set NINEPATCH_HOME to a folder on a local disk; copy finished pictures to the network with fetch --out.",
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
