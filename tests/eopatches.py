"""EOPatches read in one thread."""

from os import PathLike, fspath

from eolearn.core import EOPatch


def loaded(place: str | PathLike[str]) -> EOPatch:
    """An EOPatch from its folder, or `zip://` and a file; each feature is read when it is first looked at.

    By itself eo-learn reads all features in threads at once. Each array begins with a line that is parsed as Python,
    and Python 3.11 parses in one thread at a time alone: now and then another one got "AST constructor recursion depth
    mismatch" (CPython issue 106905).
    """
    return EOPatch.load(fspath(place), lazy_loading=True)
