"""Names out of a .dbf, as GDAL wrote it and as others do."""

import struct

import pytest
import shapely

from services.formats import names_of
from tests.services.areafiles import unzipped, written

NAMES = ["Pyhäjärvi", "Århus", "x" * 80]


def dbf(*rows: tuple[bytes, ...], fields: tuple[tuple[bytes, bytes, int], ...], records: int | None = None) -> bytes:
    """By hand, after the description of dBase III."""
    head = b"".join(struct.pack("<11sc4xB15x", name, kind, width) for name, kind, width in fields) + b"\r"
    length = 1 + sum(width for *_, width in fields)
    count = len(rows) if records is None else records
    body = b"".join(
        b" " + b"".join(value.ljust(width) for value, (*_, width) in zip(row, fields, strict=True)) for row in rows
    )
    return struct.pack("<B3xIHH20x", 3, count, 32 + len(head), length) + head + body + b"\x1a"


def test_names_are_those_that_gdal_wrote() -> None:
    parts = unzipped(written("zip", [shapely.box(n, 60, n + 1, 61) for n in range(3)], names=NAMES))
    assert names_of(parts["area.dbf"], parts["area.cpg"].decode()) == NAMES


FIELDS = ((b"ID", b"N", 4), (b"TITLE", b"C", 9), (b"Name", b"C", 9))


@pytest.mark.parametrize(
    ("encoding", "written_as"),
    [("", "utf-8"), ("", "cp1252"), ("UTF-8", "utf-8"), ("ISO-8859-1", "latin-1"), ("1252\n", "cp1252"),
     ("ANSI 1252", "cp1252"), ("klingon", "utf-8"), ("rot13", "cp1252")],
)  # fmt: skip
def test_the_column_called_name_in_the_encoding_it_is_in(encoding: str, written_as: str) -> None:
    rows = [(b"1", b"a title", "Åbo".encode(written_as)), (b"2", b"", b"")]
    assert names_of(dbf(*rows, fields=FIELDS), encoding) == ["Åbo", ""]


def test_a_title_is_a_name_and_a_number_is_none() -> None:
    assert names_of(dbf((b"7", b"T"), fields=((b"NAME", b"N", 4), (b"Title", b"C", 9)))) == ["T"]
    assert names_of(dbf((b"7",), fields=((b"KIND", b"C", 4),))) == []


@pytest.mark.parametrize("cut", range(0, 140, 3))
def test_what_is_cut_has_no_names(cut: int) -> None:
    whole = dbf((b"1", b"a", b"Aa"), (b"2", b"b", b"Bb"), fields=FIELDS)
    assert names_of(whole[:cut]) == []


def test_claims_are_not_believed() -> None:
    assert names_of(dbf((b"1", b"a", b"b"), fields=FIELDS, records=2**32 - 1)) == []
    zero = bytearray(dbf((b"1", b"a", b"b"), fields=FIELDS))
    zero[10:12] = b"\0\0"
    assert names_of(bytes(zero)) == []


def test_more_records_than_features_are_read_have_no_names() -> None:
    whole = dbf((b"1", b"a", b"Aa"), (b"2", b"b", b"Bb"), fields=FIELDS)
    assert names_of(whole, most=2) == ["Aa", "Bb"] and names_of(whole, most=1) == []
