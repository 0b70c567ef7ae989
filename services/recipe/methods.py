"""How the clear observations of a pixel become one."""

from dataclasses import dataclass

from services.registry import Registry


@dataclass(frozen=True)
class Method:
    """A way to make a picture of many observations."""

    name: str
    """In recipes, links and file names."""
    title: str
    """What people read."""
    feature: str
    """Name of the picture in an EOPatch, under DATA_TIMELESS."""
    words: str
    """What the picture is: `median` of 12 acquisitions."""
    meaning: str
    """What a pixel is; one sentence."""
    index: str
    """What a pixel of an index is; one sentence."""
    version: int = 1
    """Counted up where it comes to other pixels, so that nothing made before is shown as if it were the same."""

    def of(self, acquisitions: int) -> str:
        """`median of 12 acquisitions`."""
        return f"{self.words} of {acquisitions} acquisition{'' if acquisitions == 1 else 's'}"


METHODS = Registry(
    "method",
    (
        Method(
            "median",
            "Median",
            "MEDIAN",
            "median",
            "Each pixel is, band by band, the median of its clear observations.",
            "An index is computed of each clear observation of a pixel, and the pixel has the median of these.",
        ),
        Method(
            "least-cloudy",
            "Least cloudy",
            "LEAST_CLOUDY",
            "least cloudy observation",
            "Each pixel is, in all bands, as it was at the least cloudy date at which it is clear.",
            "An index is that of the pixel's least cloudy clear observation.",
        ),
    ),
)
