"""Outputs of a small order, read back by rasterio and xarray, against the tiles pasted by numpy."""

import json
import os
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import netCDF4
import numpy as np
import odc.geo.xr  # noqa: F401 - places what xarray opens
import pytest
import rasterio
import shapely
import tifffile
import xarray
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rio_cogeo.cogeo import cog_validate
from shapely.geometry import mapping

from services.cancellation import never
from services.errors import Cancelled, CapacityExceeded, OrderError, RecipeError, StorageError
from services.geo import to_utm, to_wgs84
from services.grid import Lattice
from services.mosaic import OUTPUTS, Area, TileSet, check_room, make_outputs, sizes_of, virtual_mosaic
from services.mosaic.building import run_apart, share_of
from services.mosaic.building_process import check_whole, make_cog
from services.mosaic.cube import make_zarr
from services.mosaic.reprojection import warped
from services.sentinel2 import NO_DATA
from tests.services.mosaic.tiles import order_tiles, pasted, tile_set, write_tiles
from tests.services.scenes import provenance, recipe

HOLES = ((1, 1),)
"""Tiles that do not belong to the order, by column and row."""


def heard(_: str, share: float) -> None:
    assert 0 <= share <= 1


def outline(tiles: TileSet) -> dict[str, Any]:
    """A triangle with a hole over most of the tiles, as GeoJSON."""
    west, south, east, north = tiles.bounds
    ring = [(west + 33, south - 70), (east + 91, south + 207), (west + 0.4 * (east - west), north - 33)]
    hole = [(west + 333, south + 107), (west + 512, south + 140), (west + 420, south + 260)]
    degrees = [np.column_stack(to_wgs84(tiles.epsg, *np.transpose(one))).tolist() for one in (ring, hole)]
    return {"type": "Feature", "properties": {}, "geometry": mapping(shapely.Polygon(degrees[0], degrees[1:]))}


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Area:
    """4 × 3 tiles less one, and all outputs of them."""
    tiles = tile_set(tmp_path_factory.mktemp("order"), order_tiles(4, 3, HOLES), px=176)
    write_tiles(tiles)
    tags = provenance(recipe()).tags(("2017-05-02",))
    area = Area((tiles,), tags, outline(tiles))
    make_outputs(area, ("mosaic", "clipped", "zarr", "netcdf"), tell=heard)
    return area


def inside(tiles: TileSet, area: Area) -> NDArray[np.bool_]:
    """Whether the middle of each pixel is in the outline, by shapely."""
    west, _, _, north = tiles.bounds
    x, y = west + 10 * (np.arange(tiles.width) + 0.5), north - 10 * (np.arange(tiles.height) + 0.5)
    return np.asarray(shapely.contains_xy(area.aoi().drawn(tiles.epsg), *np.meshgrid(x, y)))


def clipped(whole: NDArray[np.uint16], kept: NDArray[np.bool_]) -> NDArray[np.uint16]:
    found = np.where(kept, whole, NO_DATA)
    found[-1] = np.where(kept, whole[-1], 0)
    return found.astype(np.uint16)


@pytest.mark.parametrize("name", ["mosaic_32635.vrt", "mosaic_32635.tif"])
def test_a_mosaic_has_the_tiles_numbers_and_their_place(ordered: Area, name: str) -> None:
    tiles = ordered.sets[0]
    with rasterio.open(ordered.folder / name) as dataset:
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))
        assert dataset.crs.to_epsg() == 32635 and dataset.dtypes == ("uint16",) * 4
        assert dataset.descriptions == ("B02", "B03", "B04", "clear observations")
        assert dataset.scales == (0.0001, 0.0001, 0.0001, 1.0) and dataset.offsets == (0.0,) * 4
        assert dataset.units == (*["reflectance"] * 3, "observations") and dataset.nodata == NO_DATA
        assert dataset.colorinterp[:3] == (ColorInterp.blue, ColorInterp.green, ColorInterp.red)
        assert dataset.tags()["RECIPE"] == ordered.tags["RECIPE"]
        for index in tiles.indices:
            with rasterio.open(tiles.path(index)) as tile:
                column, row = ~dataset.transform @ (tile.bounds.left, tile.bounds.top)
                assert (column, row) == pytest.approx(tiles.corner(index))


def test_a_mosaic_is_a_cog_by_the_strictest_measure(ordered: Area) -> None:
    for name in ("mosaic_32635.tif", "clipped_32635.tif"):
        assert cog_validate(ordered.folder / name, strict=True) == (True, [], [])


