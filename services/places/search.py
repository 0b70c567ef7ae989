"""From what was found to an area: the outline of a lake or region, the box around a city or river, a point's tile."""

import lzma
import math
from functools import lru_cache

import shapely

from services.area import AOI, all_places, aoi_from_outline, area_of_place, parse_aoi
from services.errors import AreaError
from services.formats import Outline
from services.geo import place, to_utm, to_wgs84, utm_epsg
from services.grid import Lattice
from services.places.coordinates import Point, read_point
from services.places.geocoder import Answer, Geocoder
from services.places.index import FOLDER, Found, entry, suggest
from services.settings import Settings
from services.text import quoted

_INSET = 1.0
"""Metres by which a tile's area stays within the tile, and touches no other."""
_BEND = 4 * 6_371_000.0
"""Metres: a line straight in degrees leaves the tile's edge by its length² × tan(latitude) / (8 × Earth's radius)."""
_LEAST = 60.0
"""Metres of the narrowest part of a tile."""
_PARTS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Sides of a point, to the east and to the north; first all of it."""
_KM = 111.2
"""Kilometres of a degree of latitude."""
_SIDES = ((50_000, 5), (200_000, 10), (1_000_000, 20))
"""Kilometres that a city's box measures, up to so many people."""
_SIDE = 40
"""Kilometres of the box of a larger city."""
_OTHER_SIDE = 20
"""Kilometres of the box of a river or park."""
_MIDDLES = {
    "City": "its middle",
    "Park": "a point in it",
    **dict.fromkeys(("River", "Canal"), "the middle of its course"),
}
"""What a box is around."""
_SEVERAL = 3
"""Other places that a note names."""
_MOST_LATITUDE = 84.0
_LEAST_LATITUDE = -80.0
"""Degrees within which there are tiles."""


def area_of_words(text: str, limits: Settings, *, tile_size: int = 0, geocoder: Geocoder | None = None) -> AOI:
    """The area that somebody means: of coordinates the tile that holds them, else the place of that name.

    The name must be one's own; of several places the most important is taken, and the others are named in a note. What
    the gazetteer does not have, the geocoder is asked for. Raises AreaError, with what is spelled like it.
    """
    point = read_point(text)
    if point is not None:
        return area_around(point, limits, tile_size=tile_size)
    found = suggest(text)
    if found.whole or (len(found.places) == 1 and not found.like):
        return area_of_found(found.places[0], limits, others=found.places[1 : found.whole])
    if geocoder is not None and (online := geocoder.search(text)):
        return area_of_answer(online[0], limits, tile_size)
    raise _unknown(text, found.places, like=found.like)


def area_under(number: int, limits: Settings) -> AOI:
    """The area of the place of that number (`Found.number`). Raises AreaError where there is none."""
    try:
        return area_of_found(entry(number), limits)
    except IndexError:
        raise AreaError(f"There is no place number {number}.", "Search again.") from None


def area_of_found(found: Found, limits: Settings, *, others: tuple[Found, ...] = ()) -> AOI:
    """Its outline, or the box around it; raises AreaError where it is too large."""
    if found.row is None:
        aoi = _around(found, limits)
    elif found.kind in {"Country", "Region"}:
        aoi = area_of_place(all_places()[found.row], limits)
    else:
        aoi = aoi_from_outline(_shore(found.row), found.title, limits)
    called = f"{found.title} is a {found.kind.lower()}{_extent(found)}."
    return aoi.called(aoi.name, (called, *_ambiguous(others), *aoi.notes))


def area_around(point: Point, limits: Settings, *, tile_size: int = 0) -> AOI:
    """The tile of the team grid that holds the point, so that this is the centre. Raises AreaError beyond 84° N."""
    if not _LEAST_LATITUDE <= point.latitude <= _MOST_LATITUDE:
        raise AreaError(
            f"The point is at {place(point.longitude, point.latitude)}; Sentinel-2's tiles end at 84° N and 80° S.",
            "Give a point between them.",
        )
    size = tile_size or limits.tile_size
    aoi = _tile_of(point, size, limits)
    return aoi.called(aoi.name, (point.note, f"Its area is the tile of {size:,} m that holds it.", *aoi.notes))


def brought(text: str, limits: Settings, *, tile_size: int = 0) -> AOI | None:
    """The area of a text that is a point; None for areas, and for two corners that are a box as well."""
    point = read_point(text)
    if point is None or _is_box(text, limits):
        return None
    return area_around(point, limits, tile_size=tile_size)


