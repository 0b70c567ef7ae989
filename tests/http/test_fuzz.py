"""Thousands of broken files of each format, through the process that reads files, with all its limits."""

import json
import os
import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path

import pytest

from services.area import read_aoi
from services.errors import AreaError
from services.formats import FORMATS
from services.sandbox import client
from services.sandbox.client import Ended
from tests.http.forkserver import OPEN_DOOR, ROOT, Readers
from tests.services.areafiles import ALL, ISLAND, valid, written
from tests.services.mutations import corpus, mutated, small_ones

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fork server is made for Linux")

RUN_APART = client.run
"""What the readers here stand in for."""
MUTATIONS = int(os.environ.get("NINEPATCH_FUZZ", "2000"))
"""Of each format."""
SECONDS = 5
"""Of processor time for one file, on both sides."""
MEMORY_MB = 1000
LONGEST = 300
"""Characters of a cause with its remedy."""
ARTEFACTS = ROOT / "artefacts" / "fuzz"
AT_THE_DOOR = re.compile(
    "The file ends in|The file is empty|The file is not text|The text .* is no area|The JSON cannot be read"
    "|The XML cannot be read|The WKT cannot be read|The zip is damaged|The FlatGeobuf cannot be read: it is cut"
    "|The GeoPackage cannot be read: (it is cut off|file is not a database|database disk image is malformed)"
)
"""What is said where little more was looked at than whether the file is of its format at all."""
FAULTS = re.compile(
    "The file cannot be read( as [^:]*: it is damaged|: what came of it)|The file (takes longer|needs more)"
)
"""What is said where the reader had no sentence of its own, or did not come to an end."""
UNSAYABLE = re.compile(r"Traceback|\w(Error|Exception)\b|\.py\b| object at 0x|site-packages|<class|/tmp/|" + str(ROOT))
LEAST_DEEP = 0.3
"""Share of the changed files that must come through the door, or the fuzz would not be one of the readers."""


@pytest.fixture
def readers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Readers]:
    """In place of `sandbox.run`, of the format that the test has as its suffix."""
    folder = tmp_path_factory.mktemp("reader")
    suffix = request.node.callspec.params.get("suffix", "gpkg") if hasattr(request.node, "callspec") else "gpkg"
    kind = next(kind.name for kind in FORMATS if f".{suffix}" in kind.suffixes)
    small = written(suffix, [ISLAND], epsg=3067) if suffix in {"zip", "gpkg", "fgb"} else b"none"
    with pytest.MonkeyPatch.context() as patched, Readers(folder, kind, small) as made:
        patched.setattr("services.sandbox.client.run", made.run)
        patched.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("here")))
        yield made


def said(sentence: str) -> None:
    """What a person can be told: one line, no more than a line's worth, nothing of the machinery."""
    assert sentence.endswith("."), sentence
    assert len(sentence) <= LONGEST, sentence
    assert not UNSAYABLE.search(sentence), sentence
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in sentence), (
        sentence
    )


def ends(readers: Readers, data: bytes, suffix: str) -> str:
    """How it ends: `area`, `deep` or `door`. Fails where it ends in any other way, late, large or with a rest."""
    readers.forget()
    began = time.thread_time()
    try:
        aoi = read_aoi(data, f"a.{suffix}")
    except AreaError as error:
        said(error.cause)
        said(error.remedy)
        said(str(error))
        assert not FAULTS.match(error.cause), error.cause
        outcome = "door" if AT_THE_DOOR.match(error.cause) else "deep"
    else:
        assert aoi.geometry.is_valid
        assert aoi.area_km2 > 0
        assert 0 < len(aoi.name) <= 80
        for note in aoi.notes:
            said(note)
        outcome = "area"
    here = time.thread_time() - began
    spent = readers.last
    if spent is None:
        assert outcome == "door"
        assert here < SECONDS
        return outcome
    assert spent.status == 0, f"the reader ended with {spent.status}"
    assert spent.cpu + here < SECONDS
    assert spent.memory_mb < MEMORY_MB
    assert spent.left == 0
    assert b'"fault"' not in spent.answer[:20], spent.answer[:200]
    return outcome


def different(suffix: str) -> Iterator[tuple[int, bytes]]:
    """Changed files without end, none twice, with their seeds."""
    seen: set[bytes] = set()
    for seed in count():
        data = mutated(suffix, seed)
        if data not in seen:
            seen.add(data)
            yield seed, data


