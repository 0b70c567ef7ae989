"""Sandbox: a file that somebody brought, read by a child process without credentials, settings, network or time.

The request and the answer are unnamed files, which are gone with the processes, however these end; the answer is
validated as untrusted input.
"""

import functools
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from services.errors import AreaError, StorageError
from services.formats import FileLimits, Format, Outline, format_of, suffix_of
from services.sandbox.walls import WALLS, Confinement
from services.sandbox.wire import unpacked
from services.text import clean_name, one_line

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 4
"""Children at a time; others wait for their turn."""
_TURN = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Ended:
    """How the child ended."""

    answer: bytes
    """What it wrote; empty where it was ended."""
    why: str = ""
    """`time`, `memory` or `killed` where it gave no answer; else empty."""


def run(module: str, request: bytes, seconds: float, answer_mb: int) -> Ended:
    """Runs `python -m module` on a request, for at most so many seconds. Raises StorageError where it cannot start.

    The module confines itself (see confinement); nothing is run between fork and exec, for this process has threads.
    """
    try:
        with _TURN, tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
            asked.write(request)
            asked.seek(0)
            child = subprocess.Popen(
                [sys.executable, "-E", "-s", "-m", module],
                stdin=asked,
                stdout=answered,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=_environment(),
                start_new_session=True,
            )
            late = _wait(child, seconds)
            answered.seek(0)
            answer = answered.read(answer_mb * 1_000_000)
    except OSError as error:
        raise StorageError(
            f"The file could not be handed to the process that reads it: {error.strerror}.",
            "Free disk space or memory.",
        ) from error
    if child.returncode == 0:
        return Ended(answer)
    late = late or child.returncode in {-signal.SIGXCPU, -signal.SIGALRM}
    return Ended(b"", "time" if late else "killed")


def _wait(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Until it ends or is ended, with all that it may have started; whether it was too late."""
    ended = False
    try:
        ended = _ended(child, seconds)
    finally:
        if child.returncode is None:  # not waited for yet, so that its number is nobody else's
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return not ended


def _ended(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether the child ended within the time; the kernel says so at once where it can."""
    if not hasattr(os, "pidfd_open"):
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
        return child.returncode is not None
    handle = os.pidfd_open(child.pid)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))
    finally:
        os.close(handle)


def _environment() -> dict[str, str]:
    """Nothing that this process knows, but how to start."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PROJ_NETWORK": "OFF", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


READER = "services.sandbox.reader_process"
ANSWER_MB = 60
SENTENCE = 400
"""Characters of a sentence of the reader's."""
log = logging.getLogger(__name__)


UNCONFINED = "The file was read by a process that this system cannot confine."


@functools.cache
def confinement() -> Confinement:
    """What holds a reader on this machine, as one says that is started without a file. Raises StorageError."""
    ended = run(READER, json.dumps({"kind": "", "limits": asdict(FileLimits())}).encode() + b"\n", 15, 1)
    return Confinement(_missing(json.loads(ended.answer or b'{"missing": ["seccomp"]}')))


def _missing(answer: dict[str, Any]) -> tuple[str, ...]:
    """The walls that do not stand."""
    named = answer.get("missing")
    return tuple(name for name in WALLS if name in named) if isinstance(named, list) else ()


def outline_from_file(data: bytes, filename: str, limits: FileLimits) -> Outline:
    """Whatever the file is. Raises AreaError with the cause and the remedy where it is nothing that is read.

    `filename` only tells the format. Nothing is left behind: no file, no process.
    """
    if len(data) > limits.max_upload_mb * 1_000_000:
        raise AreaError(
            f"The file has {len(data) / 1e6:,.1f} MB; at most {limits.max_upload_mb} MB are read.", "Simplify the area."
        )
    kind = format_of(suffix_of(filename), data)
    request = json.dumps({"kind": kind.name, "limits": asdict(limits)}).encode() + b"\n" + data
    ended = run(READER, request, 3 * limits.file_seconds, ANSWER_MB)
    return _answer(ended, kind, limits)


def _answer(ended: Ended, kind: Format, limits: FileLimits) -> Outline:
    """The outline. Raises AreaError with the reader's sentences, or with what became of the reader."""
    try:
        line, _, numbers = ended.answer.partition(b"\n")
        answer = json.loads(line) if line else {"fault": ended.why or "silence"}
    except (ValueError, RecursionError):
        answer = {"fault": "answer"}
    answer = answer if isinstance(answer, dict) else {"fault": "answer"}
    outline, missing = answer.get("outline"), _missing(answer)
    if isinstance(outline, dict):
        read = _outline(outline, numbers)
        return replace(read, notes=(*read.notes, UNCONFINED)) if "seccomp" in missing else read
    cause, remedy = answer.get("cause"), answer.get("remedy")
    if isinstance(cause, str) and isinstance(remedy, str) and cause:
        raise AreaError(one_line(cause, SENTENCE), one_line(remedy, SENTENCE))
    if not Confinement(missing).reads:
        log.error(" ".join(Confinement(missing).sentences))
        raise AreaError(
            "Files are not read on this server: the process that reads them cannot be confined here.",
            "Draw the area or type its coordinates; the log of the server says what is missing.",
        )
    fault = clean_name(answer.get("fault"))
    log.warning("the reader of %s files ended: %s", kind.name, fault)
    if fault == "time":
        raise AreaError(
            f"The file takes longer than {limits.file_seconds} s to read, and was given up.", "Simplify the area."
        )
    if fault in {"memory", "MemoryError"}:
        raise AreaError(
            f"The file needs more than {limits.file_memory_mb:,} MB of memory to read, and was given up.",
            "Simplify the area.",
        )
    raise AreaError(f"The file cannot be read as {kind.title}: it is damaged.", "Save it anew, or as GeoJSON.")


def _outline(plain: dict[str, Any], numbers: bytes) -> Outline:
    """Every value looked at: the process that wrote them had read a foreign file."""
    notes, features, epsg = (plain.get(key) for key in ("notes", "features", "epsg"))
    if not isinstance(notes, list) or type(features) is not int or type(epsg) is not int:
        raise _strange()
    try:
        polygons = unpacked(plain.get("polygons"), numbers)
    except ValueError:
        raise _strange() from None
    return Outline(
        polygons,
        name=clean_name(plain.get("name")),
        epsg=epsg,
        features=features,
        members=_members(plain.get("members"), len(polygons)),
        notes=tuple(one_line(note, SENTENCE) for note in notes[:20] if isinstance(note, str)),
    )


def _members(members: object, polygons: int) -> tuple[tuple[str, int], ...]:
    if not isinstance(members, list):
        raise _strange()
    found = []
    for member in members:
        if not isinstance(member, list) or len(member) != 2 or type(member[1]) is not int or member[1] < 0:
            raise _strange()
        found.append((clean_name(member[0]), member[1]))
    if found and sum(count for _, count in found) != polygons:
        raise _strange()
    return tuple(found)


def _strange() -> AreaError:
    return AreaError("The file cannot be read: what came of it is no outline.", "Save it anew, or as GeoJSON.")
