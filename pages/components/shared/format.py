"""Figures in words: durations, and parts of a whole."""


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


def percent(part: float) -> str:
    """`0 %`, `0.04 %`, `12.3 %`: little is not nothing."""
    whole = 100 * part
    if whole == 0 or whole >= 1:
        return f"{whole:.1f} %" if whole else "0 %"
    return f"{whole:.2f} %" if whole >= 0.01 else "under 0.01 %"


def whole_percent(value: float) -> str:
    """Whole percent; what is not all or nothing never looks like it."""
    if 0 < value < 1 or 99 < value < 100:
        return "< 1 %" if value < 1 else "> 99 %"
    return f"{value:.0f} %"
