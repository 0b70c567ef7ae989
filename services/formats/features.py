"""What a reader of files gathers on its way: polygons, names, and what is no polygon, within the limits."""

from collections import Counter

from services.errors import AreaError
from services.formats.limits import FileLimits
from services.formats.outline import WGS84, Outline, Rings, left_out, refuse_without_polygon
from services.text import clean_name


class FeatureCollector:
    """Filled by one reader, feature by feature; raises AreaError as soon as it is more than limits, if any, allow."""

    def __init__(self, limits: FileLimits | None = None) -> None:
        self.polygons: list[Rings] = []
        self.members: list[tuple[str, int]] = []
        self.others: Counter[str] = Counter()
        """Things without an area, by kind."""
        self.heights = self.measures = False
        self._limits = limits
        self._vertices = 0
        self._told = 0

    def polygon(self, rings: Rings) -> None:
        """One polygon, its shell first; of rings without corners only their number is kept."""
        self.count(0)
        if not rings or not rings[0]:
            self.others["empty polygon"] += 1
            return
        self.polygons.append(tuple(ring for ring in rings if ring))
        self._vertices += sum(map(len, rings))
        self.others.update("empty ring" for ring in rings if not ring)

    def count(self, more: int) -> None:
        """Raises AreaError where `more` vertices would be too many: before they are read."""
        if self._limits and self._vertices + more > self._limits.max_vertices:
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
        if self._limits and len(self.members) > self._limits.max_features:
            raise AreaError(
                f"The file has more than {self._limits.max_features:,} features, which are the most that are read.",
                "Join them to one, or leave the smallest out.",
            )

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
