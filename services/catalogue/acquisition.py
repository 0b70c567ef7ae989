"""Overpasses: the granules that one satellite took on one pass over a neighbourhood, as one acquisition."""

import hashlib
import json
import math
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from services.catalogue.granule import Granule, GranuleFile, SourceProduct, orbit_of, satellite_of
from services.catalogue.squares import Squares, met_and_whole, within
from services.geo import Bounds
from services.grid import Tile, TileBlock, TileIndex
from services.lazy import lazy

PASS = timedelta(minutes=2)
"""Granules of one satellite and orbit that are no farther apart are of one overpass; the next is 100 minutes later."""
MARGIN = timedelta(seconds=1)
"""Around the catalogue's times: one deployment gives them in whole seconds, the other in milliseconds."""
SLIVER_M2 = 1.0
"""A footprint that shares less with a tile than this, a hundredth of a pixel, does not touch it."""
MOST_OVERS = 32
"""Places over which an acquisition remembers itself: more than a picture has tiles, and few of an order's."""
SAME_GROUND = 0.5
"""Of two versions of a granule the older is left out where the newer ones show this part of it."""


@dataclass(frozen=True)
class Acquisition:
    """One overpass over one neighbourhood."""

    time: datetime
    """Of the earliest granule over the neighbourhood; aware, UTC."""
    end: datetime
    """Of the latest."""
    satellite: str
    """`S2A`."""
    orbit: int
    """Relative orbit, 1 to 143; 0 where the catalogue does not say it."""
    granules: tuple[Granule, ...]
    """Those that show a part of the neighbourhood, oldest first; reprocessed ones in their newest version only."""
    cloud_cover: float
    """Percent: the mean of its granules, weighted by the part of the neighbourhood that each covers."""
    coverage: float
    """Part of the neighbourhood, 0 to 1, that lies in the footprint."""
    gone: str = ""
    """Why its pixels cannot be had, a sentence; empty where they can. Not kept with it: files may come back."""
    older: tuple[Granule, ...] = ()
    """Versions of its granules that newer ones take the place of, for a smaller place that the newer ones miss."""
    tiles: frozenset[TileIndex] | None = None
    """Of which it is a date, each by itself, and shown by it; None: of all that it shows."""
    remembered: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What others have found out about it, under names of their own."""
    _projected: dict[int, BaseGeometry] = field(default_factory=dict, init=False, repr=False, compare=False)
    _touched: dict[tuple[int, Bounds], bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    _versions: dict[tuple[int, Bounds], str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _grounds: "dict[int, NDArray[np.object_]]" = field(default_factory=dict, init=False, repr=False, compare=False)
    _overs: "dict[tuple[int, Bounds], Acquisition | None]" = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def baselines(self) -> tuple[str, ...]:
        """Processing baselines of its products, `05.09`, the oldest first; `unknown` where a name does not tell it."""
        return tuple(sorted({one.baseline for one in self.products}))

    @property
    def products(self) -> tuple[SourceProduct, ...]:
        """That its pixels are made of."""
        return tuple(granule.source for granule in self.granules)

    @lazy
    def key(self) -> str:
        """The same for every neighbourhood: `S2A_R079_20170607T095031`, with the start of the datatake.

        The day in UTC stands for it where the products' names do not tell it.
        """
        datatakes = [granule.product["datatake"] for granule in self.granules if granule.product]
        return f"{self.satellite}_R{self.orbit:03d}_{min(datatakes, default=self.time.strftime('%Y%m%d'))}"

    @property
    def date(self) -> str:
        """ISO day, UTC."""
        return self.time.date().isoformat()

    @lazy
    def footprint(self) -> BaseGeometry:
        """Where there are data, in degrees, as shapely's type."""
        return shapely.union_all([shapely.make_valid(granule.geometry) for granule in self.granules])

    def projected(self, epsg: int) -> BaseGeometry:
        """Where there are data, in metres of a UTM zone."""
        if epsg not in self._projected:  # two threads may both make it, and it is the same
            self._projected[epsg] = shapely.union_all([granule.projected(epsg) for granule in self.granules])
        return self._projected[epsg]

    def touches(self, tile: Tile) -> bool:
        """Whether a part of the tile, not only an edge, lies in the footprint; of a date of single tiles, whether it is
        one of them."""
        if self.tiles is not None:
            return tile.index in self.tiles
        place = tile.epsg, tile.bounds
        if place not in self._touched:  # as above
            shown = self.projected(tile.epsg).intersection(shapely.box(*tile.bounds))
            self._touched[place] = bool(shown.area > SLIVER_M2)
        return self._touched[place]

    def over(self, place: Tile | TileBlock) -> "Acquisition | None":
        """The same overpass as a search of that place alone has it: the granules that show it, their clouds and cover
        weighted over it; None where none does. The place lies in the one that it was asked for.
        """
        epsg, bounds = (place.epsg if isinstance(place, Tile) else place.lattice.epsg), place.bounds
        if (epsg, bounds) in self._overs:
            return self._overs[epsg, bounds]
        found = self._over(epsg, bounds)
        if len(self._overs) < MOST_OVERS:
            self._overs[epsg, bounds] = found
        return found

    def at(self, tile: Tile) -> "Acquisition":
        """As the tile's picture has it: over the tile alone where it is a date of single tiles."""
        return self if self.tiles is None else self.over(tile) or self

    def owns(self, tiles: Sequence[Tile], most: float = math.inf) -> "dict[TileIndex, Acquisition]":
        """Over each of these tiles of one zone by itself, where it shows it; quick, however many they are.

        Tiles that lie wholly in the same granules, and touch no other, have one answer. Left out may be those of which
        every granule has more clouds than `most` percent.
        """
        if self.tiles is not None:
            tiles = [tile for tile in tiles if tile.index in self.tiles]
        if not tiles:
            return {}
        epsg, edges = tiles[0].epsg, np.array([tile.bounds for tile in tiles])
        near = self._near(epsg, (*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0)))
        if not near:
            return {}
        met, whole = met_and_whole(self._ground(epsg)[near], edges)
        clear = [[*self.granules, *self.older][place].cloud_cover <= most for place in near]
        alike: dict[bytes, Acquisition | None] = {}
        found: dict[TileIndex, Acquisition | None] = {}
        for number in np.flatnonzero(met[clear].any(axis=0)).tolist():
            tile = tiles[number]
            if not whole[number]:
                found[tile.index] = self.over(tile)
                continue
            name = met[:, number].tobytes()
            if name not in alike:
                alike[name] = self.over(tile)
            found[tile.index] = alike[name]
        return {index: own for index, own in found.items() if own is not None}

    def reached(self, epsg: int, squares: Squares) -> NDArray[np.intp]:
        """Positions of those that lie in the bounds of all its granules: what it does not reach it cannot show."""
        bounds = shapely.total_bounds(self._ground(epsg)).tolist()
        return within(squares, (bounds[0], bounds[1], bounds[2], bounds[3]))

    def _ground(self, epsg: int) -> "NDArray[np.object_]":
        """Footprints of all its granules, in metres of a zone, those of older versions behind the others."""
        if epsg not in self._grounds:  # as above
            grounds = np.array([granule.projected(epsg) for granule in (*self.granules, *self.older)], np.object_)
            shapely.prepare(grounds)
            self._grounds[epsg] = grounds
        return self._grounds[epsg]

    def _near(self, epsg: int, bounds: Bounds) -> list[int]:
        """Positions of the granules whose bounds meet these."""
        west, south, east, north = shapely.bounds(self._ground(epsg)).T
        meets = (west < bounds[2]) & (bounds[0] < east) & (south < bounds[3]) & (bounds[1] < north)
        return [int(place) for place in np.flatnonzero(meets)]

    def _over(self, epsg: int, bounds: Bounds) -> "Acquisition | None":
        granules, square, looks = (*self.granules, *self.older), shapely.box(*bounds), []
        for place in self._near(epsg, bounds):
            ground = self._ground(epsg)[place]
            shown = ground.intersection(square)
            if shown.area > SLIVER_M2:
                looks.append(_Footprint(granules[place], self.satellite, self.orbit, ground, shown))
        looks.sort(key=_by_time)
        return replace(_acquisition(looks, square.area), gone=self.gone) if looks else None

    def showing(self, tile: Tile) -> tuple[Granule, ...]:
        """Its granules that show a part of the tile."""
        square = shapely.box(*tile.bounds)
        shown = (one.projected(tile.epsg).intersection(square).area > SLIVER_M2 for one in self.granules)
        return tuple(one for one, shows in zip(self.granules, shown, strict=True) if shows)

    def version(self, tile: Tile) -> str:
        """Which products show the tile, 8 hexadecimal characters; empty where a service chooses among them itself.

        A product that is processed again, or read with another offset, has other pixels.
        """
        if not self._has_files:
            return ""
        place = tile.epsg, tile.bounds
        if place not in self._versions:
            named = sorted((one.id, *sorted({file.offset for file in one.files})) for one in self.showing(tile))
            self._versions[place] = hashlib.sha256(json.dumps(named).encode()).hexdigest()[:8]
        return self._versions[place]

    @lazy
    def _has_files(self) -> bool:
        return any(one.files for one in self.granules)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "time": self.time.isoformat(),
            "end": self.end.isoformat(),
            "satellite": self.satellite,
            "orbit": self.orbit,
            "granules": [granule.to_dict() for granule in self.granules],
            "cloud_cover": self.cloud_cover,
            "coverage": self.coverage,
            **({"older": [granule.to_dict() for granule in self.older]} if self.older else {}),
            **({"tiles": [[tile.x, tile.y] for tile in sorted(self.tiles)]} if self.tiles is not None else {}),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Acquisition":
        """Raises KeyError, TypeError or ValueError where it is not what to_dict gives."""
        return cls(
            time=datetime.fromisoformat(plain["time"]),
            end=datetime.fromisoformat(plain["end"]),
            satellite=str(plain["satellite"]),
            orbit=int(plain["orbit"]),
            granules=tuple(map(Granule.from_dict, plain["granules"])),
            cloud_cover=float(plain["cloud_cover"]),
            coverage=float(plain["coverage"]),
            older=tuple(map(Granule.from_dict, plain.get("older", ()))),
            tiles=frozenset(TileIndex(int(x), int(y)) for x, y in plain["tiles"]) if "tiles" in plain else None,
        )


