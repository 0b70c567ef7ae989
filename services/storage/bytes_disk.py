"""The files behind a byte store: bytes under text keys, sealed with their length and checksum, and never a pickle."""

import contextlib
import os
import re
import sqlite3
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diskcache
import numpy as np
from diskcache.core import MODE_BINARY, MODE_RAW, UNKNOWN
from numpy.typing import NDArray

SEAL = struct.Struct(">QI")
"""Before each value: its length in bytes and its checksum."""
_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}\.val")


def number_of(name: str) -> int:
    """Half of the random digits of a file's name: for tables of many millions of names."""
    return int(name[:2] + name[3:17], 16)


class BytesDisk(diskcache.Disk):  # type: ignore[misc] # diskcache has no types
    """Keeps bytes under text keys and nothing else, in files of this folder alone, whatever the table says."""

    def __init__(self, directory: str, **settings: Any) -> None:
        super().__init__(directory, **settings)
        self._thread = threading.local()

    def put(self, key: Any) -> tuple[str, bool]:
        """The key as it goes into the table; raises TypeError for what is not text."""
        if type(key) is not str:
            raise TypeError(f"A key is text, got {type(key).__name__}.")
        return key, True

    def get(self, key: Any, raw: bool) -> str:
        """The key as it comes from the table; raises ValueError for what is not text."""
        if type(key) is not str or not raw:
            raise ValueError("The table holds a key that is not text.")
        return key

    def filename(self, key: object = UNKNOWN, value: object = UNKNOWN) -> tuple[str, str]:  # noqa: ARG002 - diskcache's
        """A new name in one of 256 folders, and its whole path."""
        name = os.urandom(16).hex()
        name = f"{name[:2]}/{name[2:]}.val"
        return name, str(Path(self._directory) / name)

    def store(self, value: Any, read: bool, key: object = UNKNOWN) -> tuple[int, int, str | None, memoryview | None]:
        """Size, mode, file name and value as they go into the table."""
        if type(value) is not bytes or read:
            raise TypeError(f"A value is bytes, got {type(value).__name__}.")
        if len(value) < self.min_file_size:
            return 0, MODE_RAW, None, sqlite3.Binary(value)
        name, path = self.filename(key, value)
        self._written().append(name)
        try:
            _write_new(Path(path), value)
        except FileNotFoundError:
            Path(path).parent.mkdir(exist_ok=True)
            _write_new(Path(path), value)
        return len(value), MODE_BINARY, name, None

    def fetch(self, mode: Any, filename: Any, value: Any, read: bool) -> bytes:
        """A value that the table names; raises ValueError where it is no bytes of ours, and OSError."""
        if mode == MODE_RAW and type(value) is bytes and not read:
            return value
        if mode == MODE_BINARY and type(filename) is str and _FILE.fullmatch(filename) and not read:
            return (Path(self._directory) / filename).read_bytes()
        raise ValueError("The table holds a value that was not stored here.")

    def remove(self, file_path: Any) -> None:
        """Remove a value's file, unless the name leads elsewhere; never fails."""
        if type(file_path) is str and _FILE.fullmatch(file_path):
            with contextlib.suppress(OSError):
                (Path(self._directory) / file_path).unlink()

    def remove_others(self, named: NDArray[np.uint64], before: float) -> None:
        """Remove the files of all names but those with these numbers that are older than `before`, seconds since 1970;
        folder after folder."""
        for folder in Path(self._directory).glob("??"):
            files = [path for path in folder.glob("*.val") if _FILE.fullmatch(f"{folder.name}/{path.name}")]
            numbers = np.array([number_of(f"{folder.name}/{path.name}") for path in files], np.uint64)
            for number in np.flatnonzero(~np.isin(numbers, named)).tolist():
                with contextlib.suppress(FileNotFoundError):
                    if files[number].stat().st_mtime < before:
                        files[number].unlink()

    @contextlib.contextmanager
    def taken_back_on_error(self) -> Iterator[None]:
        """Remove the files that this thread wrote meanwhile where their rows cannot be written."""
        self._written().clear()
        try:
            yield
        except BaseException:
            for name in self._written():
                self.remove(name)
            raise

    def _written(self) -> list[str]:
        """Names of the files that this thread has written since it began."""
        if not hasattr(self._thread, "written"):
            self._thread.written = []
        written: list[str] = self._thread.written
        return written


def _write_new(path: Path, value: bytes) -> None:
    with path.open("xb") as file:
        file.write(value)


def sealed(key: str, data: bytes) -> bytes:
    """The data behind length and checksum under its key: a value under another's key is damaged too."""
    return _seal(key, data) + data


def unsealed(key: str, value: bytes) -> bytes:
    """The data of a sealed value; raises ValueError where it is not what was stored."""
    data = value[SEAL.size :]
    if value[: SEAL.size] != _seal(key, data):
        raise ValueError(f"its {len(data)} bytes are not those that were stored")
    return data


def _seal(key: str, data: bytes) -> bytes:
    return SEAL.pack(len(data), zlib.crc32(data, zlib.crc32(key.encode())))