def test_overviews_are_averages_that_leave_no_data_out(ordered: Area) -> None:
    with rasterio.open(ordered.folder / "mosaic_32635.tif") as dataset:
        assert dataset.overviews(1)[0] == 2
        small = dataset.read(1, out_shape=(dataset.height // 2, dataset.width // 2)).astype(float)
    band = np.where(pasted(ordered.sets[0])[0] == NO_DATA, np.nan, pasted(ordered.sets[0])[0])
    fours = band.reshape(band.shape[0] // 2, 2, band.shape[1] // 2, 2).transpose(0, 2, 1, 3).reshape(*small.shape, 4)
    some = np.isfinite(fours).any(axis=-1)
    assert (small[~some] == NO_DATA).all()
    assert np.abs(small[some] - np.nanmean(fours[some], axis=-1)).max() <= 0.5


@pytest.mark.parametrize("name", ["clipped_32635.vrt", "clipped_32635.tif"])
def test_clipping_moves_no_pixel(ordered: Area, name: str) -> None:
    tiles = ordered.sets[0]
    kept = inside(tiles, ordered)
    assert 0.2 < kept.mean() < 0.8
    with rasterio.open(ordered.folder / name) as dataset:
        np.testing.assert_array_equal(dataset.read(), clipped(pasted(tiles), kept))


@pytest.mark.parametrize("name", ["cube_32635.zarr", "cube_32635.nc"])
def test_xarray_reads_and_places_the_cube(ordered: Area, name: str) -> None:
    tiles, path = ordered.sets[0], ordered.folder / name
    opened = (
        xarray.open_zarr(path, chunks=None, decode_coords="all")
        if path.is_dir()
        else xarray.open_dataset(path, decode_coords="all")
    )
    with opened as cube:
        whole = pasted(tiles)
        assert list(cube.band.values) == ["B02", "B03", "B04"]
        assert cube.reflectance.dims == ("band", "y", "x")
        np.testing.assert_allclose(
            np.nan_to_num(cube.reflectance.values), np.where(whole[:-1] == NO_DATA, 0, whole[:-1] / 1e4)
        )
        np.testing.assert_array_equal(cube.clear_observations.values, whole[-1])
        assert cube.odc.geobox.crs.epsg == 32635
        assert tuple(cube.odc.geobox.boundingbox) == pytest.approx(tiles.bounds)
        assert cube.attrs["recipe"] == ordered.tags["RECIPE"] and cube.attrs["Conventions"] == "CF-1.11"


def test_mosaic_and_cubes_name_evened_view_angles_as_they_name_mask_and_method(ordered: Area, tmp_path: Path) -> None:
    tiles, question = tile_set(tmp_path, order_tiles(1, 1)), recipe(nbar=True)
    write_tiles(tiles)
    evened = Area((tiles,), provenance(question).tags(("2017-05-02",)), outline(tiles))
    make_outputs(evened, ("mosaic", "zarr", "netcdf"), tell=heard)
    for area, wanted in ((evened, True), (ordered, False)):
        with rasterio.open(area.folder / "mosaic_32635.tif") as dataset:
            told = [{name.lower(): words for name, words in dataset.tags().items()}]
        told.append(json.loads((area.folder / "cube_32635.zarr" / ".zattrs").read_text()))
        with netCDF4.Dataset(area.folder / "cube_32635.nc") as root:
            told.append({name: root.getncattr(name) for name in root.ncattrs()})
        for words in told:
            assert (words["method"], words["mask"]) == ("median", question.mask)
            assert words.get("nbar", "").startswith("NBAR: each observation") is wanted


def test_a_virtual_mosaic_is_there_before_its_tiles_and_grows_with_them(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path / "order", order_tiles(3, 2))
    for count in (0, 2, 6):
        write_tiles(tiles, tiles.indices[:count])
        with rasterio.open(virtual_mosaic(Area((tiles,)), tiles)) as dataset:
            np.testing.assert_array_equal(dataset.read(), pasted(tiles, tiles.indices[:count]))
    moved = (tmp_path / "order").rename(tmp_path / "elsewhere")
    with rasterio.open(moved / "mosaic_32635.vrt") as dataset:
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))


def two_zones(folder: Path) -> tuple[TileSet, TileSet]:
    """Tiles of zone 36 that overlap those of zone 35 in the east."""
    first = tile_set(folder, order_tiles(3, 2))
    _, south, east, _ = first.bounds
    x, y = to_utm(32636, *to_wgs84(32635, [east - 250], [south + 30]))
    lattice = Lattice(32636, float(x[0]) - 35 * 400, float(y[0]) - 25 * 400, 400.0, 400.0)
    return first, tile_set(folder, order_tiles(2, 2), lattice=lattice)


def nearest(tiles: TileSet, dataset: Any) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
    """The number of the zone under the middle of each pixel, by pyproj; and where the zone reaches."""
    rows, columns = np.indices((dataset.height, dataset.width))
    x, y = dataset.transform @ (columns + 0.5, rows + 0.5)
    longitudes, latitudes = to_wgs84(dataset.crs.to_epsg(), x, y)
    easting, northing = to_utm(tiles.epsg, longitudes, latitudes)
    west, south, east, north = tiles.bounds
    reached = (west < easting) & (easting < east) & (south < northing) & (northing < north)
    column, row = ((easting - west) // 10).astype(int), ((north - northing) // 10).astype(int)
    whole = pasted(tiles)
    return whole[:, row.clip(0, tiles.height - 1), column.clip(0, tiles.width - 1)], reached


def test_one_mosaic_over_all_zones_takes_the_nearest_pixel(tmp_path: Path) -> None:
    sets = two_zones(tmp_path)
    for tiles in sets:
        write_tiles(tiles)
    made = make_outputs(Area(sets, crs=3067), ("mosaic",), tell=heard)
    assert [path.name for path in made] == ["mosaic_32635.tif", "mosaic_32636.tif", "mosaic_all_3067.tif"]
    with rasterio.open(made[-1]) as dataset:
        found = dataset.read()
        assert dataset.crs.to_epsg() == 3067 and dataset.res == (10.0, 10.0)
        wanted = np.full_like(found, NO_DATA)
        wanted[-1] = 0
        for tiles in reversed(sets):
            values, reached = nearest(tiles, dataset)
            np.copyto(wanted, values, where=reached & (values[-1] > 0))
    assert (found == wanted).all(axis=0).mean() > 0.97, "GDAL's warper approximates places to an eighth of a pixel"
    np.testing.assert_array_equal(found[-1] == 0, found[0] == NO_DATA)


def test_degrees_have_longitude_in_x(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 2))
    write_tiles(tiles)
    path = virtual_mosaic(Area((tiles,)), tiles)
    (tmp_path / "made").mkdir()
    with rasterio.open(warped([path], 4326, 10, tmp_path / "made")) as dataset:
        assert 23 < dataset.bounds.left < dataset.bounds.right < 24 and 60 < dataset.bounds.bottom < 61
        values, reached = nearest(tiles, dataset)
        found = dataset.read()
    agree = np.where(reached & (values[-1] > 0), values, np.array([NO_DATA] * 3 + [0])[:, None, None]) == found
    assert agree.all(axis=0).mean() > 0.95


def test_a_system_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(1, 1))
    for code in (999_999, 4979, -1):
        with pytest.raises(OrderError, match="no coordinate system of a map"):
            Area((tiles,), crs=code)


