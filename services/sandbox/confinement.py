"""What a process gives up before it looks at anything foreign: memory, time, files, processes, the network.

Resource limits hold on every POSIX system; the one on open files refuses every file and connection. On Linux with
Landlock (5.13, for TCP 6.7) the kernel refuses every path and connection as well, whatever numbers are free.
"""

import ctypes
import os
import resource
import signal
import sys

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Landlock's system calls, the same on all architectures."""
_NO_NEW_PRIVILEGES = 38
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""Rights on files that each version of Landlock knows, as a number of bits."""


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


def lock_down(spare: int = 0) -> bool:
    """From here on no new file and no connection; `spare` numbers of files stay free, for tests of what is beyond them.

    Returns whether the kernel enforces it by itself (Landlock).
    """
    guarded = _landlock()
    highest = max((number for number in range(3, 64) if _is_open(number)), default=2)
    _at_most(resource.RLIMIT_NOFILE, highest + 1 + spare)
    return guarded


def _at_most(kind: int, value: int, spare: int = 0) -> None:
    _, hard = resource.getrlimit(kind)
    value, most = (number if hard == resource.RLIM_INFINITY else min(number, hard) for number in (value, value + spare))
    try:
        resource.setrlimit(kind, (value, most))
    except (ValueError, OSError):  # macOS does not limit memory
        if sys.platform == "linux":
            raise


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


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
