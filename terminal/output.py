"""What people and machines read: one object of JSON, or lines and tables."""

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from services.text import printable

UNCUT = 10_000
"""Columns of a line that nobody looks at in a terminal."""
people = Console(stderr=True)
"""For sentences that are no answer."""


def say(plain: dict[str, Any], as_json: bool) -> None:
    """One object for machines, or lines for people."""
    if as_json:
        print(json.dumps(plain))
        return
    grid = Table.grid(padding=(0, 2))
    for key, value in plain.items():
        if not isinstance(value, list):
            grid.add_row(key.replace("_", " "), str(value))
    Console(markup=False).print(grid)


_UNITS = ("units", "month_quota_percent", "month_spent_percent")
"""Keys of a provider that counts units."""


def without_units(plain: dict[str, Any]) -> dict[str, Any]:
    """For people, of a provider that counts none."""
    return {key: value for key, value in plain.items() if key not in _UNITS}


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], whole: Collection[str] = ()) -> None:
    """For people. What others wrote stands as it is: it is no markup and steers no terminal.

    Columns named in `whole` are never cut, however narrow the terminal is; in a file or pipe nothing is.
    """
    made = Table(*columns)
    for row in rows:
        made.add_row(*(printable(str(value)) for value in row))
    for column in made.columns:
        if column.header in whole:
            column.no_wrap = True
            column.min_width = max((len(str(cell)) for cell in column.cells), default=0)
    width = None if sys.stdout.isatty() else UNCUT
    Console(markup=False, highlight=False, emoji=False, width=width).print(made, crop=False)
