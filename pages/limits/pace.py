"""How often the parts of pages that ask by themselves do so, and how long a page waits: less, the more are open."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

from streamlit.runtime import Runtime

FEW = 10
"""Pages that may be open before a part asks less often: all of them together ask about as often as so many would."""

AT_ONCE = 3
"""Pages that run at the same time: Python runs one, and another goes on while one waits for a drawing or the disk.
Fifteen that run together end together, after all of their seconds; one after the other most end sooner."""
TURN_SECONDS = 2.0
"""After which a page runs beside the others all the same: one of them may wait for long."""
PATIENCE_SECONDS = 0.2


_turns = Semaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """For the run of a page, which waits here until fewer than AT_ONCE others run, but not for ever."""
    mine = _turns.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if mine:
            _turns.release()


def patience() -> float | None:
    """Seconds that a page waits for a picture that has to be drawn; None, as long as it takes, where few are open."""
    return PATIENCE_SECONDS if open_pages() > FEW else None


def every(seconds: float) -> float:
    """Seconds from one look to the next, for a part that looks again after `seconds` where few pages are open."""
    return seconds * max(1.0, open_pages() / FEW)


def open_pages() -> int:
    """How many pages are connected; one where no server runs, as in tests of a page alone."""
    manager = getattr(Runtime.instance(), "_session_mgr", None) if Runtime.exists() else None
    return manager.num_active_sessions() if manager is not None else 1
