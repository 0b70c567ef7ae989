"""What a reader of files gathers on its way: polygons, names, and what is no polygon, within the limits."""

from services.errors import AreaError
from services.formats.limits import FileLimits
from services.formats.outline import WGS84, Outline, Rings, left_out, refuse_without_polygon, with_corners
from services.text import clean_name

LONGEST_LIST = 1000
"""Things without an area that are told apart by kind; beyond that they only count."""


class FeatureCollector:
    """Filled by one reader, feature by feature; raises AreaError as soon as it is more than the limits allow."""

    def __init__(self, limits: FileLimits) -> None:
        self.polygons: list[Rings] = []
        self.members: list[tuple[str, int]] = []
        self.others: list[str] = []
        self.heights = self.measures = False
        self._limits = limits
        self._vertices = 0
        self._told = 0

    def polygon(self, rings: Rings) -> None:
        """One polygon, its shell first."""
        self.count(0)
        full, empty = with_corners(rings)
        self._vertices += sum(map(len, full))
        if full:
            self.polygons.append(full)
        for kind in empty:
            self.other(kind)

    def count(self, more: int) -> None:
        """Raises AreaError where `more` vertices would be too many: before they are read."""
        if self._vertices + more > self._limits.max_vertices:
            raise AreaError(
                f"The area has more than {self._limits.max_vertices:,} vertices, which are the most that are accepted.",
                "Simplify it: a tolerance of 10 m changes no tile.",
            )

    def feature(self, name: object = "") -> None:
        """A thing ended, with the polygons since the last one; its name, where it has one. No polygons, no thing."""
        own, self._told = len(self.polygons) - self._told, len(self.polygons)
        if not own:
            return
        self.members.append((clean_name(name), own))
        if len(self.members) > self._limits.max_features:
            raise AreaError(
                f"The file has more than {self._limits.max_features:,} features, which are the most that are read.",
                "Join them to one, or leave the smallest out.",
            )

    def other(self, kind: str) -> None:
        """Something without an area."""
        if len(self.others) < LONGEST_LIST:
            self.others.append(kind)

    def outline(self, what: str, *, name: object = "", epsg: int = WGS84, notes: tuple[str, ...] = ()) -> Outline:
        """All of it. A single feature's name comes before `name`. Raises AreaError where there is no polygon."""
        self.count(0)
        if not self.polygons:
            raise refuse_without_polygon(self.others, what)
        self.feature()
        own = self.members[0][0] if len(self.members) == 1 else ""
        more = [what for what, there in (("Heights", self.heights), ("Measures", self.measures)) if there]
        return Outline(
            tuple(self.polygons),
            name=own or clean_name(name),
            epsg=epsg,
            features=len(self.members),
            members=tuple(self.members),
            notes=(*left_out(self.others), *(f"{what} were left out." for what in more), *notes),
        )
