"""Parts of one in percent."""


def percent(part: float) -> str:
    """`0 %`, `0.04 %`, `12.3 %`: little is not nothing."""
    whole = 100 * part
    if whole == 0 or whole >= 1:
        return f"{whole:.1f} %" if whole else "0 %"
    return f"{whole:.2f} %" if whole >= 0.01 else "under 0.01 %"
