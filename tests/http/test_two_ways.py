"""One simulated world, asked by Sentinel Hub's protocol and read from its files as open data: the same recipe twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.io import MemoryFile
from shapely import box

from services.catalogue import kept
from services.demo.publish import publish
from services.grid import Lattice, TileIndex
from services.ninepatch import Ninepatch
from services.recipe import Interval, Recipe
from services.sentinel2 import BANDS
from services.settings import ProviderSettings, load_settings
from tests.stac_archive import StacArchive, stac_archive

INSIDE = Recipe(
    Lattice(32630, 463_200.0, 4_461_000.0, 600.0, 600.0),
    TileIndex(1, 1),
    Interval(date(2022, 1, 21), date(2022, 2, 1)),
    maxcc=70,
    area="Inside 30TVK",
    bands=tuple(BANDS),
)
"""One granule covers it; the days have baselines 03.01 and 04.00."""
BESIDE = INSIDE.with_(
    lattice=Lattice(32635, 298_800.0, 6_680_400.0, 600.0, 600.0),
    interval=Interval(date(2024, 6, 10), date(2024, 6, 11)),
    area="Where zone 35 ends",
    mask="none",
)
"""One overpass: 35VLG begins at 300000 m, and west of it there is 34VFM alone."""
COLUMNS = 120
"""Pixels of that picture that lie west of it."""
Both = Callable[[StacArchive], tuple[Ninepatch, Ninepatch]]


@contextmanager
def published(recipe: Recipe, folder: Path) -> Iterator[StacArchive]:
    """A catalogue with the files of a recipe's days and place."""
    area = box(*recipe.neighbourhood.bounds_wgs84)
    begin, end = recipe.interval.start_time, recipe.interval.end_time - timedelta(seconds=1)
    with stac_archive() as archive:
        archive.items = publish(folder, area, begin, end, f"{archive.url}/files")
        archive.files = {f"/files/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*.tif")}
        yield archive


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StacArchive]:
    with published(INSIDE, tmp_path_factory.mktemp("inside")) as archive:
        yield archive


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StacArchive]:
    with published(BESIDE, tmp_path_factory.mktemp("beside")) as archive:
        yield archive


@pytest.fixture
def both(archive: str, tmp_path: Path) -> Both:
    """The product with the demo archive, and with its published files."""

    def made(stac: StacArchive) -> tuple[Ninepatch, Ninepatch]:
        here = ProviderSettings(
            name="here",
            kind="stac",
            profile="earth-search",
            base_url=stac.url,
            hosts=("127.0.0.1",),
            simulated=True,
        )
        return (
            Ninepatch(load_settings(home=tmp_path / "protocol", provider="demo", demo_url=archive)),
            Ninepatch(load_settings(home=tmp_path / "files", provider="here", providers=(here,))),
        )

    return made


def pictures(product: Ninepatch, recipe: Recipe) -> dict[str, NDArray[Any]]:
    """Every GeoTIFF of the recipe's result: medians with their counts, whole and by tile, and indices."""
    asked = recipe.with_(provider=product.settings.provider)
    product.fetch(asked)
    found = {}
    for path in product.results.folder(asked.digest).rglob("*.tif"):
        with rasterio.open(path) as opened:
            found[path.name] = opened.read()
    return found


def test_where_one_granule_covers_the_picture_medians_are_equal_bit_for_bit(inside: StacArchive, both: Both) -> None:
    protocol, files = both(inside)
    shown = kept(files.search(INSIDE.with_(provider="here")), INSIDE)
    assert {granule.product["baseline"] for one in shown for granule in one.granules} == {"0301", "0400"}
    assert min(one.coverage for one in shown) < 0.5 < max(one.coverage for one in shown), "a swath ends in it"
    ours, theirs = pictures(files, INSIDE), pictures(protocol, INSIDE)
    assert ours.keys() == theirs.keys() >= {"median.tif", "x1_y1.tif", "indices.tif"}
    assert all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in ours)
    assert len(np.unique(ours["median.tif"][2])) > 100, "no empty picture"


def test_a_grid_between_the_files_pixels_differs_only_where_a_swath_ends(inside: StacArchive, both: Both) -> None:
    """The protocol asks whether the centre of the picture's pixel was seen, a file holds whether its own one was."""
    own = INSIDE.with_(lattice=Lattice(32630, 463_203.7, 4_461_001.3, 604.4, 607.9))
    ours, theirs = (pictures(product, own)["median.tif"] for product in both(inside))
    apart = (ours != theirs).any(axis=0)
    assert np.array_equal(apart, ours[-1] != theirs[-1]), "the last band is the count of observations"
    assert apart.sum(axis=1).max() <= 1


def test_beyond_the_own_zone_pixels_are_those_of_the_other_zone_s_grid(beside: StacArchive, both: Both) -> None:
    protocol, files = both(beside)
    ours, theirs = (pictures(product, BESIDE)["median.tif"] for product in (files, protocol))
    assert np.array_equal(ours[:, :, COLUMNS:], theirs[:, :, COLUMNS:]), "the own zone comes first"
    assert not np.array_equal(ours[:, :, :COLUMNS], theirs[:, :, :COLUMNS])
    rows = np.arange(ours.shape[1])[:, None]
    x, y = np.broadcast_arrays(298_800 + 10 * (np.arange(COLUMNS) + 0.5), 6_680_400 + 10 * (len(rows) - rows - 0.5))
    x, y = Transformer.from_crs(32635, 32634, always_xy=True).transform(x, y)
    (foreign,) = (one for one in beside.items if "T34VFM" in one["id"])
    for number, (name, size) in enumerate((("blue", 10), ("green", 10), ("red", 10), ("rededge1", 20)), 1):
        with (
            MemoryFile(beside.files[foreign["assets"][name]["href"].removeprefix(beside.url)]) as file,
            file.open() as raw,
        ):
            nearest = raw.read(1)[((6_700_020 - y) // size).astype(int), ((x - 600_000) // size).astype(int)]
        assert np.array_equal(ours[number, :, :COLUMNS], nearest - 1000), name
