"""Commands that look at what the cache has, and fetch nothing."""

from terminal.looking.series import series
from terminal.looking.timelapse import timelapse

__all__ = ["series", "timelapse"]