def merged(owns: Mapping[TileIndex, Acquisition], tiles: int) -> Acquisition:
    """One pass over some of the tiles of a picture, as each of them has it by itself; `tiles` has the picture.

    Its clouds are the mean over them, and its cover the part of the picture that it shows of them.
    """
    granules = {granule.id: granule for own in owns.values() for granule in own.granules}
    older = {granule.id: granule for own in owns.values() for granule in own.older if granule.id not in granules}
    shown = sum(own.coverage for own in owns.values())
    clouds = sum(own.cloud_cover * own.coverage for own in owns.values()) / shown
    first = min(owns.values(), key=lambda own: own.time)
    return replace(
        first,
        end=max(own.end for own in owns.values()),
        granules=tuple(sorted(granules.values(), key=lambda one: (one.time, one.id))),
        older=tuple(sorted(older.values(), key=lambda one: (one.time, one.id))),
        cloud_cover=round(clouds, 9),
        coverage=min(1.0, round(shown / tiles, 9)),
        tiles=frozenset(owns),
    )


def products_of(acquisitions: Iterable[Acquisition]) -> tuple[SourceProduct, ...]:
    """All that they are made of, in their order."""
    return tuple(product for one in acquisitions for product in one.products)


def acquisitions_to_json(acquisitions: Sequence[Acquisition]) -> bytes:
    """For a cache."""
    return json.dumps([acquisition.to_dict() for acquisition in acquisitions], separators=(",", ":")).encode()


