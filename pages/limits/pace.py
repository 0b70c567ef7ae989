"""How often the parts of pages that ask by themselves do so: the less often, the more pages are open."""

from streamlit.runtime import Runtime

FEW = 10
"""Pages that may be open before a part asks less often: all of them together ask about as often as so many would."""


def every(seconds: float) -> float:
    """Seconds from one look to the next, for a part that looks again after `seconds` where few pages are open."""
    return seconds * max(1.0, open_pages() / FEW)


def open_pages() -> int:
    """How many pages are connected; one where no server runs."""
    return Runtime.instance()._session_mgr.num_active_sessions() if Runtime.exists() else 1
