"""Small files on disk that make room for each other."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.errors import StorageError
from services.preview import PreviewStore
from services.preview.preview_store import USED_EVERY

ONE, TWO, THREE = "1" * 16, "2" * 16, "3" * 16


def of(size: int) -> Callable[[Path], object]:
    """Writes so many bytes."""
    return lambda path: path.write_bytes(bytes(size))


def aged(home: Path, digest: str, seconds: float) -> None:
    """As if it had been used so long ago."""
    folder = home / "sketches" / digest
    then = folder.stat().st_mtime - seconds
    os.utime(folder, (then, then))


def test_what_was_written_is_found_and_read(tmp_path: Path) -> None:
    book = PreviewStore(tmp_path, 10**6)
    path = book.write(ONE, "true-990.png", of(5))
    assert path == tmp_path / "sketches" / ONE / "true-990.png"
    assert book.file(ONE, "true-990.png") == path
    assert book.read(ONE, "true-990.png") == bytes(5)
    assert book.file(TWO, "true-990.png") is None
    assert book.read(ONE, "false-990.png") is None


@pytest.mark.parametrize(
    ("digest", "name"),
    [
        ("../results", "a.png"),
        ("1" * 15, "a.png"),
        (ONE, "../" + TWO + "/a.png"),
        (ONE, ".hidden.png"),
        (ONE, "a/b.png"),
        (ONE, "a.exe"),
        (ONE, ""),
        (ONE, "a.png\n"),
        (ONE, "a\0.png"),
    ],
)
def test_no_name_leads_out_of_its_folder(digest: str, name: str, tmp_path: Path) -> None:
    book = PreviewStore(tmp_path, 10**6)
    for existing in (tmp_path / "sketches" / TWO, tmp_path / "results"):
        existing.mkdir(parents=True)
        (existing / "a.png").write_bytes(b"secret")
    assert book.file(digest, name) is None
    assert book.read(digest, name) is None
    with pytest.raises(ValueError, match="no name of a preview"):
        book.write(digest, name, of(1))


def test_the_folder_that_was_not_used_for_longest_makes_room(tmp_path: Path) -> None:
    book = PreviewStore(tmp_path, 1000)
    for number, digest in enumerate((ONE, TWO, THREE)):
        book.write(digest, "a.png", of(300))
        aged(tmp_path, digest, 10 * USED_EVERY - number)
    assert book.read(ONE, "a.png")  # used now
    book.write("4" * 16, "a.png", of(300))
    there = {folder.name[0] for folder in (tmp_path / "sketches").iterdir()}
    assert there == {"1", "3", "4"}


def test_what_was_just_written_stays_even_where_it_alone_is_too_much(tmp_path: Path) -> None:
    book = PreviewStore(tmp_path, 100)
    book.write(ONE, "a.png", of(50))
    book.write(TWO, "a.png", of(500))
    assert book.file(ONE, "a.png") is None
    assert book.file(TWO, "a.png") is not None


def test_a_limit_of_before_holds_from_the_first_file_of_a_process_on(tmp_path: Path) -> None:
    PreviewStore(tmp_path, 10**6).write(ONE, "a.png", of(5000))
    PreviewStore(tmp_path, 1000).write(TWO, "a.png", of(1))
    assert not (tmp_path / "sketches" / ONE).exists()


def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sketches").write_text("no folder")
    with pytest.raises(StorageError, match=r"a\.png cannot be written"):
        PreviewStore(tmp_path, 1000).write(ONE, "a.png", of(1))


def test_on_a_full_disk_half_of_what_there_is_makes_room(tmp_path: Path) -> None:
    book, refused = PreviewStore(tmp_path, 10**6), [True]

    def full_once(path: Path) -> None:
        if refused and refused.pop():
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_bytes(b"picture")

    for number, digest in enumerate((ONE, TWO, THREE)):
        book.write(digest, "a.png", of(300))
        aged(tmp_path, digest, 100 - number)
    book.write("4" * 16, "a.png", full_once)
    assert {folder.name[0] for folder in (tmp_path / "sketches").iterdir()} == {"3", "4"}
    assert book.read("4" * 16, "a.png") == b"picture"

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        PreviewStore(tmp_path / "nowhere", 10**6).write(ONE, "a.png", full)


def test_threads_may_write_and_make_room_at_once(tmp_path: Path) -> None:
    book = PreviewStore(tmp_path, 20_000)
    failures: list[BaseException] = []

    def use(part: int) -> None:
        try:
            for number in range(40):
                book.write(f"{part}{number:015d}", "a.png", of(1000))
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=use, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    book.write(ONE, "a.png", of(1000))
    sizes = [file.stat().st_size for file in (tmp_path / "sketches").rglob("*.png")]
    assert sum(sizes) <= 21_000