def all_end(readers: Readers, suffix: str, what: str, files: Iterable[tuple[int, bytes]]) -> Counter[str]:
    """How all of the numbered files end, counted. A file that fails is kept, and named in the failure."""

    def one(numbered: tuple[int, bytes]) -> tuple[str, float, float]:
        number, data = numbered
        try:
            outcome = ends(readers, data, suffix)
            return outcome, *((readers.last.cpu, readers.last.memory_mb) if readers.last else (0.0, 0.0))
        except Exception as error:
            ARTEFACTS.mkdir(parents=True, exist_ok=True)
            path = ARTEFACTS / f"{what}-{number}.{suffix}"
            path.write_bytes(data)
            error.add_note(f"{suffix}, {what} {number}: {path.relative_to(ROOT)}")
            raise

    began = time.monotonic()
    with ThreadPoolExecutor(2) as threads:
        outcomes, cpu, memory = zip(*threads.map(one, files), strict=True)
    found = Counter(outcomes)
    assert not list(readers.folder.iterdir()), "the readers left files behind"
    assert not list(Path(tempfile.gettempdir()).iterdir()), "files were left behind here"
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    figures = {
        "files": found.total(),
        **found,
        "seconds": round(time.monotonic() - began, 1),
        "cpu_of_readers": round(sum(cpu), 1),
        "slowest": round(max(cpu), 2),
        "largest_mb": round(max(memory)),
    }
    (ARTEFACTS / f"{what}-{suffix}.json").write_text(json.dumps(figures) + "\n")
    return found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("suffix", ALL)
def test_whatever_becomes_of_a_file_it_ends_in_an_area_or_a_sentence(readers: Readers, suffix: str) -> None:
    found = all_end(readers, suffix, "seed", islice(different(suffix), MUTATIONS))
    assert found.total() == MUTATIONS
    assert found["area"] + found["deep"] >= LEAST_DEEP * MUTATIONS, found
    assert found["area"]
    assert found["deep"]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("suffix", ALL)
def test_a_file_cut_anywhere_ends_in_a_sentence(readers: Readers, suffix: str) -> None:
    data = small_ones()[0] if suffix == "gpkg" else valid(suffix)
    found = all_end(readers, suffix, "cut", ((end, data[:end]) for end in range(len(data))))
    # a text that ends right is right wherever it was cut; what is still marked as complete is not cut
    assert found["area"] == 0 or (suffix in {"geojson", "kml", "gpx", "wkt"} and found["area"] < 10), found


def test_a_large_database_cut_at_its_pages_ends_in_a_sentence(readers: Readers) -> None:
    data = valid("gpkg")
    places = sorted({page + more for page in range(0, len(data), 4096) for more in (-1, 0, 1, 100)} - {-1})
    found = all_end(readers, "gpkg", "page", ((end, data[:end]) for end in places))
    assert found["area"] == 0, found


# The fuzz itself


@pytest.mark.parametrize("suffix", ALL)
def test_a_fork_answers_as_a_process_of_its_own(readers: Readers, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def both(module: str, request: bytes, seconds: float, answer_mb: int) -> Ended:
        forked = readers.run(module, request, seconds, answer_mb)
        assert forked == RUN_APART(module, request, seconds, answer_mb)
        return forked

    monkeypatch.setattr("services.sandbox.client.run", both)
    for data in (*corpus(suffix), *(mutated(suffix, seed) for seed in range(3))):
        ends(readers, data, suffix)


@pytest.mark.parametrize("suffix", ALL)
def test_good_files_are_areas(readers: Readers, suffix: str) -> None:
    assert [ends(readers, data, suffix) for data in corpus(suffix)] == ["area"] * len(corpus(suffix))


def test_mutations_are_the_same_for_the_same_seed_and_differ_among_seeds() -> None:
    for suffix in ALL:
        assert mutated(suffix, 7) == mutated(suffix, 7)
        assert len({mutated(suffix, seed) for seed in range(50)} - set(corpus(suffix))) > 40, suffix


@pytest.mark.parametrize(
    ("words", "ended"),
    [(["own", "read", "write", "list", "connect"], ""), (["stack"], "killed"), (["spin"], "time")],
)
def test_a_fork_is_confined_and_its_end_is_seen(readers: Readers, words: list[str], ended: str) -> None:
    request = json.dumps({"words": words, "seconds": 1, "walls": None}).encode() + b"\n"
    came = readers.run("tests.services.prisoner", request, 20, 3)
    assert came.why == ended
    if not ended:
        found = json.loads(came.answer)
        assert {found[word] for word in words} <= {"OSError", "PermissionError"}


def test_an_open_door_is_seen(readers: Readers) -> None:
    came = readers.run("services.sandbox.reader_process", b"no request\n", 20, 3)
    assert came == Ended(b"", "killed")
    for walls, status in ((None, 0), ([], OPEN_DOOR)):
        request = json.dumps({"words": [], "seconds": 1, "walls": walls}).encode() + b"\n"
        readers.run("tests.services.prisoner", request, 20, 3)
        assert readers.last is not None and readers.last.status == status, walls


@pytest.mark.parametrize(
    "sentence",
    ["No end", "KeyError: 'x'.", "In /tmp/x.", "A\nb.", "At \u202ex.", "x" * LONGEST + ".", "<class 'int'> is odd."],
)
def test_what_nobody_should_read_is_found(sentence: str) -> None:
    with pytest.raises(AssertionError):
        said(sentence)