def area_of_answer(found: Answer, limits: Settings, tile_size: int) -> AOI:
    """The box that the geocoder gives, or the tile where that is smaller."""
    west, south, east, north = found.bounds
    size = tile_size or limits.tile_size
    if (north - south) * _KM * 1000 < size:
        point = Point(found.longitude, found.latitude, f"{found.name} is from the geocoder.", found.name[:80])
        return area_around(point, limits, tile_size=size)
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    aoi = aoi_from_outline(Outline(((ring,),)), found.name, limits)
    return aoi.called(aoi.name, (f"{found.name} is from the geocoder; its area is a box.", *aoi.notes))


def _tile_of(point: Point, size: int, limits: Settings) -> AOI:
    """In the zone of the area's own middle: at the edge of a zone, or the equator, only a part of the tile may be."""
    own = utm_epsg(point.longitude, point.latitude)
    whole = _tile(point, own, size, limits)
    if whole.epsg == own:
        return whole
    for epsg in (whole.epsg, own):
        for part in _PARTS:
            found = _tile(point, epsg, size, limits, part)
            if found.epsg == epsg:
                return found
    return whole


def _tile(point: Point, epsg: int, size: int, limits: Settings, part: tuple[int, int] = (0, 0)) -> AOI:
    """The tile of a zone that holds the point; or what of it lies to one side of the point, some pixels at least."""
    lattice = Lattice(epsg, 0.0, 0.0, float(size), float(size))
    x, y = (float(metres) for metres in to_utm(epsg, point.longitude, point.latitude))
    west, south, east, north = lattice.bounds(lattice.index_of(x, y))
    (west, east), (south, north) = _side_of(x, west, east, part[0]), _side_of(y, south, north, part[1])
    inset = _INSET + size**2 * math.tan(math.radians(abs(point.latitude))) / _BEND
    xs = [west + inset, east - inset, east - inset, west + inset]
    ys = [south + inset, south + inset, north - inset, north - inset]
    longitudes, latitudes = to_wgs84(epsg, xs, ys)
    ring = [*zip(longitudes.tolist(), latitudes.tolist(), strict=True)]
    return aoi_from_outline(Outline((((*ring, ring[0]),),)), point.title, limits)


def _side_of(at: float, low: float, high: float, side: int) -> tuple[float, float]:
    """Of an interval what is above, below, or all."""
    if side > 0:
        return min(at, high - _LEAST), high
    return (low, max(at, low + _LEAST)) if side < 0 else (low, high)


def _around(found: Found, limits: Settings) -> AOI:
    half = _side(found) / 2 / _KM
    wide = half / math.cos(math.radians(found.latitude))
    west, east = found.longitude - wide, found.longitude + wide
    south, north = found.latitude - half, found.latitude + half
    ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return aoi_from_outline(Outline(((ring,),)), found.title, limits)


def _side(found: Found) -> int:
    if found.kind != "City":
        return _OTHER_SIDE
    return next((side for people, side in _SIDES if found.people <= people), _SIDE)


def _extent(found: Found) -> str:
    """What its area is, where it is not its own outline."""
    if found.row is not None:
        return ""
    return f"; its area is a box of {_side(found)} × {_side(found)} km around {_MIDDLES[found.kind]}"


def _ambiguous(others: tuple[Found, ...]) -> tuple[str, ...]:
    if not others:
        return ()
    named = "; ".join(other.label for other in others[:_SEVERAL])
    more = f" and {len(others) - _SEVERAL} more" if len(others) > _SEVERAL else ""
    return (f"{named}{more} {'has' if len(others) == 1 else 'have'} that name too: write what or where after a comma.",)


def _unknown(text: str, places: tuple[Found, ...], *, like: bool) -> AreaError:
    shown = "; ".join(one.label for one in places[:_SEVERAL])
    words = f" {shown} {'is' if len(places[:_SEVERAL]) == 1 else 'are'} spelled like it." if shown and like else ""
    if shown and not like:
        words = f" Names that begin so are of {shown}."
    return AreaError(
        f"No city, lake, river, park, region or country is called {quoted(text)}.{words}",
        "Write its English or local name, or coordinates like 52.37, 4.89; or draw the area.",
    )


def _is_box(text: str, limits: Settings) -> bool:
    if text.count(",") < 2:
        return False
    try:
        parse_aoi(text, limits=limits)
    except AreaError:
        return False
    return True


def _shore(row: int) -> Outline:
    import pyogrio.raw  # costs up to a second, which only those spend who choose a lake

    _, _, shapes, _ = pyogrio.raw.read(_lakes(), columns=[], fids=[row])
    parts = ((part.exterior, *part.interiors) for part in shapely.from_wkb(shapes[0]).geoms)
    return Outline(tuple(tuple(tuple(map(tuple, ring.coords)) for ring in rings) for rings in parts))


@lru_cache(maxsize=1)
def _lakes() -> bytes:
    """The FlatGeobuf of all shores."""
    return lzma.decompress((FOLDER / "lakes.fgb.xz").read_bytes())
