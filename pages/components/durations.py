"""How long something takes, in words."""


def duration(seconds: float) -> str:
    """`20 s`, `5 min`, `3.5 h`: never more than two digits that matter."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def ago(seconds: float) -> str:
    """`just now`, `5 min ago`, `3.5 h ago`, `12 days ago`."""
    if seconds < 20:
        return "just now"
    return f"{duration(seconds)} ago" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days ago"