def test_what_is_there_is_not_made_again_until_a_tile_is_newer(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 1))
    write_tiles(tiles, tiles.indices[:1])
    area = Area((tiles,))
    (path,) = make_outputs(area, ("mosaic",), tell=heard)
    first = path.stat().st_mtime_ns
    assert make_outputs(area, ("mosaic",), tell=heard) == (path,) and path.stat().st_mtime_ns == first
    write_tiles(tiles, tiles.indices[1:])
    make_outputs(area, ("mosaic",), tell=heard)
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))


def test_a_cancelled_mosaic_leaves_nothing_behind(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 2), px=400)
    write_tiles(tiles)
    with pytest.raises(Cancelled):
        make_outputs(Area((tiles,)), ("mosaic",), tell=heard, cancelled=lambda: True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("mosaic_32635.vrt", "mosaic_32635.vrt.ovr", "overview_32635.json", "overview_32635.lock", "tiles")
    ]


def test_a_killed_process_is_told_and_the_next_one_succeeds(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 2))
    write_tiles(tiles)
    found = Event()

    def kill() -> None:
        while not found.is_set():
            for path in Path("/proc/self/task").glob("*/children"):
                for child in path.read_text().split():
                    if b"building_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(int(child), signal.SIGKILL)
                        found.set()
            time.sleep(0.01)

    killer = Thread(target=kill)
    killer.start()
    with pytest.raises(StorageError, match="was ended"):
        make_outputs(Area((tiles,)), ("mosaic",), tell=heard)
    killer.join()
    (path,) = make_outputs(Area((tiles,)), ("mosaic",), tell=heard)
    check_whole(path)


