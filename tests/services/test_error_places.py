"""What people are told names no file or folder of the server; its terminal and its log do."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services import errors
from services.access.cookie_secret import cookie_secret
from services.errors import NinepatchError
from services.logs import log_to
from services.providers.http.allowance import SharedAllowance
from services.settings import load_settings
from services.storage import ByteStore, Database, SingleFlight, WorkerLock, disk, write_beside

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for part in ("services", "pages") for path in sorted((ROOT / part).rglob("*.py"))]
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, NinepatchError)}
PLACE = re.compile(r"\b_?(path|folder|home|directory|parent|mount\w*|out|place)\b(?!\.(name|suffix|netloc)\b|\()")
"""A variable of a file or folder that is said whole."""


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Every place where an error of ours is made, and the call."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in KINDS:
                yield f"{source.relative_to(ROOT)}:{node.lineno}", node


def said(call: ast.Call) -> Iterator[str]:
    """What is put into the sentences of the call."""
    for sentence in call.args[:2]:
        yield from (ast.unparse(node.value) for node in ast.walk(sentence) if isinstance(node, ast.FormattedValue))


def test_no_sentence_of_an_error_is_made_with_a_path() -> None:
    calls = list(raised())
    assert len(calls) > 200
    found = {where: [word for word in said(call) if PLACE.search(word)] for where, call in calls}
    assert {where: words for where, words in found.items() if words} == {}


def test_the_rule_knows_a_path_when_it_sees_one() -> None:
    for code in ("f'{self.path}'", "f'{home}'", "f'at {self._folder}: {x}'", "f'{unborn.parent}'"):
        assert any(map(PLACE.search, said(_call(code)))), code
    for code in ("f'{path.name}'", "f'{place(1, 2)}'", "'NINEPATCH_HOME'"):
        assert not any(map(PLACE.search, said(_call(code)))), code


def _call(sentence: str) -> ast.Call:
    parsed = ast.parse(f"StorageError({sentence})", mode="eval").body
    assert isinstance(parsed, ast.Call)
    return parsed


def held(home: Path) -> None:
    with SingleFlight(home).holding(["a"]):
        pass


def on_a_network_disk(home: Path) -> None:
    mounts = home.with_name("mounts")
    mounts.write_text(f"1 0 0:1 / {home.parent} rw - nfs4 server:/ rw\n")
    disk.require_local(home, mounts)


USES: dict[str, Callable[[Path], object]] = {
    "database": Database,
    "cache": lambda home: ByteStore(home, 10**6),
    "locks": held,
    "worker": WorkerLock,
    "log": lambda home: log_to(load_settings(home=home), "web"),
    "pace": lambda home: SharedAllowance(home / "pace"),
    "login": lambda home: cookie_secret(load_settings(home=home)),
    "file": lambda home: write_beside(home / "a", lambda path: path.touch()),
    "network": on_a_network_disk,
}


@pytest.mark.parametrize("use", USES.values(), ids=list(USES))
def test_a_home_that_is_no_folder_is_told_without_its_path(use: Callable[[Path], object], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("no folder")
    with pytest.raises(NinepatchError) as caught:
        use(home)
    assert str(tmp_path) not in caught.value.sentences
    assert not caught.value.place or str(tmp_path) in str(caught.value)


def test_the_terminal_says_where_it_is() -> None:
    error = errors.StorageError("It cannot be read.", "Make space.", Path("/srv/a"))
    assert str(error) == "It cannot be read (/srv/a). Make space."
    assert error.sentences == "It cannot be read. Make space."
    assert str(errors.StorageError("It cannot be read.")) == "It cannot be read."
