"""The program that reads files which people bring: `python -m services.sandbox.reader_process < request > answer`.

It runs apart from everything (see sandbox), imports what it needs before it looks at a file, then gives up files,
network, memory, time and rights, and answers in a line of JSON: an outline, whose numbers follow it as bytes (see
`wire`), or the two sentences of an AreaError.
"""

import codecs
import gc
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from services.errors import AreaError
from services.formats import FileLimits, Format, check_size, format_named
from services.sandbox.walls import limit, lock_down
from services.sandbox.wire import lengths, packed

for _encoding in ("utf-8-sig", "utf-16", "cp437", "cp1252", "latin-1", "iso8859-15"):
    codecs.lookup(_encoding)  # none can be looked for when the door is closed

WRITTEN_MB = 60
"""Longest answer."""


def _place(error: BaseException) -> str:
    """File and line of ours, for the log: never a word of the file that was read."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def main() -> None:
    """Reads one request: a line of JSON with the kind and the limits, then the bytes of the file.

    Without a kind it only says what confines it here.
    """
    request = json.loads(sys.stdin.buffer.readline())
    limits = FileLimits(**request["limits"])
    limit(limits.file_memory_mb, limits.file_seconds, WRITTEN_MB)
    kind = format_named(request["kind"]) if request["kind"] else None
    if kind is not None:
        kind.prepare()
    data = sys.stdin.buffer.read()
    held = lock_down()
    answer, numbers = _read(kind, data, limits) if kind is not None and held.reads else ({}, b"")
    sys.stdout.buffer.write(json.dumps({"missing": held.missing} | answer).encode() + b"\n" + numbers)
    sys.stdout.flush()


def _read(kind: Format, data: bytes, limits: FileLimits) -> tuple[dict[str, Any], bytes]:
    """The answer, and the numbers that follow it."""
    gc.disable()  # it would go over hundreds of thousands of positions again and again, and this process ends soon
    try:
        outline = kind.read(data, limits)
        check_size(outline.vertices, len(outline.polygons), limits)
        plain = {field.name: getattr(outline, field.name) for field in fields(outline)}
        return {"outline": plain | {"polygons": lengths(outline.polygons)}}, packed(outline.polygons)
    except AreaError as error:
        return {"cause": error.cause, "remedy": error.remedy}, b""
    except MemoryError:
        return {"fault": "memory"}, b""
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side says that the file cannot be read
        return {"fault": f"{type(error).__name__} {_place(error)}"}, b""


if __name__ == "__main__":
    main()
