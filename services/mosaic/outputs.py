"""The outputs of an order in one table: which files each has, how large they will be, who writes them.

A new output is an entry and its writer: the bill, the order and its page read the table.
"""

import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from services.area import AOI
from services.cancellation import never
from services.errors import CapacityExceeded, OrderError
from services.export import TIFF
from services.formats import outline_of
from services.geo import to_polygons
from services.mosaic.building import making, run_apart
from services.mosaic.sizes import cube_bytes, mosaic_bytes, patches_bytes, temporary_bytes, tiles_bytes
from services.mosaic.tile_set import Tell, TileSet
from services.registry import Registry

Cancelled = Callable[[], bool]


def check_crs(epsg: int) -> None:
    """Raises OrderError for what is no EPSG code of a map's plane or of degrees; 0 is none."""
    try:
        fits = epsg == 0 or len(CRS.from_epsg(epsg).axis_info) == 2
    except CRSError:
        fits = False
    if not fits:
        raise OrderError(f"EPSG:{epsg} is no coordinate system of a map.", "Give one like 3067, 3035 or 4326.")


@dataclass(frozen=True)
class Area:
    """What outputs are made of: the tiles of all zones, and what is told of them."""

    sets: tuple[TileSet, ...]
    """One a UTM zone, all in one folder."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of every file: those of its provenance, as a tile has them."""
    outline: Mapping[str, Any] | None = None
    """GeoJSON to clip by."""
    crs: int = 0
    """EPSG code of one more mosaic of all zones; 0 makes none."""

    def __post_init__(self) -> None:
        check_crs(self.crs)

    @property
    def folder(self) -> Path:
        """Of the order."""
        return self.sets[0].folder

    @property
    def everywhere(self) -> bool:
        """Whether a mosaic in another system is to be made."""
        return self.crs != 0 and [one.epsg for one in self.sets] != [self.crs]

    def aoi(self) -> AOI:
        """The outline. Raises OrderError where there is none, AreaError where it is no area."""
        if self.outline is None:
            raise OrderError("There is no outline to clip the picture by.", "Leave `clipped` out.")
        polygons, _ = to_polygons(outline_of(self.outline).polygons, repair=False)
        return AOI("", polygons)


Writer = Callable[[Area, Tell, Cancelled], None]


@dataclass(frozen=True, kw_only=True)
class Output:
    """A kind of output."""

    name: str
    """In an order."""
    label: str
    """What people read."""
    media_type: str
    files: Callable[[Area], tuple[str, ...]]
    """Below the order's folder; a folder counts as one."""
    bytes: Callable[[TileSet, int], int]
    """Of one zone with so many dates a tile, on average."""
    temporary: Callable[[TileSet], int] = lambda tiles: 0  # noqa: ARG005
    """Bytes that making those of one zone needs besides."""
    write: Writer | None = None
    """None where the files are there with the tiles."""
    in_other: bool = False
    """Whether it is made in the other system too."""
    roles: tuple[str, ...] = ("data",)
    """In the STAC collection."""


def virtual_mosaic(area: Area, tiles: TileSet, name: str = "mosaic") -> Path:
    """Write the virtual mosaic of the tiles of a zone that are there; again whenever others have come.

    `clipped` is cut along the outline. Raises StorageError where the disk refuses, OrderError without an outline.
    """
    from services.mosaic.clip import outside_overlay  # GDAL, which only those need who make files
    from services.mosaic.vrt import no_overlay, write_vrt

    outside = area.folder / f"outside_{tiles.epsg}.tif"
    return write_vrt(
        area.folder / f"{name}_{tiles.epsg}.vrt",
        tiles,
        tiles.present(),
        area.tags,
        overlay=outside_overlay(outside, tiles, area.aoi()) if name == "clipped" else no_overlay,
    )


def make_outputs(
    area: Area, names: Collection[str], *, tell: Callable[[str, float], None], cancelled: Cancelled = never
) -> tuple[Path, ...]:
    """Make these outputs of the tiles that are there, the overviews and the virtual mosaics.

    Those that are newer than all tiles stay. What is told is the name of the one that is made, and how much of it is
    done.

    Raises Cancelled; RecipeError for a name; CapacityExceeded where the disk has no room for one and for what making
    it needs, before it is begun; StorageError where it turns out full.
    """
    from services.mosaic.overview import Overview  # as above

    for tiles in area.sets:
        Overview(tiles).grow(len(tiles.indices))
        virtual_mosaic(area, tiles)
    made: list[Path] = []
    for name in names:
        output = OUTPUTS[name]
        paths = [area.folder / one for one in output.files(area)]
        if output.write and not _fresh(area, paths):
            _require_room(area, output)
            output.write(area, partial(tell, name), cancelled)
        made += paths
    return tuple(made)


