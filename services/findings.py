"""What a reader of files gathers on its way: polygons, names, and what is no polygon, within the limits."""

from services.errors import AreaError
from services.filelimits import FileLimits
from services.outline import WGS84, Outline, Rings, clean_name, left_out, refuse_without_polygon

LONGEST_LIST = 1000
"""Things without an area that are told apart by kind; beyond that they only count."""


class Findings:
    """Filled by one reader, feature by feature; raises AreaError as soon as it is more than the limits allow."""

    def __init__(self, limits: FileLimits) -> None:
        self.polygons: list[Rings] = []
        self.names: list[str] = []
        self.others: list[str] = []
        self.features = 0
        self.heights = False
        self._limits = limits
        self._vertices = 0

    def polygon(self, rings: Rings) -> None:
        """One polygon, its shell first."""
        self.count(0)
        self._vertices += sum(map(len, rings))
        if rings:
            self.polygons.append(rings)

    def count(self, more: int) -> None:
        """Raises AreaError where `more` vertices would be too many: before they are read."""
        if self._vertices + more > self._limits.max_vertices:
            raise AreaError(
                f"The area has more than {self._limits.max_vertices:,} vertices, which are the most that are accepted.",
                "Simplify it: a tolerance of 10 m changes no tile.",
            )

    def feature(self, name: object = "") -> None:
        """A thing with polygons ended; its name, where it has one."""
        self.features += 1
        if self.features > self._limits.max_features:
            raise AreaError(
                f"The file has more than {self._limits.max_features:,} features, which are the most that are read.",
                "Join them to one, or leave the smallest out.",
            )
        if cleaned := clean_name(name):
            self.names.append(cleaned)

    def other(self, kind: str) -> None:
        """Something without an area."""
        if len(self.others) < LONGEST_LIST:
            self.others.append(kind)

    def outline(self, what: str, *, name: object = "", epsg: int = WGS84, notes: tuple[str, ...] = ()) -> Outline:
        """All of it. A single feature's name comes before `name`. Raises AreaError where there is no polygon."""
        self.count(0)
        if not self.polygons:
            raise refuse_without_polygon(self.others, what)
        own = self.names[0] if self.features == 1 and self.names else ""
        heights = ("Heights were left out.",) if self.heights else ()
        return Outline(
            tuple(self.polygons),
            name=own or clean_name(name),
            epsg=epsg,
            features=max(1, self.features),
            notes=(*left_out(self.others), *heights, *notes),
        )
