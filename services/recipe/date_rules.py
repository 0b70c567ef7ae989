"""Date rules: to what the limits of clouds and coverage are applied, where a picture has several tiles."""

from dataclasses import dataclass

from services.registry import Registry


@dataclass(frozen=True)
class DateRule:
    """One way to choose the dates of a picture."""

    name: str
    title: str
    """What people choose by: `Dates of the whole picture`."""
    words: str
    """Of a picture that was made so, a sentence."""
    by_tile: bool = False
    """Whether each tile has its dates by itself, as in an order: then no grouping changes a pixel."""


DATE_RULES = Registry(
    "rule of dates",
    (
        DateRule("picture", "Dates of the whole picture", "The limit is applied to the whole picture."),
        DateRule("tile", "Dates of each tile by itself", "The limit is applied to each tile by itself.", by_tile=True),
    ),
)
