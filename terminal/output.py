"""What people and machines read: one object of JSON, or lines and tables."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

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


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """For people. What others wrote stands as it is: it is no markup and steers no terminal."""
    made = Table(*columns)
    for row in rows:
        made.add_row(*("".join(one if one.isprintable() else " " for one in str(value)) for value in row))
    Console(markup=False, highlight=False, emoji=False).print(made)
