"""Large files, made by a process of their own: its memory goes back when it ends, and a cancelled one is ended."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from services.cancellation import check_cancelled
from services.errors import StorageError
from services.mosaic.tile_set import Tell

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.5
"""How often progress is told and a cancel is seen."""
MEMORY_BYTES = 800 * 10**6
"""At most, of that process, whatever the size of the mosaic: libraries, GDAL's cache, open tiles, blocks under way."""
_GDAL = {
    "GDAL_CACHEMAX": "128MB",
    "GDAL_MAX_DATASET_POOL_SIZE": "32",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_NUM_THREADS": "ALL_CPUS",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144",
}
"""Each open tile holds a block of all bands. Two rows of a wide mosaic's tiles are 500 MB of them; a few suffice where
the mosaic is made block by block, and those at its blocks' edges are decompressed twice. What is freed goes back to the
system at once: with the allocator's own limits the process grows to twice as much."""


@contextmanager
def making(folder: Path) -> Iterator[Path]:
    """An empty folder beside the outputs, gone afterwards with what was left by one that was killed.

    One order is made by one worker at a time. Raises StorageError where the disk refuses.
    """
    place = folder / ".making"
    shutil.rmtree(place, ignore_errors=True)
    try:
        place.mkdir(parents=True)
    except OSError as error:
        raise StorageError(f"Nothing can be written for this order: {error.strerror}.", "Make space.", place) from error
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def run_apart(task: str, arguments: dict[str, Any], *, tell: Tell, cancelled: Callable[[], bool]) -> None:
    """Run a task of `building_process` and wait for it.

    What is told is what the process says of itself, and while GDAL copies, which says nothing to Python, how far the
    file has grown. Raises Cancelled, and StorageError where it fails; then nothing of it runs on.
    """
    request = json.dumps({"task": task, "parent": os.getpid(), **arguments}).encode()
    with tempfile.TemporaryFile() as answered, tempfile.TemporaryFile() as asked:
        asked.write(request)
        asked.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-m", "services.mosaic.building_process"],
            stdin=asked,
            stdout=answered,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=_environment(),
        )
        try:
            _wait(child, lambda: tell(min(0.99, share_of(_lines(answered)))), cancelled)
        finally:
            if child.returncode is None:
                child.kill()
            child.wait()
        _check(child.returncode, _lines(answered))
    tell(1.0)


def _lines(answered: IO[bytes]) -> list[bytes]:
    """What the process has written by now; it goes on where it was, for both have one position in the file."""
    return os.pread(answered.fileno(), os.fstat(answered.fileno()).st_size, 0).splitlines()


def share_of(lines: Sequence[bytes]) -> float:
    """By the last whole line how much is done, 0 to 1: `share`, and of the rest what there is of the `bytes` of a
    `file`, where it names one."""
    whole = [line for line in lines if line.endswith(b"}")]
    said = json.loads(whole[-1]) if whole else {}
    share = float(said.get("share", 0.0))
    path = Path(said.get("file", ""))
    grown = path.stat().st_size / max(1, said["bytes"]) if path.is_file() else 0.0
    return share + (1 - share) * min(1.0, grown)


def _wait(child: "subprocess.Popen[bytes]", tell: Callable[[], None], cancelled: Callable[[], bool]) -> None:
    while True:
        try:
            child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            check_cancelled(cancelled)
            tell()
        else:
            return


def _check(status: int, lines: Sequence[bytes]) -> None:
    if status == 0:
        return
    remedy = "Make space on the disk or in memory, and retry: the tiles are kept."
    try:
        cause = str(json.loads(lines[-1])["cause"])
    except (ValueError, KeyError, TypeError, IndexError):
        cause = f"The process that writes the mosaic was ended (status {status})."
    raise StorageError(cause, remedy)


def bytes_in(folder: Path) -> int:
    """Of all files in it, at this moment."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # a temporary file of GDAL's
            continue
    return total


def _environment() -> dict[str, str]:
    """No credentials: what starts Python, and what GDAL is told."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PATH", "SYSTEMROOT") if name in os.environ}
    return kept | _GDAL | {"LANG": "C.UTF-8", "PROJ_NETWORK": "OFF", "OPENBLAS_NUM_THREADS": "1"}
