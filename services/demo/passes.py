"""The passes: one satellite on one relative orbit, from north to south, in daylight.

One datatake a pass: the imager runs from one end of the arc to the other, over land and sea alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.demo.orbits import ARC_SECONDS
from services.demo.satellites import CYCLE, SATELLITES, Satellite

BASELINES = (
    (datetime(2015, 1, 1, tzinfo=UTC), "0204"),
    (datetime(2017, 1, 1, tzinfo=UTC), "0205"),
    (datetime(2017, 10, 23, tzinfo=UTC), "0206"),
    (datetime(2018, 10, 9, tzinfo=UTC), "0207"),
    (datetime(2018, 11, 6, tzinfo=UTC), "0211"),
    (datetime(2019, 5, 6, tzinfo=UTC), "0212"),
    (datetime(2019, 7, 8, tzinfo=UTC), "0213"),
    (datetime(2020, 2, 4, tzinfo=UTC), "0214"),
    (datetime(2021, 6, 30, tzinfo=UTC), "0301"),
    (datetime(2022, 1, 25, tzinfo=UTC), "0400"),
    (datetime(2022, 12, 6, tzinfo=UTC), "0509"),
    (datetime(2023, 12, 13, tzinfo=UTC), "0510"),
    (datetime(2024, 7, 23, tzinfo=UTC), "0511"),
)
"""Processing baselines and when each came into use (ESA, Sentinel-2 processing baselines)."""


@dataclass(frozen=True)
class Pass:
    """One satellite goes down one relative orbit."""

    node: datetime
    """When it crosses the equator, UTC."""
    satellite: Satellite
    orbit: int
    """Relative orbit, 1 to 143."""

    @property
    def start(self) -> datetime:
        """Start of the datatake: the northern end of the arc, in whole seconds."""
        return (self.node - timedelta(seconds=ARC_SECONDS)).replace(microsecond=0)

    @property
    def baseline(self) -> str:
        """Processing baseline of its time: `0205`."""
        return [name for since, name in BASELINES if since <= self.start][-1]

    @property
    def offset(self) -> int:
        """DN that were added to reflectance × 10000 when it was processed: 1000 since baseline 04.00."""
        return 1000 if self.baseline >= "0400" else 0


def passes(orbit: int, begin: datetime, end: datetime) -> Iterator[Pass]:
    """Those down one relative orbit whose node lies in [begin, end], oldest first within each satellite."""
    for satellite in SATELLITES:
        low, high = max(begin, satellite.first), min(end, satellite.last)
        node = satellite.node(orbit)
        node += -((node - low) // CYCLE) * CYCLE
        while node <= high:
            if satellite.first <= node < satellite.last:
                yield Pass(node, satellite, orbit)
            node += CYCLE
