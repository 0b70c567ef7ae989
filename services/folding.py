"""Texts as people search for them: without case and accents."""

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that Unicode does not take apart, as one types them without accents."""


def fold(text: str) -> str:
    """The text without case, and without the accents of letters; signs of other writings that are no accents stay."""
    apart = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f").translate(_LETTERS)