def _fresh(area: Area, paths: Collection[Path]) -> bool:
    """Whether all of them are there and no tile is newer."""
    newest = max((tiles.path(index).stat().st_mtime for tiles in area.sets for index in tiles.present()), default=0.0)
    return all(path.exists() and path.stat().st_mtime >= newest for path in paths)


def _require_room(area: Area, output: Output) -> None:
    """By the disk as it is now."""
    needed = sum(output.bytes(tiles, 0) + output.temporary(tiles) for tiles in area.sets)
    needed *= 2 if output.in_other and area.everywhere else 1
    free = shutil.disk_usage(area.folder).free
    if needed > free:
        raise CapacityExceeded(
            f"{output.label} needs {needed / 1e9:,.1f} GB, temporary files among them, and {free / 1e9:,.1f} GB of "
            "the disk are free.",
            "Make space on it and retry: the tiles are kept.",
        )


def _step(tell: Tell, place: int, places: int) -> Tell:
    """For one of several files of an output."""
    return lambda share: tell((place + share) / places)


def _mosaics(name: str) -> Writer:
    """One a zone, and one of all zones in the other system."""

    def write(area: Area, tell: Tell, cancelled: Cancelled) -> None:
        vrts = [virtual_mosaic(area, tiles, name) for tiles in area.sets]
        places = len(vrts) + area.everywhere
        for place, vrt in enumerate(vrts):
            _apart("cog", {"source": str(vrt)}, vrt.with_suffix(".tif"), _step(tell, place, places), cancelled)
        if area.everywhere:
            request = {
                "sources": [str(vrt) for vrt in vrts],
                "epsg": area.crs,
                "resolution": area.sets[0].resolution,
            }
            target = area.folder / f"{name}_all_{area.crs}.tif"
            _apart("warped cog", request, target, _step(tell, places - 1, places), cancelled)

    return write


def _cubes(task: str, suffix: str) -> Writer:
    """One a zone."""

    def write(area: Area, tell: Tell, cancelled: Cancelled) -> None:
        for place, tiles in enumerate(area.sets):
            request = {"source": str(virtual_mosaic(area, tiles))}
            target = area.folder / f"cube_{tiles.epsg}{suffix}"
            _apart(task, request, target, _step(tell, place, len(area.sets)), cancelled)

    return write


def _apart(task: str, request: Mapping[str, Any], target: Path, tell: Tell, cancelled: Cancelled) -> None:
    """A file, or a folder of them, in a process of its own; it takes its place when it is whole."""
    with making(target.parent) as place:
        beside = place / target.name
        whole = {**request, "target": str(beside)}
        run_apart(task, whole, tell=tell, cancelled=cancelled)
        if target.is_dir():
            shutil.rmtree(target)
        beside.replace(target)


def _named(name: str, suffix: str) -> Callable[[Area], tuple[str, ...]]:
    """One file a zone."""
    return lambda area: tuple(f"{name}_{tiles.epsg}{suffix}" for tiles in area.sets)


def _mosaic(name: str, label: str) -> Output:
    """One a zone, and one of all zones in the other system."""
    zones = _named(name, ".tif")

    def files(area: Area) -> tuple[str, ...]:
        return (*zones(area), *((f"{name}_all_{area.crs}.tif",) if area.everywhere else ()))

    return Output(
        name=name,
        label=label,
        media_type=TIFF,
        files=files,
        bytes=lambda tiles, _: mosaic_bytes(tiles),
        temporary=temporary_bytes,
        write=_mosaics(name),
        in_other=True,
    )


def _of_tiles(suffix: str) -> Callable[[Area], tuple[str, ...]]:
    """One file a tile that is there."""
    return lambda area: tuple(
        tiles.name(index).removesuffix(".tif") + suffix for tiles in area.sets for index in tiles.present()
    )


OUTPUTS = Registry(
    "output",
    (
        _mosaic("mosaic", "Mosaic of the whole area, Cloud Optimized GeoTIFF"),
        _mosaic("clipped", "The same, clipped to the outline"),
        Output(
            name="tiles",
            label="Tiles, Cloud Optimized GeoTIFFs",
            media_type=TIFF,
            files=_of_tiles(".tif"),
            bytes=lambda tiles, _: tiles_bytes(tiles),
        ),
        Output(
            name="eopatches",
            label="EOPatches of the tiles",
            media_type="application/zip",
            files=_of_tiles(".zip"),
            bytes=patches_bytes,
        ),
        Output(
            name="zarr",
            label="Cube for xarray, Zarr",
            media_type="application/vnd.zarr; version=2",
            files=_named("cube", ".zarr"),
            bytes=lambda tiles, _: cube_bytes(tiles),
            write=_cubes("zarr", ".zarr"),
        ),
        Output(
            name="netcdf",
            label="Cube for xarray and others, NetCDF",
            media_type="application/x-netcdf",
            files=_named("cube", ".nc"),
            bytes=lambda tiles, _: cube_bytes(tiles),
            write=_cubes("netcdf", ".nc"),
        ),
    ),
)
"""In the order in which people want them."""
