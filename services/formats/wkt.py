"""Well-known text (OGC 06-103r4 § 7, and `SRID=4326;` as PostGIS writes it), read by a reader of our own.

GEOS reads nested collections recursively and ends the whole process where they are nested deeply.
"""

import re
from collections.abc import Iterator

from services.errors import AreaError
from services.formats.features import FeatureCollector
from services.formats.outline import WGS84, Outline, Position, coordinate
from services.text import quoted, shorten

DEPTH = 8
"""Collections in collections that are followed."""
KINDS = {
    name.upper(): name
    for name in (
        *("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"),
        *("CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface"),
        *("PolyhedralSurface", "Triangle", "Tin", "LinearRing"),
    )
}
"""Types and how GeoJSON and people spell them; only polygons are used."""
_TOKEN = re.compile(r"\s*(?:([A-Za-z]+)|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|([(),]))")
_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)
_START = re.compile(r"\s*(?:SRID\s*=|[A-Z]+(?:\s+(?:Z|M|ZM))?\s*(?:\(|EMPTY\b))", re.IGNORECASE)


def looks_like_wkt(text: str) -> bool:
    """Whether the text starts as WKT does: with a word and a bracket."""
    return _START.match(text) is not None


def read_wkt(text: str) -> Outline:
    """The polygons of a POLYGON, MULTIPOLYGON or GEOMETRYCOLLECTION; Z and M are dropped.

    Raises AreaError where the text is not WKT, holds no polygon, or is nested deeper than DEPTH.
    """
    srid = _SRID.match(text)
    reader = _Reader(text, srid.end() if srid else 0)
    reader.geometry(0)
    reader.end()
    return reader.found.outline("text", epsg=int(srid[1]) or WGS84 if srid else WGS84)


class _Reader:
    """Goes through the tokens once and gathers polygons."""

    def __init__(self, text: str, start: int) -> None:
        self.found = FeatureCollector()
        """A feature is each part of the outermost collection."""
        self._text = text
        self._place = start
        self._tokens = self._scan()
        self._next = next(self._tokens, "")

    def _scan(self) -> Iterator[str]:
        while match := _TOKEN.match(self._text, self._place):
            self._place = match.end()
            yield match[0].strip()
        rest = self._text[self._place :].split(maxsplit=1)
        if rest and rest != [";"]:
            raise self._error(rest[0])

    def _error(self, found: str) -> AreaError:
        what = f"unexpected {quoted(found)} near character {self._place}" if found else "it ends too early"
        return AreaError(
            f"The WKT cannot be read: {what}.",
            "Write it like POLYGON ((24 60, 25 60, 25 61, 24 60)).",
        )

    def _take(self, wanted: str = "") -> str:
        token = self._next
        if not token or (wanted and token != wanted):
            raise self._error(token)
        self._next = next(self._tokens, "")
        return token

    def _list(self) -> Iterator[None]:
        """Once for each member of ( , , ); nothing for EMPTY."""
        if self._next.upper() == "EMPTY":
            self._take()
            return
        self._take("(")
        yield
        while self._next == ",":
            self._take()
            yield
        self._take(")")

    def geometry(self, depth: int) -> None:
        """One typed geometry."""
        if depth > DEPTH:
            raise AreaError(f"The WKT is nested deeper than {DEPTH} collections.", "Give one MULTIPOLYGON.")
        word = self._take()
        kind, flat = KINDS.get(word.upper()), re.sub("(Z|M|ZM)$", "", word.upper())
        kind = kind or KINDS.get(flat)
        if kind is None:
            raise AreaError(
                f"{quoted(word)} is no type of WKT geometry.", "Give GeoJSON, WKT or 'west, south, east, north'."
            )
        if self._next.upper() in {"Z", "M", "ZM"}:
            self._take()
        if kind == "Polygon":
            self._polygon()
        elif kind == "MultiPolygon":
            for _ in self._list():
                self._polygon()
        elif kind == "GeometryCollection":
            for _ in self._list():
                self.geometry(depth + 1)
                if not depth:
                    self.found.feature()
        else:
            self.found.others[kind] += 1
            self._skip()

    def _polygon(self) -> None:
        self.found.polygon(tuple(tuple(self._position() for _ in self._list()) for _ in self._list()))

    def _position(self) -> Position:
        numbers = []
        while self._next not in {",", ")", ""}:
            token = self._take()
            try:
                numbers.append(coordinate(float(token)))
            except ValueError:
                raise self._error(token) from None
            except AreaError:
                raise AreaError(f"The coordinate {shorten(token)} is not a finite number.", "Give degrees.") from None
            if len(numbers) > 4:
                raise self._error(token)
        if len(numbers) < 2:
            raise self._error(self._next)
        self.found.heights |= len(numbers) > 2
        return numbers[0], numbers[1]

    def _skip(self) -> None:
        """Over whatever stands between balanced brackets."""
        if self._next.upper() == "EMPTY":
            self._take()
            return
        self._take("(")
        open_brackets = 1
        while open_brackets:
            open_brackets += {"(": 1, ")": -1}.get(self._take(), 0)

    def end(self) -> None:
        """Nothing may follow."""
        if self._next:
            raise self._error(self._next)
