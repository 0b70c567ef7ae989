"""Items of a STAC catalogue, 1.0 or 1.1, as granules with the facts of their files."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.catalogue import Granule, GranuleFile, sound
from services.errors import BadResponse
from services.providers.stac.profile import Profile
from services.sentinel2 import DN_PER_UNIT, SCL
from services.text import quoted, shorten

SHIFTED_FROM = "04.00"
"""Processing baselines from this one on add 1000 to every DN (ESA, Sentinel-2 Products Specification)."""
SHIFT = -1000
SIMULATED = "ninepatch:simulated"
"""The property by which items of the demo archive's published world say what they are."""
_BASELINE = re.compile(r"\d{2}\.\d{2}")
_UTM = re.compile(r"EPSG:(32[67](?:0[1-9]|[1-5]\d|60))")
_LARGEST = 20_000
"""Pixels a side; a granule has 10,980."""
_PIXELS = (1.0, 1000.0)
"""Metres a side of the smallest and the largest pixel that a file may have."""
_FARTHEST = 1e8
"""Metres from a zone's origin; no place on the Earth is so far."""
_LONGEST = 2**40
"""Bytes of a file; what says that it has more says nothing."""
_CHECK = "Ask again later; if it stays so, check the provider's collection, assets and hosts in the settings."


class _Odd(ValueError):
    """Says in words for people what cannot be used."""


@dataclass(frozen=True)
class Product:
    """One granule of the catalogue, and where its pixels lie."""

    item: Mapping[str, Any]
    """As a STAC item whose id is the product's name."""
    files: tuple[GranuleFile, ...]
    made: str
    """When it was processed, as the catalogue says it; empty where it does not."""


def products(items: Iterable[Mapping[str, Any]], profile: Profile) -> tuple[list[Product], tuple[str, ...]]:
    """Each product once, in its newest processing; and for people, which items are left out, and why.

    Raises BadResponse where there are items and none can be used.
    """
    usable: list[Product] = []
    _, notes = sound(items, lambda item: usable.append(product_of(item, profile)))
    newest = {product.item["id"]: product for product in sorted(usable, key=lambda one: one.made)}
    return list(newest.values()), notes


def product_of(item: Mapping[str, Any], profile: Profile) -> Product:
    """Raises BadResponse, which names the item, where it is no granule or its files cannot be used as they are."""
    Granule.from_item(item)
    try:
        properties = item["properties"]
        if properties.get(SIMULATED) and not profile.simulated:
            raise _Odd(f"it is simulated, and the settings of {profile.name} do not say simulated = true")
        name = str(properties.get("s2:product_uri") or item["id"]).removesuffix(".SAFE")
        plain = {"id": name, "geometry": item["geometry"], "properties": properties}
        baseline = _baseline(properties, Granule.from_item(plain))
        files = tuple(_file(item, plane, baseline, profile) for plane in profile.asset_of)
        return Product(plain, files, str(properties.get("s2:generation_time") or ""))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = str(error) if isinstance(error, _Odd) else "a part of what it says of its files is missing or odd"
        raise BadResponse(f"The catalogue's item {shorten(item['id'], 80)} cannot be used: {why}.", _CHECK) from error


def _baseline(properties: Mapping[str, Any], granule: Granule) -> str:
    """`05.09`, as the item says it, else the product's name."""
    number = granule.product.get("baseline", "")
    named = f"{number[:2]}.{number[2:]}"
    stated = str(properties.get("s2:processing_baseline") or named)
    if not _BASELINE.fullmatch(stated):
        raise _Odd("it does not say its processing baseline")
    if number and (named >= SHIFTED_FROM) != (stated >= SHIFTED_FROM):
        raise _Odd(f"its name is of processing baseline {named}, and it says {stated}")
    if properties.get("earthsearch:boa_offset_applied"):
        raise _Odd("it says that its pixels are shifted already, which is not to be relied on")
    return stated


def _file(item: Mapping[str, Any], plane: str, baseline: str, profile: Profile) -> GranuleFile:
    name = profile.asset_of[plane]
    asset = item["assets"].get(name)
    if not isinstance(asset, Mapping) or not isinstance(asset.get("href"), str):
        raise _Odd(f"it has no asset {quoted(name)} for {plane}")
    if not profile.may_read(asset["href"]):
        where = shorten(re.sub(r"//[^/]*@", "//", asset["href"].partition("?")[0]), 80)  # without a password
        raise _Odd(f"its file of {plane} is at {where}, where none of its files may lie")
    grid = asset if "proj:transform" in asset else item["properties"]
    height, width = (_size(side) for side in grid["proj:shape"])
    return GranuleFile(
        plane,
        asset["href"],
        _epsg({**item["properties"], **asset}),
        _transform(grid["proj:transform"]),
        width,
        height,
        _bytes(asset.get("file:size")),
        0 if plane == SCL else _offset(asset, plane, baseline, profile),
    )


def _offset(asset: Mapping[str, Any], plane: str, baseline: str, profile: Profile) -> int:
    """What is to be added; raises _Odd where what is declared is not what the baseline needs."""
    needed = SHIFT if baseline >= SHIFTED_FROM else 0
    bands = asset.get("raster:bands") or asset.get("bands") or [{}]
    said = {**asset, **bands[0]}
    declared = next((said[key] for key in ("raster:offset", "offset") if said.get(key) is not None), None)
    if declared is None and not profile.declares_offset:
        return needed
    found = round(float(declared or 0.0) * DN_PER_UNIT)
    if found != needed:
        raise _Odd(f"{plane} declares an offset of {found} DN, and its processing baseline {baseline} needs {needed}")
    return needed


def _epsg(facts: Mapping[str, Any]) -> int:
    code = facts.get("proj:code") or f"EPSG:{facts.get('proj:epsg')}"
    match = _UTM.fullmatch(str(code))
    if not match:
        raise _Odd(f"its projection is {quoted(str(code))}, no UTM zone")
    return int(match[1])


def _transform(given: Any) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = map(float, given[:6])
    smallest, largest = _PIXELS
    if not (smallest <= a == -e <= largest and b == d == 0 and abs(c) < _FARTHEST and abs(f) < _FARTHEST):
        raise _Odd(f"its proj:transform {shorten(given)} is no grid of squares with north up")
    return a, b, c, d, e, f


def _size(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= _LARGEST:
        raise _Odd(f"its proj:shape has {shorten(given)}")
    return given


def _bytes(given: Any) -> int:
    """0 where it is not said."""
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= _LONGEST else 0
