"""System calls that a reader of files still has, by a filter of the kernel (seccomp); all others are refused.

A list of what is allowed, measured of all formats with strace: what is not on it, and what kernels learn later, is
refused. It is assembled here, for a library of Debian's would be one more thing to install, for sixty lines.
"""

import ctypes
import errno
import platform
import struct
import sys

_NUMBERS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettid": (186, 178),
    "futex": (202, 98),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "getrandom": (318, 278),
}
"""Calls that are allowed: their numbers on x86-64, and on arm64."""
_NOT_TO_RUN = {"mmap": (9, 222), "mprotect": (10, 226)}
"""Calls that are allowed where the memory is not to be run as a program, which their third argument says."""
_MACHINES = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}
"""Column of the numbers, the kernel's name of the architecture (audit.h), and the number of seccomp itself. The numbers
of x32, and of 32 bits, are none of these."""
_SET_FILTER, _ALL_THREADS = 1, 1
_LOAD, _EQUALS, _HAS_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
"""Instructions of BPF: load a word of the call, compare it, end."""
_NUMBER_AT, _MACHINE_AT, _THIRD_AT = 0, 4, 32
"""Where the words lie (struct seccomp_data); of the third argument the low one."""
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_PROT_EXEC = 4


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_calls() -> bool:
    """From here on, in all threads and for good; False where the kernel or the kind of processor does not know it.

    The process must have given up new privileges before.
    """
    column, machine, seccomp = _MACHINES.get(platform.machine(), (0, 0, 0))
    if sys.platform != "linux" or not seccomp or struct.calcsize("P") != 8:
        return False
    code = b"".join(struct.pack("=HBBI", *step) for step in _filter(column, machine))
    program = _Program(len(code) // 8, code)
    answer = ctypes.CDLL(None).syscall(seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(program))
    return bool(answer == 0)


def _filter(column: int, machine: int) -> list[tuple[int, int, int, int]]:
    """Instruction, steps to leave out where it holds and where not, value."""
    steps = [(_LOAD, 0, 0, _MACHINE_AT), (_EQUALS, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER_AT)]
    for numbers in _NUMBERS.values():
        steps += [(_EQUALS, 0, 1, numbers[column]), (_RETURN, 0, 0, _ALLOW)]
    for numbers in _NOT_TO_RUN.values():
        steps += [(_EQUALS, 0, 4, numbers[column]), (_LOAD, 0, 0, _THIRD_AT), (_HAS_BIT, 0, 1, _PROT_EXEC)]
        steps += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    return [*steps, (_RETURN, 0, 0, _REFUSE)]
