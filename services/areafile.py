"""A file that somebody brought to an outline: read in a process apart, and its answer believed in nothing."""

import json
import logging
from dataclasses import asdict
from typing import Any

from services.errors import AreaError
from services.filelimits import FileLimits
from services.formats import Format, format_of
from services.outline import Outline, clean_name, one_line
from services.packing import unpacked
from services.reading import suffix_of
from services.sandbox import Ended, run

READER = "services.areareader"
ANSWER_MB = 60
SENTENCE = 400
"""Characters of a sentence of the reader's."""
log = logging.getLogger(__name__)


def outline_from_file(data: bytes, filename: str, limits: FileLimits) -> Outline:
    """Whatever the file is. Raises AreaError with the cause and the remedy where it is nothing that is read.

    `filename` only tells the format. Nothing is left behind: no file, no process.
    """
    if len(data) > limits.max_upload_mb * 1_000_000:
        raise AreaError(
            f"The file has {len(data) / 1e6:,.1f} MB; at most {limits.max_upload_mb} MB are read.", "Simplify the area."
        )
    kind = format_of(suffix_of(filename), data)
    request = json.dumps({"kind": kind.name, "limits": asdict(limits)}).encode() + b"\n" + data
    ended = run(READER, request, 3 * limits.file_seconds, ANSWER_MB)
    return _answer(ended, kind, limits)


def _answer(ended: Ended, kind: Format, limits: FileLimits) -> Outline:
    """The outline. Raises AreaError with the reader's sentences, or with what became of the reader."""
    try:
        line, _, numbers = ended.answer.partition(b"\n")
        answer = json.loads(line) if line else {"fault": ended.why or "silence"}
    except (ValueError, RecursionError):
        answer = {"fault": "answer"}
    answer = answer if isinstance(answer, dict) else {"fault": "answer"}
    outline = answer.get("outline")
    if isinstance(outline, dict):
        return _outline(outline, numbers)
    cause, remedy = answer.get("cause"), answer.get("remedy")
    if isinstance(cause, str) and isinstance(remedy, str) and cause:
        raise AreaError(one_line(cause, SENTENCE), one_line(remedy, SENTENCE))
    fault = clean_name(answer.get("fault"))
    log.warning("the reader of %s files ended: %s", kind.name, fault)
    if fault == "time":
        raise AreaError(
            f"The file takes longer than {limits.file_seconds} s to read, and was given up.", "Simplify the area."
        )
    if fault in {"memory", "MemoryError"}:
        raise AreaError(
            f"The file needs more than {limits.file_memory_mb:,} MB of memory to read, and was given up.",
            "Simplify the area.",
        )
    raise AreaError(f"The file cannot be read as {kind.title}: it is damaged.", "Save it anew, or as GeoJSON.")


def _outline(plain: dict[str, Any], numbers: bytes) -> Outline:
    """Every value looked at: the process that wrote them had read a foreign file."""
    notes, features, epsg = (plain.get(key) for key in ("notes", "features", "epsg"))
    if not isinstance(notes, list) or type(features) is not int or type(epsg) is not int:
        raise _strange()
    try:
        polygons = unpacked(plain.get("polygons"), numbers)
    except ValueError:
        raise _strange() from None
    return Outline(
        polygons,
        name=clean_name(plain.get("name")),
        epsg=epsg,
        features=features,
        members=_members(plain.get("members"), len(polygons)),
        notes=tuple(one_line(note, SENTENCE) for note in notes[:20] if isinstance(note, str)),
    )


def _members(members: object, polygons: int) -> tuple[tuple[str, int], ...]:
    if not isinstance(members, list):
        raise _strange()
    found = []
    for member in members:
        if not isinstance(member, list) or len(member) != 2 or type(member[1]) is not int or member[1] < 0:
            raise _strange()
        found.append((clean_name(member[0]), member[1]))
    if found and sum(count for _, count in found) != polygons:
        raise _strange()
    return tuple(found)


def _strange() -> AreaError:
    return AreaError("The file cannot be read: what came of it is no outline.", "Save it anew, or as GeoJSON.")
