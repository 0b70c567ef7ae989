"""STAC 1.1 item of a result: what it is, where it lies, what it was made of and how, for catalogues and programs.

The files are assets under the names that they have in the bundle of everything, beside the item. What no extension has
a field for is under `ninepatch:`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pystac import Asset, Item, Link
from shapely.geometry import mapping

from services import __version__
from services.catalogue import Acquisition
from services.composite import INDICES, NO_DAY, NO_INDEX, PER_UNIT, Mosaic, indices_of
from services.export.result_store import CLEAR_OBSERVATIONS, DAY, DAY_UNIT, DAY_WORDS
from services.geo import Bounds, geometry_of, to_polygons
from services.providers import Provider
from services.recipe import MASKS
from services.render import (
    EACH_OBSERVATION,
    HARMONIZATION,
    REMOVED_OFFSET,
    Provenance,
    offset_words,
    products_in_short,
)
from services.sentinel2 import DN_PER_UNIT, NO_DATA, SPECTRUM


def described_bands(names: Sequence[str], resolution: float) -> list[dict[str, Any]]:
    """Bands, in metres a pixel, and the count of clear observations as they follow each other in a GeoTIFF."""
    common = {"data_type": "uint16", "raster:sampling": "area", "raster:spatial_resolution": resolution}
    bands: list[dict[str, Any]] = []
    for band in names:
        name, centre, width = SPECTRUM[band]
        described = {
            "name": band,
            "eo:common_name": name,
            "eo:center_wavelength": centre,
            "eo:full_width_half_max": width,
            **common,
            "nodata": NO_DATA,
            "unit": "reflectance",
            "raster:scale": 1 / DN_PER_UNIT,
            "raster:offset": 0.0,
        }
        bands.append(described)
    observations = {
        "name": CLEAR_OBSERVATIONS,
        "description": "How many clear observations each pixel has",
        **common,
        "unit": "observations",
    }
    return [*bands, observations]


def bands_of(mosaic: Mosaic, *, statistics: bool) -> list[dict[str, Any]]:
    """Those of an image; statistics are of the stored numbers, DN and counts."""
    described = described_bands(mosaic.bands, round(sum(mosaic.pixel_size) / 2, 6))
    if not statistics:
        return described
    numbers = [_statistics(mosaic.dn(band), mosaic.count > 0) for band in mosaic.bands]
    numbers.append(_statistics(mosaic.count, np.ones_like(mosaic.count, np.bool_)))
    return [band | {"statistics": counted} for band, counted in zip(described, numbers, strict=True)]


def index_bands_of(mosaic: Mosaic) -> list[dict[str, Any]]:
    """Of the GeoTIFF of the indices."""
    resolution = round(sum(mosaic.pixel_size) / 2, 6)
    bands = []
    for name in mosaic.indices:
        plane = mosaic.index(name)
        described = {
            "name": INDICES[name].short,
            "description": f"{INDICES[name].title} {INDICES[name].formula}, {EACH_OBSERVATION}",
            "data_type": "int16",
            "nodata": NO_INDEX,
            "raster:sampling": "area",
            "raster:spatial_resolution": resolution,
            "raster:scale": 1 / PER_UNIT,
            "raster:offset": 0.0,
            "statistics": _statistics(plane, plane != NO_INDEX),
        }
        bands.append(described)
    return bands


def day_bands_of(mosaic: Mosaic) -> list[dict[str, Any]]:
    """Of the GeoTIFF of days; none where the method has none."""
    if mosaic.days is None:
        return []
    days = mosaic.days[mosaic.days != NO_DAY]
    ends = {"minimum": int(days.min()), "maximum": int(days.max())} if days.size else {}
    described = {
        "name": DAY,
        "description": DAY_WORDS,
        "data_type": "uint32",
        "nodata": NO_DAY,
        "unit": DAY_UNIT,
        "raster:sampling": "area",
        "raster:spatial_resolution": round(sum(mosaic.pixel_size) / 2, 6),
        "statistics": {"valid_percent": round(100 * days.size / mosaic.days.size, 6)} | ends,
    }
    return [described]


def _statistics(plane: NDArray[Any], valid: NDArray[np.bool_]) -> dict[str, Any]:
    values = plane[valid]
    counted = {"count": int(plane.size), "valid_percent": round(100 * values.size / plane.size, 6)}
    if not values.size:
        return counted
    return counted | {
        "minimum": int(values.min()),
        "maximum": int(values.max()),
        "mean": float(values.mean(dtype=np.float64)),
        "stddev": float(values.std(dtype=np.float64)),
    }


EXTENSIONS = {
    "projection": "https://stac-extensions.github.io/projection/v1.2.0/schema.json",
    "raster": "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "eo": "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "processing": "https://stac-extensions.github.io/processing/v1.1.0/schema.json",
}
"""Those of STAC 1.1, in which bands are common to all extensions; projection is the last version that has `proj:epsg`
beside `proj:code`: readers know one or the other."""
FOLDER = "inode/directory"
"""Media type of an EOPatch that is unpacked (freedesktop.org, Shared MIME-info Database)."""
COPERNICUS_TERMS = "https://sentinels.copernicus.eu/documents/247904/690755/Sentinel_Data_Legal_Notice"


class Listed(Protocol):
    """A file of a result, as an asset needs it."""

    @property
    def title(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def member(self) -> str:
        """Its name in the bundle, with its folder."""

    @property
    def tile(self) -> str:
        """Index of the tile, `35,25`; empty for the whole."""


class Kind(Protocol):
    """The same of what kind it is."""

    @property
    def name(self) -> str: ...
    @property
    def asset(self) -> str:
        """What it is called in an item; its name unless given."""

    @property
    def roles(self) -> Sequence[str]: ...
    @property
    def bands(self) -> Callable[[Mosaic], list[dict[str, Any]]] | None:
        """Those of a GeoTIFF."""


def stac_item(
    identity: str,
    mosaic: Mosaic,
    provenance: Provenance,
    provider: Provider,
    kept: Sequence[Acquisition],
    files: Iterable[tuple[Listed, Kind]],
) -> dict[str, Any]:
    """The item of a result, as plain values. `identity` is its id, `kept` what went into the picture, oldest first."""
    geometry, bbox = footprint(provenance)
    recipe = provenance.recipe
    made = Item(
        id=identity,
        geometry=geometry,
        bbox=bbox,
        datetime=None,
        start_datetime=min(one.time for one in kept),
        end_datetime=max(one.end for one in kept),
        properties={
            "title": f"{recipe.area}, {recipe.when}, {provenance.method.of(len(kept))}",
            "description": _described(provenance, len(kept)),
            "created": f"{provenance.made:%Y-%m-%dT%H:%M:%SZ}",
            "license": "other",
            "providers": stac_providers(provenance, provider),
            "constellation": "sentinel-2",
            "instruments": ["msi"],
            "gsd": recipe.resolution,
            **zone_code(mosaic.epsg),
            **raster_place(mosaic.bounds, mosaic.width, mosaic.height),
            "processing:level": "L3",
            "processing:lineage": lineage(provenance, len(kept)),
            "processing:software": {"Ninepatch": __version__} | provenance.packages,
            **_ours(provenance, kept),
        },
        stac_extensions=list(EXTENSIONS.values()),
    )
    for acquisition in kept:
        for granule in acquisition.granules:
            words = f"{provenance.notice + ': ' if provenance.simulated else ''}{granule.id}"
            made.add_link(Link("derived_from", provider.granule_href(granule.id), "application/geo+json", words))
    if not provenance.simulated:
        made.add_link(Link("license", COPERNICUS_TERMS, "application/pdf", "Terms of Copernicus Sentinel data"))
    for file, kind in files:
        key, asset = _asset(file, kind, mosaic)
        made.add_asset(key, asset)
    return made.to_dict(include_self_link=False, transform_hrefs=False)


def footprint(provenance: Provenance) -> tuple[dict[str, Any], list[float]]:
    """Geometry and bbox of the mosaic in degrees (RFC 7946): cut at the 180th meridian, where west is above east."""
    ring = tuple((longitude, latitude) for longitude, latitude in provenance.recipe.neighbourhood.polygon_wgs84)
    polygons, _ = to_polygons([(ring,)], repair=False)
    geometry = geometry_of(polygons)
    west, south, east, north = geometry.bounds
    if len(polygons) > 1:
        west = min(x for rings in polygons for x, _ in rings[0] if x > 0)
        east = max(x for rings in polygons for x, _ in rings[0] if x < 0)
    return dict(mapping(geometry)), [west, south, east, north]


def relocated(plain: dict[str, Any], places: dict[str, str]) -> dict[str, Any]:
    """The item where its files lie elsewhere: `places` has, for names in the bundle, where they are from the item.

    A zip file that became a folder has the type of one: readers take what has no type for a raster.
    """
    assets = {}
    for key, asset in plain["assets"].items():
        member = asset["href"].removeprefix("./")
        place = places.get(member, member)
        unpacked = member.endswith(".zip") and not place.endswith(".zip")
        assets[key] = asset | {"href": f"./{place}"} | ({"type": FOLDER} if unpacked else {})
    return plain | {"assets": assets}


def _described(provenance: Provenance, acquisitions: int) -> str:
    recipe = provenance.recipe
    said = (
        provenance.notice,
        f"{provenance.method.of(acquisitions).capitalize()} with a scene cloud cover of at most {recipe.maxcc} %",
        provenance.attribution,
    )
    return ". ".join(filter(None, said)) + "."


def lineage(provenance: Provenance, acquisitions: int) -> str:
    """How the pixels came about, in words."""
    recipe = provenance.recipe
    said = [
        f"Level 2A surface reflectance of {acquisitions} acquisitions from {recipe.interval.start} to "
        f"{recipe.interval.last}{provenance.season} with a scene cloud cover of at most {recipe.maxcc} %"
        f"{provenance.least_coverage} from {provenance.provider}, resampled to {recipe.resolution} m: "
        f"{provenance.processing.title.lower()}",
        f"Observations that count: {provenance.mask}",
        provenance.method.meaning.removesuffix("."),
        *([provenance.method.index.removesuffix(".")] if indices_of(recipe.bands) else []),
        HARMONIZATION.removesuffix("."),
        *filter(None, [provenance.nbar.removesuffix("."), products_in_short(provenance.products)]),
        *(f"Excluded, {vetoed}" for vetoed in provenance.vetoes),
        *(f"Used although over the limit, {key}" for key in recipe.included),
    ]
    return ". ".join(said) + "."


def stac_providers(provenance: Provenance, provider: Provider) -> list[dict[str, Any]]:
    """Who made the data, who hosts them, and who made this of them."""
    ours = {"name": "Ninepatch", "roles": ["processor"], "description": f"Recipe {provenance.recipe.digest}"}
    if provenance.simulated:
        archive = {"name": f"{provider.title} of Ninepatch", "roles": ["producer", "licensor", "host"]}
        return [archive | {"description": provenance.attribution}, ours]
    esa = {
        "name": "European Union, Copernicus, ESA",
        "roles": ["producer", "licensor"],
        "url": "https://www.copernicus.eu",
    }
    return [esa, {"name": provider.title, "roles": ["host"], "url": provider.base_url}, ours]


def _ours(provenance: Provenance, kept: Sequence[Acquisition]) -> dict[str, Any]:
    recipe = provenance.recipe
    preset = MASKS[recipe.mask]
    return {
        "ninepatch:recipe": recipe.digest,
        "ninepatch:harmonized": True,
        "ninepatch:processing": recipe.processing,
        **({"ninepatch:nbar": True} if recipe.nbar else {}),
        "ninepatch:removed_offset": REMOVED_OFFSET,
        "ninepatch:processing_baselines": list(provenance.baselines),
        "ninepatch:offset_applied": offset_words(provenance.products),
        "ninepatch:source_products": [
            {"id": one.id, "processing_baseline": one.baseline, "offset_applied": one.offset}
            for one in provenance.products
        ],
        "ninepatch:simulated": provenance.simulated,
        "ninepatch:attribution": provenance.attribution,
        "ninepatch:method": recipe.method,
        **({"ninepatch:percentile": recipe.percentile} if provenance.method.at else {}),
        "ninepatch:mask": {
            "name": preset.name,
            "title": preset.title,
            preset.plane.lower(): list(preset.invalid),
            "grow_px": recipe.grow,
            **({"grow_shape": "round"} if preset.round else {}),
        },
        "ninepatch:cloud_limit": recipe.maxcc,
        **({"ninepatch:least_coverage": recipe.least_coverage} if recipe.least_coverage else {}),
        "ninepatch:interval": [recipe.interval.start.isoformat(), recipe.interval.end.isoformat()],
        **({"ninepatch:months": list(recipe.months)} if recipe.months else {}),
        **({"ninepatch:included": list(recipe.included)} if recipe.included else {}),
        "ninepatch:acquisitions": [one.key for one in kept],
        "ninepatch:vetoes": [{"acquisition": veto.acquisition, "reason": veto.reason} for veto in recipe.vetoes],
    }


def raster_place(bounds: Bounds, width: int, height: int) -> dict[str, Any]:
    """Shape, bbox and transform of a raster, north up."""
    west, south, east, north = bounds
    transform = [(east - west) / width, 0.0, west, 0.0, -(north - south) / height, north]
    return {"proj:shape": [height, width], "proj:bbox": list(bounds), "proj:transform": transform}


def zone_code(epsg: int) -> dict[str, Any]:
    """The zone as projection 1.2 and later have it, and as the versions before, which some readers alone know."""
    return {"proj:code": f"EPSG:{epsg}", "proj:epsg": epsg}


def _asset(file: Listed, kind: Kind, mosaic: Mosaic) -> tuple[str, Asset]:
    key, title = kind.asset or kind.name, file.title
    fields: dict[str, Any] = {"bands": kind.bands(mosaic)} if kind.bands else {}
    bounds, width, height = mosaic.bounds, mosaic.width, mosaic.height
    if file.tile:
        tile = next(tile for tile in mosaic.tiles if str(tile.index) == file.tile)
        key, title = f"{key}_{tile.name}", f"{title}, tile {file.tile}"
        bounds, width, height = tile.bounds, width // mosaic.side, height // mosaic.side
    if kind.bands:
        fields |= raster_place(bounds, width, height) | zone_code(mosaic.epsg)
    return key, Asset(f"./{file.member}", title, None, file.media_type, list(kind.roles), fields)
