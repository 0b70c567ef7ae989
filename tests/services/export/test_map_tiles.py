"""Map tiles of a COG, against pixels that are looked up one by one through pyproj."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from pyproj import Transformer

from services.composite import Mosaic
from services.errors import RecipeError, StorageError
from services.export import tile, write_cog
from services.export.cog import write_index_cog
from services.export.map_tiles import EMPTY, MOST_ZOOM, SIDE
from services.export.result_store import INDEX_FILE
from services.geo import to_utm
from services.grid import Lattice
from services.render import VIEWS, draw, parse_view
from tests.services.scenes import provenance, recipe, scene

WORLD = 20_037_508.342789244
"""Half the side of the Web Mercator square in metres (EPSG:3857)."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mosaic]:
    question = recipe(px=60, bands=("B02", "B03", "B04", "B08"))
    whole = scene(question)
    path = tmp_path_factory.mktemp("xyz") / "median.tif"
    write_cog(path, whole, provenance(question))
    (path.parent / INDEX_FILE).parent.mkdir()
    write_index_cog(path.parent / INDEX_FILE, whole, provenance(question))
    return path, whole


def square(whole: Mosaic, zoom: int) -> tuple[int, int]:
    """x and y of the tile under the middle of the picture."""
    west, south, east, north = whole.bounds
    to_web = Transformer.from_crs(whole.epsg, 3857, always_xy=True)
    x, y = to_web.transform((west + east) / 2, (south + north) / 2)
    side = 2 * WORLD / 2**zoom
    return int((x + WORLD) // side), int((WORLD - y) // side)


def looked_up(whole: Mosaic, colours: NDArray[np.uint8], zoom: int, x: int, y: int) -> NDArray[np.uint8]:
    """The colour of the picture's pixel under the middle of each pixel of the tile; transparent outside."""
    step = 2 * WORLD / 2**zoom / SIDE
    east = -WORLD + (x * SIDE + np.arange(SIDE) + 0.5) * step
    north = WORLD - (y * SIDE + np.arange(SIDE) + 0.5) * step
    easting, northing = Transformer.from_crs(3857, whole.epsg, always_xy=True).transform(*np.meshgrid(east, north))
    west, _, _, top = whole.bounds
    across, down = whole.pixel_size
    column, row = np.floor((easting - west) / across).astype(int), np.floor((top - northing) / down).astype(int)
    inside = (column >= 0) & (column < whole.width) & (row >= 0) & (row < whole.height)
    found = colours[np.clip(row, 0, whole.height - 1), np.clip(column, 0, whole.width - 1)]
    return np.where(inside[..., np.newaxis], found, 0).astype(np.uint8)


def pixels(content: bytes) -> NDArray[Any]:
    return np.asarray(Pillow.open(io.BytesIO(content)).convert("RGBA"))


@pytest.mark.parametrize("view", ["true", "false", "ndvi"])
@pytest.mark.parametrize("zoom", [14, 16])
def test_each_pixel_is_the_pictures_pixel_at_its_place(made: tuple[Path, Mosaic], view: str, zoom: int) -> None:
    path, whole = made
    x, y = square(whole, zoom)
    shown = pixels(tile(path, view, zoom, x, y))
    wanted = looked_up(whole, draw(VIEWS[view], whole), zoom, x, y)
    assert shown.shape == (SIDE, SIDE, 4)
    assert (shown[..., 3] > 0).sum() > 1000
    close = np.abs(shown.astype(int) - wanted).max(axis=-1) == 0
    assert close.mean() > 0.98, "GDAL's warper approximates places to an eighth of a pixel"


@pytest.mark.parametrize("text", ["ndvi~0..0.5~magma", "rgb-B08-B03-B02~0..0.4,0..0.2,0.01..0.2~g1.2", "grey-B08"])
def test_a_view_in_another_stretch_has_its_colours_on_the_map(made: tuple[Path, Mosaic], text: str) -> None:
    path, whole = made
    x, y = square(whole, 14)
    wanted = looked_up(whole, draw(parse_view(text, whole.bands), whole), 14, x, y)
    assert (np.abs(pixels(tile(path, text, 14, x, y)).astype(int) - wanted).max(axis=-1) == 0).mean() > 0.98


def test_an_index_that_files_do_not_hold_is_no_map(made: tuple[Path, Mosaic]) -> None:
    with pytest.raises(RecipeError, match="have no Enhanced Vegetation Index") as caught:
        tile(made[0], "si-EVI", 14, *square(made[1], 14))
    assert caught.value.remedy == "Look at it in the picture instead."


def test_without_a_clear_look_it_is_transparent(made: tuple[Path, Mosaic]) -> None:
    path, whole = made
    x, y = square(whole, 16)
    shown = pixels(tile(path, "true", 16, x, y))
    wanted = looked_up(whole, draw(VIEWS["true"], whole), 16, x, y)
    both = (shown[..., 3] == 0) == (wanted[..., 3] == 0)
    assert both.mean() > 0.98


@pytest.mark.parametrize("x", [0, 2**14 - 1])
def test_across_the_180th_meridian_the_tiles_of_both_sides_show_it(tmp_path: Path, x: int) -> None:
    lattice = Lattice(32760, 0.0, 0.0, 600.0, 600.0)
    x0, y0 = to_utm(lattice.epsg, 180.0, -16.8)
    question = recipe(px=60, lattice=lattice, centre=lattice.index_of(float(x0), float(y0)))
    whole, path = scene(question), tmp_path / "median.tif"
    write_cog(path, whole, provenance(question))
    y = square(whole, 14)[1]
    shown = pixels(tile(path, "true", 14, x, y))
    wanted = looked_up(whole, draw(VIEWS["true"], whole), 14, x, y)
    assert (wanted[..., 3] > 0).mean() > 0.1, "the picture lies on both"
    assert (np.abs(shown.astype(int) - wanted).max(axis=-1) <= 3).mean() > 0.98


@pytest.mark.parametrize(("zoom", "x", "y"), [(0, 0, 0), (14, 0, 0), (19, 2**19 - 1, 2**19 - 1)])
def test_elsewhere_a_tile_is_empty(made: tuple[Path, Mosaic], zoom: int, x: int, y: int) -> None:
    shown = pixels(tile(made[0], "true", zoom, x, y))
    assert shown.shape == (SIDE, SIDE, 4)
    assert tile(made[0], "true", zoom, x, y) == EMPTY
    assert not shown[..., 3].any()


@pytest.mark.parametrize(("zoom", "x", "y"), [(-1, 0, 0), (3, 8, 0), (3, 0, -1), (MOST_ZOOM + 1, 0, 0)])
def test_a_tile_that_is_not_on_earth_is_refused(made: tuple[Path, Mosaic], zoom: int, x: int, y: int) -> None:
    with pytest.raises(RecipeError, match=f"{zoom}/{x}/{y}"):
        tile(made[0], "true", zoom, x, y)


def test_a_view_that_the_file_has_no_bands_for_is_refused(made: tuple[Path, Mosaic]) -> None:
    with pytest.raises(RecipeError, match="B12"):
        tile(made[0], "nbr", 14, *square(made[1], 14))


def test_a_picture_without_a_file_of_indices_has_none(made: tuple[Path, Mosaic], tmp_path: Path) -> None:
    path = tmp_path / "median.tif"
    path.write_bytes(made[0].read_bytes())
    with pytest.raises(RecipeError, match="needs B08 and B04 of each observation"):
        tile(path, "ndvi", 14, *square(made[1], 14))


def test_a_file_that_is_no_picture_is_told(tmp_path: Path) -> None:
    path = tmp_path / "median.tif"
    path.write_bytes(b"no picture")
    with pytest.raises(StorageError, match="median"):
        tile(path, "true", 3, 1, 1)
