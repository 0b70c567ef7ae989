"""Finished results and saved pictures in, the team's gallery out: names, notes and favourites of what it has made."""

from services.gallery.entry import NOTES_LENGTH, Entry
from services.gallery.gallery import AT_ONCE, SORTS, Gallery

__all__ = ["AT_ONCE", "NOTES_LENGTH", "SORTS", "Entry", "Gallery"]
