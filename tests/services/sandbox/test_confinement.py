"""The walls around a reader of files: each alone, all together, and what becomes of files where one does not stand."""

import platform
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.errors import AreaError
from services.formats import FileLimits
from services.sandbox import Confinement, client, confinement, outline_from_file, seccomp
from tests.services.areafiles import WRITTEN, valid
from tests.services.sandbox.cell import ended, tried

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these walls are Linux's")
OPENED = ("read", "own", "write", "list", "open-again")
SOCKETS = ("listen", "connect", "udp", "unix", "netlink", "raw", "pair", "pipe")
OTHERS = ("memory-read", "memory-write", "trace", "kill", "fork", "execute", "signal", "alarm", "limit")
SHARED = ("memfd", "shm", "msg", "sem", "keys")
PATHS = ("stat", "access", "utime", "xattr", "mode", "folder", "mount")
KERNEL = ("user", "program", "namespace", "io-uring", "bpf", "perf", "userfaultfd", "x32")
REFUSED = ("PermissionError", "itimer_error")
ALL = (*OPENED, *SOCKETS, *OTHERS, *SHARED, *PATHS, *KERNEL)


def test_everything_that_is_tried_is_refused() -> None:
    found = tried(*ALL)
    assert found.pop("missing") == []
    assert {word: came for word, came in found.items() if came not in REFUSED} == {}


def test_the_filter_of_calls_refuses_all_of_it_alone() -> None:
    found = tried(*ALL, walls=["seccomp"])
    if found.pop("missing"):
        pytest.skip("this kernel has no seccomp")
    assert {word: came for word, came in found.items() if came not in REFUSED} == {}


def test_without_walls_most_of_it_is_there_to_be_had() -> None:
    free = ("read", "own", "list", "open-again", "udp", "unix", "pair", "pipe", "kill", "memfd", "stat", "program")
    found = tried(*free, walls=[])
    assert {word: came for word, came in found.items() if isinstance(came, str) and came.endswith("Error")} == {}


def test_paths_and_connections_are_refused_by_landlock_alone() -> None:
    found = tried("own", "read", "write", "list", "execute", "connect", "open-again", walls=["landlock"])
    if found.pop("missing"):
        pytest.skip("this kernel has no Landlock")
    connected = found.pop("connect")  # refused; by a closed port where Landlock does not know of TCP
    assert connected in {"PermissionError", "ConnectionRefusedError"}
    assert set(found.values()) == {"PermissionError"}


def test_no_number_of_a_file_is_free_by_the_limit_alone() -> None:
    found = tried("read", "open-again", "udp", "pipe", walls=["limits"])
    assert found == {"missing": [], **dict.fromkeys(("read", "open-again", "udp", "pipe"), "OSError")}


def test_nobody_of_its_users_is_root() -> None:
    found = tried("who", walls=["nobody"])
    assert found["missing"] == []
    assert 0 not in found["who"]


def test_it_inherits_no_file_but_its_own_three(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as kept:
        assert kept.fileno() > 2
        assert tried("open", walls=[])["open"] == [0, 1, 2]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="calls of 32 bits")
def test_a_call_of_32_bits_is_the_end() -> None:
    assert ended("32-bit", walls=["seccomp"]).why == "killed"


HEADERS = [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")]
"""Where the kernel's own numbers stand, by column."""


@pytest.mark.parametrize(("column", "header"), HEADERS)
def test_the_numbers_of_calls_are_the_kernels(column: int, header: str) -> None:
    if not Path(header).is_file():
        pytest.skip("the kernel's headers are not installed")
    numbers = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text()))
    wanted = {name: both[column] for name, both in {**seccomp._NUMBERS, **seccomp._NOT_TO_RUN}.items()}
    wanted["seccomp"] = next(call for place, _, call in seccomp._MACHINES.values() if place == column)
    assert {name: int(numbers[name]) for name in wanted} == wanted


def judged(program: list[tuple[int, int, int, int]], machine: int, number: int, third: int) -> int:
    """What the filter says of a call: BPF's own rules, for the instructions that there are."""
    data, word, at = struct.pack("=IIQ6Q", number, machine, 0, 0, 0, third, 0, 0, 0), 0, 0
    while True:
        code, holds, fails, value = program[at]
        if code == 0x06:
            return value
        if code == 0x20:
            word = struct.unpack_from("=I", data, value)[0]
            at += 1
        else:
            at += 1 + (holds if (word == value if code == 0x15 else word & value) else fails)


@pytest.mark.parametrize(("column", "machine"), [(0, 0xC000003E), (1, 0xC00000B7)])
def test_the_filter_lets_its_list_pass_and_nothing_else_on_both_processors(column: int, machine: int) -> None:
    program = seccomp._filter(column, machine)
    listed = {both[column] for both in seccomp._NUMBERS.values()}
    careful = {both[column] for both in seccomp._NOT_TO_RUN.values()}
    passed = {number for number in range(600) if judged(program, machine, number, 3) == 0x7FFF0000}
    assert passed == listed | careful
    assert {number for number in range(600) if judged(program, machine, number, 7) == 0x7FFF0000} == listed
    assert judged(program, machine, 0x40000000 + min(listed), 0) == 0x00050001
    assert judged(program, 0x40000003, min(listed), 0) == 0x80000000


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Files are read by a real process that lacks these walls."""
    whole = client._environment()

    def lacking(*walls: str) -> None:
        monkeypatch.setattr(client, "READER", "tests.services.sandbox.loose_reader")
        monkeypatch.setattr(client, "_environment", lambda: whole | {"WITHOUT": " ".join(walls)})
        confinement.cache_clear()

    yield lacking
    confinement.cache_clear()


@pytest.mark.parametrize("suffix", WRITTEN)
def test_without_landlock_a_file_is_read_between_the_other_walls(suffix: str, without: Any) -> None:
    read = outline_from_file(valid(suffix), f"a.{suffix}", FileLimits())
    without("landlock")
    assert outline_from_file(valid(suffix), f"a.{suffix}", FileLimits()) == read
    assert confinement().missing == ("landlock",)
    assert confinement().reads


@pytest.mark.parametrize("walls", [("seccomp",), ("nobody",), ("landlock", "seccomp")])
def test_without_seccomp_or_as_root_no_file_is_read_and_that_is_said(
    walls: tuple[str, ...], without: Any, caplog: pytest.LogCaptureFixture
) -> None:
    without(*walls)
    with pytest.raises(AreaError, match="not read on this server") as caught:
        outline_from_file(valid("geojson"), "a.geojson", FileLimits())
    assert "Draw the area" in caught.value.remedy
    assert confinement() == Confinement(tuple(name for name in ("nobody", "landlock", "seccomp") if name in walls))
    for sentence in confinement().sentences:
        assert sentence in caplog.text
        assert sentence.endswith("Files that people bring are refused.")


def test_another_system_reads_with_limits_alone_and_the_page_says_so(
    without: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not Confinement(("landlock", "seccomp")).reads
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Confinement(("landlock", "seccomp")).reads
    monkeypatch.setattr(client, "run", lambda *_: client.Ended(ANSWER))
    assert outline_from_file(b"{}", "a.json", FileLimits()).notes == (client.UNCONFINED,)


ANSWER = (
    b'{"missing": ["landlock", "seccomp"], "outline": {"polygons": [[1]], "notes": [], "features": 1, "epsg": 4326, '
    b'"members": []}}\n' + bytes(16)
)


def test_on_this_machine_what_holds_is_known() -> None:
    assert set(confinement().missing) <= {"landlock", "seccomp"}
    assert len(confinement().sentences) == len(confinement().missing)