def acquisitions_from_json(data: bytes) -> tuple[Acquisition, ...]:
    """Raises KeyError, TypeError or ValueError where it is not what acquisitions_to_json gives."""
    return tuple(map(Acquisition.from_dict, json.loads(data)))


@dataclass(frozen=True)
class _Footprint:
    """A granule with what its item says besides, over one neighbourhood."""

    granule: Granule
    satellite: str
    orbit: int
    ground: BaseGeometry
    """Its footprint in metres of the neighbourhood's zone."""
    shown: BaseGeometry
    """Of that, what lies in the neighbourhood."""


def join(
    items: Iterable[Mapping[str, Any]],
    neighbourhood: TileBlock,
    files: Mapping[str, tuple[GranuleFile, ...]] = MappingProxyType({}),
) -> tuple[Acquisition, ...]:
    """STAC items of granules → the acquisitions of a neighbourhood, oldest first.

    `files` are those of granules by their ids. Granules that do not show a part of the neighbourhood are left out.
    Raises BadResponse for an item that is no granule.
    """
    area = shapely.box(*neighbourhood.bounds)
    observations = []
    for item in items:
        granule = Granule.from_item(item)
        granule = replace(granule, files=files.get(granule.id, ()))
        ground = granule.projected(neighbourhood.lattice.epsg)
        shown = ground.intersection(area)
        if shown.area > SLIVER_M2:
            observations.append(_Footprint(granule, satellite_of(item), orbit_of(item, granule), ground, shown))
    passes = [_acquisition(overpass, area.area) for overpass in _overpasses(observations)]
    return tuple(sorted(passes, key=lambda one: (one.time, one.satellite, one.orbit)))


