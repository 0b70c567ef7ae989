"""The satellites (who flies when, and where in the cycle) and their passes: one relative orbit from north to south.

Sources: ESA, Sentinel-2 mission pages (143 orbits in 10 days, 98.62°, 10:30 local time at the descending node, swath
of 290 km; launch and hand-over dates). The place in the cycle comes from the identifiers of published products:
S2A passes southern Finland on relative orbit 79 on 2017-06-07, S2B five days later, S2C where S2A was. One datatake a
pass: the imager runs from one end of the arc to the other, over land and sea alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ORBITS = 143
"""Relative orbits of a cycle, counted from 1."""
CYCLE = timedelta(days=10)
PERIOD = CYCLE.total_seconds() / ORBITS
"""Seconds of one revolution."""
ARC_SECONDS = PERIOD / 4
"""The descending quarter turns before and after the node, in which there is daylight."""
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


BASELINES = tuple(
    (datetime.fromisoformat(f"{day}T00:00:00+00:00"), name)
    for day, name in (
        *(("2015-01-01", "0204"), ("2017-01-01", "0205"), ("2017-10-23", "0206"), ("2018-10-09", "0207")),
        *(("2018-11-06", "0211"), ("2019-05-06", "0212"), ("2019-07-08", "0213"), ("2020-02-04", "0214")),
        *(("2021-06-30", "0301"), ("2022-01-25", "0400"), ("2022-12-06", "0509"), ("2023-12-13", "0510")),
        ("2024-07-23", "0511"),
    )
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
