"""Log lines: what they are about, one a record whatever is in it, as objects, and in files of bounded size."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.errors import StorageError
from services.logs import KEPT, about, log_to, take_over
from services.settings import load_settings

log = logging.getLogger("services.some")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The handlers of the test run come back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers, root.level = handlers, level


def lines(home: Path) -> list[str]:
    return (home / "logs" / "worker.log").read_text().splitlines()


def test_a_line_names_the_job_and_the_member_that_it_is_about(tmp_path: Path) -> None:
    log_to(load_settings(home=tmp_path), "worker", console=False)
    with about(job="aa", member="ada@example.org"), about(request="r1"):
        log.info("fetched")
    log.info("idle")
    first, second = lines(tmp_path)
    assert first.endswith("services.some fetched [request=r1 job=aa member=ada@example.org]")
    assert second.endswith("services.some idle")


def test_nobody_writes_a_line_of_their_own(tmp_path: Path) -> None:
    log_to(load_settings(home=tmp_path), "worker", console=False)
    with about(member="ada\n2026 ERROR all is lost"):
        log.warning("a file called %s", "x\r\n2026 INFO paid \x1b[31m")
    (only,) = lines(tmp_path)
    assert "\\n2026 INFO paid \\x1b[31m" in only and "ada\\n2026" in only


def test_as_json_each_line_is_an_object_with_its_exception(tmp_path: Path) -> None:
    log_to(load_settings(home=tmp_path, log_format="json"), "worker", console=False)
    with about(job="aa"):
        try:
            raise ValueError("no such band")
        except ValueError:
            log.exception("the job met a fault")
    (only,) = map(json.loads, lines(tmp_path))
    assert (only["level"], only["logger"], only["message"]) == ("ERROR", "services.some", "the job met a fault")
    assert only["job"] == "aa" and only["request"] is None and "no such band" in only["exc_info"]


def test_the_files_have_a_bounded_size(tmp_path: Path) -> None:
    log_to(load_settings(home=tmp_path, log_mb=0.001), "worker", console=False)
    for number in range(400):
        log.info("line %s", number)
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == KEPT + 1 and all(file.stat().st_size <= 1000 for file in files)
    assert lines(tmp_path)[-1].endswith("line 399")


def test_lines_of_a_library_that_prints_its_own_come_once(tmp_path: Path) -> None:
    library = logging.getLogger("printing.library")
    library.addHandler(logging.StreamHandler())
    library.propagate = False
    log_to(load_settings(home=tmp_path), "worker", console=False)
    take_over("printing")
    library.warning("careful")
    assert not library.handlers and [line.split()[-1] for line in lines(tmp_path)] == ["careful"]


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in the way")
    with pytest.raises(StorageError, match=r"worker\.log"):
        log_to(load_settings(home=tmp_path), "worker")
