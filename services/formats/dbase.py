"""dBase III (the .dbf of a Shapefile): the one column that may name its shapes, and nothing else of it."""

import struct

NAMES = ("name", "title", "nimi")
"""Columns that may name a shape, in lower case; the first that is there."""
_HEAD, _FIELD, _END = 32, 32, 0x0D
_MOST_FIELDS = 255
_ENCODINGS = {"utf8": "utf-8", "iso88591": "latin-1", "88591": "latin-1", "1252": "cp1252", "ansi1252": "cp1252"}
"""What a .cpg may say, in lower case without hyphens; others are not looked for."""


def names_of(dbf: bytes, encoding: str = "", most: int = 1000) -> list[str]:
    """The name of each record in the order of the file.

    Empty where there is no such column, where it is damaged, or where there are more than `most` records.

    `encoding` is what the .cpg says; without it, or where it is unknown, UTF-8 is tried before Windows' Latin.
    """
    try:
        records, head, length = struct.unpack_from("<IHH", dbf, 4)
        column = _column(dbf, head)
    except (struct.error, IndexError):
        return []
    if (
        column is None or records > most or length < column[1] or head + records * length > len(dbf) + 1
    ):  # some leave the last byte out
        return []
    start, end = column
    places = range(head, head + records * length, length)
    return [_text(dbf[place + start : place + end], encoding) for place in places]


def _column(dbf: bytes, head: int) -> tuple[int, int] | None:
    """Where in a record the name begins and ends; the first byte says whether the record is deleted."""
    found: dict[str, tuple[int, int]] = {}
    start = 1
    for number in range(_MOST_FIELDS):
        place = _HEAD + _FIELD * number
        if place >= head or dbf[place] == _END:
            break
        title = dbf[place : place + 11].split(b"\0")[0].decode("ascii", "replace").lower()
        end = start + dbf[place + 16]
        if dbf[place + 11 : place + 12] == b"C":
            found.setdefault(title, (start, end))
        start = end
    return next((found[name] for name in NAMES if name in found), None)


def _text(written: bytes, encoding: str) -> str:
    named = _ENCODINGS.get(encoding.strip().lower().replace("-", "").replace("_", ""))
    for known in (named, "utf-8", "cp1252"):
        if known is not None:
            try:
                return written.decode(known).strip(" \0")
            except UnicodeDecodeError:
                continue
    return written.decode("latin-1").strip(" \0")
