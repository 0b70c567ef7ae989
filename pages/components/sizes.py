"""Sizes of files in words."""


def megabytes(count: float) -> str:
    """`12.3 MB`; large ones in GB, small ones in kB and bytes, never more than three digits."""
    for size, unit in ((1e9, "GB"), (1e6, "MB")):
        if count >= 0.9995 * size:
            return f"{count / size:.0f} {unit}" if count >= 99.95 * size else f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB" if count >= 999.5 else f"{count:.0f} bytes"
