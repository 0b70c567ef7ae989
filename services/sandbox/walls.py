"""What a process gives up before it looks at anything foreign: memory, time, files, processes, the network, its rights.

Resource limits hold on every POSIX system; the one on open files refuses every file and connection, whatever numbers
are free. On Linux the kernel refuses all system calls but a few (see `seccomp`), and with Landlock (5.13, for TCP 6.7)
every path and connection once more. Who is root becomes nobody.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from services.sandbox.seccomp import refuse_calls

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Landlock's system calls, the same on all architectures."""
_DUMPABLE, _NO_NEW_PRIVILEGES = 4, 38
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Rights on files that each version of Landlock knows, as a number of bits."""
_NOBODY = 65534
"""User and group without any rights, on all systems."""


@dataclass(frozen=True)
class Confinement:
    """What holds a reader of files on this machine."""

    missing: tuple[str, ...]
    """Names of the walls that do not stand: `nobody`, `landlock`, `limits`, `seccomp`."""

    @property
    def reads(self) -> bool:
        """Whether a file may be looked at: with all walls of the system, but for Landlock, which stands beside seccomp.

        Other systems than Linux have no such walls, and are those of people who open files of their own.
        """
        return not set(self.missing) - {"landlock", *(() if sys.platform == "linux" else ("seccomp",))}

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is missing, and what follows, for the log and for administrators; none where all holds."""
        follows = "Files are read all the same." if self.reads else "Files that people bring are refused."
        return tuple(
            f"The process that reads files is confined in part: {_WORDS[name]}. {follows}" for name in self.missing
        )


_WORDS = {
    "nobody": "it stays root, because this process may not change users; run the server as an ordinary user",
    "landlock": "this kernel does not refuse paths by Landlock, which Linux has since 5.13",
    "limits": "the number of open files cannot be limited",
    "seccomp": "this kernel does not refuse system calls by seccomp, on x86-64 or arm64",
}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def limit(memory_mb: int, seconds: int, written_mb: int) -> None:
    """Of this process, for good: memory, processor time, wall time (three times that), bytes of a file it writes."""
    _at_most(resource.RLIMIT_AS, memory_mb * 1_000_000)
    _at_most(resource.RLIMIT_CPU, seconds, spare=1)  # first a signal that says so, then the end
    _at_most(resource.RLIMIT_FSIZE, written_mb * 1_000_000)
    _at_most(resource.RLIMIT_CORE, 0)
    _at_most(resource.RLIMIT_NPROC, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(3 * seconds)  # even where nobody is left who would end it


def lock_down() -> Confinement:
    """From here on no file, no connection, no process and no rights, as far as the system holds to it."""
    return Confinement(tuple(name for name, build in WALLS.items() if not build()))


def _become_nobody() -> bool:
    """Whoever is root is it no more; others stay who they are."""
    if os.geteuid() != 0:
        return True
    try:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
    except OSError:
        return False
    return True


def _open_nothing() -> bool:
    """Whatever numbers are free; what is open can be read and written."""
    _at_most(resource.RLIMIT_NOFILE, 0)
    return True


def _at_most(kind: int, value: int, spare: int = 0) -> None:
    _, hard = resource.getrlimit(kind)
    value, most = (number if hard == resource.RLIM_INFINITY else min(number, hard) for number in (value, value + spare))
    try:
        resource.setrlimit(kind, (value, most))
    except (ValueError, OSError):  # macOS does not limit memory
        if sys.platform == "linux":
            raise


def _landlock() -> bool:
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rules = _Ruleset((1 << _FILE_RIGHTS.get(version, 16)) - 1, 3, 3)
    size = 8 if version < 4 else 16 if version < 6 else 24  # of the part that this version knows
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    done = libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)
    return bool(done == 0)


def _seccomp() -> bool:
    """And nobody looks into its memory."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return refuse_calls()


WALLS: dict[str, Callable[[], bool]] = {
    "nobody": _become_nobody,
    "landlock": _landlock,
    "limits": _open_nothing,
    "seccomp": _seccomp,
}
"""What is given up, in the order in which it can be; each says whether the system enforces it."""
