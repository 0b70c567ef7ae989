"""How the pixels of a band become those of a picture, where the two have other sizes or places."""

from dataclasses import dataclass

from services.registry import Registry


@dataclass(frozen=True)
class Processing:
    """A way of resampling; the frames of another one need a name of their own in the cache."""

    name: str
    """In recipes; left out of those that have the first one."""
    title: str
    """What people read."""
    meaning: str
    """What a pixel is; one sentence in ASCII, for tags."""


PROCESSINGS = Registry(
    "processing",
    (
        Processing(
            "nearest",
            "Nearest neighbour",
            "Each pixel is the one pixel of the band that holds its centre: a sample, not a mean, however coarse the "
            "picture is. Files are read at full resolution; a service is asked for nearest neighbour.",
        ),
    ),
)