def _overpasses(observations: Iterable[_Footprint]) -> Iterator[list[_Footprint]]:
    """Looks of one satellite and orbit, as long as one follows the other or both are of one datatake."""
    overpass: list[_Footprint] = []
    for observation in sorted(observations, key=lambda one: (one.satellite, one.orbit, *_by_time(one))):
        if overpass and not _same_pass(overpass[-1], observation):
            yield overpass
            overpass = []
        overpass.append(observation)
    if overpass:
        yield overpass


def _same_pass(earlier: _Footprint, later: _Footprint) -> bool:
    if (earlier.satellite, earlier.orbit) != (later.satellite, later.orbit):
        return False
    datatake = earlier.granule.product.get("datatake")
    same = datatake is not None and datatake == later.granule.product.get("datatake")
    return same or later.granule.time - earlier.granule.time <= PASS


def _newest(overpass: Sequence[_Footprint]) -> list[_Footprint]:
    """Without the older versions of a granule that was processed again.

    Two parts of a granule, cut between two downlinks, have one name and tile too, but show different ground: both stay.
    """
    kept: list[_Footprint] = []
    for observation in sorted(overpass, key=_version, reverse=True):
        tile = observation.granule.product.get("tile", observation.granule.id)
        newer = [other.ground for other in kept if other.granule.product.get("tile", other.granule.id) == tile]
        again = shapely.union_all(newer).intersection(observation.ground).area if newer else 0.0
        if again <= SAME_GROUND * observation.ground.area:
            kept.append(observation)
    return sorted(kept, key=_by_time)


def _by_time(observation: _Footprint) -> tuple[datetime, str]:
    return observation.granule.time, observation.granule.id


def _version(observation: _Footprint) -> tuple[str, str]:
    """Baseline and time of making, which both grow as text."""
    product = observation.granule.product
    made = re.search(r"\d{8}T\d{6}", product.get("made", ""))
    return product.get("baseline", ""), made[0] if made else ""


def _acquisition(overpass: Sequence[_Footprint], area: float) -> Acquisition:
    """Of all looks of one pass, oldest first.

    Where granules overlap, the ground in both counts for both: they are two pictures of it.
    """
    observations = _newest(overpass)
    newest = {observation.granule.id for observation in observations}
    weights = [observation.shown.area for observation in observations]
    clouds = sum(
        weight * observation.granule.cloud_cover for weight, observation in zip(weights, observations, strict=True)
    ) / sum(weights)
    covered = shapely.union_all([observation.shown for observation in observations]).area
    return Acquisition(
        time=observations[0].granule.time,
        end=observations[-1].granule.time,
        satellite=observations[0].satellite,
        orbit=observations[0].orbit,
        granules=tuple(observation.granule for observation in observations),
        cloud_cover=round(clouds, 9),  # a mean of tens must be a ten, and not a hair more than the limit
        coverage=min(1.0, round(covered / area, 9)),
        older=tuple(one.granule for one in overpass if one.granule.id not in newest),
    )


def window(acquisition: Acquisition) -> tuple[datetime, datetime]:
    """From when to when an acquisition is asked for: whole seconds of UTC, without a zone."""
    times = [granule.time.astimezone(UTC).replace(tzinfo=None) for granule in acquisition.granules]
    first, last = min(times).replace(microsecond=0), max(times)
    if last.microsecond:
        last = last.replace(microsecond=0) + timedelta(seconds=1)
    return first - MARGIN, last + MARGIN
