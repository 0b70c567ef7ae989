"""The overview that grows, and squares of a mosaic for maps and the viewer, against the tiles pasted by numpy."""

import io
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from PIL import Image as Pillow
from pyproj import Transformer

from services.errors import RecipeError, StorageError
from services.export import tile
from services.mosaic import (
    Area,
    Overview,
    TileSet,
    best_file,
    make_outputs,
    map_tile,
    viewer_tile,
    virtual_mosaic,
)
from services.render import VIEWS, draw_dn
from services.sentinel2 import NO_DATA
from tests.services.mosaic.tiles import order_tiles, pasted, tile_set, write_tiles
from tests.services.scenes import provenance, recipe

HALF_WORLD = 20_037_508.342789244


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Pillow.open(io.BytesIO(content)).convert("RGBA"))


def averages(tiles: TileSet, count: int, step: int) -> NDArray[np.float64]:
    """Of squares of step × step px of the first tiles; NaN where none has data."""
    whole = pasted(tiles, tiles.indices[:count]).astype(float)
    whole[:-1][whole[:-1] == NO_DATA] = np.nan
    bands, height, width = whole.shape
    cells = whole.reshape(bands, height // step, step, width // step, step)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(cells, axis=(2, 4)) / np.isfinite(cells).sum(axis=(2, 4)))


def test_the_overview_grows_with_the_tiles_and_has_their_averages(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(3, 2))
    overview = Overview(tiles, side=30)
    assert overview.grow() == 0 and overview.size == (30, 20)
    for count in (1, 4, 6):
        write_tiles(tiles, tiles.indices[:count])
        assert overview.grow() == 0
        with rasterio.open(overview.path) as dataset:
            found = dataset.read().astype(float)
            assert tuple(dataset.bounds) == pytest.approx(tiles.bounds)
        wanted = averages(tiles, count, 4)
        np.testing.assert_array_equal(found[0] == NO_DATA, np.isnan(wanted[0]))
        assert np.nanmax(np.abs(np.where(np.isnan(wanted), np.nan, found - wanted))) <= 0.51


def test_a_call_paints_a_few_tiles_and_says_how_many_are_left(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(3, 2))
    write_tiles(tiles)
    overview = Overview(tiles, side=30)
    assert [overview.grow(4), overview.grow(4), overview.grow(4)] == [2, 0, 0]


def test_a_tile_that_is_made_again_is_painted_again(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 1))
    write_tiles(tiles)
    overview = Overview(tiles, side=20)
    overview.grow()
    other = tile_set(tmp_path / "other", [tiles.indices[1]])
    write_tiles(other)
    tiles.path(tiles.indices[0]).write_bytes(other.path(other.indices[0]).read_bytes())
    overview.grow()
    with rasterio.open(overview.path) as dataset:
        found = dataset.read()
    np.testing.assert_array_equal(found[:, :, :10], found[:, :, 10:])


def test_an_overview_of_another_size_takes_the_place_of_the_first(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 1))
    write_tiles(tiles)
    Overview(tiles, side=20).grow()
    larger = Overview(tiles, side=80)
    larger.grow()
    with rasterio.open(larger.path) as dataset:
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))


def test_its_picture_has_the_views_colours_and_hatches_what_is_to_come(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(2, 1))
    write_tiles(tiles, tiles.indices[:1])
    overview = Overview(tiles, side=80)
    overview.grow()
    told = provenance(recipe())
    shown = pixels(overview.picture("true", told))
    whole = pasted(tiles)[:, :, :40]
    wanted = draw_dn(VIEWS["true"], dict(zip(tiles.bands, whole, strict=False)), whole[-1] == 0)
    np.testing.assert_array_equal(shown[:, :40], wanted)
    assert (shown[:, 40:, 3] == 255).all() and len(np.unique(shown[:, 40:, 0])) == 2
    np.testing.assert_array_equal(pixels(overview.picture("true", told, side=40))[:, :20], wanted[::2, ::2])
    assert (pixels(overview.picture("true", told, side=40))[:, 20:, 3] == 255).all()
    assert (pixels(overview.picture("true", told, hatch=False))[:, 40:, 3] == 0).all()
    assert Pillow.open(io.BytesIO(overview.picture("true", told))).info["Copyright"] == told.attribution
    with pytest.raises(RecipeError, match="bands"):
        overview.picture("ndvi", told)


def test_a_virtual_mosaic_is_seen_from_afar_by_its_overview(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(3, 2))
    write_tiles(tiles)
    overview = Overview(tiles, side=30)
    overview.grow()
    path = virtual_mosaic(Area((tiles,)), tiles)
    with rasterio.open(path) as dataset, rasterio.open(overview.path) as small:
        assert dataset.overviews(1) == [4]
        np.testing.assert_array_equal(dataset.read(out_shape=(4, 20, 30)), small.read())
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))
    overview.path.unlink()
    with rasterio.open(path) as dataset:
        assert dataset.overviews(1) == []
        np.testing.assert_array_equal(dataset.read(), pasted(tiles))


def test_map_tiles_are_those_of_the_mosaic_virtual_or_not(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(3, 2), px=60)
    write_tiles(tiles)
    area = Area((tiles,))
    assert best_file(tiles) is None
    virtual = virtual_mosaic(area, tiles)
    assert best_file(tiles) == virtual
    west, south, east, north = tiles.bounds
    x, y = Transformer.from_crs(tiles.epsg, 3857, always_xy=True).transform((west + east) / 2, (south + north) / 2)
    side = 2 * HALF_WORLD / 2**14
    place = 14, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side)
    before = map_tile([virtual], "true", *place)
    make_outputs(area, ("mosaic",), tell=lambda _, __: None)
    made = best_file(tiles)
    assert made is not None and made.suffix == ".tif"
    assert before == map_tile([made], "true", *place) == tile(made, "true", *place)
    assert (pixels(before)[..., 3] > 0).sum() > 1000
    np.testing.assert_array_equal(pixels(map_tile([made, virtual], "true", *place)), pixels(before))


def test_the_viewer_shows_every_pixel_and_fewer_from_afar(tmp_path: Path) -> None:
    tiles = tile_set(tmp_path, order_tiles(4, 2), px=100)
    write_tiles(tiles)
    path = virtual_mosaic(Area((tiles,)), tiles)
    whole = pasted(tiles)
    wanted = draw_dn(VIEWS["true"], dict(zip(tiles.bands, whole, strict=False)), whole[-1] == 0)
    shown = np.concatenate([pixels(viewer_tile(path, "true", 0, column, 0)) for column in (0, 1)], axis=1)
    np.testing.assert_array_equal(shown, wanted)
    assert pixels(viewer_tile(path, "true", 1, 0, 0)).shape == (100, 200, 4)
    for square in ((0, 2, 0), (0, 0, 1), (-1, 0, 0), (0, -1, 0), (17, 0, 0)):
        with pytest.raises(RecipeError, match="no square"):
            viewer_tile(path, "true", *square)
    with pytest.raises(StorageError):
        viewer_tile(tmp_path / "gone.tif", "true", 0, 0, 0)
