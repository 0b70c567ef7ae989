"""What lies on the disk is its user's alone: pictures of places, who asked for what, areas, an account's secret.

The home is closed to others, which closes all that is in it, and what is made from then on is closed itself.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PRIVATE, _OF_A_GROUP = 0o077, 0o007
"""Rights that files and folders of ours do not get."""
_given: list[int] = []
"""What this process was started with, once it is changed."""


def keep_private(home: Path, file: Path) -> tuple[str, ...]:
    """From here on this process makes files and folders for its user alone, and the home is closed where it is there.

    A home in which a group may write is shared on purpose, and stays so. `file` is that of the settings. Returns
    sentences for the log: what was open and is closed, and what is open and cannot be.
    """
    shared = home.is_dir() and bool(home.stat().st_mode & stat.S_IWGRP)
    forbidden = _OF_A_GROUP if shared else _PRIVATE
    before = os.umask(forbidden)
    if not _given:
        _given.append(before)
    said = (_closed(home, forbidden), _readable(file))
    return tuple(sentence for sentence in said if sentence)


@contextmanager
def usual_rights() -> Iterator[None]:
    """What is made meanwhile lies where a person wanted it, with the rights that this person's files have."""
    ours = os.umask(_given[0]) if _given else None
    try:
        yield
    finally:
        if ours is not None:
            os.umask(ours)


def _closed(home: Path, forbidden: int) -> str:
    mode = stat.S_IMODE(home.stat().st_mode) if home.is_dir() else 0
    if not mode & forbidden:
        return ""
    try:
        home.chmod(mode & ~forbidden)
    except OSError as error:
        return f"Other users of this machine can read {home}, and that cannot be changed: {error.strerror}."
    return f"The folder {home} was open to other users of this machine, and was closed."


def _readable(file: Path) -> str:
    """Of a file in a closed folder nothing is said."""
    try:
        open_to_all = file.stat().st_mode & stat.S_IROTH and file.resolve().parent.stat().st_mode & stat.S_IXOTH
    except OSError:
        return ""
    remedy = f"Close it with `chmod 600 {file}`, for it may hold secrets."
    return f"Other users of this machine can read the settings file {file}. {remedy}" if open_to_all else ""
