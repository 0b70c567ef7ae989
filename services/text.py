"""Words and texts: cleaned for people, folded for searches, and written as CSV for spreadsheets."""

import csv
import io
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that Unicode does not take apart, as one types them without accents."""


def fold(text: str) -> str:
    """The text without case, and without the accents of letters; signs of other writings that are no accents stay."""
    apart = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f").translate(_LETTERS)


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins so is taken for a formula (OWASP, "CSV Injection")."""


def printable(text: str) -> str:
    """The text with a blank for each sign that does not show: it begins no line and steers no terminal."""
    return "".join(one if one.isprintable() else " " for one in text)


def csv_cell(value: object) -> str:
    """A value as it stands in the file: texts that would be formulas begin with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if not isinstance(value, str):
        return str(value)
    text = printable(value)
    return f"'{text}" if value.startswith(_FORMULA) else text


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows under their columns' names, if any, with commas between and CRLF at each end (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if columns:
        writer.writerow(columns)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return text.getvalue()


NAME_LENGTH = 80
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that do not show or that turn what stands beside them: controls, bidi marks, surrogates."""


def one_line(text: object, length: int) -> str:
    """At most `length` characters without controls; empty where `text` is no text."""
    if not isinstance(text, str):
        return ""
    shown = "".join(
        " " if character.isspace() else character
        for character in text[: 20 * length]
        if character.isspace() or unicodedata.category(character) not in _UNSEEN
    )
    return " ".join(shown.split())[:length].strip()


def clean_name(text: object) -> str:
    """One line of at most 80 characters without controls; empty where `text` is no text."""
    return one_line(text, NAME_LENGTH)


def shorten(value: object, length: int = 40) -> str:
    """A value as a message may show it: one line, at most `length` characters; what is no text as JSON writes it."""
    text = clean_name(value if isinstance(value, str) else _as_json(value))
    return text if len(text) <= length else f"{text[: length - 1]}…"


def megabytes(count: float) -> str:
    """`12.3 MB`; large ones in GB, small ones in kB and bytes, never more than three digits."""
    for size, unit in ((1e9, "GB"), (1e6, "MB")):
        if count >= 0.9995 * size:
            return f"{count / size:,.0f} {unit}" if count >= 99.95 * size else f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB" if count >= 999.5 else f"{count:.0f} bytes"


def plural(count: int, noun: str) -> str:
    """`1 date`, `1,204 dates`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def quoted(text: str, length: int = 40) -> str:
    """A word of somebody's as a message may show it, told apart from the sentence."""
    shown = shorten(text, length)
    mark = '"' if "'" in shown and '"' not in shown else "'"
    return f"{mark}{shown}{mark}"


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=lambda other: type(other).__name__)[: 20 * NAME_LENGTH]
    except (ValueError, RecursionError):  # an integer of more digits than are written, or lists in lists without end
        return "a value that cannot be written"


def counted(kinds: Iterable[str]) -> str:
    """`a Point`, `2 Points and an empty Feature`."""
    parts = [
        f"{number} {kind}s" if number > 1 else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        for kind, number in Counter(kinds).items()
    ]
    return listed(parts)


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