def test_a_file_that_ends_early_or_has_a_hole_is_not_whole(ordered: Area, tmp_path: Path) -> None:
    content = (ordered.folder / "mosaic_32635.tif").read_bytes()
    (tmp_path / "short.tif").write_bytes(content[:-1])
    with tifffile.TiffFile(ordered.folder / "mosaic_32635.tif") as found:
        block = found.pages[0].dataoffsets[1]
    (tmp_path / "hole.tif").write_bytes(content[: block - 500] + bytes(4096) + content[block + 3596 :])
    for name in ("short.tif", "hole.tif"):
        with pytest.raises(StorageError, match="not written to its end"):
            check_whole(tmp_path / name)
    check_whole(ordered.folder / "mosaic_32635.tif")


def test_a_broken_tile_fails_with_its_cause(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 1))
    write_tiles(tiles)
    tiles.path(tiles.indices[0]).write_bytes(b"II*\0 no picture")
    with pytest.raises(StorageError, match=r"tiles/32635/x35_y25\.tif of the order is damaged"):
        make_outputs(Area((tiles,)), ("mosaic",), tell=heard)
    vrt = virtual_mosaic(Area((tiles,)), tiles)
    with pytest.raises(StorageError, match=r"cannot be written: .*x35_y25"):
        run_apart(
            "cog",
            {"source": str(vrt), "target": str(tmp_path / "mosaic.tif")},
            tell=lambda _: None,
            cancelled=never,
        )


def test_a_mosaic_says_how_far_it_is(tmp_path: Path) -> None:
    """Its overviews by their pixels, then the file by what it will have."""
    tiles = tile_set(tmp_path, order_tiles(4, 2), px=400)
    write_tiles(tiles)
    vrt, target = virtual_mosaic(Area((tiles,)), tiles), tmp_path / "making" / "mosaic.tif"
    target.parent.mkdir()
    said: list[dict[str, Any]] = []
    make_cog(str(vrt), str(target), lambda **words: said.append(words))
    shares = [one["share"] for one in said]
    assert shares == sorted(shares) and len(set(shares)) > 2
    assert said[-1]["bytes"] == pytest.approx(target.stat().st_size, rel=0.25)
    lines = [json.dumps(one).encode() for one in said]
    assert [share_of(lines[:number]) for number in range(len(lines))] == [0.0, *shares[:-1]]
    assert share_of([*lines[:-1], lines[-1][:9]]) == shares[-2], "a line that is being written is not there yet"
    assert share_of(lines) > 0.8


def test_a_cube_says_how_far_it_is(ordered: Area, tmp_path: Path) -> None:
    told: list[float] = []
    make_zarr(str(ordered.folder / "mosaic_32635.tif"), str(tmp_path / "cube.zarr"), told.append)
    assert told == sorted(told) and told[-1] == 1


def test_an_unknown_output_and_a_clip_without_outline_are_refused(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(1, 1))
    write_tiles(tiles)
    with pytest.raises(RecipeError, match=f"Choose one of {', '.join(OUTPUTS)}"):
        make_outputs(Area((tiles,)), ("poster",), tell=heard)
    with pytest.raises(OrderError, match="no outline"):
        make_outputs(Area((tiles,)), ("clipped",), tell=heard)


def test_sizes_are_said_beforehand_and_hold(ordered: Area) -> None:
    said = sizes_of(ordered, ("mosaic", "zarr"), dates=34)
    assert list(said.kept) == ["tiles", "mosaic", "zarr"] and said.results == sum(said.kept.values())
    folder = ordered.folder
    tiles = sum(path.stat().st_size for path in folder.glob("tiles/*/*.tif"))
    assert tiles < 1.7 * said.kept["tiles"], "random numbers are the worst there is"
    twice = sizes_of(replace(ordered, crs=3067), ("mosaic",), dates=34)
    assert twice.kept["mosaic"] == 2 * said.kept["mosaic"] and twice.kept["tiles"] == said.kept["tiles"]
    assert sizes_of(ordered, ("eopatches",), dates=34).kept["eopatches"] > 30 * said.kept["tiles"]
    check_room(said, disk=said.results + said.temporary, results=said.results)
    with pytest.raises(CapacityExceeded, match="left of the limit results_gb"):
        check_room(said, disk=10**12, results=said.results - 1)
    with pytest.raises(CapacityExceeded, match="of the disk are free"):
        check_room(said, disk=said.results, results=10**12)


def test_nothing_is_begun_where_the_disk_has_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = tile_set(tmp_path, order_tiles(1, 1))
    write_tiles(tiles)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CapacityExceeded, match="temporary files among them"):
        make_outputs(Area((tiles,)), ("mosaic",), tell=heard)
