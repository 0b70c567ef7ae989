"""The satellites: who flies when, and where in the cycle.

Sources: ESA, Sentinel-2 mission pages (143 orbits in 10 days, 98.62°, 10:30 local time at the descending node, swath
of 290 km; launch and hand-over dates). The place in the cycle comes from the identifiers of published products:
S2A passes southern Finland on relative orbit 79 on 2017-06-07, S2B five days later, S2C where S2A was.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ORBITS = 143
"""Relative orbits of a cycle, counted from 1."""
CYCLE = timedelta(days=10)
PERIOD = CYCLE.total_seconds() / ORBITS
"""Seconds of one revolution."""
LOCAL_HOUR = 10.5
"""Mean local solar time at the descending node, in hours."""
_NODE_79 = datetime(2017, 6, 7, 10, 10, 55, tzinfo=UTC)
"""Descending node of S2A on relative orbit 79."""


@dataclass(frozen=True)
class Satellite:
    """One of the constellation."""

    name: str
    """As in product ids: `S2A`."""
    first: datetime
    """First acquisition, UTC."""
    last: datetime
    """None are taken from here on, UTC."""
    shift: timedelta
    """How much later in the cycle than S2A."""

    @property
    def platform(self) -> str:
        """As in the catalogue: `sentinel-2a`."""
        return f"sentinel-2{self.name[-1].lower()}"

    def node(self, orbit: int) -> datetime:
        """Time of one descending node on a relative orbit; the others are whole cycles away."""
        return _NODE_79 + timedelta(seconds=(orbit - 79) * PERIOD) + self.shift


_HANDOVER = datetime(2025, 1, 21, tzinfo=UTC)
"""S2C took S2A's place in the nominal constellation; what S2A did elsewhere afterwards is left out."""
SATELLITES = (
    Satellite("S2A", datetime(2015, 7, 1, tzinfo=UTC), _HANDOVER, timedelta()),
    Satellite("S2B", datetime(2017, 3, 15, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC), CYCLE / 2),
    Satellite("S2C", _HANDOVER, datetime(9999, 1, 1, tzinfo=UTC), timedelta()),
)


def node_longitude(orbit: int) -> float:
    """Degrees east, −180 to 180, where a relative orbit crosses the equator southwards: there it is 10:30."""
    node = SATELLITES[0].node(orbit)
    midnight = node.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = (node - midnight).total_seconds() / 3600
    return (15 * (LOCAL_HOUR - hours) + 180) % 360 - 180
