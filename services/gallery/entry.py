"""Entry of the gallery: a picture by its recipe and view, with what people call it and say of it."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl

from services.errors import GalleryError
from services.recipe import Recipe
from services.storage import table_of
from services.text import clean_name, fold, one_line

NOTES_LENGTH = 2_000
"""Characters of the notes."""
LONGEST_QUESTION = 20_000
"""Characters of the query of a link; one with the most vetoes has fewer."""
ASKED, KEPT, REMOVED = "asked", "kept", "removed"
"""States: its link is noted and its result not there yet; it is shown; somebody took it out, and it stays out."""


@dataclass(frozen=True)
class Entry:
    """What the page shows of a picture."""

    id: str
    """Digest of its recipe where it stands for a result, else a number of its own."""
    digest: str
    """Of its recipe: the folder of its result, while that is there."""
    name: str
    """One line of at most 80 characters; a user's word, so never markup, as the notes."""
    notes: str
    """Lines of at most NOTES_LENGTH characters together; may be empty."""
    member: str
    """Who asked for the result, or saved the picture; empty where that is not known."""
    made: float
    """Seconds since 1970 at which that was."""
    recipe: str
    """The recipe as JSON."""
    question: str
    """Query of the link that sets all its choices; empty where nobody knows them."""
    view: str
    """Text of its view; empty for the first one that the bands allow."""
    simulated: bool
    """Whether its pixels are."""

    @property
    def link(self) -> dict[str, str]:
        """The query that opens it: all its choices, or the number of its result."""
        return dict(parse_qsl(self.question)) or {"result": self.digest}

    @property
    def is_result(self) -> bool:
        """Whether it stands for a result, and not for a picture that somebody saved."""
        return self.id == self.digest


GALLERY = table_of("gallery", Entry, state=str, folded=str, place=str, begins=str, found=str)
"""Besides: its state, name and place as they are sorted, the first day, and what a search looks through."""


def named(name: str) -> str:
    """Raises GalleryError where there is nothing of it to see."""
    name = clean_name(unicodedata.normalize("NFC", clean_name(name)))  # which may make it longer
    if not name:
        raise GalleryError("A picture of the gallery has a name, and this one has none.", "Write a name.")
    return name


def plain_notes(notes: str) -> str:
    """The notes without what does not show; their lines stay."""
    lines = (one_line(line, NOTES_LENGTH) for line in notes[: 2 * NOTES_LENGTH].splitlines())
    return "\n".join(lines)[:NOTES_LENGTH].strip()


def usual_name(recipe: Recipe) -> str:
    """What a picture is called before somebody names it."""
    return clean_name(f"{recipe.area}, {recipe.when}") or recipe.digest


def sorted_by(name: str, recipe: Recipe) -> dict[str, str]:
    """What the table holds beside an entry, to sort by."""
    return {"folded": fold(name), "place": fold(recipe.area), "begins": recipe.interval.start.isoformat()}


def searched(name: str, notes: str, recipe: Recipe) -> str:
    """Name, notes, area, days and years, as a search looks through them."""
    years = map(str, range(recipe.interval.start.year, recipe.interval.end.year + 1))
    return fold("\n".join((name, notes, recipe.area, recipe.when, " ".join(years))))
