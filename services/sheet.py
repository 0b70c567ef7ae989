"""Tables as CSV that a spreadsheet opens without carrying anything out."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins so is taken for a formula (OWASP, "CSV Injection")."""


def cell(value: object) -> str:
    """A value as it stands in the file: texts that would be formulas begin with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if not isinstance(value, str):
        return str(value)
    text = "".join(one if one.isprintable() else " " for one in value)
    return f"'{text}" if value.startswith(_FORMULA) else text


def sheet(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows under their columns' names, if any, with commas between and CRLF at each end (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if columns:
        writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
