"""How often the parts of pages that ask by themselves do so, and how long a page waits: less, the more are open."""

from streamlit.runtime import Runtime

FEW = 10
"""Pages that may be open before a part asks less often: all of them together ask about as often as so many would."""


PATIENCE_SECONDS = 0.2


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
