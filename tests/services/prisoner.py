"""A program that tries what a reader of files must not be able to do, after it has confined itself as readers do.

Run by the tests of the sandbox: each word of the request is one attempt, and the answer says what came of it.
"""

import ctypes
import json
import mmap
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.sandbox.walls import WALLS, limit, lock_down

MACHINE = ("x86_64", "aarch64").index(platform.machine()) if platform.machine() in {"x86_64", "aarch64"} else 0
CODE = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
"""Memory that was to be run before anything was given up."""


def _listen() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("/tmp/ninepatch-prisoner")


def _connect() -> None:
    with socket.socket() as one:
        one.connect(("127.0.0.1", 9))


def _start() -> None:
    os.execv("/bin/true", ["/bin/true"])


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _memory(name: str) -> Callable[[], None]:
    """The memory of the process that started this one; an address that nobody has is no fault of rights."""

    class Piece(ctypes.Structure):
        _fields_ = (("address", ctypes.c_void_p), ("length", ctypes.c_size_t))

    def attempt() -> None:
        here = ctypes.create_string_buffer(8)
        local, remote = Piece(ctypes.addressof(here), 8), Piece(8, 8)
        _library(name, os.getppid(), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)

    return attempt


def _library(name: str, *arguments: Any) -> None:
    """A function of the C library that answers -1 where it is refused."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def _call(*numbers: int) -> Callable[[], None]:
    """The system call with the number on x86-64 or arm64, all of whose arguments are 0."""
    return lambda: _library("syscall", ctypes.c_long(numbers[MACHINE]), *[ctypes.c_long(0)] * 6)


def _socket(family: str, kind: socket.SocketKind) -> Callable[[], None]:
    return lambda: socket.socket(getattr(socket, family), kind).close()


def _run(code: bytes) -> None:
    CODE[: len(code)] = code
    address = ctypes.addressof(ctypes.c_char.from_buffer(CODE))
    ctypes.CFUNCTYPE(ctypes.c_long)(address)()


def _open_again() -> str:
    """With number 0, which was given back."""
    os.close(0)
    return Path("/etc/passwd").read_text()


def _spin() -> None:
    while True:
        pass


ATTEMPTS: dict[str, Callable[[], Any]] = {
    "environment": lambda: sorted(os.environ),
    "read": lambda: Path("/etc/passwd").read_text(),
    "own": lambda: Path(__file__).read_text(),
    "write": lambda: Path("/tmp/ninepatch-prisoner").write_text("x"),
    "list": lambda: [str(path) for path in Path("/").iterdir()],
    "listen": _listen,
    "connect": _connect,
    "open-again": _open_again,
    "execute": _start,
    "udp": _socket("AF_INET", socket.SOCK_DGRAM),
    "unix": _socket("AF_UNIX", socket.SOCK_STREAM),
    "netlink": _socket("AF_NETLINK", socket.SOCK_RAW),
    "raw": _socket("AF_INET", socket.SOCK_RAW),
    "pair": lambda: len(socket.socketpair()),
    "pipe": os.pipe,
    "memory-read": _memory("process_vm_readv"),
    "memory-write": _memory("process_vm_writev"),
    "trace": lambda: _library("ptrace", 16, os.getppid(), 0, 0),
    "kill": lambda: os.kill(os.getppid(), 0),
    "fork": _fork,
    "memfd": lambda: os.close(os.memfd_create("prisoner")),
    "shm": lambda: _library("shmget", 0, 4096, 0o1600),
    "msg": lambda: _library("msgget", 0, 0o1600),
    "sem": lambda: _library("semget", 0, 1, 0o1600),
    "stat": lambda: Path("/etc/passwd").stat().st_size,
    "access": lambda: _library("access", b"/etc/passwd", 0),
    "utime": lambda: os.utime("/tmp"),
    "xattr": lambda: os.listxattr("/tmp"),
    "mode": lambda: Path("/tmp").chmod(0o1777),
    "folder": lambda: os.chdir("/"),
    "limit": lambda: _library("setrlimit", 0, ctypes.byref((ctypes.c_ulong * 2)(9, 9))),
    "alarm": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
    "signal": lambda: str(signal.signal(signal.SIGALRM, signal.SIG_IGN)),
    "user": lambda: os.setresuid(-1, -1, -1),
    "program": lambda: mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_EXEC).close(),
    "namespace": lambda: _library("unshare", 0),
    "mount": lambda: _library("mount", 0, b"/tmp", 0, 0x1000 | 32, 0),
    "io-uring": _call(425, 425),
    "keys": _call(250, 219),
    "bpf": _call(321, 280),
    "perf": _call(298, 241),
    "userfaultfd": _call(323, 282),
    "x32": _call(0x40000000 + 39, 0x40000000 + 172),
    "32-bit": lambda: _run(b"\xb8\x14\0\0\0\xcd\x80\xc3"),
    "who": lambda: [*os.getresuid(), *os.getresgid(), *os.getgroups()],
    "open": lambda: [number for number in range(1024) if _is_open(number)],
    "memory": lambda: len(bytearray(2_000_000_000)),
    "spin": _spin,
    "sleep": lambda: time.sleep(60),
    "flood": lambda: sys.stdout.write("x" * 3_000_000),
    "stack": lambda: os.abort(),
}


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def main() -> None:
    """Confined with the limits and the walls of the request, tries its words; walls that do not stand are `missing`."""
    request = json.loads(sys.stdin.buffer.readline())
    limit(500, request["seconds"], 2)
    some = request["walls"]
    missing = lock_down().missing if some is None else [name for name in some if not WALLS[name]()]
    found: dict[str, Any] = {"missing": missing}
    for word in request["words"]:
        try:
            found[word] = ATTEMPTS[word]()
        except (OSError, MemoryError) as error:
            found[word] = type(error).__name__
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
