"""The states of an order's parts as people see them: word, letter, class of the style sheet, and its crossing lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.registry import Registry

Diagonal = tuple[int, int]
"""Corners of a part that a line joins, counted from the south-western one on, counter-clockwise."""


@dataclass(frozen=True)
class PartLook:
    """How a part in one state is shown."""

    name: str
    """The state, as the table of parts has it."""
    letter: str
    """In the text of all parts' states that a map gets."""
    shape: str
    """After `np-part-`: its class in orders.css."""
    title: str
    """What people read."""
    crossed: tuple[Diagonal, ...] = ()


LOOKS = Registry(
    "state of a part",
    (
        PartLook("waiting", "w", "waiting", "Waiting"),
        PartLook("cached", "a", "cached", "In the cache already"),
        PartLook("fetching", "f", "fetching", "Being fetched"),
        PartLook("fetched", "g", "fetched", "Fetched"),
        PartLook("composing", "c", "composing", "Being composed"),
        PartLook("done", "d", "done", "Done"),
        PartLook("no data", "n", "nodata", "No data", ((0, 2),)),
        PartLook("failed", "x", "failed", "Failed", ((0, 2), (1, 3))),
    ),
)
"""In the order of the work: of the legend, and of the counts."""


def letters(states: Sequence[str]) -> str:
    """One letter a part, in their order."""
    return "".join(LOOKS[state].letter for state in states)


def for_map() -> Mapping[str, object]:
    """What `order.js` needs to know of them."""
    looks = LOOKS.values()
    return {
        "names": {look.letter: look.shape for look in looks},
        "crossed": {look.shape: look.crossed for look in looks if look.crossed},
    }
