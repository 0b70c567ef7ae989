"""A table of entries by name, in which an unknown name is an error that says which names there are.

A name says nothing of what it means: whatever is cached is keyed by the fingerprint of the entry's meaning.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Protocol, TypeVar

from services.errors import RecipeError
from services.text import quoted


class Named(Protocol):
    """What an entry must have."""

    @property
    def name(self) -> str:
        """The key: its place in links, recipes and file names."""


Entry = TypeVar("Entry", bound=Named)


class Registry(dict[str, Entry]):
    """The entries by their names, in the order in which people read them; the first one is what is usual."""

    def __init__(self, noun: str, entries: Iterable[Entry]) -> None:
        """`noun` is what people call an entry: `mask`. Raises ValueError where two entries have one name."""
        entries = tuple(entries)
        super().__init__({entry.name: entry for entry in entries})
        self.noun = noun
        if len(self) < len(entries):
            raise ValueError(f"two entries of one name among {', '.join(entry.name for entry in entries)}")

    def __missing__(self, name: str) -> Entry:
        """Raises RecipeError: no entry stands in for another one."""
        raise RecipeError(f"There is no {self.noun} {quoted(name)}.", f"Choose one of {', '.join(self)}.")


def fingerprint(*meaning: object) -> str:
    """16 hexadecimal characters of plain values: others for another meaning, the same in every process."""
    return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()[:16]
